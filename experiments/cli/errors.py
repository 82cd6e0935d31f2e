"""What a user did wrong, in one line on stderr."""

from __future__ import annotations

import sys

import typer


class Problem(Exception):
    """Something that the user can put right, in one line; the exit code is 2."""

    exit_code = 2


class Failure(Problem):
    """The command could not finish, and the user's words are not to blame; the exit code is 1."""

    exit_code = 1


class Stopped(Problem):
    """The user or the system ended the command, which says so as shells expect: 128 + signal."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def say(error: Exception) -> int | None:
    """Print a user's error and return the exit code; None for an error that is our own defect."""
    if isinstance(error, Problem):
        return _line(f"sengu: {error}", error.exit_code)
    # Typer's own errors (unknown option, bad value), wherever this version of typer defines them.
    message = getattr(error, "format_message", None)
    if message is not None:
        return _usage(error, str(message()))
    loading = sys.modules.get("experiments.loading.errors")
    if loading is not None and isinstance(error, loading.SpecError):
        return _line(str(error), 2)
    results = sys.modules.get("experiments.results.errors")
    if results is not None and isinstance(error, results.ResultsError):
        return _line(f"sengu: {error}", 2)
    return None


def _usage(error: Exception, message: str) -> int:
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "sengu")
    if not message:
        # Called without a command: the help has been printed.
        return 2
    return _line(f"{path}: {' '.join(message.split())}", 2)


def _line(text: str, code: int) -> int:
    typer.echo(text, err=True)
    return code
