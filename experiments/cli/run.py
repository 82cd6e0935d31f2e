"""``sengu run``: many simulated years of designs under a profile, and what they say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Failure, Problem
from experiments.cli.options import PROFILE, SET, processors, read_engine, read_horizon

if TYPE_CHECKING:
    from experiments.study import Study, StudyPoint, StudyResult


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="run")(run)


def run(
    designs: Annotated[
        list[str], typer.Argument(metavar="DESIGN", help="Names as in sengu list, or files.")
    ],
    profile: Annotated[str, typer.Option("--profile", help=PROFILE)],
    years: Annotated[
        int, typer.Option("--years", min=1, max=10_000_000, help="Independent runs of each design.")
    ] = 100,
    horizon: Annotated[
        str, typer.Option("--horizon", help="Length of each run: 30d, 1y, ...")
    ] = "1y",
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed gives the same numbers.")
    ] = 0,
    workers: Annotated[
        int, typer.Option("--workers", min=0, max=1024, help="Processes; 0: one a processor.")
    ] = 0,
    engine: Annotated[
        str,
        typer.Option("--engine", metavar="fast|naive|audit", help="fast, or two slow checks."),
    ] = "fast",
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=SET)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write tables and spec.json there.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write to DIR even if it holds other things.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON and no progress.")
    ] = False,
    chunk_runs: Annotated[
        int | None, typer.Option("--chunk-runs", min=1, help="Runs in a chunk.", hidden=True)
    ] = None,
) -> None:
    """Run designs under a profile for many years and say how well they served.

    All designs meet the same bad luck: a host that two of them share fails at the same times in
    both. Neither `--workers` nor the machine changes a number. The exit code is 1 if a run failed.

    Example: `sengu run deck-redis deck-redis-never-moved --profile cloud-2015 --years 200 --out
    results`
    """
    study = _study(designs, profile, overrides or [], years, horizon, seed, engine)
    result = _carried_out(study, workers or processors(), chunk_runs, out, force, as_json)
    _print(study, result, as_json)
    if result.failed:
        typer.echo(f"sengu: {_failures(study, result, out)}", err=True)
        raise typer.Exit(1)


def _carried_out(
    study: Study, workers: int, chunk_runs: int | None, out: Path | None, force: bool, silent: bool
) -> StudyResult:
    """Run the study and write its directory; raises Problem or Failure."""
    from experiments.cli.progress import shown_progress
    from experiments.study import StudyError, claim_directory, run_study, write_study

    if force and out is None:
        raise Problem("--force: there is no --out to write to")
    try:
        if out is not None:
            claim_directory(out, force=force)
    except StudyError as error:
        raise Problem(str(error)) from None
    try:
        with shown_progress(study.runs, silent=silent) as finished:
            result = run_study(study, workers=workers, chunk_runs=chunk_runs, finished=finished)
        if out is not None:
            write_study(out, study, result.tables)
    except StudyError as error:
        raise Failure(str(error)) from None
    return result


def _study(
    designs: list[str],
    profile: str,
    overrides: list[str],
    years: int,
    horizon: str,
    seed: int,
    engine: str,
) -> Study:
    """The study that was asked for; raises SpecError or Problem for what cannot be run."""
    from experiments.catalogue import load_design, load_profile, split_overrides
    from experiments.study import Study, StudyPoint

    horizon_ns, chosen = read_horizon(horizon), read_engine(engine)
    for_design, for_profile = split_overrides(overrides)
    under = load_profile(profile, for_profile)
    points = tuple(StudyPoint(*load_design(word, for_design), *under) for word in designs)
    names = [point.design_name for point in points]
    for name in names:
        if names.count(name) > 1:
            raise Problem(f"two designs are called '{name}'; results could not tell them apart")
    for point in points:
        _build(point)
    return Study(points, years, seed, horizon_ns, chosen)


def _build(point: StudyPoint) -> None:
    """Build a world once, so that what cannot be built is said before a thousand runs fail."""
    from experiments.building.fault_plan import killed_for_good
    from experiments.building.world import build_world
    from sim.engine import Kernel

    try:
        world = build_world(point.design, point.profile, Kernel(), traced=False)
    except ValueError as error:
        raise Problem(f"{point.design_name} under {point.profile_name}: {error}") from None
    for cause, names in killed_for_good(point.design, point.profile, world.processes).items():
        typer.echo(
            f"sengu: note: in {point.design_name}, {cause} kills {', '.join(names)} for good: "
            "no restart is set",
            err=True,
        )


def _print(study: Study, result: StudyResult, as_json: bool) -> None:
    import json

    from experiments.results import render_summary, summarise, to_json

    summaries = summarise(result.tables)
    if as_json:
        head = {"seed": study.seed, "years": study.replications, "failed": result.failed}
        typer.echo(json.dumps({**head, "summaries": to_json(summaries)}, indent=2))
        return
    from rich.console import Console

    # The table is made for 100 columns; a pipe has no width of its own.
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(render_summary(summaries))


def _failures(study: Study, result: StudyResult, out: Path | None) -> str:
    """How many runs failed, and what the first of them said."""
    failed = result.tables.runs[result.tables.runs["status"] == "failed"].iloc[0]
    where = f"{failed['design']}/{failed['profile']}/{failed['replication']}"
    reason = str(failed["error"]).strip().splitlines()[-1]
    more = f"; tracebacks: the column error of {out / 'runs.parquet'}" if out is not None else ""
    return f"{result.failed} of {study.runs} runs failed; the first, {where}: {reason}{more}"
