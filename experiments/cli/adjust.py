"""``sengu adjust``: the means of a finished study with the luck of the draw taken out."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.incidents import Directory


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="adjust")(adjust)


def adjust(
    directory: Directory,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a mean an object.")] = False,
) -> None:
    """Sharpen the means of a study that `sengu run`, `compare` or `sweep` wrote.

    A year in which more faults came than their laws let expect, or lasted longer, or in which
    people were slow, is a bad year by its draws and not by its design. What was drawn is known, and
    so is its mean: the difference is taken out of each year. The mean of a long study stays; the
    intervals become shorter where the draws tell of a metric: split brain of deck-redis by a factor
    of thirty, downtime hardly. Percentiles and the worst years are what they are.

    Example: `sengu compare deck-redis deck-redis-never-moved --profile cloud-2015 --out results`,
    then `sengu adjust results`
    """
    from rich.console import Console

    from experiments.adjustment.means import adjusted_means
    from experiments.adjustment.render import caption, render_adjusted, rows_of
    from experiments.study import StudyRefused
    from experiments.study.directory import require_complete

    try:
        require_complete(directory)
        found = adjusted_means(directory)
    except StudyRefused as error:
        raise Problem(str(error)) from None
    if as_json:
        typer.echo(json.dumps(rows_of(found), indent=2))
        return
    if not found:
        typer.echo("nothing happened in this study: there is no mean to adjust")
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=100)
    for _, of_table in groupby(found, key=lambda one: (one.profile, one.design, one.against)):
        console.print(render_adjusted(list(of_table)))
    console.print(caption(), highlight=False)
