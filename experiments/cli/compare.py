"""``sengu compare``: designs against each other, in the same years."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from experiments.cli.errors import Problem
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
    workers_or_all,
)
from experiments.cli.studies import carried_out, complain_of_failures, planned_study


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="compare")(compare)


def compare(
    designs: Annotated[
        list[str], typer.Argument(metavar="DESIGN DESIGN...", help="Two or more, as for run.")
    ],
    profiles: Annotated[
        list[str], typer.Option("--profile", metavar="PROFILE", help=f"{PROFILE} Also several.")
    ],
    years: Years = 100,
    horizon: Horizon = "1y",
    seed: Seed = 0,
    workers: Workers = 0,
    overrides: Overrides = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Rank designs by what they lose, with the differences taken in the same years.

    A host that two designs share fails at the same times in both, so a difference is that of the
    designs and not of their luck. With several profiles it says whether the ranking turns over.

    Example: `sengu compare deck-full deck-full-manual --profile clean-lab --profile cloud-2015`
    """
    from rich.console import Console

    from experiments.comparison.paired import NEEDED, rankings
    from experiments.comparison.pareto import unbeaten
    from experiments.comparison.render import flips_in_words, rankings_to_json, render_rankings
    from experiments.study import identity_of

    if len(designs) < 2:
        raise Problem("a comparison needs two designs; sengu run is for one")
    study = planned_study(designs, profiles, overrides or [], years, horizon, seed)
    result = carried_out(study, workers_or_all(workers), out, force=force, silent=as_json)
    complain_of_failures(study, result, out)
    found = rankings(result.only("runs", NEEDED), result.summaries())
    hosts = {point.design_name: len(point.design.hosts) for point in study.points}
    if as_json:
        whole = {**identity_of(result), **rankings_to_json(found, hosts)}
        typer.echo(json.dumps(whole, indent=2))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=100)
    for profile in dict.fromkeys(point.profile_name for point in study.points):
        console.print(render_rankings(found, profile))
        best = ", ".join(unbeaten(found, profile, hosts))
        console.print(f"Beaten by none in downtime, split brain, writes lost and hosts: {best}")
    words = flips_in_words(found)
    if words:
        console.print(words)
