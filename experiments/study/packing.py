"""The tables of a finished chunk as bytes: what a worker sends back, and what is kept on disk.

A year of faults is about a hundred rows. As Python objects they take a hundred times the room that
their values need, which a study of ten thousand years would feel.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from experiments.results import TABLES, Tables
from experiments.results.parquet import arrow_schema, to_arrow


def packed(tables: Tables) -> tuple[bytes, ...]:
    """Return the tables as Arrow streams, in the order of `TABLES`."""
    return tuple(as_stream(to_arrow(name, getattr(tables, name))) for name in TABLES)


def as_stream(table: Any) -> bytes:
    """Return an Arrow table as a stream, compressed with LZ4."""
    import pyarrow as pa

    buffer = BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(buffer, table.schema, options=options) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def unpacked(name: str, stream: bytes) -> Any:
    """Return one of the streams of :func:`packed` as an Arrow table.

    Raises ValueError if it is not of the table's schema, and what Arrow raises if it is no stream.
    """
    import pyarrow as pa

    table = pa.ipc.open_stream(stream).read_all()
    if not table.schema.equals(arrow_schema(name)):
        raise ValueError(f"not the columns of {name}")
    return table
