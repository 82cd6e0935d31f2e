"""How bad can a year get: the complementary distribution of yearly downtime, a line a design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import head, sample_of_runs
from experiments.plots.style import GREY, SERIES, SMALL_POINTS, house_style
from experiments.statistics import quantile, short_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

YEAR_S = 365.25 * 86_400.0
MARKS = ((0.5, "o", "median"), (0.95, "s", "p95"), (0.99, "^", "p99"))
NINES = ((525.96, "99.9 %"), (52.596, "99.99 %"), (5.2596, "99.999 %"), (0.52596, "99.9999 %"))
"""Minutes a year, and the availability that they leave (failures.md, section 4)."""

Floats = NDArray[np.float64]


def plot_downtime_distribution(runs: pd.DataFrame, ax: Axes, *, seed: int | None = None) -> Axes:
    """Draws P(a year has more downtime than x) over x in minutes a year, both logarithmic.

    Years without downtime have no place on a logarithmic axis; the legend says what share they
    are. The median, p95 and p99 years are marked where they are above 0 and the sample reaches
    them. Failed runs are left out.

    Args:
        runs: rows of `results.RUNS`; needs design, profile, horizon_s, downtime_s and, if there,
            status.
        ax: where to draw; returned.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: if no run finished.
    """
    series = yearly_minutes(runs)
    if not series:
        raise NotDrawable("no finished run to draw")
    with house_style():
        left, right = _limits(series)
        for number, (name, minutes) in enumerate(series.items()):
            _draw_series(ax, name, minutes, number, left)
        _dress(ax, series, left, right)
        finished = runs[runs["status"] == "ok"] if "status" in runs.columns else runs
        head(ax, downtime_title(series), sample_of_runs(finished, seed), above_points=20)
    return ax


def yearly_minutes(runs: pd.DataFrame) -> dict[str, Floats]:
    """Sorted minutes of downtime a year, by design (and profile, if there are several)."""
    if "status" in runs.columns:
        runs = runs[runs["status"] == "ok"]
    several = runs["profile"].nunique() > 1
    series = {}
    for (design, profile), rows in runs.groupby(["design", "profile"], sort=False):
        years = rows["horizon_s"].to_numpy(dtype=np.float64) / YEAR_S
        minutes = rows["downtime_s"].to_numpy(dtype=np.float64) / 60.0 / years
        series[f"{design}, {profile}" if several else str(design)] = np.sort(minutes)
    return series


def _draw_series(ax: Axes, name: str, minutes: Floats, number: int, left: float) -> None:
    colour, line = SERIES[number % len(SERIES)]
    n = minutes.size
    seen = minutes[minutes > 0]
    none = n - seen.size
    label = f"{name}: {short_number(100 * none / n)} % of {n} years without downtime"
    # Below its smallest year a design stays at its share of years with any; each year then takes
    # one off, and the worst falls to 0, which a logarithmic axis has no place for.
    above = (seen.size - np.arange(seen.size + 1)) / n
    above[-1] = np.nan
    ax.step(np.append(left, seen), above, where="post", color=colour, linestyle=line,
            linewidth=2.6, label=label)  # fmt: skip
    for p, marker, _ in MARKS:
        value = quantile(minutes, p).estimate
        if value > 0 and n * (1 - p) >= 1:
            ax.plot(value, 1 - p, marker, color=colour, markersize=12, markeredgecolor="white",
                    markeredgewidth=1.5, zorder=5)  # fmt: skip


def _limits(series: dict[str, Floats]) -> tuple[float, float]:
    seen = np.concatenate([minutes[minutes > 0] for minutes in series.values()])
    return (float(seen.min()) / 1.5, float(seen.max()) * 1.6) if seen.size else (0.1, 100.0)


def _dress(ax: Axes, series: dict[str, Floats], left: float, right: float) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    largest_n = max(minutes.size for minutes in series.values())
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(left, right)
    ax.set_ylim(0.7 / largest_n, 1.3)
    ax.set_xlabel("downtime x, minutes a year")
    ax.set_ylabel("share of years with more downtime than x")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(lambda value, _: short_number(value))
    ax.yaxis.set_major_formatter(lambda value, _: f"{short_number(100 * value)} %")
    ax.grid(True, which="major")
    _guides(ax, left, right, largest_n)
    ax.legend(loc="lower left", handlelength=3.5, frameon=True, facecolor="white", framealpha=0.9,
              edgecolor="none")  # fmt: skip


def _guides(ax: Axes, left: float, right: float, largest_n: int) -> None:
    """Names the marked percentiles at the right edge, and the nines along the top."""
    for p, marker, name in MARKS:
        if largest_n * (1 - p) >= 1:
            ax.axhline(1 - p, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
            symbol = {"o": "●", "s": "■", "^": "▲"}[marker]
            ax.annotate(f"{symbol} {name}", (1.005, 1 - p), xycoords=("axes fraction", "data"),
                        va="center", fontsize=SMALL_POINTS, annotation_clip=False)  # fmt: skip
    for minutes, share in NINES:
        if left < minutes < right:
            ax.axvline(minutes, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
            ax.annotate(share, (minutes, 1.01), xycoords=("data", "axes fraction"), ha="center",
                        va="bottom", fontsize=SMALL_POINTS, color="#595959")  # fmt: skip


def downtime_title(series: dict[str, Floats]) -> str:
    """What the figure shows, for the best and the worst design: the year in twenty.

    From fewer than 20 years nobody can say that; then it is the median year.
    """
    p = 0.95 if min(minutes.size for minutes in series.values()) >= 20 else 0.5
    bad = {name: quantile(minutes, p).estimate for name, minutes in series.items()}
    best, worst = min(bad, key=lambda name: bad[name]), max(bad, key=lambda name: bad[name])
    share = "One year in 20" if p == 0.95 else "Every second year"
    if len(bad) == 1:
        return f"{share} is down for more than {short_number(bad[worst])} min"
    if bad[worst] == 0:
        return f"{share} or fewer are down at all, with every design"
    better = f"for more than {short_number(bad[best])} min" if bad[best] else "not at all"
    return (
        f"{share} is down for more than {short_number(bad[worst])} min with {worst},\n"
        f"{better} with {best}"
    )
