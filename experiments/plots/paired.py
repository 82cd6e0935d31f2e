"""Two designs in the same years: what the one has more of than the other, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import foot, head, rounded, sample
from experiments.plots.style import BLUE, GREY, VERMILLION, house_style
from experiments.statistics import Interval, mean

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

MEASURES: Final = {
    "downtime_s": ("downtime", "min", 60.0),
    "split_brain_s": ("split brain", "s", 1.0),
    "writes_lost": ("acked writes lost", "writes", 1.0),
}
"""Columns of `results.RUNS`: in words, the unit of the axis, and how many of its own that is."""

BINS_PER_DECADE: Final = 4
MOST_DECADES: Final = 5
"""Differences smaller than this many decades below the greatest are drawn as equal."""


class Differences(NamedTuple):
    """``values``: first less second in each common year; ``mean`` of them with its interval."""

    values: Floats
    mean: Interval


def plot_paired(
    runs: pd.DataFrame,
    ax: Axes,
    *,
    first: str,
    second: str,
    metric: str = "downtime_s",
    seed: int | None = None,
) -> Axes:
    """Draws how much more of a metric ``first`` has than ``second`` in the same year.

    Replication k of both meets the same faults, so a difference is that of the designs. The scale
    is logarithmic to both sides, with the years without any difference in between. The line is the
    mean difference and the band its 95 % interval.

    Args:
        runs: rows of `results.RUNS` under one profile; needs design, profile, replication, status,
            horizon_s and the metric.
        ax: where to draw; returned.
        first: name of a design.
        second: name of the other.
        metric: a key of `MEASURES`.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: if there is no year that both have finished, or more than one profile.
    """
    found = differences(runs, first, second, metric)
    word, unit, _ = MEASURES[metric]
    with house_style():
        edges = bin_edges(found.values)
        counts, _ = np.histogram(found.values, edges)
        _bars(ax, edges, counts)
        _scale(ax, edges)
        _mean(ax, found.mean, unit)
        ax.set_xlabel(f"{word} of {first} less that of {second} in the same year, {unit} a year")
        ax.set_ylabel("years")
        ax.locator_params(axis="y", integer=True)
        ax.set_ylim(0, max(counts) * 1.3)
        head(ax, paired_title(found, first, second, metric),
             "Pairs of " + sample([found.values.size], "year", list(runs["profile"]), seed)
             )  # fmt: skip
        foot(ax, [paired_note(found.values, first, second)])
    return ax


def differences(runs: pd.DataFrame, first: str, second: str, metric: str) -> Differences:
    """First less second, a year, in the years that both finished."""
    from experiments.results.summary import YEAR_S

    chosen = runs[runs["design"].isin([first, second]) & (runs["status"] == "ok")]
    if chosen["profile"].nunique() > 1:
        raise NotDrawable("pairs are of one profile; choose one of several")
    per_year = chosen[metric] * YEAR_S / chosen["horizon_s"] / MEASURES[metric][2]
    table = chosen.assign(value=per_year).pivot(index="replication", columns="design",
                                                values="value").dropna()  # fmt: skip
    if not {first, second} <= set(table.columns) or table.empty:
        raise NotDrawable(f"no year that both {first} and {second} have finished")
    values = (table[first] - table[second]).to_numpy(dtype=np.float64)
    # Sums of float seconds differ by dust where nothing does.
    values = np.where(np.abs(values) < 1e-6, 0.0, values)
    return Differences(values, mean(values))


def bin_edges(values: Floats) -> Floats:
    """Edges of the bins: logarithmic to both sides of one bin for (nearly) no difference."""
    sizes = np.abs(values[values != 0])
    if not sizes.size:
        return np.array([-0.5, 0.5])
    top = int(np.ceil(np.log10(sizes.max()) * BINS_PER_DECADE + 1e-9))
    bottom = int(np.floor(np.log10(sizes.min()) * BINS_PER_DECADE))
    bottom = max(bottom, top - MOST_DECADES * BINS_PER_DECADE)
    side = 10.0 ** (np.arange(bottom, top + 1) / BINS_PER_DECADE)
    return np.concatenate([-side[::-1], side])


def _bars(ax: Axes, edges: Floats, counts: NDArray[Any]) -> None:
    for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True):
        if count:
            colour, hatch = (
                (GREY, "") if left < 0 < right else ((VERMILLION, "//") if left > 0 else (BLUE, ""))
            )
            ax.bar(left, count, right - left, align="edge", color=colour, edgecolor="white",
                   linewidth=1.0, hatch=hatch, gid=f"{left:.6g}")  # fmt: skip


def _scale(ax: Axes, edges: Floats) -> None:
    """A scale of equal decades to both sides, with powers of ten written out."""
    from matplotlib.ticker import FixedLocator

    small, large = float(edges[edges > 0].min()), float(edges.max())
    ax.set_xscale("symlog", linthresh=small, linscale=0.4)
    ax.set_xlim(-large, large)
    powers = [10.0**k for k in range(-9, 10) if small * 0.999 <= 10.0**k <= large * 1.001]
    step = 2 if len(powers) > 5 else 1
    powers = powers[::-1][::step][::-1]
    ax.xaxis.set_major_locator(FixedLocator([*(-p for p in powers[::-1]), 0.0, *powers]))
    ax.xaxis.set_minor_locator(FixedLocator([]))
    ax.xaxis.set_major_formatter(
        lambda value, _: f"{'+' if value > 0 else '−' if value < 0 else ''}{rounded(abs(value))}"
    )
    ax.axvline(0, color="black", linewidth=1.0, zorder=0)
    ax.grid(True, axis="y")


def _mean(ax: Axes, value: Interval, unit: str) -> None:
    if value.low is not None and value.high is not None:
        ax.axvspan(value.low, value.high, color="black", alpha=0.13, linewidth=0, gid="interval")
    ax.axvline(value.estimate, color="black", linewidth=2.4, gid="mean")
    right = value.estimate > 0
    bounds = (
        ""
        if value.low is None or value.high is None
        else (f"\n95 %: {signed(value.low)} to {signed(value.high)}")
    )
    x = value.estimate
    back = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}
    ax.annotate(f"mean {signed(x)} {unit}{bounds}", (x, 0.985), xycoords=("data", "axes fraction"),
                xytext=(-10 if right else 10, 0), textcoords="offset points", va="top",
                ha="right" if right else "left", weight="bold", bbox=back)  # fmt: skip


def signed(value: float) -> str:
    """A difference with its sign, a true minus."""
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{rounded(abs(value))}"


def paired_title(found: Differences, first: str, second: str, metric: str) -> str:
    """Who has less on average, or that the years do not say."""
    word, unit, _ = MEASURES[metric]
    low, high = found.mean.low, found.mean.high
    if not found.values.any():
        return f"No difference in {word} between {first} and {second} in any year"
    if low is None or high is None or low <= 0 <= high:
        return f"Which of {first} and {second} has less {word}: these years do not say"
    less, more = (second, first) if low > 0 else (first, second)
    by = rounded(abs(found.mean.estimate))
    return f"{less} has {by} {unit} a year less {word} than {more}, in the same years"


def paired_note(values: Floats, first: str, second: str) -> str:
    """In how many years which was worse."""
    n = values.size
    more, less = int((values > 0).sum()), int((values < 0).sum())
    return (
        f"{first} had more in {more} of {n} years (hatched), {second} in {less}; no difference in "
        f"{n - more - less}. Band: 95 % interval of the mean. Bars of equal width are equal "
        "factors, not equal amounts."
    )
