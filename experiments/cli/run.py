"""``sengu run``: many simulated years of designs under a profile, and what they say."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.estimators import Estimator, read_estimator, refuse_unread
from experiments.cli.incident_mode import INCIDENTS, Incidents, run_incident_mode
from experiments.cli.options import (
    PROFILE,
    AsJson,
    ChunkRuns,
    Dask,
    Designs,
    EngineAsked,
    Force,
    Horizon,
    MaxTime,
    MaxYears,
    Metrics,
    OnErrorAsked,
    Out,
    Overrides,
    PrecisionAsked,
    Seed,
    Workers,
    Years,
    read_ending,
    workers_or_all,
)
from experiments.cli.splitting import SPLITS, SplitsAsked, run_splitting
from experiments.cli.studies import (
    carried_out,
    planned_study,
    read_on_error,
    report,
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="run")(run)


def run(
    context: typer.Context,
    designs: Designs,
    profile: Annotated[str, typer.Option("--profile", help=PROFILE)],
    years: Years = 100,
    horizon: Horizon = "1y",
    seed: Seed = 0,
    workers: Workers = 0,
    dask: Dask = None,
    precision: PrecisionAsked = None,
    metrics: Metrics = None,
    max_years: MaxYears = None,
    max_time: MaxTime = None,
    estimator: Estimator = "years",
    incidents: Incidents = INCIDENTS,
    splits: SplitsAsked = SPLITS,
    engine: EngineAsked = "fast",
    overrides: Overrides = None,
    out: Out = None,
    force: Force = False,
    on_error: OnErrorAsked = "record",
    as_json: AsJson = False,
    chunk_runs: ChunkRuns = None,
) -> None:
    """Run designs under a profile for many years and say how well they served.

    All designs meet the same bad luck: a host that two share fails at the same times in both.
    Neither `--workers` nor the machine changes a number. The exit code is 1 if a run failed.
    With `--out`, what has finished is kept whatever happens, and `sengu resume` goes on from it.

    With `--precision 5%` it runs as many years as it takes to know the mean downtime (or each
    `--metric`) of every design to 5 %, and ends with exit code 1 if that was not to be had.

    With `--estimator incident` it simulates single incidents, and makes those come often that
    decide a rare `--metric` (docs/studies.md); also failovers-true, -false, -missed and pages.
    With `--estimator splitting` it splits years in which several faults stand at once.

    Example: `sengu run deck-redis deck-full --profile cloud-2015 --years 200 --out results`
    """
    wanted, common = read_estimator(estimator), (metrics or [], seed, workers, overrides or [])
    if wanted == "incident":
        run_incident_mode(context, designs, profile, incidents, *common, as_json=as_json)
        return
    if wanted == "splitting":
        run_splitting(context, designs, profile, years, horizon, splits, *common, as_json=as_json)
        return
    refuse_unread(context, ["incidents", "splits"], "--estimator years")
    ending = read_ending(years, precision, metrics or [], max_years, max_time)
    words = (designs, [profile], overrides or [], ending.years, horizon, seed, engine)
    study = planned_study(*words, precision=ending.precision)
    result = carried_out(
        *(study, workers_or_all(workers), out),
        chunk_runs=chunk_runs,
        force=force,
        silent=as_json,
        on_error=read_on_error(on_error),
        dask=dask,
        max_time_s=ending.max_time_s,
    )
    report(study, result, out, as_json=as_json)
