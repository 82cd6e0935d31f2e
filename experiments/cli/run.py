"""``sengu run``: many simulated years of designs under a profile, and what they say."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.options import (
    PROFILE,
    AsJson,
    Force,
    Horizon,
    Out,
    Overrides,
    Seed,
    Workers,
    Years,
    processors,
)
from experiments.cli.studies import (
    ON_ERROR,
    carried_out,
    complain_of_failures,
    planned_study,
    print_summary,
    read_on_error,
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="run")(run)


def run(
    designs: Annotated[
        list[str], typer.Argument(metavar="DESIGN", help="Names as in sengu list, or files.")
    ],
    profile: Annotated[str, typer.Option("--profile", help=PROFILE)],
    years: Years = 100,
    horizon: Horizon = "1y",
    seed: Seed = 0,
    workers: Workers = 0,
    engine: Annotated[
        str,
        typer.Option("--engine", metavar="fast|naive|audit", help="fast, or two slow checks."),
    ] = "fast",
    overrides: Overrides = None,
    out: Out = None,
    force: Force = False,
    on_error: Annotated[
        str, typer.Option("--on-error", metavar="record|raise", help=ON_ERROR)
    ] = "record",
    as_json: AsJson = False,
    chunk_runs: Annotated[
        int | None, typer.Option("--chunk-runs", min=1, help="Runs in a chunk.", hidden=True)
    ] = None,
) -> None:
    """Run designs under a profile for many years and say how well they served.

    All designs meet the same bad luck: a host that two of them share fails at the same times in
    both. Neither `--workers` nor the machine changes a number. The exit code is 1 if a run failed.
    With `--out`, what has finished is kept whatever happens, and `sengu resume` goes on from it.

    Example: `sengu run deck-redis deck-redis-never-moved --profile cloud-2015 --years 200 --out
    results`
    """
    on_failure = read_on_error(on_error)
    study = planned_study(designs, [profile], overrides or [], years, horizon, seed, engine)
    result = carried_out(
        study,
        workers or processors(),
        out,
        chunk_runs=chunk_runs,
        force=force,
        silent=as_json,
        on_error=on_failure,
    )
    print_summary(result, {"seed": seed, "years": years}, as_json=as_json)
    complain_of_failures(study, result, out)
