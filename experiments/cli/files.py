"""Files that a command is to write: whether they can be is found out before the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from experiments.cli.errors import Problem

PICTURES: Final = (".png", ".svg")


def require_writable(option: str, path: Path, endings: Sequence[str] = ()) -> None:
    """Raise Problem if ``path``, which ``option`` names, could not be written in the end.

    ``endings``: one of which it must have. Nothing is left behind, and what is there stays.
    """
    from experiments.results.whole import beside, is_no_file

    if endings and path.suffix.lower() not in endings:
        raise Problem(f"{option}: {path}: figures are written as {' or '.join(endings)}")
    try:
        if not path.absolute().parent.is_dir():
            raise Problem(f"{option}: {path}: no such directory")
        if path.is_dir():
            raise Problem(f"{option}: {path}: is a directory; name a file in it")
        if is_no_file(path):
            return
        # Tried and not asked: root may write anywhere, except where nobody can.
        tried = beside(path)
        tried.touch()
        tried.unlink()
    except OSError as error:
        raise not_written(option, path, error) from None


def not_written(option: str, path: Path, error: OSError) -> Problem:
    """The problem of a file that the system refuses to write."""
    return Problem(f"{option}: {path}: {(error.strerror or str(error)).lower()}")
