"""What commands that run studies have in common: planning from words, carrying out, reporting."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

import typer

from experiments.cli.errors import Failure, Problem, Stopped
from experiments.cli.options import read_engine, read_horizon
from experiments.cli.repeated import refuse_repeated_paths, with_varied
from experiments.interruption import Terminated

if TYPE_CHECKING:
    from experiments.planning import Note
    from experiments.study import OnError, Precision, Study, StudyResult


def planned_study(
    designs: Sequence[str],
    profiles: Sequence[str],
    overrides: Sequence[str],
    years: int,
    horizon: str,
    seed: int,
    engine: str = "fast",
    *,
    precision: Precision | None = None,
    note: Note | None = None,
) -> Study:
    """The study that was asked for; raises SpecError or Problem for what cannot be run.

    ``note`` is told what can be run and is perhaps not meant; by default it is printed.
    """
    from experiments.catalogue import error_at, load_design, load_profile, split_overrides
    from experiments.planning import FaultRefused, points_of
    from experiments.study import Study

    refuse_repeated_paths("--set", overrides)
    horizon_ns, chosen = read_horizon(horizon), read_engine(engine)
    for_design, for_profile = split_overrides(list(overrides))
    loaded = [load_design(word, for_design) for word in designs]
    under = [load_profile(word, for_profile) for word in profiles]
    try:
        points = points_of(loaded, under, note or noted_once())
    except FaultRefused as error:
        word = profiles[[name for name, _ in under].index(error.profile)]
        told = f"fault '{error.cause}': {error.message}"
        raise error_at("profile", word, for_profile, ("faults", error.cause, "on"), told) from None
    except ValueError as error:
        raise Problem(str(error)) from None
    return Study(points, years, seed, horizon_ns, chosen, precision)


def planned_points(
    design: str,
    profile: str,
    points: Sequence[tuple[str, list[str]]],
    overrides: Sequence[str],
    size: tuple[int, str, int],
) -> Study:
    """A study of one design with a point for each (name, values as after ``--set``).

    ``size``: years, horizon, seed. Raises SpecError or Problem for a point that cannot be run.
    """
    refuse_repeated_paths("--set", overrides)
    note = noted_once()
    studies = [
        planned_study([design], [profile], with_varied(overrides, sets), *size, note=note)
        for _, sets in points
    ]
    named = tuple(
        replace(study.points[0], design_name=name)
        for study, (name, _) in zip(studies, points, strict=True)
    )
    return replace(studies[0], points=named)


def noted_once() -> Note:
    """Who prints remarks, each once: the points of a study are planned one by one."""
    said: set[str] = set()

    def note(text: str) -> None:
        if text not in said:
            said.add(text)
            typer.echo(f"sengu: note: {text}", err=True)

    return note


def carried_out(
    study: Study,
    workers: int,
    out: Path | None,
    *,
    chunk_runs: int | None = None,
    force: bool = False,
    silent: bool = False,
    on_error: OnError = "record",
    dask: str | None = None,
    max_time_s: float | None = None,
) -> StudyResult:
    """Run the study and write its directory, if one is named; raises Problem or Failure."""
    from experiments.cli.progress import shown_progress
    from experiments.study import Execution, StudyRefused, claim_directory, run_study

    if force and out is None:
        raise Problem("--force: there is no --out to write to")
    try:
        if out is not None:
            claim_directory(out, force=force, study=study)
    except StudyRefused as error:
        raise Problem(str(error)) from None
    with endings_told(out), shown_progress(study.runs, silent=silent) as progress:
        how = Execution(
            *(workers, chunk_runs, on_error, progress, progress.left),
            dask=dask,
            max_time_s=max_time_s,
            expected=progress.expect,
        )
        return run_study(study, how, directory=out)


@contextmanager
def endings_told(directory: Path | None) -> Iterator[None]:
    """Turn whatever ends a study early into one line that says how to go on with it.

    Raises Problem for a study that is refused, Failure for one that fails, Stopped for Ctrl-C
    and SIGTERM. ``directory``: where the study is, if it is kept.
    """
    from experiments.study import StudyError, StudyRefused

    try:
        yield
    except StudyRefused as error:
        raise Problem(str(error)) from None
    except StudyError as error:
        raise Failure(f"{error}{_how_to_go_on(directory)}") from None
    except Terminated:
        raise Stopped(f"terminated{_how_to_go_on(directory)}", 143) from None
    except KeyboardInterrupt:
        raise Stopped(f"interrupted{_how_to_go_on(directory)}", 130) from None


def _how_to_go_on(directory: Path | None) -> str:
    from experiments.study.directory import is_unfinished
    from experiments.study.journal import runs_in

    if directory is None or not is_unfinished(directory):
        return ""
    return f"; {runs_in(directory)} runs are kept, and `sengu resume {directory}` goes on"


def read_on_error(text: str) -> OnError:
    """What ``--on-error`` asks for; raises Problem for another word."""
    from experiments.study import OnError

    known = cast("tuple[str, ...]", get_args(OnError))
    if text not in known:
        raise Problem(f"--on-error: expected one of {', '.join(known)}; got '{text[:60]}'")
    return cast("OnError", text)


def print_summary(result: StudyResult, *, as_json: bool) -> None:
    """Print what the study says: a table, or JSON that begins with which study it is."""
    import json

    from experiments.results import render_summary, to_json
    from experiments.study import identity_of

    summaries = result.summaries()
    if as_json:
        whole = {
            **identity_of(result),
            "failed": result.failed,
            "summaries": to_json(summaries),
        }
        typer.echo(json.dumps(whole, indent=2))
        return
    from rich.console import Console

    # The table is made for 100 columns; a pipe has no width of its own.
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(render_summary(summaries))


def report(study: Study, result: StudyResult, out: Path | None, *, as_json: bool) -> None:
    """Print what a finished study says; exit with 1 if runs failed or it is not precise enough."""
    print_summary(result, as_json=as_json)
    complain_of_failures(study, result, out)
    _complain_of_precision(result)


def _complain_of_precision(result: StudyResult) -> None:
    """Say how a study by precision has ended; exit with 1 if it is not as precise as asked for."""
    stopping = result.stopping
    if stopping is None:
        return
    look, asked = stopping.looks[-1], 100 * stopping.precision.error_share
    if stopping.reached:
        typer.echo(f"sengu: {asked:g} % reached after {look.years:,} years", err=True)
        return
    worst = look.worst()
    reach = worst.share / (1 - worst.share) if worst.share < 1 else math.inf
    known = f"known to {100 * reach:.3g} %" if math.isfinite(reach) else "hardly known"
    seen = "" if worst.events is None else f", {worst.events:,} seen"
    typer.echo(
        f"sengu: {asked:g} % not reached, for lack of {stopping.limit}: after {look.years:,} years "
        f"{worst.metric} of {worst.design} under {worst.profile} is {known}{seen}",
        err=True,
    )
    raise typer.Exit(1)


def complain_of_failures(study: Study, result: StudyResult, out: Path | None) -> None:
    """Say how many runs failed and what the first of them said, and exit with 1; else nothing."""
    failed = result.first_failure() if result.failed else None
    if failed is None:
        return
    runs = len(study.points) * (
        study.replications if result.stopping is None else result.stopping.looks[-1].years
    )
    more = f"; tracebacks: the column error of {out / 'runs.parquet'}" if out is not None else ""
    typer.echo(
        f"sengu: {result.failed} of {runs} runs failed; the first, {failed.name}: "
        f"{failed.reason}{more}",
        err=True,
    )
    raise typer.Exit(1)
