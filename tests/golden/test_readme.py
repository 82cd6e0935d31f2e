"""What the README shows is what the project's files say, and they are what the code does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.catalogue import load_design, load_profile
from experiments.demo import PROFILE
from experiments.readme import README, SUMMARY, fill, sections
from experiments.simulation import RunOrder, simulate

ROOT = Path(__file__).parents[2]
KEPT = json.loads((ROOT / SUMMARY).read_text(encoding="utf-8"))["first_runs"]


def test_readme_shows_what_is_kept() -> None:
    """If this fails, a table of the README was written by hand: run ``make readme``."""
    text = (ROOT / README).read_text(encoding="utf-8")
    assert fill(text, sections(ROOT)) == text


@pytest.mark.parametrize("row", KEPT, ids=lambda row: f"{row['design']}/{row['replication']}")
def test_the_demo_is_what_the_code_does(row: dict[str, object]) -> None:
    """If this fails, the README shows the results of another program: run ``make readme``."""
    name, design = load_design(str(row["design"]))
    profile_name, profile = load_profile(PROFILE)
    replication = int(str(row["replication"]))
    order = RunOrder(name, design, profile_name, profile, replication=replication)
    run = simulate(order).run
    kept = {column: value for column, value in row.items() if isinstance(value, int | float)}
    assert len(kept) > 20
    assert {column: run[column] for column in kept} == pytest.approx(kept, rel=1e-12)
