"""``sengu resume``: goes on with a study that was interrupted, or shows one that is complete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import (
    AsJson,
    ChunkRuns,
    Dask,
    MaxTime,
    OnErrorAsked,
    Workers,
    read_max_time,
    workers_or_all,
)
from experiments.cli.studies import (
    endings_told,
    print_summary,
    read_on_error,
    report,
)

if TYPE_CHECKING:
    from experiments.study import Execution, Study, StudyResult


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="resume")(resume)


def resume(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The --out of a study.")],
    workers: Workers = 0,
    on_error: OnErrorAsked = "record",
    as_json: AsJson = False,
    dask: Dask = None,
    max_time: MaxTime = None,
    chunk_runs: ChunkRuns = None,
) -> None:
    """Go on with a study that was interrupted, to the very tables that it would have had.

    What to run stands in DIR. If sengu itself has changed since, or would read it otherwise, it
    refuses and says what differs. A study that is complete is summed up again.

    Example: `sengu resume results`
    """
    from experiments.study import Execution, StudyRefused, StudyResult
    from experiments.study.directory import failed_in, read_document

    on_failure = read_on_error(on_error)
    try:
        document = read_document(directory)
        failed = failed_in(directory)
    except StudyRefused as error:
        raise Problem(str(error)) from None
    if max_time is not None and "precision" not in document:
        raise Problem("--max-time: says when a study with --precision ends; this one has none")
    limit_s = None if max_time is None else read_max_time(max_time)
    if failed is not None:
        print_summary(StudyResult(directory, failed), as_json=as_json)
        unread = "" if limit_s is None else ", so that --max-time changes nothing"
        _say(f"{directory}: is complete already{unread}", as_json)
        return
    how = Execution(
        *(workers_or_all(workers), chunk_runs, on_failure),
        dask=dask,
        max_time_s=limit_s,
    )
    study, result = _gone_on_with(directory, how, silent=as_json)
    report(study, result, directory, as_json=as_json)


def _gone_on_with(directory: Path, how: Execution, *, silent: bool) -> tuple[Study, StudyResult]:
    from experiments.cli.progress import shown_progress
    from experiments.study import resume_study
    from experiments.study.directory import reopen

    with endings_told(directory):
        study, _ = reopen(directory)
        with shown_progress(study.runs, silent=silent) as progress:

            def begun(kept: int, damaged: int) -> None:
                again = f", {damaged} damaged files are run again" if damaged else ""
                most = "at most " if study.precision is not None else ""
                _say(f"{directory}: {kept} of {most}{study.runs} runs are there{again}", silent)
                progress.already(kept)

            shown = replace(how, finished=progress, left=progress.left, expected=progress.expect)
            return study, resume_study(directory, shown, begun=begun)


def _say(line: str, silent: bool) -> None:
    if not silent:
        typer.echo(f"sengu: {line}", err=True)
