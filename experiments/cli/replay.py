"""``sengu replay``: an incident of a study, second by second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Failure, Problem
from experiments.cli.files import PICTURES, not_written, require_writable
from experiments.cli.incidents import Directory, Identity

if TYPE_CHECKING:
    from experiments.incidents import Replay

MOST_LINES = 200
"""What is printed unless all is asked for: about what one reads; a long incident has thousands."""

_TIMELINE = "Draw it there: .png or .svg."
_POST_MORTEM = "Write the post-mortem there, as Markdown."
_TRACE = "Write the whole trace there."


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="replay")(replay)


def replay(
    directory: Directory,
    identity: Identity,
    timeline: Annotated[
        Path | None, typer.Option("--timeline", metavar="FILE", help=_TIMELINE)
    ] = None,
    post_mortem: Annotated[
        Path | None, typer.Option("--post-mortem", metavar="FILE", help=_POST_MORTEM)
    ] = None,
    trace: Annotated[Path | None, typer.Option("--trace", metavar="FILE", help=_TRACE)] = None,
    whole: Annotated[bool, typer.Option("--all", help="Print every line of the trace.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: incident and events.")] = (
        False
    ),
) -> None:
    """Run an incident of a study again and tell what happened, event by event.

    What comes out is checked against the study, column by column. Times count from the first fault.

    * The trace: `sengu replay results deck-redis/cloud-2015/6/128`

    * To be passed on: `sengu replay results deck-redis/cloud-2015/6/128 --post-mortem incident.md
    --timeline incident.png`
    """
    from experiments.incidents import IncidentError, NotReproduced
    from experiments.incidents import replay as run_again

    for option, path, endings in (
        ("--timeline", timeline, PICTURES),
        ("--post-mortem", post_mortem, ()),
        ("--trace", trace, ()),
    ):
        if path is not None:
            require_writable(option, path, endings)
    try:
        found = run_again(directory, identity)
    except IncidentError as error:
        raise Problem(str(error)) from None
    except NotReproduced as error:
        raise Failure(str(error)) from None
    if timeline is not None:
        _draw(found, timeline)
    if post_mortem is not None:
        _write("--post-mortem", post_mortem, found.post_mortem())
    if trace is not None:
        _write("--trace", trace, found.trace() + "\n")
    _print(found, whole=whole, as_json=as_json)


def _print(found: Replay, *, whole: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_document(found), indent=2))
        return
    lines = found.trace().splitlines()
    left = 0 if whole else max(0, len(lines) - 1 - MOST_LINES)
    typer.echo("\n".join(lines[: len(lines) - left]))
    if left:
        typer.echo(f"... {left} more lines; --all prints them, --trace FILE keeps them")


def _document(found: Replay) -> dict[str, object]:
    events = [
        {
            "time_s": (record.time_ns - found.start_ns) / 1e9,
            "entity": record.entity,
            "event": record.event,
            **{name: _plain(value) for name, value in record.fields},
        }
        for record in found.records
    ]
    return {"incident": found.incident, "stages": found.stages, "events": events}


def _plain(value: object) -> object:
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)


def _draw(found: Replay, path: Path) -> None:
    from experiments.plots.incident import incident_figure
    from experiments.plots.style import save

    try:
        save(incident_figure(found.incident, found.timeline), path)
    except OSError as error:
        raise not_written("--timeline", path, error) from None


def _write(option: str, path: Path, text: str) -> None:
    from experiments.results.whole import written_whole

    try:
        with written_whole(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise not_written(option, path, error) from None
