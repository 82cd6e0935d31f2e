"""Where the minutes go: downtime a year by stage of the outage and by cause, from stored tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from experiments.stages import STAGES

if TYPE_CHECKING:
    import pandas as pd

_POINT: Final = ["design", "profile"]


def downtime_by_stage(directory: Path) -> pd.DataFrame:
    """Mean minutes a year of class down by stage: design, profile, stage, downtime_min_per_year.

    A row for each stage that a point has seen, in the order of `STAGES`; points in the order of
    their first run. They add up to the downtime of the point. Failed runs count nowhere. Reads the
    tables of a study in batches.

    Raises:
        ResultsError: if the directory has no stages: it was made by a program that knew none.
    """
    return _minutes(directory, "stages", "stage", list(STAGES))


def downtime_by_cause(directory: Path) -> pd.DataFrame:
    """Mean minutes a year by cause: design, profile, cause, downtime_min_per_year.

    A row for each cause with downtime, the greatest of a point first; else as `downtime_by_stage`.
    """
    return _minutes(directory, "causes", "cause", None)


def _minutes(directory: Path, table: str, part: str, order: list[str] | None) -> pd.DataFrame:
    """Sum ``downtime_s`` of a table by point and ``part``, over the years of the finished runs."""
    import pandas as pd

    from experiments.results.sample import YEAR_S

    years = {point: s / YEAR_S for point, s in _sums(directory, "runs", [], "horizon_s")}
    places = {point: place for place, point in enumerate(years)}
    found: list[tuple[Any, ...]] = [
        (*key, seconds / 60.0 / years[key[:2]])
        for key, seconds in _sums(directory, table, [part], "downtime_s")
        if seconds > 0.0
    ]

    def place(row: tuple[Any, ...]) -> tuple[int, float, str]:
        rank = order.index(row[2]) if order is not None else -row[3]
        return places[row[:2]], rank, row[2]

    columns = [*_POINT, part, "downtime_min_per_year"]
    found.sort(key=place)
    return pd.DataFrame(found, columns=columns)


def _sums(
    directory: Path, table: str, parts: list[str], column: str
) -> Iterator[tuple[tuple[str, ...], float]]:
    """The sums of a column by point and parts, in the order of their first rows."""
    from experiments.results.parquet import batches

    keys = [*_POINT, *parts]
    sums: dict[tuple[str, ...], float] = {}
    for batch in batches(directory, table, [*keys, column]):
        grouped = batch.group_by(keys, use_threads=False).aggregate([(column, "sum")])
        for row in grouped.to_pylist():
            key = tuple(row[name] for name in keys)
            # A failed run has no horizon.
            sums[key] = sums.get(key, 0.0) + (row[f"{column}_sum"] or 0.0)
    yield from sums.items()
