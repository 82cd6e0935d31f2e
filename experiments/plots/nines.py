"""The headline table as a picture: how many nines each design has, and what that costs a year."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import QUIET, broken, foot, head, point_names, rounded, sample
from experiments.plots.style import FONT_POINTS, SMALL_POINTS, house_style
from experiments.plots.tables import wide
from experiments.results.render import share

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Row = Mapping[str, Any]


class _Column(NamedTuple):
    metric: str
    heading: str
    number: Callable[[float], str]
    right: float
    """Where its right edge is, as a share of the width."""


COLUMNS: Final = (
    _Column("availability", "availability\n(share of writes)", share, 0.375),
    _Column("nines", "nines", rounded, 0.485),
    _Column("downtime_minutes_per_year", "downtime,\nmin/year", rounded, 0.605),
    _Column("downtime_minutes_p95", "1 {period} in 20\nis above, min", rounded, 0.73),
    _Column("split_brain_s_per_year", "split brain,\ns/year", rounded, 0.85),
    _Column("writes_lost_per_year", "acked writes\nlost/year", rounded, 1.0),
)
ROW_INCHES: Final = 0.85
AROUND_INCHES: Final = 2.6
"""What a row needs, and heading and notes."""

NEVER_SEEN: Final = "None seen is not zero: the bound is on the mean, at 95 %."
TOO_FEW: Final = "Only n seen: too few to average; the interval of the mean holds all the same."


def nines_height(designs: int) -> float:
    """Inches that a figure of so many rows needs."""
    return AROUND_INCHES + ROW_INCHES * designs


def plot_nines(metrics: pd.DataFrame, ax: Axes, *, seed: int | None = None) -> Axes:
    """Writes a row a design: availability, nines, downtime, split brain, writes lost.

    Under each number stands its 95 % interval. What was never seen has an upper bound instead of a
    zero, and a mean of fewer than 30 events is left out for its bounds.

    Args:
        metrics: as `tables.metrics_table` makes it.
        ax: where to draw; returned. Its axes are switched off.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: if no run finished, or a metric is missing.
    """
    if metrics.empty:
        raise NotDrawable("no finished run to draw")
    points = wide(metrics, [column.metric for column in COLUMNS])
    firsts = metrics.drop_duplicates(["design", "profile"])
    period = "run" if "run" in set(firsts["period"]) else "year"
    height = 1 / (len(points) + 1)
    with house_style():
        ax.set_axis_off()
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        _headings(ax, height, period)
        for number, (name, point) in enumerate(zip(point_names(firsts), points, strict=True)):
            middle = 1 - height * (number + 1.5)
            ax.axhline(middle + height / 2, color="#D0D0D0", linewidth=0.8)
            ax.text(0, middle, broken(name, 24), va="center", weight="bold")
            for column in COLUMNS:
                _cell(ax, column, point[column.metric], middle)
        head(ax, nines_title(points), sample(list(firsts["runs"]), period, list(firsts["profile"]),
                                             seed))  # fmt: skip
        foot(ax, nines_notes(points), below_points=8)
    return ax


def _headings(ax: Axes, height: float, period: str) -> None:
    for column in COLUMNS:
        ax.text(column.right, 1 - height * 0.95, column.heading.format(period=period),
                ha="right", va="bottom", fontsize=SMALL_POINTS, color=QUIET)  # fmt: skip


def _cell(ax: Axes, column: _Column, row: Row, middle: float) -> None:
    number, bounds = cell_text(row, column.number)
    at: dict[str, Any] = {"ha": "right", "xycoords": "data", "textcoords": "offset points"}
    where = (column.right, middle)
    size = FONT_POINTS if "seen" in number else FONT_POINTS + 2
    ax.annotate(number, where, xytext=(0, 1), va="bottom", fontsize=size, **at)
    ax.annotate(bounds, where, xytext=(0, -4), va="top", fontsize=SMALL_POINTS, color=QUIET, **at)


def cell_text(row: Row, number: Callable[[float], str] = rounded) -> tuple[str, str]:
    """The two lines of a number: it, and its interval; or what is known where it must not stand."""
    low, high = (None if is_missing(row[side]) else number(row[side]) for side in ("low", "high"))
    if not is_missing(row["p_any_high"]):
        return "none seen", f"at most {high}" if high is not None else ""
    if high is None and low is None:
        bounds = "no interval"
    elif low is None:
        bounds = f"at most {high}"
    else:
        bounds = f"at least {low}" if high is None else f"{low} to {high}"
    if row["thin"]:
        return f"only {row['events']:.0f} seen", bounds
    return number(row["estimate"]), bounds


def is_missing(value: float | None) -> bool:
    """Whether a bound or a share is not there: None, NaN or infinite."""
    return value is None or not math.isfinite(value)


def nines_title(points: list[dict[str, Any]]) -> str:
    """The best design by downtime, if its interval is apart from all others; else a plain title."""
    names = [f"{p['design']}, {p['profile']}" for p in points]
    if len({point["profile"] for point in points}) == 1:
        names = [point["design"] for point in points]
    downtime = [point["downtime_minutes_per_year"] for point in points]
    if len(points) > 1 and not any(row["thin"] for row in downtime):
        best = min(range(len(points)), key=lambda index: downtime[index]["estimate"])
        others = [row["low"] for index, row in enumerate(downtime) if index != best]
        if all(downtime[best]["high"] < low for low in others):
            least = rounded(downtime[best]["estimate"])
            return f"{names[best]} is down least: {least} min a year"
    if len(points) == 1 and not downtime[0]["thin"]:
        return f"{names[0]} is down {rounded(downtime[0]['estimate'])} min a year"
    return "Availability and harm a year"


def nines_notes(points: list[dict[str, Any]]) -> list[str]:
    """What the second lines are, and what could not be said, as far as it occurs."""
    rows = [point[column.metric] for point in points for column in COLUMNS]
    notes = ["Second line: 95 % interval."]
    if any(not is_missing(row["p_any_high"]) for row in rows):
        notes.append(NEVER_SEEN)
    if any(row["thin"] and is_missing(row["p_any_high"]) for row in rows):
        notes.append(TOO_FEW)
    return [" ".join(notes)]
