"""Where the minutes go: downtime a year, stage by stage of an outage or cause by cause."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import broken, foot, head, listed, point_names, rounded, settle
from experiments.plots.mark_labels import text_width_px
from experiments.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    SMALL_POINTS,
    VERMILLION,
    WHITE,
    YELLOW,
    Look,
    house_style,
)
from experiments.stages import STAGES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

By = Literal["stage", "cause"]

PART_LOOKS: Final = (
    Look(YELLOW),
    Look(SKY, "//", "#2B7CAB"),
    Look(BLUE, text=WHITE),
    Look(ORANGE, "\\\\", "#9C6B00"),
    Look(PURPLE, "..", "#8F4A70"),
    Look(GREEN, text=WHITE),
    Look("#BFE0F5"),
    Look(VERMILLION, "//", "#FFD9C2"),
    Look(BLACK, text=WHITE),
    Look(WHITE, "xx", GREY),
    Look("#8FD3BC", "..", "#1C6B54"),
    Look("#E8C9A0", "||", "#8A6A3C"),
)
"""The looks of the first, second, ... part of a bar: neighbours differ in lightness."""

OTHER: Final = Look("#D9D9D9", "--", GREY)
"""Of all that are too many to be told apart."""

MOST_CAUSES: Final = 8
MOST_NAMED: Final = 3
"""Designs that a title can name."""
BAR: Final = 0.62
ALL: Final = "all together"
LEGEND_COLUMNS: Final = 5
LEGEND_POINTS: Final = 50.0
"""How far under the axes the legend begins."""


def plot_waterfall(parts: pd.DataFrame, ax: Axes, *, by: By = "stage", sample: str = "") -> Axes:
    """Draws downtime in minutes a year, cut into parts: steps for one design, stacks for several.

    The parts of a design add up to its downtime. Stages stand in the order of an outage, causes
    by size; causes beyond the eighth are one part, "other causes".

    Args:
        parts: columns design, profile, `by`, downtime_min_per_year; parts of 0 may be left out.
        ax: where to draw; returned.
        by: the column that names the parts.
        sample: what was simulated, in words, for under the title.

    Raises:
        NotDrawable: without rows.
    """
    if parts.empty:
        raise NotDrawable(f"no downtime by {by} to draw")
    table = wide_parts(parts, by)
    with house_style():
        looks = part_looks(list(table.columns), by)
        if len(table) == 1:
            _steps(ax, table, looks)
        else:
            _stacks(ax, table, looks)
        ax.set_xlabel("downtime, minutes a year (mean)")
        ax.grid(True, axis="x")
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
        head(ax, waterfall_title(table, by), sample)
        legend_lines = 0 if len(table) == 1 else math.ceil(len(table.columns) / LEGEND_COLUMNS)
        foot(ax, _notes(table), below_points=LEGEND_POINTS + 26 * legend_lines + 4)
    return ax


def wide_parts(parts: pd.DataFrame, by: By) -> pd.DataFrame:
    """A row a bar, a column a part in the order of drawing, minutes a year; no column of zeros."""
    named = parts.assign(bar=point_names(parts))
    table = named.pivot_table(index="bar", columns=by, values="downtime_min_per_year",
                              aggfunc="sum", fill_value=0.0, sort=False)  # fmt: skip
    table = table.loc[list(dict.fromkeys(named["bar"])), (table > 0).any(axis=0)]
    columns = [str(column) for column in table.columns]
    table.columns = columns
    if by == "stage":
        known: list[str] = [stage for stage in STAGES if stage in columns]
        return table[[*known, *(column for column in columns if column not in known)]]
    order = sorted(columns, key=lambda column: (-float(table[column].to_numpy().sum()), column))
    kept, rest = order[:MOST_CAUSES], order[MOST_CAUSES:]
    found = table[kept].copy()
    if rest:
        found[f"{len(rest)} other causes"] = table[rest].sum(axis=1)
    return found


def part_looks(names: list[str], by: By) -> dict[str, Look]:
    """The look of each part; a stage has its own in every figure."""
    if by == "stage":
        order: list[str] = [*STAGES, *(name for name in names if name not in STAGES)]
        return {name: PART_LOOKS[order.index(name) % len(PART_LOOKS)] for name in names}
    return {
        name: PART_LOOKS[number] if number < MOST_CAUSES else OTHER
        for number, name in enumerate(names)
    }


def _steps(ax: Axes, table: pd.DataFrame, looks: dict[str, Look]) -> None:
    """One design: a row a part, each beginning where the one above ends, and the sum below."""
    minutes = table.iloc[0]
    total, start = float(minutes.sum()), 0.0
    names = [*table.columns, ALL]
    for number, name in enumerate(names):
        value = total if name == ALL else float(minutes[name])
        left = 0.0 if name == ALL else start
        face = Look("#595959") if name == ALL else looks[name]
        _bar(ax, number, left, value, face, name)
        share = "" if name == ALL else f", {rounded(100 * value / total)} %"
        ax.annotate(f"{rounded(value)} min{share}", (left + value, number), xytext=(6, 0),
                    textcoords="offset points", va="center")  # fmt: skip
        if name != ALL:
            start += value
            ax.plot([start, start], [number, number + 1], color=GREY, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0, total * 1.22)


def _stacks(ax: Axes, table: pd.DataFrame, looks: dict[str, Look]) -> None:
    """Several designs: a bar each, its parts from left to right, its sum at the end."""
    totals = table.sum(axis=1)
    ax.set_xlim(0, float(totals.max()) * 1.12)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.set_yticks(range(len(table)), [broken(str(name)) for name in table.index])
    _legend(ax, table, looks)
    settle(ax)
    for number, (_, minutes) in enumerate(table.iterrows()):
        start = 0.0
        for name in table.columns:
            value = float(minutes[name])
            if value > 0:
                _bar(ax, number, start, value, looks[name], name)
                _name_part(ax, number, start, value, name, looks[name])
            start += value
        ax.annotate(f"{rounded(start)} min", (start, number), xytext=(6, 0),
                    textcoords="offset points", va="center", weight="bold")  # fmt: skip


def _bar(ax: Axes, row: int, left: float, width: float, face: Look, name: str) -> None:
    from matplotlib.patches import Rectangle

    corner, size = (left, row - BAR / 2), (width, BAR)
    ax.add_patch(Rectangle(corner, *size, facecolor=face.face, edgecolor=face.hatch_colour,
                           hatch=face.hatch or None, linewidth=0, gid=f"{row}/{name}"))  # fmt: skip
    ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=BLACK, linewidth=0.7))


def _name_part(ax: Axes, row: int, left: float, width: float, name: str, face: Look) -> None:
    """Write the part's name and minutes into its bar, as far as there is room."""
    ends = [float(ax.transData.transform((x, 0))[0]) for x in (left, left + width)]
    room = ends[1] - ends[0] - 8
    number = rounded(width)
    for text in (f"{name}\n{number}", number):
        if max(text_width_px(line, ax) for line in text.split("\n")) <= room:
            back = {"facecolor": face.face, "edgecolor": "none", "pad": 1.0} if face.hatch else None
            ax.text(left + width / 2, row, text, ha="center", va="center", fontsize=SMALL_POINTS,
                    color=face.text, bbox=back)  # fmt: skip
            return


def _legend(ax: Axes, table: pd.DataFrame, looks: dict[str, Look]) -> None:
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    handles = [
        Patch(facecolor=looks[name].face, edgecolor=looks[name].hatch_colour,
              hatch=looks[name].hatch or None, label=name)
        for name in table.columns
    ]  # fmt: skip
    below = ScaledTranslation(0, -LEGEND_POINTS / 72, ax.figure.dpi_scale_trans)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=LEGEND_COLUMNS,
              bbox_transform=ax.transAxes + below, handlelength=2.2, handleheight=1.2,
              borderaxespad=0)  # fmt: skip


def waterfall_title(table: pd.DataFrame, by: By) -> str:
    """What the greatest part is, in one design or in most."""
    greatest = table.idxmax(axis=1)
    first = str(greatest.iloc[0])
    if len(table) == 1:
        total = float(table.iloc[0].sum())
        share = 100 * float(table.iloc[0][first]) / total
        what = "" if by == "stage" else "after "
        return (
            f"{table.index[0]}: {rounded(share)} % of {rounded(total)} min of downtime "
            f"a year {'is' if by == 'stage' else 'comes'} {what}{first}"
        )
    if greatest.nunique() == 1:
        return f"Downtime by {by}: {first} is the greatest part with every design"
    of_part: dict[str, list[str]] = {}
    for name, part in greatest.items():
        of_part.setdefault(str(part), []).append(str(name))
    if len(table) > MOST_NAMED:
        return f"Downtime by {by}"
    said = [f"{part} with {listed(names)}" for part, names in of_part.items()]
    return f"Greatest part of the downtime: {'; '.join(said)}"


def _notes(table: pd.DataFrame) -> list[str]:
    totals = table.sum(axis=1)
    words = "the parts of a bar add up to its downtime"
    small = [name for name in table.columns if bool((table[name] < 0.005 * totals.max()).all())]
    hardly = f"; too narrow to be seen: {listed(small)}" if small else ""
    return [f"Means; {words}{hardly}."]
