"""Who carries the load: how the requests to an application fall on its instances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import foot, head, rounded, sample
from experiments.plots.style import SERIES, SMALL_POINTS, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BAR: Final = 0.6
HATCHES: Final = ("", "//", "..", "\\\\", "xx", "--")


def plot_loads(loads: pd.DataFrame, ax: Axes, *, seed: int | None = None) -> Axes:
    """Draws the share of an application's requests that each of its instances got.

    A bar is the share over all finished runs, the line on it reaches from the least to the most of
    any run. Dotted: what it would be if all got the same.

    Args:
        loads: rows of `results.LOADS`.
        ax: where to draw; returned.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: without rows: no application of the study is called by others.
    """
    if loads.empty:
        raise NotDrawable("no application is called by others, so there is no load to share")
    table = load_shares(loads)
    with house_style():
        rows, labels = _positions(table), list(table["backend"])
        ax.set_ylim(max(rows) + 0.7, -1.0)
        ax.set_xlim(0, 101)
        ax.set_yticks(rows, labels)
        groups = list(table.groupby(["design", "profile", "application"], sort=False))
        at = dict(zip(table.index, rows, strict=True))
        for number, ((design, profile, application), group) in enumerate(groups):
            several = table["profile"].nunique() > 1
            title = f"{design}{f', {profile}' if several else ''}: {application}"
            _group(ax, title, group, [at[index] for index in group.index], number)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("share of the requests to the application, %")
        ax.grid(True, axis="x")
        counts = loads.groupby(["design", "profile"])["replication"].nunique()
        head(ax, load_title(table), sample(list(counts), "year", list(loads["profile"]), seed))
        foot(ax, [_note(table)])
    return ax


def load_shares(loads: pd.DataFrame) -> pd.DataFrame:
    """A row a backend: design, profile, application, backend, requests, share (of all requests),
    least and most (share in any run that had requests), fair, overloaded_s (a run, mean).
    """
    keys = ["design", "profile", "application"]
    plain = loads.astype({"requests": float, "share": float, "overloaded_s": float})
    of_run = plain.groupby([*keys, "replication"], sort=False)["requests"].transform("sum")
    plain = plain[of_run > 0]
    table = (
        plain.groupby([*keys, "backend"], sort=False)
        .agg(
            requests=("requests", "sum"),
            least=("share", "min"),
            most=("share", "max"),
            overloaded_s=("overloaded_s", "mean"),
        )
        .reset_index()
    )
    groups = table.groupby(keys, sort=False)
    return table.assign(
        share=table["requests"] / groups["requests"].transform("sum"),
        fair=1 / groups["backend"].transform("count"),
    )


def _positions(table: pd.DataFrame) -> list[float]:
    """A row each, with room for a heading where another application begins."""
    rows, row, before = [], -1.0, None
    for design, profile, application in zip(
        table["design"], table["profile"], table["application"], strict=True
    ):
        row += 1.0 if before in (None, (design, profile, application)) else 2.0
        before = (design, profile, application)
        rows.append(row)
    return rows


def _group(ax: Axes, title: str, group: pd.DataFrame, rows: Sequence[float], number: int) -> None:
    colour = SERIES[number % len(SERIES)][0]
    ax.annotate(title, (0, rows[0] - 0.42), xytext=(0, 0), textcoords="offset points",
                va="bottom", weight="bold")  # fmt: skip
    fair = 100 * float(group["fair"].iloc[0])
    ax.plot([fair, fair], [rows[0] - 0.4, rows[-1] + 0.4], color="black", linestyle=":",
            linewidth=1.6, zorder=4, gid="fair")  # fmt: skip
    for row, (_, one) in zip(rows, group.iterrows(), strict=True):
        share, least, most = (100 * float(one[name]) for name in ("share", "least", "most"))
        ax.barh(row, share, BAR, color=colour, alpha=0.55, edgecolor=colour, linewidth=1.2,
                hatch=HATCHES[number % len(HATCHES)] or None, gid=str(one["backend"]))  # fmt: skip
        ax.plot([least, most], [row, row], color="black", linewidth=1.6, marker="|",
                markersize=9, zorder=5, gid=f"{one['backend']}/runs")  # fmt: skip
        over = float(one["overloaded_s"])
        more = f", overloaded {rounded(over / 60)} min a run" if over > 0 else ""
        inside = most > 72
        ax.annotate(f"{rounded(share)} %{more}", (least if inside else most, row),
                    xytext=(-9 if inside else 9, 0), textcoords="offset points", va="center",
                    ha="right" if inside else "left", fontsize=SMALL_POINTS, zorder=6,
                    bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
                    )  # fmt: skip


def load_title(table: pd.DataFrame) -> str:
    """The most uneven share."""
    odd = table.assign(times=table["share"] / table["fair"]).sort_values("times").iloc[-1]
    if float(odd["times"]) < 1.1:
        return "The load is shared evenly"
    share = rounded(100 * float(odd["share"]))
    fair = rounded(100 * float(odd["fair"]))
    return (
        f"{odd['backend']} gets {share} % of the requests to {odd['application']}\n"
        f"with {odd['design']}; an even share would be {fair} %"
    )


def _note(table: pd.DataFrame) -> str:
    over = bool(np.any(table["overloaded_s"] > 0))
    tail = "" if over else " No instance ever got more than it can serve."
    return f"Bars: over all runs; lines: the least and the most of any run; dotted: even.{tail}"
