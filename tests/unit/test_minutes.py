"""Minutes a year by cause and by stage, read from the tables of a study on disk."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from experiments.results import ResultsError, Tables, table_from_rows, write_tables
from experiments.results.schema import TABLES
from experiments.results.stages import downtime_by_cause, downtime_by_stage

YEAR_S = 365.25 * 86_400


def run_row(design: str, replication: int) -> dict[str, object]:
    row: dict[str, object] = {c.name: 0 for c in TABLES["runs"] if c.kind != "text"}
    row |= {"design": design, "profile": "cloud", "replication": replication, "status": "ok"}
    return row | {"horizon_s": YEAR_S, "good_s": YEAR_S}


def part_row(design: str, table: str, part: str, down_s: float) -> dict[str, object]:
    row: dict[str, object] = {c.name: 0 for c in TABLES[table] if c.kind != "text"}
    row |= {"design": design, "profile": "cloud", "downtime_s": down_s}
    return row | {{"causes": "cause", "stages": "stage"}[table]: part}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Design `a` with two years and design `b` with four, the tables of both."""
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    rows["runs"] = [run_row("a", k) for k in range(2)] + [run_row("b", k) for k in range(4)]
    rows["causes"] = [
        part_row("a", "causes", "crash", 120.0),
        part_row("b", "causes", "crash", 60.0),
        part_row("b", "causes", "cut", 120.0),
    ]
    rows["stages"] = [
        part_row("b", "stages", "repair", 60.0),
        part_row("b", "stages", "detect", 60.0),
        part_row("b", "stages", "detect", 60.0),
    ]
    write_tables(tmp_path, Tables(*(table_from_rows(name, of) for name, of in rows.items())))
    return tmp_path


def listed(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(table.itertuples(index=False, name=None))


def test_causes_are_charged_by_the_years_of_their_design(study: Path) -> None:
    """A design with more runs would look worse for it."""
    assert listed(downtime_by_cause(study)) == [
        ("a", "cloud", "crash", pytest.approx(1.0)),
        ("b", "cloud", "cut", pytest.approx(0.5)),
        ("b", "cloud", "crash", pytest.approx(0.25)),
    ]


def test_stages_stand_in_the_order_of_an_outage(study: Path) -> None:
    """Repair would stand before detection because its row came first."""
    assert listed(downtime_by_stage(study)) == [
        ("b", "cloud", "detect", pytest.approx(0.5)),
        ("b", "cloud", "repair", pytest.approx(0.25)),
    ]


def test_a_study_without_stages_is_told(study: Path) -> None:
    """A study of an older program would end in a traceback."""
    (study / "stages.parquet").unlink()
    with pytest.raises(ResultsError, match=r"stages\.parquet: there is no such table"):
        downtime_by_stage(study)
