"""Files that are whole or absent: written beside their place and renamed into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path, *, synced: bool = False) -> Iterator[Path]:
    """Yield the path to write to; what is there takes the place of ``path`` if the block succeeds.

    ``synced``: only once it is on the disk, so that a power cut leaves the old or the new file.
    What is no file, such as ``/dev/stdout``, cannot be replaced and is written to as it is.
    Raises OSError as the file system does, and leaves nothing behind then.
    """
    if is_no_file(path):
        yield path
        return
    temporary = beside(path)
    try:
        yield temporary
        if synced:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def is_no_file(path: Path) -> bool:
    """Whether something stands there that is not a regular file: a device, a pipe, a directory."""
    return path.exists() and not path.is_file()


def beside(path: Path) -> Path:
    """Where this process writes ``path`` before it is whole; two processes never share one."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def remove_unfinished(directory: Path) -> None:
    """Remove what a killed process had begun to write in ``directory``."""
    for left in directory.glob(".*.tmp"):
        left.unlink(missing_ok=True)
