"""mysqlfailover against the executed table of its detection times and its false failovers.

`sengu validate mysqlfailover` judges the same with twenty times as many phases.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.cli import main
from experiments.validation.mysqlfailover import ROWS, Row, compare, validate_mysqlfailover
from experiments.validation.mysqlfailover_bench import stratified, trial
from experiments.validation.report import Report

PHASES = 200


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    """The whole validation, once."""
    return validate_mysqlfailover(PHASES)


def test_every_figure_holds(reports: list[Report]) -> None:
    """If this fails, a detection time or a false-failover probability has moved."""
    assert [text for report in reports for text in report.missed] == []


def test_every_row_is_compared(reports: list[Report]) -> None:
    """If this fails, a row of the table has been dropped, and the rest holds for that reason."""
    titles = [report.title for report in reports]
    assert all(any(row.title in title for title in titles) for row in ROWS)
    assert all(len(report.figures) > 1 for report in reports)
    judged = [one for report in reports for one in report.figures if one.judged]
    assert len(judged) > 60


@pytest.mark.parametrize(
    "worse",
    [
        replace(ROWS[0], bench=replace(ROWS[0].bench, delay_s=0.2)),
        replace(ROWS[0], bench=ROWS[2].bench),
        replace(ROWS[5], bench=ROWS[4].bench),
    ],
    ids=["slow network", "another interval", "another SYN retry"],
)
def test_the_comparison_bites(worse: Row) -> None:
    """If this fails, a model of another loop would pass as this one."""
    assert compare(worse, stratified(worse.bench, PHASES)).missed


@pytest.mark.parametrize(("fraction", "exits"), [(0.17, True), (0.5, False)])
def test_a_trial_is_exact(fraction: float, exits: bool) -> None:
    """If this fails, the phase of a trial is not the phase in the loop."""
    outcome = trial(ROWS[0].bench, fraction)
    assert outcome.exited == exits
    assert (outcome.detected_s is None) == exits


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, `sengu validate mysqlfailover` shows nothing, or another model."""
    assert main(["validate", "mysqlfailover", "--trials", "20", "--workers", "1"]) in (0, 1)
    out = capsys.readouterr().out
    for row in ROWS:
        assert row.title in out
    assert "failover after 26 s" in out
    assert "figures judged" in out


def test_an_option_that_a_validation_does_not_read_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """If this fails, somebody believes that another seed has confirmed a result."""
    assert main(["validate", "mysqlfailover", "--seed", "3"]) == 2
    assert "--seed would change nothing" in capsys.readouterr().err
