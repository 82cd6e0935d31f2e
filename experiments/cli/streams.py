"""Standard output and error: always there, never at a loss for a letter, quiet once refused."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO, cast

import typer


def ready_streams() -> None:
    """Make sure that there are streams, and that they print what their encoding lacks as escapes.

    Where the caller has closed standard output, whatever is printed is refused, as by any closed
    file; error messages that nobody can read are dropped.
    """
    if cast("TextIO | None", sys.stdout) is None:
        sys.stdout = _refusing()
    if cast("TextIO | None", sys.stderr) is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _refusing() -> TextIO:
    """A stream that takes nothing: it also keeps the number of the closed one from other files."""
    return open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")


def refusal_told(error: OSError) -> int:
    """Say in one line what the system refused, the output or a file, and return the exit code.

    A file is one that somebody has named: a name too long, a place where nobody may write.
    A reader who has gone (head, less) has seen enough: nothing is said, and the exit code is that
    of a program which SIGPIPE has ended.
    """
    _drop_output()
    if error.errno == errno.EPIPE:
        return 141
    reason = (error.strerror or str(error)).lower()
    where = "the output" if error.filename is None else os.fsdecode(error.filename)
    with suppress(OSError):
        typer.echo(f"sengu: {where}: {reason}", err=True)
    return 1 if error.filename is None else 2


def _drop_output() -> None:
    """Let what is still unwritten go nowhere: Python would try again, and complain, at the end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
