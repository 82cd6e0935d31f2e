"""``sengu resume``: goes on with a study that was interrupted, or shows one that is complete."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import processors
from experiments.cli.studies import (
    ON_ERROR,
    complain_of_failures,
    endings_told,
    print_summary,
    read_on_error,
)

if TYPE_CHECKING:
    from experiments.study import OnError, Study, StudyResult


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="resume")(resume)


def resume(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The --out of a study.")],
    workers: Annotated[
        int, typer.Option("--workers", min=0, max=1024, help="Processes; 0: one a processor.")
    ] = 0,
    on_error: Annotated[
        str, typer.Option("--on-error", metavar="record|raise", help=ON_ERROR)
    ] = "record",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON and no progress.")
    ] = False,
    chunk_runs: Annotated[
        int | None, typer.Option("--chunk-runs", min=1, help="Runs in a chunk.", hidden=True)
    ] = None,
) -> None:
    """Go on with a study that was interrupted, to the very tables that it would have had.

    What to run stands in DIR. If sengu itself has changed since, or would read it otherwise, it
    refuses and says what differs. A study that is complete is summed up again.

    Example: `sengu resume results`
    """
    from experiments.study import StudyRefused, StudyResult
    from experiments.study.directory import failed_in, read_document

    on_failure = read_on_error(on_error)
    try:
        document = read_document(directory)
    except StudyRefused as error:
        raise Problem(str(error)) from None
    head = {"seed": document.get("seed"), "years": document.get("years")}
    failed = failed_in(directory)
    if failed is not None:
        _say(f"{directory}: is complete already", as_json)
        print_summary(StudyResult(directory, failed), head, as_json=as_json)
        return
    count = workers or processors()
    study, result = _gone_on_with(directory, count, chunk_runs, on_failure, silent=as_json)
    print_summary(result, head, as_json=as_json)
    complain_of_failures(study, result, directory)


def _gone_on_with(
    directory: Path, workers: int, chunk_runs: int | None, on_error: OnError, *, silent: bool
) -> tuple[Study, StudyResult]:
    from experiments.cli.progress import shown_progress
    from experiments.study import Execution, resume_study
    from experiments.study.directory import reopen

    with endings_told(directory):
        study, _ = reopen(directory)
        with shown_progress(study.runs, silent=silent) as progress:

            def begun(kept: int, damaged: int) -> None:
                again = f", {damaged} damaged files are run again" if damaged else ""
                _say(f"{directory}: {kept} of {study.runs} runs are there{again}", silent)
                progress.already(kept)

            how = Execution(workers, chunk_runs, on_error, progress, progress.left)
            return study, resume_study(directory, how, begun=begun)


def _say(line: str, silent: bool) -> None:
    if not silent:
        typer.echo(f"sengu: {line}", err=True)
