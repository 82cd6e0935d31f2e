"""How the estimate settles as years are added, and where the study stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import foot, head, listed, log_ticks, point_names, rounded
from experiments.plots.style import SERIES, SMALL_POINTS, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LABELS: Final = {
    "downtime": "downtime, minutes a year",
    "split-brain": "split brain, seconds a year",
    "writes-lost": "acked writes lost a year",
    "availability": "share of requests that failed",
    "recovery-debt": "without a stand-by, seconds a year",
}
"""The metrics that a study can stop by (`experiments.study.precision`)."""

STEPS: Final = 28


def step_sizes(runs: int) -> list[int]:
    """The numbers of runs to look at: growing by the same factor, from 2 to all."""
    sizes = np.unique(np.rint(np.geomspace(min(2, runs), runs, STEPS)).astype(int))
    return [int(size) for size in sizes]


def convergence_table(
    runs: pd.DataFrame, incidents: pd.DataFrame, metric: str = "downtime"
) -> pd.DataFrame:
    """The estimate after the first n runs of each point, for growing n.

    Columns: design, profile, years (n), estimate, low, high (NaN where there is no bound), thin,
    metric, seen (whether there was any in n runs).

    Args:
        runs: rows of `results.RUNS`, all columns.
        incidents: rows of `results.INCIDENTS`, all columns.
        metric: a key of `LABELS`.
    """
    import pandas as pd

    from experiments.results import conform
    from experiments.results.parquet import to_arrow
    from experiments.results.sample import read_sample
    from experiments.study.precision import STOPPABLE

    runs = conform("runs", runs)
    incidents = conform("incidents", incidents)
    incidents = incidents[(incidents["downtime_s"] > 0) | (incidents["split_brain_s"] > 0)]
    rows = []
    for (design, profile), of_point in runs[runs["status"] == "ok"].groupby(
        ["design", "profile"], sort=False
    ):
        own = incidents[(incidents["design"] == design) & (incidents["profile"] == profile)]
        for size in step_sizes(len(of_point)):
            first = of_point.iloc[:size]
            theirs = own[own["replication"].isin(first["replication"])]
            sample = read_sample([to_arrow("runs", first)], [to_arrow("incidents", theirs)])
            value = STOPPABLE[metric](sample)
            rows.append(
                (design, profile, size, value.estimate, value.low, value.high, value.thin, metric,
                 value.p_any_high is None)
            )  # fmt: skip
    columns = ("design", "profile", "years", "estimate", "low", "high", "thin", "metric", "seen")
    table = pd.DataFrame(rows, columns=list(columns))
    return table.astype(dict.fromkeys(("estimate", "low", "high"), "float64"))


def plot_convergence(
    steps: pd.DataFrame,
    ax: Axes,
    *,
    stopped_at: int | None = None,
    error_share: float | None = None,
    seed: int | None = None,
) -> Axes:
    """Draws the estimate of each design, and its 95 % interval as a band, over the years so far.

    Args:
        steps: as `convergence_table` makes it.
        ax: where to draw; returned.
        stopped_at: the years at which the study stopped by precision, if it did.
        error_share: the relative error that was asked for, such as 0.05.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: without rows.
    """
    if steps.empty:
        raise NotDrawable("no finished run to draw")
    named = steps.assign(name=point_names(steps))
    metric = str(steps["metric"].iloc[0])
    with house_style():
        ax.set_xscale("log")
        ends = []
        for number, (name, rows) in enumerate(named.groupby("name", sort=False)):
            ends.append(_band(ax, str(name), rows, number))
        _limits(ax, named)
        _name_ends(ax, ends)
        if stopped_at is not None:
            said = f"stopped at {stopped_at:,} years"
            said += f"\nwithin {100 * error_share:g} %" if error_share is not None else ""
            ax.axvline(stopped_at, color="black", linewidth=1.6, linestyle="--", gid="stop")
            ax.annotate(said, (stopped_at, 0.98), xycoords=("data", "axes fraction"),
                        xytext=(-8, 0), textcoords="offset points", ha="right", va="top",
                        fontsize=SMALL_POINTS)  # fmt: skip
        ax.set_xlabel("simulated years so far")
        ax.set_ylabel(LABELS.get(metric, metric))
        log_ticks(ax.xaxis)
        ax.yaxis.set_major_formatter(lambda value, _: rounded(value))
        ax.grid(True)
        most = int(steps["years"].max())
        profiles = listed(list(dict.fromkeys(map(str, steps["profile"]))))
        said = "" if seed is None else f", seed {seed}"
        head(ax, convergence_title(named), f"Up to {most:,} simulated years each under {profiles}"
             f"{said}")  # fmt: skip
        foot(ax, _notes(named, stopped_at))
    return ax


def _band(ax: Axes, name: str, rows: pd.DataFrame, number: int) -> tuple[str, float, str]:
    colour, line = SERIES[number % len(SERIES)]
    years, low, high, estimate = (
        rows[column].to_numpy(dtype=np.float64) for column in ("years", "low", "high", "estimate")
    )
    ax.fill_between(years, low, high, color=colour, alpha=0.16, linewidth=0, gid=f"{name}/interval")
    for edge in (low, high):
        ax.plot(years, edge, color=colour, linewidth=0.9, linestyle=line, alpha=0.8)
    ax.plot(years, estimate, color=colour, linewidth=2.8, linestyle=line, gid=name)
    return name, float(estimate[-1]), colour


def _limits(ax: Axes, named: pd.DataFrame) -> None:
    """Room for the last intervals and all estimates; the first intervals may be cut off."""
    last = named.groupby("name", sort=False).tail(8)
    top = max(float(named["estimate"].max()), float(last["high"].max(skipna=True) or 0.0))
    most = float(named["estimate"].max())
    ax.set_ylim(0, (min(top, 4 * most) if most > 0 else top or 1.0) * 1.06)
    ax.set_xlim(float(named["years"].min()), float(named["years"].max()))


def _name_ends(ax: Axes, ends: list[tuple[str, float, str]]) -> None:
    """Each line's name at its right end, moved apart where two would collide."""
    gap = 0.085
    top = ax.get_ylim()[1]
    below = -1.0
    for name, value, colour in sorted(ends, key=lambda end: end[1]):
        height = max(value / top, below + gap)
        below = height
        text = "\n".join(_two_lines(f"{name}: {rounded(value)}"))
        ax.annotate(text, (1.0, height), xycoords="axes fraction", xytext=(10, 0),
                    textcoords="offset points", va="center", color=colour, weight="bold",
                    annotation_clip=False, fontsize=SMALL_POINTS)  # fmt: skip


def _two_lines(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 22)


def convergence_title(named: pd.DataFrame) -> str:
    """How far the widest last interval reaches."""
    last = named.groupby("name", sort=False).tail(1)
    label = LABELS.get(str(named["metric"].iloc[0]), "").split(",")[0]
    known = last[(last["estimate"] > 0) & last["high"].notna() & ~last["thin"].astype(bool)]
    if len(known) < len(last):
        return f"{label.capitalize()}: too little was seen to say how precise the mean is"
    reach = float(((known["high"] - known["estimate"]) / known["estimate"]).max())
    number = int(last["years"].max())
    percent = f"{100 * reach:.0f} %"
    return f"After {number:,} years the mean {label} may be up to {percent} higher than it looks"


def _notes(named: pd.DataFrame, stopped_at: int | None) -> list[str]:
    notes = ["Lines: mean of the years so far; bands: its 95 % interval."]
    if stopped_at is None:
        notes.append("The study ran for the years that it was told, whatever came out.")
    unseen = named.groupby("name", sort=False).tail(1)
    never = [str(name) for name in unseen.loc[~unseen["seen"].astype(bool), "name"]]
    if never:
        notes.append(f"Never seen, so that the band is all that is known: {listed(never)}.")
    return [" ".join(notes)]
