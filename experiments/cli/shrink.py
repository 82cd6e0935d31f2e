"""``sengu shrink``: the fewest faults that still cause an incident."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Failure, Problem
from experiments.cli.incidents import Directory, Identity

if TYPE_CHECKING:
    from experiments.incidents import Shrunk

_KEEP = "The harm that is to stay: downtime, split-brain or writes-lost; the first that it has."
_LEAST = "How much of it has to stay."


_OF = {"downtime": "down", "split-brain": "of split brain", "writes-lost": "lost"}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="shrink")(shrink)


def shrink(
    directory: Directory,
    identity: Identity,
    keep: Annotated[str | None, typer.Option("--keep", metavar="HARM", help=_KEEP)] = None,
    least: Annotated[str, typer.Option("--least", metavar="50%", help=_LEAST)] = "50%",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find the fewest faults of a run that still cause one of its incidents.

    The run is given its faults back, fewer and fewer of them, each at its own moment. What is left
    is needed: without any one of them, less than `--least` of the harm remains.

    * Which faults brought the worst outage: `sengu shrink results deck-redis/cloud-2015/6/128`

    * Which split the brain: `sengu shrink results deck-redis/cloud-2015/6/128 --keep split-brain`
    """
    from experiments.incidents import IncidentError, NotReproduced
    from experiments.incidents import shrink as find_fewest

    try:
        found = find_fewest(directory, identity, keep=keep, least_share=_share(least))
    except IncidentError as error:
        raise Problem(str(error)) from None
    except NotReproduced as error:
        raise Failure(str(error)) from None
    if as_json:
        typer.echo(json.dumps(_document(found), indent=2))
        return
    _print(found)


def _share(text: str) -> float:
    words = text.strip()[:60]
    try:
        return float(words[:-1]) / 100.0 if words.endswith("%") else float(words)
    except ValueError:
        raise Problem(f"--least: expected a share such as 50%, got '{words}'") from None


def _print(found: Shrunk) -> None:
    from experiments.durations import clock, lasting
    from experiments.incidents.shrinking import HARMS
    from experiments.statistics import short_number
    from sim.clock import to_seconds

    whole = found.incident[HARMS[found.keep]]
    much = f"{short_number(whole)} writes" if found.keep == "writes-lost" else lasting(whole)
    count = len(found.faults)
    cause = "1 fault still causes" if count == 1 else f"{count} faults still cause"
    typer.echo(
        f"{found.incident['id']}: of {found.considered} faults, {cause} "
        f"{100 * found.kept_share:.0f} % of its {much} {_OF[found.keep]} ({found.runs} runs)"
    )
    for one in found.faults:
        began = clock(to_seconds(one.start_ns - found.start_ns))
        lasts = "" if not one.lasts_ns else f" for {lasting(to_seconds(one.lasts_ns))}"
        typer.echo(f"  {began:>14}  {one.kind} {one.target}{lasts}  ({one.cause})")


def _document(found: Shrunk) -> dict[str, object]:
    from sim.clock import to_seconds

    return {
        "id": found.incident["id"],
        "keep": found.keep,
        "least_share": found.least_share,
        "kept_share": found.kept_share,
        "considered": found.considered,
        "runs": found.runs,
        "faults": [
            {
                "cause": one.cause,
                "kind": one.kind,
                "target": one.target,
                "start_s": to_seconds(one.start_ns),
                "lasts_s": None if one.lasts_ns is None else to_seconds(one.lasts_ns),
            }
            for one in found.faults
        ],
    }
