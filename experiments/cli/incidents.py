"""``sengu incidents``: the worst incidents of a study."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Problem

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a study.")]
Identity = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The incident, as in sengu incidents; its beginning if that is enough."
    ),
]
_SORT = "downtime, split-brain, writes-lost, duration (the most first) or start (the earliest)."
_Names = list[str] | None


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="incidents")(incidents)


def incidents(
    directory: Directory,
    sort: Annotated[str, typer.Option("--sort", metavar="WORD", help=_SORT)] = "downtime",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1_000_000, help="How many at most.")
    ] = 10,
    designs: Annotated[
        _Names, typer.Option("--design", metavar="NAME", help="Only of this design; also several.")
    ] = None,
    profiles: Annotated[
        _Names, typer.Option("--profile", metavar="NAME", help="Only under this profile.")
    ] = None,
    causes: Annotated[
        _Names, typer.Option("--cause", metavar="NAME", help="Only those that this fault began.")
    ] = None,
    replication: Annotated[
        int | None, typer.Option("--replication", min=0, help="Only of this run.")
    ] = None,
    least: Annotated[
        str, typer.Option("--min-downtime", metavar="TIME", help="Only those down for so long.")
    ] = "0s",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an incident an object.")] = (
        False
    ),
) -> None:
    """List the worst incidents of a study that `sengu run`, `compare` or `sweep` wrote.

    The id is `design/profile/replication/incident`; `sengu replay` and `sengu shrink` take it.

    * The ten with the most downtime: `sengu incidents results`

    * What split the brain of one design: `sengu incidents results --design deck-redis --sort
    split-brain --limit 3`
    """
    from experiments.incidents.errors import IncidentError
    from experiments.incidents.listing import worst_incidents

    try:
        found = worst_incidents(
            *(directory, sort, limit),
            design=designs or (),
            profile=profiles or (),
            cause=causes or (),
            replication=replication,
            min_downtime_s=_seconds(least),
        )
    except IncidentError as error:
        raise Problem(str(error)) from None
    if as_json:
        typer.echo(json.dumps(json.loads(found.to_json(orient="records")), indent=2))
        return
    if found.empty:
        typer.echo("no incident of that kind")
        return
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 100).print(_table(found))


def _seconds(text: str) -> float:
    from sim.clock import parse_duration, to_seconds

    try:
        return to_seconds(parse_duration(text[:60]))
    except ValueError as error:
        raise Problem(f"--min-downtime: {error}") from None


def _table(found: pd.DataFrame) -> Table:
    from rich.table import Table
    from rich.text import Text

    from experiments.durations import lasting

    table = Table(box=None, pad_edge=False, header_style="bold")
    # An id is copied, so it has a line of its own; what began it stands below.
    table.add_column("id, and what began it", overflow="fold")
    for head in ("down", "split brain", "writes lost", "failovers, false"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in found.to_dict("records"):
        table.add_row(
            Text(f"{row['id']}\n  {row['cause']} {row['target']}".rstrip()),
            *(lasting(row[name]) if row[name] else "-" for name in ("downtime_s", "split_brain_s")),
            f"{row['writes_lost']:,.0f}" if row["writes_lost"] else "-",
            f"{row['failovers_true'] + row['failovers_false']}, {row['failovers_false']}",
        )
    return table
