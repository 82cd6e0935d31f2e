"""What each design trades for what: downtime against split brain, with the hosts that it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from experiments.comparison.pareto import beats
from experiments.plots.errors import NotDrawable
from experiments.plots.heading import (
    NOTE_LETTERS,
    broken,
    foot,
    head,
    listed,
    log_ticks,
    point_names,
    sample,
    settle,
)
from experiments.plots.nines import is_missing
from experiments.plots.style import BLUE, GREY, SMALL_POINTS, VERMILLION, WHITE, house_style
from experiments.plots.tables import wide

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

DOWNTIME: Final = "downtime_minutes_per_year"
SPLIT_BRAIN: Final = "split_brain_s_per_year"
FAR: Final = 30.0
"""A bound so many times the greatest estimate, or more, is cut off; it would rule the axis."""

MARKERS: Final = "osD^vPX*"
MOST_NAMED: Final = 6
"""More designs than this are numbered."""
TITLE_NAMES: Final = 3


class Trade(NamedTuple):
    """A design: its cost in hosts, and (estimate, low, high) of both harms; low may be None.

    A harm that was never seen has estimate 0 and its upper bound. ``best``: no other design is at
    least as good in all three and better in one.
    """

    name: str
    hosts: int
    downtime: tuple[float, float | None, float | None]
    split_brain: tuple[float, float | None, float | None]
    best: bool = False


def plot_pareto(
    metrics: pd.DataFrame, hosts: Mapping[str, int], ax: Axes, *, seed: int | None = None
) -> Axes:
    """Draws each design as a point with error crosses; filled are those that nothing beats.

    A design is beaten if another has no more hosts, downtime and split brain, and less of one.
    That goes by the estimates: where crosses overlap, the order of two may be luck. What was never
    seen stands at the edge, with its upper bound as the arm of the cross.

    Args:
        metrics: as `tables.metrics_table` makes it.
        hosts: how many hosts each design has, by its name.
        ax: where to draw; returned.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: without a finished run, or if a design is not in ``hosts``.
    """
    if metrics.empty:
        raise NotDrawable("no finished run to draw")
    trades = trades_of(metrics, hosts)
    with house_style():
        ax.set_xscale("log")
        ax.set_yscale("log")
        limits = [_limits([getattr(trade, axis) for trade in trades]) for axis in AXES]
        ax.set_xlim(*limits[0])
        ax.set_ylim(*limits[1])
        for number, trade in enumerate(trades):
            _cross(
                ax,
                trade,
                MARKERS[number % len(MARKERS)] if len(trades) <= MOST_NAMED else ".",
                limits,
            )
        ax.set_xlabel("downtime, minutes a year")
        ax.set_ylabel("split brain, seconds a year")
        log_ticks(ax.xaxis)
        log_ticks(ax.yaxis)
        ax.grid(True)
        firsts = metrics.drop_duplicates(["design", "profile"])
        under = sample(list(firsts["runs"]), str(firsts["period"].iloc[0]),
                       list(firsts["profile"]), seed)  # fmt: skip
        head(ax, pareto_title(trades), under)
        foot(ax, _notes(trades, limits), letters=95 if len(trades) > MOST_NAMED else NOTE_LETTERS)
        _names(ax, trades, limits)
    return ax


AXES: Final = ("downtime", "split_brain")


def trades_of(metrics: pd.DataFrame, hosts: Mapping[str, int]) -> list[Trade]:
    """The designs with what they cost and lose, those that nothing beats marked."""
    points = wide(metrics, [DOWNTIME, SPLIT_BRAIN])
    unknown = sorted({point["design"] for point in points} - set(hosts))
    if unknown:
        raise NotDrawable(f"no number of hosts for {listed(unknown)}")
    names = point_names(metrics.drop_duplicates(["design", "profile"]))
    trades = []
    for name, point in zip(names, points, strict=True):
        harms = []
        for metric in (DOWNTIME, SPLIT_BRAIN):
            row = point[metric]
            low, high = (None if is_missing(row[side]) else row[side] for side in ("low", "high"))
            harms.append((float(row["estimate"]), low, high))
        trades.append(Trade(name, hosts[point["design"]], harms[0], harms[1]))
    return [
        trade._replace(best=not any(_beats(other, trade) for other in trades)) for trade in trades
    ]


def _beats(one: Trade, other: Trade) -> bool:
    ones, others = (
        (trade.hosts, trade.downtime[0], trade.split_brain[0]) for trade in (one, other)
    )
    return beats(ones, others)


def _limits(harms: Sequence[tuple[float, float | None, float | None]]) -> tuple[float, float]:
    """The ends of a logarithmic axis: a step left of all that was seen, for what was not."""
    seen = [harm[0] for harm in harms if harm[0] > 0]
    if not seen:
        return 0.01, 100.0
    lows = [low for estimate, low, _ in harms if estimate > 0 and low]
    highs = [min(high, FAR * max(seen)) for estimate, _, high in harms if high]
    least, most = min([*seen, *lows]), max([*seen, *highs])
    least = max(least, min(seen) / FAR)
    unseen = any(estimate == 0 for estimate, _, _ in harms)
    return least / (6 if unseen else 1.6), most * 2.2


def _cross(ax: Axes, trade: Trade, marker: str, limits: Sequence[tuple[float, float]]) -> None:
    colour = BLUE if trade.best else VERMILLION
    at = place(trade, limits)
    for number, axis in enumerate(AXES):
        estimate, low, high = getattr(trade, axis)
        ends = [low or limits[number][0], high or limits[number][1]]
        if estimate == 0:
            ends[0] = at[number]
        line = [tuple(end if n == number else at[n] for n in (0, 1)) for end in ends]
        ax.plot([x for x, _ in line], [y for _, y in line], color=colour, linewidth=1.6,
                linestyle="-" if trade.best else "--", alpha=0.8, zorder=2,
                gid=f"{trade.name}/{axis}")  # fmt: skip
    ax.plot(*at, marker, markersize=15, color=colour if trade.best else WHITE,
            markeredgecolor=colour, markeredgewidth=2.2, zorder=4, gid=trade.name)  # fmt: skip


def place(trade: Trade, limits: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where its marker stands: what was never seen, a little inside the edge."""
    x, y = (getattr(trade, axis)[0] or limits[number][0] * 1.35 for number, axis in enumerate(AXES))
    return x, y


def _names(ax: Axes, trades: Sequence[Trade], limits: Sequence[tuple[float, float]]) -> None:
    """Name each marker beside it, where nothing is; many by numbers, with a list on the right."""
    many = len(trades) > MOST_NAMED
    if many:
        _list(ax, trades)
    settle(ax)
    taken = [_around(ax, place(trade, limits)) for trade in trades]
    crosses = [line.get_window_extent() for line in ax.get_lines() if line.get_marker() == "None"]
    for trade in sorted(trades, key=lambda trade: place(trade, limits)):
        at = place(trade, limits)
        text = f"{trade.name}\n{trade.hosts} hosts"
        if many:
            text = str(trades.index(trade) + 1)
        tries = [(offset, [*taken, *crosses]) for offset in _OFFSETS]
        for offset, others in [*tries, *((offset, taken) for offset in _OFFSETS)]:
            label = ax.annotate(text, at, xytext=offset, textcoords="offset points",
                                ha="left" if offset[0] > 0 else "right", linespacing=1.15,
                                va="bottom" if offset[1] > 0 else "top", zorder=5,
                                fontsize=SMALL_POINTS + 1)  # fmt: skip
            box = label.get_window_extent()
            if _inside(box, ax) and not any(box.overlaps(one) for one in others):
                break
            label.remove()
        else:
            raise AssertionError(f"no room for the name of {trade.name}")
        if max(map(abs, offset)) > FAR_POINTS:
            line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.8}
            ax.annotate("", at, xytext=offset, textcoords="offset points", arrowprops=line)
        taken.append(box)


def _list(ax: Axes, trades: Sequence[Trade]) -> None:
    """Say on the right what the numbers mean."""
    lines = [
        f"{number} {broken(trade.name, 30)}, {trade.hosts} hosts"
        for number, trade in enumerate(trades, start=1)
    ]
    ax.annotate("\n".join(lines), (1, 1), xycoords="axes fraction", xytext=(12, 0),
                textcoords="offset points", va="top", fontsize=SMALL_POINTS, linespacing=1.35,
                annotation_clip=False)  # fmt: skip


_OFFSETS: Final = tuple(
    sorted(
        (
            (sign * side, up)
            for up in (8.0, -8.0, 40.0, -40.0, 75.0, -75.0, 110.0, -110.0, 145.0, -145.0)
            for side in (12.0, 40.0, 90.0)
            for sign in (1, -1)
        ),
        key=lambda offset: abs(offset[0]) + abs(offset[1]),
    )
)
FAR_POINTS: Final = 20.0
"""A name further from its marker has a line to it."""


def _inside(box: Bbox, ax: Axes) -> bool:
    area = ax.bbox
    return bool(area.x0 <= box.x0 and box.x1 <= area.x1 and area.y0 <= box.y0 and box.y1 <= area.y1)


def _around(ax: Axes, at: tuple[float, float]) -> Bbox:
    from matplotlib.transforms import Bbox

    x, y = ax.transData.transform(at)
    return Bbox([[x - 12, y - 12], [x + 12, y + 12]])


def pareto_title(trades: Sequence[Trade]) -> str:
    """Which designs nothing beats."""
    best = [trade.name for trade in trades if trade.best]
    if len(trades) == 1:
        return f"{best[0]}: downtime and split brain"
    if len(best) == len(trades):
        return "Each design is the best for somebody: none beats another in all"
    if len(best) > TITLE_NAMES:
        return f"{len(best)} of {len(trades)} are beaten by none in hosts, downtime and split brain"
    verb = "is" if len(best) == 1 else "are"
    return f"{listed(best)} {verb} beaten by none in hosts, downtime and split brain"


def _notes(trades: Sequence[Trade], limits: Sequence[tuple[float, float]]) -> list[str]:
    words = [
        "Crosses: 95 % intervals. Filled: no other is as good in all three and better in one, by "
        "the estimates; hollow: another is."
    ]
    harms = [[getattr(trade, axis) for trade in trades] for axis in AXES]
    unseen = [
        axis.replace("_", " ")
        for axis, of_axis in zip(AXES, harms, strict=True)
        if any(estimate == 0 for estimate, _, _ in of_axis)
    ]
    if unseen:
        words.append(
            f"At the edge: no {listed(unseen)} seen, which is not zero: the arm is its bound."
        )
    if any((high or 0) > end for of_axis, (_, end) in zip(harms, limits, strict=True)
           for _, _, high in of_axis):  # fmt: skip
        words.append("Arms that leave the picture go on.")
    return [" ".join(words)]
