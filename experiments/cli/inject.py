"""``sengu inject``: faults at stated times, and what follows, event by event or trial by trial."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.files import PICTURES, not_written, require_writable
from experiments.cli.options import Design
from experiments.cli.repeated import refuse_repeated_paths
from experiments.cli.studies import noted_once

if TYPE_CHECKING:
    from experiments.inject.trial import Trial, TrialOrder

_FAULT = (
    "What goes wrong, and when: kill PROCESS, restart, down, hang, slow, disk-stall, starve, "
    "isolate, cut, loss, delay, detour, resolv-conf, latent, logins. Give it several times for "
    "several faults."
)
_SET = "Change one value of the design, such as sentinel.foo.quorum=3; also several times."


_FAULTS = Annotated[
    list[str], typer.Option("--fault", metavar="'VERB TARGET at TIME'", help=_FAULT)
]
_UNTIL = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="Where to end; 5min after the last fault."),
]
_REPEAT = Annotated[
    int, typer.Option("--repeat", min=1, max=1_000_000, help="Trials, each with own phases.")
]
_SEED = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same numbers.")]
_SETS = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=_SET)]
_CSV = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write a row a trial there.")
]
_TIMELINE = Annotated[
    Path | None,
    typer.Option("--timeline", metavar="FILE", help="Draw the first trial: .png or .svg."),
]
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON, a trial an object.")]


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="inject")(inject)


def inject(
    design: Design,
    faults: _FAULTS,
    until: _UNTIL = None,
    repeat: _REPEAT = 1,
    seed: _SEED = 0,
    overrides: _SETS = None,
    csv_file: _CSV = None,
    timeline: _TIMELINE = None,
    as_json: _JSON = False,
) -> None:
    """Let faults strike a design at rest, and see second by second what it makes of them.

    Nothing else goes wrong. One trial prints the trace, a line an event, and a summary; a fault
    from which nothing follows, and a kill for good, are remarked on. With
    `--repeat` the same faults strike at other moments of every timer's cycle, and the milestones
    of the failover (first +sdown, +odown, ... in s since the first fault) become a table.

    * A crash of the master: `sengu inject deck-redis --fault "kill redis@a01 at 60s"`

    * How long until the new master is writable, over 500 trials: `sengu inject sentinel-3-hosts
    --fault "kill redis@a at 60s" --repeat 500 --csv trials.csv`

    * The link between two sites, as a picture: `sengu inject deck-redis --fault "cut east-west at
    60s for 45s" --timeline cut.png`

    * Two faults, another timer: `sengu inject sentinel-2-hosts --fault "down b at 60s" --fault
    "kill redis@a at 80s" --until 5min --set sentinel.foo.down-after-milliseconds=30s`
    """
    from experiments.inject.milestones import milestones
    from experiments.inject.remarks import remarks_on
    from experiments.inject.trial import run_trial

    orders = _orders(design, faults, until, repeat, seed, overrides or [])
    if csv_file is not None:
        require_writable("--csv", csv_file)
    if timeline is not None:
        require_writable("--timeline", timeline, PICTURES)
        _draw(orders[0], timeline)
    if repeat == 1:
        trial = run_trial(orders[0])
        _write(csv_file, [milestones(trial)])
        _print_trial(trial, as_json)
        note = noted_once()
        for remark in remarks_on(trial):
            note(remark)
        return
    rows = [milestones(run_trial(order)) for order in orders]
    _write(csv_file, rows)
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    from rich.console import Console

    from experiments.inject.tables import spread_table

    title = f"{repeat} trials of {design}, s since the first fault (writes and counts as they are)"
    console = Console()
    table = spread_table(rows, title)
    console.print(table, width=None if console.is_terminal else 100)


def _orders(
    word: str, faults: list[str], until: str | None, repeat: int, seed: int, overrides: list[str]
) -> list[TrialOrder]:
    """Return the trials that were asked for; raises SpecError or Problem for what cannot be run."""
    from experiments.catalogue import load_design
    from experiments.fault_script import LONGEST_NS
    from experiments.inject.trial import TrialOrder, parse_script
    from sim.clock import NS_PER_S, format_duration, parse_duration

    refuse_repeated_paths("--set", overrides)
    _, spec = load_design(word, overrides)
    try:
        script = parse_script(spec, tuple(faults))
    except ValueError as error:
        raise Problem(str(error)) from None
    last_ns = max(fault.at_ns + (fault.lasts_ns or 0) for fault in script)
    until_ns = last_ns + 300 * NS_PER_S
    if until is not None:
        try:
            until_ns = parse_duration(until[:60])
        except ValueError as error:
            raise Problem(f"--until: {error}") from None
        if until_ns > LONGEST_NS:
            raise Problem(f"--until: at most {format_duration(LONGEST_NS)}")
        start_ns = max(fault.at_ns for fault in script)
        if until_ns <= start_ns:
            raise Problem(f"--until: there is a fault at {format_duration(start_ns)}, after that")
    return [TrialOrder(spec, script, until_ns, seed, trial) for trial in range(repeat)]


def _draw(order: TrialOrder, path: Path) -> None:
    from experiments.timeline.draw import draw_trial

    try:
        draw_trial(order, path)
    except OSError as error:
        raise not_written("--timeline", path, error) from None


def _write(path: Path | None, rows: list[dict[str, float | int | str]]) -> None:
    from experiments.inject.tables import write_csv

    if path is not None:
        try:
            write_csv(rows, path)
        except OSError as error:
            raise not_written("--csv", path, error) from None


def _print_trial(trial: Trial, as_json: bool) -> None:
    from experiments.inject.milestones import milestones

    shown = [record for record in trial.world.trace.records if record.time_ns >= trial.start_ns]
    seconds = trial.class_seconds()
    lost = trial.recorder.writes_lost
    if as_json:
        events = [
            {
                "time_s": trial.since_start_s(record.time_ns),
                "entity": record.entity,
                "event": record.event,
                **{name: _plain(value) for name, value in record.fields},
            }
            for record in shown
        ]
        summary = {"seconds": seconds, "writes_lost": lost, "milestones": milestones(trial)}
        typer.echo(json.dumps({"events": events, **summary}, indent=2))
        return
    typer.echo(f"{'time_s':>14}  {'entity':<24} event")
    for record in shown:
        typer.echo(str(record._replace(time_ns=record.time_ns - trial.start_ns)))
    classes = ", ".join(f"{name} {held_s:.1f} s" for name, held_s in seconds.items())
    typer.echo(f"{classes}; {lost:.0f} acknowledged writes lost")


def _plain(value: object) -> object:
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)
