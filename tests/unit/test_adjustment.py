"""Adjusted means of stored tables: which years are corrected with which draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.adjustment.means import AdjustedMean, adjusted_means
from experiments.results import TABLES, Tables, table_from_rows, write_tables

YEAR_S = 365.25 * 86_400
YEARS = 60


def surprise(year: int) -> float:
    """What a year drew too much of; 0 on average."""
    return (year * 7) % YEARS - (YEARS - 1) / 2


def run_row(design: str, year: int, minutes: float, **more: object) -> dict[str, object]:
    """A year that is down for so long."""
    row: dict[str, object] = {c.name: 0 for c in TABLES["runs"] if c.kind != "text"}
    row |= {"design": design, "profile": "cloud", "replication": year, "status": "ok"}
    row |= {"horizon_s": YEAR_S, "availability": 1.0, "writes_acked": 1.0}
    return row | {"downtime_s": 60 * minutes, "good_s": YEAR_S - 60 * minutes} | more


def control_row(design: str, year: int, value: float) -> dict[str, object]:
    """What a year of a design drew."""
    where = {"design": design, "profile": "cloud", "replication": year}
    return where | {"control": "every/cut", "value": value}


def failed(design: str, year: int) -> dict[str, object]:
    """A run that ended in a traceback: no measurements, and no draws."""
    where = {"design": design, "profile": "cloud", "replication": year}
    return where | {"status": "failed", "error": "run: ..."}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[AdjustedMean]:
    """Downtime of two designs: 100 + 2 for each surprise, and 130 + 2; one run each has failed."""
    runs, controls = [], []
    for year in range(YEARS):
        for design, level in (("a", 100.0), ("b", 130.0)):
            if (design, year) in (("a", 3), ("b", 44)):
                runs.append(failed(design, year))
                continue
            runs.append(run_row(design, year, level + 2 * surprise(year)))
            if surprise(year):
                controls.append(control_row(design, year, surprise(year)))
    runs.sort(key=lambda row: (str(row["design"]), int(str(row["replication"]))))
    controls.sort(key=lambda row: (str(row["design"]), int(str(row["replication"]))))
    rows = {name: [] for name in TABLES} | {"runs": runs, "controls": controls}
    place: Path = tmp_path_factory.mktemp("adjustment")
    write_tables(place, Tables(**{name: table_from_rows(name, rows[name]) for name in TABLES}))
    return adjusted_means(place)


def downtime(found: list[AdjustedMean]) -> dict[tuple[str, str], AdjustedMean]:
    return {(one.design, one.against): one for one in found if one.metric.column == "downtime_s"}


@pytest.mark.parametrize(("design", "level"), [("a", 100.0), ("b", 130.0)])
def test_each_year_is_corrected_with_its_own_draws(
    found: list[AdjustedMean], design: str, level: float
) -> None:
    """After a failed run all later years would be corrected with those of their neighbours."""
    one = downtime(found)[design, ""]
    assert one.plain.n == YEARS - 1
    assert one.adjusted.estimate == pytest.approx(level)
    assert one.plain.estimate != pytest.approx(level, abs=0.1)


def test_a_difference_is_of_the_years_that_both_finished(
    found: list[AdjustedMean],
) -> None:
    """Years of one design would be compared with other years of the other."""
    of = downtime(found)
    one = of["b", "a"]
    assert one.plain.n == YEARS - 2
    assert one.plain.estimate == pytest.approx(30.0)
    assert set(of) == {("a", ""), ("b", ""), ("b", "a")}


def test_what_nobody_saw_has_no_mean(found: list[AdjustedMean]) -> None:
    """A table full of zeros would hide the numbers."""
    assert all(one.metric.column == "downtime_s" for one in found)


def test_years_that_would_vary_more_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One extreme year would teach a weight that makes the mean of a study worse."""
    from experiments.adjustment import means

    runs = [run_row("a", year, 1.0 + year % 3) for year in range(YEARS)]
    rows = {name: [] for name in TABLES} | {"runs": runs}
    write_tables(tmp_path, Tables(**{name: table_from_rows(name, rows[name]) for name in TABLES}))
    monkeypatch.setattr(means, "adjusted", lambda values, _: values * np.linspace(-9, 9, YEARS))
    one = downtime(adjusted_means(tmp_path))["a", ""]
    assert one.factor == 1.0
    assert one.adjusted.estimate == one.plain.estimate == pytest.approx(2.0)
