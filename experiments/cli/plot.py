"""``sengu plot``: a figure of a study, as PNG or SVG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.files import PICTURES, not_written, require_writable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KIND = "Which figure, of those above."
_OUT = (
    "Where to write it, .png or .svg; give it twice for both. By default KIND.png in the current "
    "directory. What is there is replaced."
)
_METRIC = (
    "Of what: downtime, split-brain or writes-lost; heat also knows worst-year, false-failovers, "
    "missed-failovers and pages, convergence availability and recovery-debt."
)
_HELP = """Draw a figure from the tables of a study that `sengu run`, `compare` or `sweep` wrote.

KIND is one of:

* `nines`: availability, nines, downtime and harm, a row a design

* `ccdf`: how bad a year can get: share of years above a downtime

* `waterfall`: where the minutes go, by stage or by cause

* `timeline`: one incident, second by second; the worst, or ID

* `tornado`: which value matters most, of a sensitivity study

* `heat`: a metric over the two values of a sweep

* `pareto`: downtime against split brain, with the hosts that it takes

* `paired`: two designs in the same years: the differences

* `convergence`: the mean and its interval as years are added

* `names`: how long names were empty, wrong, double; with ID, when

* `load`: how requests fall on the instances of an application

Example: `sengu plot ccdf results --out downtime.png --out downtime.svg`
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="plot", help=_HELP)(plot)


def plot(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=_KIND)],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a study.")],
    incident: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="An incident, for timeline and names."),
    ] = None,
    out: Annotated[list[Path] | None, typer.Option("--out", metavar="FILE", help=_OUT)] = None,
    designs: Annotated[
        list[str] | None,
        typer.Option("--design", metavar="NAME", help="Only this design; also several, in order."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Only this profile.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="stage|cause", help="How a waterfall cuts the downtime."),
    ] = None,
    metric: Annotated[str | None, typer.Option("--metric", metavar="NAME", help=_METRIC)] = None,
) -> None:
    """Draw a figure of a finished study, to each file of ``out``."""
    from experiments.plots.errors import NotDrawable
    from experiments.plots.kinds import KINDS, figure_of
    from experiments.plots.stored import Choice

    _require_kind(kind, list(KINDS))
    _require_use(kind, "ID", incident, ("timeline", "names"))
    _require_use(kind, "--by", by, ("waterfall",))
    _require_use(kind, "--metric", metric, ("heat", "paired", "convergence"))
    paths = out or [Path(f"{kind}.png")]
    for path in paths:
        require_writable("--out", path, PICTURES)
    choice = Choice(tuple(designs or ()), profile, by, metric, incident)
    try:
        figure = figure_of(kind, directory, choice)
    except NotDrawable as error:
        raise Problem(f"{kind}: {error}") from None
    for path in paths:
        _write(figure, path)


def _require_kind(kind: str, known: list[str]) -> None:
    import difflib

    if kind not in known:
        near = difflib.get_close_matches(kind[:60], known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
        raise Problem(f"there is no figure '{kind[:60]}'{hint}")


def _require_use(kind: str, option: str, value: str | None, kinds: tuple[str, ...]) -> None:
    """Refuse an option that the figure would not read."""
    if value is not None and kind not in kinds:
        raise Problem(f"{option} is for {' and '.join(kinds)}; {kind} has no use for it")


def _write(figure: Figure, path: Path) -> None:
    from experiments.plots.style import save

    try:
        save(figure, path)
    except OSError as error:
        raise not_written("--out", path, error) from None
    typer.echo(f"wrote {path}")
