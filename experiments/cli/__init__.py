"""The ``sengu`` command.

Each command has a file here and imports what it needs when it is called: ``sengu --help`` must not
wait for pandas. What a user can do wrong ends in one line on stderr and exit code 2; a traceback
is a defect of sengu. Exit code 1: the command did its work, and the result is not well.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from experiments.cli import (
    adjust,
    check,
    compare,
    incidents,
    inject,
    list,
    plot,
    replay,
    resume,
    review,
    run,
    schema,
    sensitivity,
    show,
    shrink,
    sweep,
    validate,
)
from experiments.cli.errors import Stopped, say
from experiments.cli.repeated import refuse_repeated_options
from experiments.cli.streams import ready_streams, refusal_told
from experiments.interruption import Terminated, terminations_raised


class _Commands(TyperGroup):
    """The commands: SIGTERM and Ctrl-C end each in one line, and no option is silently dropped."""

    def resolve_command(self, ctx: Any, args: Any) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        refuse_repeated_options(command, ctx, rest)
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        try:
            with terminations_raised():
                return super().invoke(ctx)
        except Terminated:
            raise Stopped("terminated", 143) from None
        except KeyboardInterrupt:
            raise Stopped("interrupted", 130) from None


app = typer.Typer(
    name="sengu",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["--help", "-h"]},
)
for command in (
    list,
    show,
    check,
    schema,
    run,
    resume,
    compare,
    sweep,
    sensitivity,
    adjust,
    plot,
    incidents,
    replay,
    shrink,
    inject,
    review,
    validate,
):
    command.register(app)


def _version(asked: bool) -> None:
    if asked:
        from experiments.study.document import program_version

        typer.echo(f"sengu {program_version()}")
        raise typer.Exit


@app.callback()
def sengu(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Simulate a redundancy design before it is built: how it fails, how often, for how long.

    A first look: `sengu run deck-redis --profile cloud-2015 --years 20`
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (by default that of this process) and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    ready_streams()
    try:
        code = _ended(words)
        sys.stdout.flush()
        return code
    except OSError as error:
        return refusal_told(error)


def _ended(words: Sequence[str]) -> int:
    """Run the command and return its exit code; raises OSError if the output is refused."""
    try:
        result = typer.main.get_command(app).main(
            args=[*words], prog_name="sengu", standalone_mode=False
        )
    except typer.Exit as end:
        return end.exit_code
    except SystemExit:
        # Typer ends so, whatever it is asked for, when the reader of the output has gone.
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from None
    except KeyboardInterrupt:
        result = 130
    except OSError:
        raise
    except Exception as error:
        code = say(error)
        if code is None:
            raise
        return code
    if result == 130:
        typer.echo("sengu: interrupted", err=True)
    return result if isinstance(result, int) else 0
