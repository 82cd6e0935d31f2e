"""What the published names said that was not so: empty, wrong, double."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import (
    broken,
    foot,
    head,
    log_ticks,
    point_names,
    rounded,
    sample_of_runs,
)
from experiments.plots.style import GREY, LOOKS, house_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STATES: Final = {
    "empty": ("name_empty_s", "no answer"),
    "wrong": ("name_wrong_s", "leads to a host that is not the master"),
    "double": ("name_double_s", "leads to two hosts"),
}
"""State, its column in `results.RUNS`, and what that means."""

MARKERS: Final = {"empty": "o", "wrong": "D", "double": "s"}
APART: Final = 0.27


def plot_name_states(runs: pd.DataFrame, ax: Axes, *, seed: int | None = None) -> Axes:
    """Draws, for each design, how many minutes a year a published name was not right.

    Three marks a design: empty, wrong and double, means over its finished runs, on a logarithmic
    scale. With several names a second may count in two of them. The rest of the time all names
    were right.

    Args:
        runs: rows of `results.RUNS`; needs design, profile, status, horizon_s and the columns of
            `STATES`.
        ax: where to draw; returned.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: if no run finished, or no name was ever anything but right.
    """
    finished = runs[runs["status"] == "ok"]
    if finished.empty:
        raise NotDrawable("no finished run to draw")
    table = name_minutes(finished)
    seen = table.to_numpy()[table.to_numpy() > 0]
    if not seen.size:
        raise NotDrawable("no name was ever empty, wrong or double; or no design publishes one")
    with house_style():
        left = float(seen.min()) / 3
        ax.set_xscale("log")
        ax.set_xlim(left, float(seen.max()) * 6)
        ax.set_ylim(len(table) - 0.45, -0.6)
        for row, (_, minutes) in enumerate(table.iterrows()):
            for number, state in enumerate(STATES):
                _mark(ax, row + (number - 1) * APART, left, float(minutes[state]), state)
        ax.set_yticks(range(len(table)), [broken(str(name)) for name in table.index])
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("minutes a year in which a name was not right (mean)")
        log_ticks(ax.xaxis)
        ax.grid(True, axis="x")
        head(ax, names_title(table), sample_of_runs(finished, seed))
        foot(ax, [_note(table)])
    return ax


def name_minutes(finished: pd.DataFrame) -> pd.DataFrame:
    """Mean minutes a year by design (rows) and state (columns), from finished runs."""
    import pandas as pd

    from experiments.results.summary import YEAR_S

    years = finished["horizon_s"].astype(float) / YEAR_S
    data = {
        state: finished[column].astype(float) / 60.0 / years
        for state, (column, _) in STATES.items()
    }
    names = pd.Series(point_names(finished), index=finished.index, name="name")
    return pd.DataFrame(data).groupby(names, sort=False).mean()


def _mark(ax: Axes, height: float, left: float, minutes: float, state: str) -> None:
    face = LOOKS["name"][state]
    if minutes > 0:
        ax.plot([left, minutes], [height, height], color=GREY, linewidth=1.0, zorder=1)
        ax.plot(minutes, height, MARKERS[state], markersize=14, color=face.face,
                markeredgecolor="black", markeredgewidth=1.2, clip_on=False, gid=state)  # fmt: skip
    said = f"{state}: {rounded(minutes)} min" if minutes > 0 else f"{state}: none seen"
    ax.annotate(said, (max(minutes, left), height), xytext=(13 if minutes > 0 else 6, 0),
                textcoords="offset points", va="center")  # fmt: skip


def names_title(table: pd.DataFrame) -> str:
    """Which state holds longest, in which design."""
    state = str(table.max(axis=0).idxmax())
    most = rounded(float(table[state].max()))
    name = str(table[state].idxmax())
    if len(table) == 1:
        return f"{name}: a name is {state} for {most} min a year"
    least = rounded(float(table[state].min()))
    other = str(table[state].idxmin())
    return f"A name is {state} for {most} min a year with {name},\nfor {least} with {other}"


def _note(table: pd.DataFrame) -> str:
    meaning = "; ".join(f"{state}: {words}" for state, (_, words) in STATES.items())
    zeros = " None seen is not the same as never." if bool((table == 0).any(axis=None)) else ""
    return f"{meaning[0].upper()}{meaning[1:]}. The rest of the time the names were right.{zeros}"
