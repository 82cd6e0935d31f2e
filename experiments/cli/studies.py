"""What ``run`` and ``compare`` have in common: planning a study from words, carrying it out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from experiments.cli.errors import Failure, Problem
from experiments.cli.options import read_engine, read_horizon

if TYPE_CHECKING:
    from experiments.study import Study, StudyPoint, StudyResult


def planned_study(
    designs: Sequence[str],
    profiles: Sequence[str],
    overrides: Sequence[str],
    years: int,
    horizon: str,
    seed: int,
    engine: str = "fast",
) -> Study:
    """The study that was asked for; raises SpecError or Problem for what cannot be run."""
    from experiments.catalogue import load_design, load_profile, split_overrides
    from experiments.study import Study, StudyPoint

    horizon_ns, chosen = read_horizon(horizon), read_engine(engine)
    for_design, for_profile = split_overrides(list(overrides))
    loaded = [load_design(word, for_design) for word in designs]
    under = [load_profile(word, for_profile) for word in profiles]
    for kind, names in (
        ("designs", [name for name, _ in loaded]),
        ("profiles", [name for name, _ in under]),
    ):
        for name in names:
            if names.count(name) > 1:
                raise Problem(f"two {kind} are called '{name}'; results could not tell them apart")
    points = tuple(StudyPoint(*design, *profile) for profile in under for design in loaded)
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
    operator, people = point.design.operator, point.profile.people
    if operator is not None and operator.promote_by_hand and people is None:
        typer.echo(
            f"sengu: note: {point.profile_name} has no people: nobody promotes a stand-by of "
            f"{', '.join(operator.promote_by_hand)} in {point.design_name}",
            err=True,
        )
    for cause, names in killed_for_good(point.design, point.profile, world.processes).items():
        typer.echo(
            f"sengu: note: in {point.design_name}, {cause} kills {', '.join(names)} for good: "
            "no restart is set",
            err=True,
        )


def carried_out(
    study: Study,
    workers: int,
    out: Path | None,
    *,
    chunk_runs: int | None = None,
    force: bool = False,
    silent: bool = False,
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


def complain_of_failures(study: Study, result: StudyResult, out: Path | None) -> None:
    """Say how many runs failed and what the first of them said, and exit with 1; else nothing."""
    if not result.failed:
        return
    failed = result.tables.runs[result.tables.runs["status"] == "failed"].iloc[0]
    where = f"{failed['design']}/{failed['profile']}/{failed['replication']}"
    reason = str(failed["error"]).strip().splitlines()[-1]
    more = f"; tracebacks: the column error of {out / 'runs.parquet'}" if out is not None else ""
    typer.echo(
        f"sengu: {result.failed} of {study.runs} runs failed; the first, {where}: {reason}{more}",
        err=True,
    )
    raise typer.Exit(1)
