"""mysqlfailover against the executed table of its detection times and its false failovers.

`sengu validate mysqlfailover` judges the same with ten times as many phases.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.cli import main
from experiments.validation.mysqlfailover import ROWS, Row, compare, validate_mysqlfailover
from experiments.validation.mysqlfailover_bench import Bench, stratified

PHASES = 400


@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_a_row_of_the_table(row: Row) -> None:
    """If this fails, detection takes another time than the real loop was seen to take."""
    assert compare(row, stratified(row.bench, PHASES)).missed == []


def test_every_report_holds_and_has_figures() -> None:
    """If this fails, a false-failover probability has moved, or a report compares nothing."""
    reports = validate_mysqlfailover(PHASES)
    assert [text for report in reports for text in report.missed] == []
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
    bench: Bench = ROWS[0].bench
    [outcome] = [stratified(bench, 100)[round(100 * fraction)]]
    assert outcome.exited == exits
    assert (outcome.detected_s is None) == exits


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, `sengu validate mysqlfailover` shows nothing, or another model."""
    assert main(["validate", "mysqlfailover", "--trials", "200", "--workers", "1"]) in (0, 1)
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
