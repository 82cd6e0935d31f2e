"""``sengu run``: many simulated years of designs under a profile, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.options import PROFILE, SET, processors
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
    force: Annotated[bool, typer.Option("--force", help="Write to DIR whatever it holds.")] = False,
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
