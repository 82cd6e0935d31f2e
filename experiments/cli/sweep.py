"""``sengu sweep``: a design with some of its values varied."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import (
    PROFILE,
    AsJson,
    Design,
    Force,
    Horizon,
    Out,
    Overrides,
    Seed,
    Workers,
    Years,
    workers_or_all,
)
from experiments.cli.repeated import refuse_repeated_paths
from experiments.cli.studies import carried_out, complain_of_failures, planned_points

if TYPE_CHECKING:
    from experiments.study import Study

_VARY = (
    "A path as for --set, and the values that it takes: sentinel.foo.quorum=1,2,3. Given several "
    "times, every combination is run. A path that begins with 'profile.' varies the profile."
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="sweep")(sweep)


def sweep(
    design: Design,
    profile: Annotated[str, typer.Option("--profile", help=PROFILE)],
    vary: Annotated[list[str], typer.Option("--vary", metavar="PATH=V1,V2,...", help=_VARY)],
    years: Years = 100,
    horizon: Horizon = "1y",
    seed: Seed = 0,
    workers: Workers = 0,
    overrides: Overrides = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Run a design with some values varied, every combination in the same years.

    In the tables the points are told apart by the column design: `down-after-milliseconds=5s`.

    Example: `sengu sweep deck-redis --profile cloud-2015 --vary
    sentinel.foo.down-after-milliseconds=1s,5s,30s,60s`
    """
    from rich.console import Console

    from experiments.results import to_json
    from experiments.sweep import render_sweep

    study = _planned(design, profile, vary, overrides or [], (years, horizon, seed))
    result = carried_out(study, workers_or_all(workers), out, force=force, silent=as_json)
    complain_of_failures(study, result, out)
    summaries = result.summaries()
    if as_json:
        typer.echo(json.dumps(to_json(summaries), indent=2))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=100)
    title = f"{design} under {study.points[0].profile_name}, {years} runs a point"
    console.print(render_sweep(summaries, title))


def _planned(
    design: str,
    profile: str,
    vary: Sequence[str],
    overrides: Sequence[str],
    size: tuple[int, str, int],
) -> Study:
    """A study with a point for each combination; raises SpecError or Problem."""
    from experiments.sweep import combinations, label, read_variation

    refuse_repeated_paths("--vary", vary)
    paths = [text.partition("=")[0].strip() for text in vary]
    for path in (text.partition("=")[0].strip() for text in overrides):
        if path in paths:
            raise Problem(f"--set {path[:200]}: --vary gives it all its values; leave one out")
    try:
        chosen = combinations([read_variation(text) for text in vary])
    except ValueError as error:
        raise Problem(f"--vary {error}") from None
    points = [(label(one), list(one)) for one in chosen]
    return planned_points(design, profile, points, overrides, size)
