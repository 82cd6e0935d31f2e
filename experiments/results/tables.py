"""Writing and reading the tables of a study, checked against the schema on the way in.

A table on disk is whole or absent: it is written beside its place and renamed into it. Rows keep
the order that they are given in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.results.errors import ResultsError
from experiments.results.schema import CLASS_COLUMNS, TABLES, Column
from experiments.results.whole import written_whole

if TYPE_CHECKING:
    import pandas as pd

PARTITION_TOLERANCE = 1e-6
"""Share of the horizon by which the five classes may miss it: float sums of a year of seconds."""


class Tables(NamedTuple):
    """The tables of a study, in the order of `schema.TABLES`."""

    runs: pd.DataFrame
    incidents: pd.DataFrame
    causes: pd.DataFrame
    loads: pd.DataFrame
    stages: pd.DataFrame
    controls: pd.DataFrame


def table_from_rows(name: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """A table (a key of `schema.TABLES`) from one mapping a row, also from no rows at all.

    A failed run may leave its measurements out; they become missing values (`pd.NA`).

    Raises:
        ResultsError: as `conform`.
    """
    import pandas as pd

    columns = TABLES[name]
    named = [dict(row) for row in rows]
    known = {column.name for column in columns}
    unknown = sorted({key for row in named for key in row} - known)
    if unknown:
        raise ResultsError(f"table {name}: unknown columns {', '.join(unknown)}")
    data = {
        column.name: pd.array([row.get(column.name) for row in named], dtype=object)
        for column in columns
    }
    return conform(name, pd.DataFrame(data))


def conform(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with the columns of the schema, in its order and with its types; a new frame.

    Raises:
        ResultsError: for a missing or unknown column, a value of another kind, a missing value
            (except the measurements of a failed run), or, for runs, a status that is neither ok
            nor failed, and classes of seconds that do not add up to the horizon.
    """
    import pandas as pd

    columns = TABLES[name]
    names = [column.name for column in columns]
    missing = [column for column in names if column not in table.columns]
    unknown = [str(column) for column in table.columns if column not in names]
    if missing or unknown:
        raise ResultsError(
            f"table {name}: missing columns: {', '.join(missing) or 'none'}; "
            f"unknown columns: {', '.join(unknown) or 'none'}"
        )
    typed = pd.DataFrame(
        {column.name: _typed(name, column, table[column.name]) for column in columns}
    )
    _check_present(name, typed)
    if name == "runs":
        _check_partition(typed)
    return typed.reset_index(drop=True)


def _typed(name: str, column: Column, values: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    try:
        if column.kind == "text":
            return values.fillna("").astype("str")
        if column.kind == "integer" and pd.api.types.infer_dtype(values) == "integer":
            # Not by way of floats, which know whole numbers up to 2**53 only: 104 days of ns.
            return values.astype("Int64")
        # NaN means "no measurement" in frames built from plain dicts; the masked types say NA.
        numbers = values.astype("Float64")
        if column.kind == "number":
            return numbers
        if bool((numbers.dropna() % 1 != 0).any()):
            raise ValueError("a count with a fraction")
        return numbers.astype("Int64")
    except (TypeError, ValueError) as problem:
        raise ResultsError(
            f"table {name}: column {column.name} is not {column.kind}: {problem}"
        ) from problem


def _check_present(name: str, table: pd.DataFrame) -> None:
    finished = table
    if name == "runs":
        strange = sorted(set(table["status"]) - {"ok", "failed"})
        if strange:
            raise ResultsError(f"table runs: status must be ok or failed, not {strange[0]!r}")
        finished = table[table["status"] == "ok"]
    for column in table.columns:
        if finished[column].isna().any():
            row = finished[finished[column].isna()].iloc[0]
            raise ResultsError(f"table {name}: {column} is missing in {_place(row)}")


def _check_partition(runs: pd.DataFrame) -> None:
    finished = runs[runs["status"] == "ok"]
    classes = list(CLASS_COLUMNS.values())
    gap = (finished[classes].sum(axis=1) - finished["horizon_s"]).abs()
    wrong = finished[gap > PARTITION_TOLERANCE * finished["horizon_s"]]
    if len(wrong):
        row = wrong.iloc[0]
        raise ResultsError(
            f"table runs: the classes of {_place(row)} add up to {row[classes].sum():.6f} s, "
            f"not to its horizon of {row['horizon_s']:.6f} s"
        )


def _place(row: pd.Series[Any]) -> str:
    return f"{row['design']}/{row['profile']}/{row['replication']}"


def write_tables(directory: Path | str, tables: Tables) -> None:
    """Writes runs.parquet, incidents.parquet and so on (snappy), each whole or not at all.

    All are checked before the first is written. The directory is made if it is absent.

    Raises:
        ResultsError: as `conform`.
    """
    from experiments.results.parquet import TableWriter, to_arrow

    place = Path(directory)
    checked = {name: conform(name, getattr(tables, name)) for name in TABLES}
    place.mkdir(parents=True, exist_ok=True)
    for name, frame in checked.items():
        with (
            written_whole(place / f"{name}.parquet", synced=True) as path,
            TableWriter(path, name) as writer,
        ):
            writer.add(to_arrow(name, frame))


def read_tables(directory: Path | str) -> Tables:
    """The tables as `write_tables` left them, with the types of the schema.

    Raises:
        ResultsError: if a table is absent or does not fit the schema.
    """
    from experiments.results.stored import read_columns

    place = Path(directory)
    absent = [f"{name}.parquet" for name in TABLES if not (place / f"{name}.parquet").is_file()]
    if absent:
        raise ResultsError(f"{place}: no {', '.join(absent)}; is it the directory of a study?")
    frames = {}
    for name, columns in TABLES.items():
        found = read_columns(place, name, [column.name for column in columns])
        frames[name] = conform(name, found)
    return Tables(**frames)


def concatenate(name: str, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The tables of many chunks as one, in the order given; of no chunks, an empty table."""
    import pandas as pd

    if not tables:
        return table_from_rows(name, [])
    return conform(name, pd.concat([conform(name, table) for table in tables]))
