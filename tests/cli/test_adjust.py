"""``sengu adjust``: what it prints, and how it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from experiments.cli import main

DESIGNS = ("deck-redis", "deck-redis-never-moved")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two designs for 60 runs of 90 days."""
    out = tmp_path_factory.mktemp("adjust") / "study"
    words = ["--profile", "cloud-2015", "--years", "60", "--horizon", "90d", "--workers", "2"]
    assert main(["compare", *DESIGNS, *words, "--out", str(out)]) == 0
    return out


def test_split_brain_is_known_far_better(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The years of the two masters are nearly told by the cuts that were drawn."""
    capsys.readouterr()
    assert main(["adjust", str(study), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    split = [row for row in rows if row["metric"] == "split brain, s/year"]
    assert [(row["design"], row["less"]) for row in split] == [
        (DESIGNS[0], ""),
        (DESIGNS[1], ""),
        (DESIGNS[1], DESIGNS[0]),
    ]
    own = split[0]
    assert own["variance_factor"] > 50 and split[2]["variance_factor"] > 5
    assert own["plain_low"] < own["adjusted"] < own["plain_high"]
    narrow = own["adjusted_high"] - own["adjusted_low"]
    assert narrow < (own["plain_high"] - own["plain_low"]) / 5
    assert own["years"] == 60 and not own["thin"]


def test_the_tables_can_be_read(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns that run over the edge, or brackets that nobody explains."""
    capsys.readouterr()
    assert main(["adjust", str(study)]) == 0
    printed = capsys.readouterr().out
    assert "deck-redis-never-moved less deck-redis, under cloud-2015, 60 years" in printed
    assert "nothing is gained" in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_what_cannot_be_adjusted_is_told(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback, or a table of nothing."""
    assert main(["adjust", str(tmp_path)]) == 2
    assert "there is no complete study" in capsys.readouterr().err
    old = tmp_path / "old"
    shutil.copytree(study, old)
    (old / "controls.parquet").unlink()
    assert main(["adjust", str(old)]) == 2
    assert "there is no controls.parquet" in capsys.readouterr().err


def test_a_study_in_which_nothing_happened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty table would look like an error."""
    out = tmp_path / "quiet"
    words = ["--profile", "no-faults", "--years", "2", "--horizon", "1d", "--workers", "1"]
    assert main(["run", "sentinel-3-hosts", *words, "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["adjust", str(out)]) == 0
    assert "nothing happened" in capsys.readouterr().out
