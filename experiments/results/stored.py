"""Summaries of a study on disk, point by point, from the columns and rows that they need.

A million years are a million rows of runs and many times as many of incidents. Tables are read a
row group at a time, and no row of incidents is kept: see :mod:`experiments.results.sample`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from experiments.results.parquet import arrow_schema, batches
from experiments.results.sample import NEEDED, read_sample
from experiments.results.summary import DesignSummary, summarise_sample

if TYPE_CHECKING:
    import pandas as pd

_POINT: Final = ("design", "profile")


class Rows(NamedTuple):
    """Where the rows of a point stand in a table: from which, and how many."""

    first: int
    number: int


def read_columns(directory: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of a stored table, in the types of `conform`."""
    found = _concatenated(name, columns, batches(directory, name, columns)).to_pandas()
    return cast("pd.DataFrame", found)


def summarise_stored(directory: Path) -> list[DesignSummary]:
    """What `summarise` gives for the tables of ``directory``; one point is in memory at a time."""
    places = {name: places_of(directory, name) for name in NEEDED}
    summaries = []
    for point in places["runs"]:
        where = {name: found.get(point, Rows(0, 0)) for name, found in places.items()}
        runs, incidents, causes = (
            batches(directory, name, NEEDED[name], *where[name]) if where[name].number else ()
            for name in ("runs", "incidents", "causes")
        )
        summaries.append(summarise_sample(*point, read_sample(runs, incidents, causes)))
    return summaries


def places_of(directory: Path, name: str) -> dict[tuple[str, str], Rows]:
    """Where the rows of each (design, profile) stand; a point's rows follow one another."""
    found: dict[tuple[str, str], Rows] = {}
    first = 0
    for batch in batches(directory, name, _POINT):
        # In the order of their first rows, as one thread keeps it.
        groups = batch.group_by(list(_POINT), use_threads=False)
        place = first
        for row in groups.aggregate([([], "count_all")]).to_pylist():
            point = (row["design"], row["profile"])
            before = found.get(point, Rows(place, 0))
            found[point] = Rows(before.first, before.number + row["count_all"])
            place += row["count_all"]
        first += batch.num_rows
    return found


def _concatenated(name: str, columns: Sequence[str], pieces: Any) -> Any:
    import pyarrow as pa

    return pa.concat_tables([arrow_schema(name).empty_table().select(list(columns)), *pieces])
