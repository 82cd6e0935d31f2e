"""``sengu run --estimator incident``: what it prints, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from experiments import incident_mode
from experiments.cli import main
from experiments.cli.incident_mode import INCIDENTS
from experiments.incident_mode import IncidentStudy, Order

WORDS = ("run", "deck-redis", "--profile", "clean-lab", "--estimator", "incident")
SMALL = ("--incidents", "1", "--workers", "1")


@pytest.fixture(scope="module", autouse=True)
def each_study_once() -> Iterator[None]:
    """What differs in its printing alone is simulated once."""
    simulated, kept = incident_mode.run_incident_study, dict[str, IncidentStudy]()

    def once(order: Order, workers: int, progress: Callable[[int], object]) -> IncidentStudy:
        key = repr(order)
        if key not in kept:
            kept[key] = simulated(order, workers, progress)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incident_mode, "run_incident_study", once)
        yield


def test_the_table_and_json_tell_the_same_study(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns that run over the edge, or a mean in another unit than its label says."""
    assert main([*WORDS, *SMALL]) == 0
    printed = capsys.readouterr().out
    assert "downtime, min/year, under clean-lab, one incident at a time" in printed
    assert "2,048" in printed and "95 % interval" in printed
    assert max(map(len, printed.splitlines())) <= 100

    assert main([*WORDS, *SMALL, "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    (row,) = whole["rows"]
    assert (whole["seed"], whole["estimator"]) == (0, "incident")
    assert row["metric"] == "downtime, min/year" and row["incidents"] == 2048
    assert 0.1 < row["estimate"] < 5 and row["low"] < row["estimate"] < row["high"]
    assert f"{row['estimate']:.3g}" in printed
    assert row["seen"] >= row["effective"] > 1 and row["states"] >= 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--years", "5"), "--years is not read with --estimator incident; leave it out"),
        (("--out", "x"), "--out is not read"),
        (("--precision", "5%"), "--precision is not read"),
        (("--metric", "page"), "got 'page'; did you mean 'pages'?"),
        (("--metric", "pages", "--metric", "downtime"), "incidents are chosen for one metric"),
        (("--incidents", "0"), "--incidents"),
        (("--estimator", "incidnet"), "did you mean 'incident'?"),
        (("--profile", "no-faults"), "no fault of the profile strikes anything"),
    ],
)
def test_what_cannot_be_done_is_told(
    words: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback, or an option that silently does nothing."""
    at = WORDS.index(words[0]) if words[0] in WORDS else len(WORDS)
    assert main([*WORDS[:at], *WORDS[at + 2 :], *words]) == 2
    printed = capsys.readouterr()
    assert complaint in " ".join(printed.err.split()) and not printed.out


def test_python_and_the_command_simulate_equally_many() -> None:
    """Two answers to one question."""
    assert Order.incidents == INCIDENTS


def test_incidents_mean_nothing_to_years(capsys: pytest.CaptureFixture[str]) -> None:
    """A user who believes that rare events were forced."""
    assert main(["run", "deck-redis", "--profile", "clean-lab", "--incidents", "10"]) == 2
    assert "--incidents is not read with --estimator years" in capsys.readouterr().err
