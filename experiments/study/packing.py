"""The tables of a finished chunk, kept as compressed Arrow until the study is assembled.

A year of faults is about a hundred rows. As Python objects they take a hundred times the room that
their values need, which a study of ten thousand years would feel.
"""

from __future__ import annotations

from io import BytesIO

from experiments.results import TABLES, Tables, conform


def packed(tables: Tables) -> tuple[bytes, ...]:
    """Return the tables as Arrow streams, compressed with LZ4."""
    import pyarrow as pa

    def stream(name: str) -> bytes:
        table = pa.Table.from_pandas(getattr(tables, name), preserve_index=False)
        buffer = BytesIO()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(buffer, table.schema, options=options) as writer:
            writer.write_table(table)
        return buffer.getvalue()

    return tuple(stream(name) for name in TABLES)


def unpacked(streams: tuple[bytes, ...]) -> Tables:
    """Return what :func:`packed` was given."""
    import pyarrow as pa

    frames = [pa.ipc.open_stream(one).read_pandas() for one in streams]
    return Tables(*(conform(name, frame) for name, frame in zip(TABLES, frames, strict=True)))
