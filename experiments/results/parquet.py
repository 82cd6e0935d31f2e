"""The tables of a study as Parquet, written and read piece by piece.

A table is a stream of rows that is cut into row groups of a fixed size, so that the bytes of a file
depend on its rows alone: not on how the study was cut into chunks, nor on how often it was
interrupted. Nothing here holds more than a few row groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from experiments.results.errors import ResultsError

if TYPE_CHECKING:
    import pandas as pd

ROWS_PER_GROUP: Final = 1 << 15
"""About 6 MB of incidents in memory."""


@cache
def arrow_schema(name: str) -> Any:
    """The Arrow schema of a table, with what pandas needs to restore its own types."""
    import pyarrow as pa

    from experiments.results.tables import table_from_rows

    return pa.Table.from_pandas(table_from_rows(name, []), preserve_index=False).schema


def to_arrow(name: str, table: pd.DataFrame) -> Any:
    """A table that conforms to the schema, as an Arrow table."""
    import pyarrow as pa

    return pa.Table.from_pandas(table, schema=arrow_schema(name), preserve_index=False)


class TableWriter:
    """Writes one table to ``path``, from pieces of any size; a context manager.

    Raises OSError if the disk refuses.
    """

    def __init__(self, path: Path, name: str) -> None:
        from pyarrow import parquet

        self.name = name
        self.rows = 0
        self._file = parquet.ParquetWriter(path, arrow_schema(name), compression="snappy")
        self._pieces: list[Any] = []
        self._waiting = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self._waiting:
                self._write(self._joined())
        finally:
            self._file.close()

    def add(self, piece: Any) -> None:
        """Append the rows of an Arrow table."""
        self.rows += piece.num_rows
        self._pieces.append(piece)
        self._waiting += piece.num_rows
        if self._waiting < ROWS_PER_GROUP:
            return
        joined, first = self._joined(), 0
        while joined.num_rows - first >= ROWS_PER_GROUP:
            self._write(joined.slice(first, ROWS_PER_GROUP))
            first += ROWS_PER_GROUP
        self._pieces = [joined.slice(first)]
        self._waiting = joined.num_rows - first

    def _joined(self) -> Any:
        import pyarrow as pa

        # In one piece, because the writer ends a page where a piece ends.
        return pa.concat_tables(self._pieces).combine_chunks()

    def _write(self, group: Any) -> None:
        self._file.write_table(group, row_group_size=ROWS_PER_GROUP)


def batches(
    directory: Path, name: str, columns: Sequence[str], first: int = 0, rows: int | None = None
) -> Iterator[Any]:
    """Some columns of a stored table, as Arrow tables of at most a row group each.

    The rows are those from number ``first`` on; ``rows`` is how many, None: all that follow.
    Raises ResultsError if the file is absent, damaged, or not such a table.
    """
    import pyarrow as pa

    whole = arrow_schema(name)
    schema = pa.schema([whole.field(column) for column in columns], whole.metadata)
    with _opened(directory, name) as file:
        lacking = [column for column in columns if column not in file.schema_arrow.names]
        if lacking:
            raise ValueError(f"it has no column {', '.join(lacking)}")
        last = file.metadata.num_rows if rows is None else first + rows
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            if start < last and end > first:
                table = file.read_row_group(group, columns=list(columns))
                begin = max(first - start, 0)
                wanted = table.slice(begin, min(last, end) - start - begin)
                yield wanted.select(list(columns)).cast(schema)
            start = end


def rows_of(directory: Path, name: str) -> int:
    """How many rows a stored table has; raises ResultsError as `batches`."""
    with _opened(directory, name) as file:
        return int(file.metadata.num_rows)


@contextmanager
def _opened(directory: Path, name: str) -> Iterator[Any]:
    """The file of a table; whatever reading it raises in the block is a ResultsError with its name.

    Of bytes to which anything may have happened, Arrow says what it stumbled upon.
    """
    from pyarrow import parquet
    from pyarrow.lib import ArrowException

    path = directory / f"{name}.parquet"
    try:
        with parquet.ParquetFile(path) as file:
            yield file
    except FileNotFoundError:
        raise ResultsError(f"{path}: there is no such table; did a study end here?") from None
    except (ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ResultsError(
            f"{path}: is damaged, or no table that sengu wrote: {reason}; run the study again"
        ) from None
