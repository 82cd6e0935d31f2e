"""``sengu run --estimator splitting``: what it prints, and how it refuses."""

from __future__ import annotations

import json

import pytest

import sengu
from experiments.cli import main
from experiments.cli.splitting import SPLITS, read_splits
from experiments.splitting import SplittingOrder

WORDS = ("run", "deck-redis", "--profile", "clean-lab", "--estimator", "splitting")
SMALL = ("--years", "4", "--horizon", "300d", "--splits", "2,3", "--workers", "1")


def test_the_table_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns that run over the edge, or a metric without a unit."""
    assert main([*WORDS, *SMALL, "--metric", "split-brain"]) == 0
    printed = capsys.readouterr().out
    assert "split brain, s/run, under clean-lab, split 2 x 3" in printed
    assert "95 % interval" in printed and "(no mean)" in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_json_and_python_hold_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """Two answers to one question."""
    assert main([*WORDS, *SMALL, "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    (row,) = whole["rows"]
    assert (whole["seed"], whole["estimator"], row["roots"]) == (0, "splitting", 4)
    assert row["low"] <= row["estimate"] <= row["high"] and row["branches"] > 4
    frame = sengu.splitting("deck-redis", "clean-lab", years=4, splits=[2, 3], horizon="300d").frame
    assert frame.loc[0, "estimate"] == row["estimate"] and frame.loc[0, "z"] == row["z"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--incidents", "5"), "--incidents is not read with --estimator splitting; leave it out"),
        (("--precision", "5%"), "--precision is not read"),
        (("--metric", "pages"), "splitting estimates downtime or split-brain; got 'pages'"),
        (("--splits", "1,0"), "whole numbers from 1 up, for example 1,8,8"),
        (("--splits", "eight"), "got 'eight'"),
        (("--splits", "1000,1000"), "a product of at most 100,000"),
        (("--estimator", "splittng"), "did you mean 'splitting'?"),
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


def test_python_refuses_what_the_command_refuses() -> None:
    """A number that no tree can be grown with would end in a traceback from its depth."""
    for bad in (
        {"metric": "pages"},
        {"splits": ()},
        {"splits": 3},
        {"splits": [1000] * 3},
        {"years": 0},
    ):
        with pytest.raises(ValueError, match=f"^({'|'.join(bad)}): "):
            sengu.splitting("deck-redis", "clean-lab", **bad)  # type: ignore[arg-type]


def test_splits_mean_nothing_to_years(capsys: pytest.CaptureFixture[str]) -> None:
    """A user who believes that years were split."""
    assert main(["run", "deck-redis", "--profile", "clean-lab", "--splits", "1,2"]) == 2
    assert "--splits is not read with --estimator years" in capsys.readouterr().err


def test_python_and_the_command_split_alike() -> None:
    """Two answers to one question."""
    assert read_splits(SPLITS) == SplittingOrder.splits
