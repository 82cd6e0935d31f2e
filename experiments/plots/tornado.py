"""Which assumption would change the result: one value at a time, from its low to its high end."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import broken, foot, head, rounded
from experiments.plots.heat import LABELS
from experiments.plots.style import BLUE, ORANGE, SMALL_POINTS, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BARS: Final = 12
BAR: Final = 0.62
COLUMNS: Final = ("parameter", "low", "high", "at_low", "at_high", "base", "metric")
"""Text: what is varied and its two values; then the metric at these, and with neither changed."""


def plot_tornado(sensitivity: pd.DataFrame, ax: Axes, *, sample: str = "") -> Axes:
    """Draws a bar a parameter from the metric at its low value to that at its high one.

    The widest is on top; beyond the twelfth they are left out, and counted. Where the table has
    at_low_low, at_low_high, at_high_low and at_high_high, thin lines are these 95 % intervals.

    Args:
        sensitivity: the columns of `COLUMNS`; metric is one name for all rows.
        ax: where to draw; returned.
        sample: what was simulated, in words, for under the title.

    Raises:
        NotDrawable: without rows, or for a missing column.
    """
    lacking = [column for column in COLUMNS if column not in sensitivity.columns]
    if lacking:
        raise NotDrawable(f"the table of sensitivities lacks {', '.join(lacking)}")
    if sensitivity.empty:
        raise NotDrawable("no parameter was varied")
    table = by_width(sensitivity)
    shown = table.head(MOST_BARS)
    metric = str(table["metric"].iloc[0])
    label = LABELS.get(metric, metric)
    base = float(table["base"].iloc[0])
    with house_style():
        _limits(ax, shown, base)
        for row, one in enumerate(shown.to_dict("records")):
            for end, colour, hatch in (("low", BLUE, ""), ("high", ORANGE, "//")):
                _half(ax, row, base, one, end, colour, hatch)
        ax.axvline(base, color="black", linewidth=1.6, gid="base")
        ax.annotate(f"as designed: {rounded(base)}", (base, 1), xycoords=("data", "axes fraction"),
                    xytext=(0, 4), textcoords="offset points", ha="center", va="bottom",
                    fontsize=SMALL_POINTS)  # fmt: skip
        ax.set_yticks(range(len(shown)), [broken(str(name), 34) for name in shown["parameter"]])
        ax.set_ylim(len(shown) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(label)
        ax.xaxis.set_major_formatter(lambda value, _: rounded(value))
        ax.grid(True, axis="x")
        head(ax, tornado_title(table, label), sample, above_points=20)
        foot(ax, [_note(table)])
    return ax


def by_width(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """The rows, the one with the widest bar (its reach from the base included) first."""
    ends = sensitivity[["at_low", "at_high", "base"]].astype(float)
    width = ends.max(axis=1) - ends.min(axis=1)
    order = width.sort_values(ascending=False, kind="stable").index
    return sensitivity.loc[order].reset_index(drop=True)


def _limits(ax: Axes, shown: pd.DataFrame, base: float) -> None:
    names = [f"at_{end}{bound}" for end in ("low", "high") for bound in ("", "_low", "_high")]
    bounds = shown[[name for name in names if name in shown.columns]].to_numpy(dtype=float)
    low, high = min(base, float(np.nanmin(bounds))), max(base, float(np.nanmax(bounds)))
    room = 0.16 * (high - low or abs(base) or 1.0)
    ax.set_xlim(low - room, high + room)


def _half(
    ax: Axes,
    row: int,
    base: float,
    one: Mapping[Hashable, object],
    end: str,
    colour: str,
    hatch: str,
) -> None:
    """The part of a bar that one end of the parameter makes, with that end's value beside it."""
    value = float(str(one[f"at_{end}"]))
    other = float(str(one["at_high" if end == "low" else "at_low"]))
    # Where both ends lead the same way, each has half of the height.
    same_side = (value - base) * (other - base) > 0
    height = BAR / 2 if same_side else BAR
    middle = row + (0.0 if not same_side else -BAR / 4 if end == "low" else BAR / 4)
    ax.barh(middle, value - base, height, left=base, color=colour, hatch=hatch or None,
            edgecolor="black", linewidth=0.8, gid=f"{one['parameter']}/{end}")  # fmt: skip
    far = value
    left = value < base or (value == base and end == "low")
    bounds = [one.get(f"at_{end}_{bound}") for bound in ("low", "high")]
    if all(isinstance(bound, float) and bound == bound for bound in bounds):  # noqa: PLR0124
        ends = [float(str(bound)) for bound in bounds]
        middle += 0.0 if same_side else -0.14 if end == "low" else 0.14
        ax.plot(ends, [middle, middle], color="black", linewidth=1.2, marker="|", markersize=8,
                gid=f"{one['parameter']}/{end}/interval")  # fmt: skip
        far = min(ends) if left else max(ends)
    ax.annotate(str(one[end]), (far, middle), xytext=(-7 if left else 7, 0),
                textcoords="offset points", ha="right" if left else "left", va="center",
                fontsize=SMALL_POINTS)  # fmt: skip


def tornado_title(table: pd.DataFrame, label: str) -> str:
    """The parameter that matters most, and from what to what it leads."""
    one = table.iloc[0]
    low, high = sorted((float(one["at_low"]), float(one["at_high"])))
    return f"{one['parameter']} matters most:\n{label}: from {rounded(low)} to {rounded(high)}"


def _note(table: pd.DataFrame) -> str:
    more = len(table) - MOST_BARS
    left_out = f" {more} more parameters change it less." if more > 0 else ""
    lines = " Thin lines: 95 % intervals." if "at_low_low" in table.columns else ""
    return (
        "One value at a time, written at the end to which it leads; plain: its low value, hatched: "
        f"its high one.{lines} All in the same years.{left_out}"
    )
