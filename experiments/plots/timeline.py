"""One incident, second by second: swim lanes of what was true, believed, published and served.

The lanes are bars of states; marks (the log lines of the real programs) are ticks above the lane
that wrote them. Room for labels is measured in pixels once the axes have their size, so draw on a
figure of its final size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from experiments.plots.errors import NotDrawable
from experiments.plots.mark_labels import (
    MOST_LEVELS,
    Placed,
    place_labels,
    room_for_labels,
    text_width_px,
)
from experiments.plots.style import BLACK, SMALL_POINTS, WHITE, Look, house_style, look

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BAR = 1.0
"""Height of a bar; the other heights are in this unit."""
GAP = 0.35
CLASS_GAP = 0.5
LINE = 1.35
"""A line of labels is this many times its font size high."""
NARROW_PX = 4.0
LEGEND_COLUMNS = 5
LEGEND_LETTERS = 22
LEGEND_POINTS = 48.0
"""At most so many entries side by side, a line of one, and how far under the axes it begins."""
UNITS = ((2 * 86_400.0, 86_400.0, "days"), (3 * 3_600.0, 3_600.0, "h"), (600.0, 60.0, "min"))


class Lane(NamedTuple):
    """A lane: its name, kind, bars as (state, start_s, end_s) and labels, and its lower edge."""

    name: str
    kind: str
    bars: list[tuple[str, float, float]]
    labels: list[Placed]
    bottom: float = 0.0


def plot_timeline(
    intervals: pd.DataFrame,
    marks: pd.DataFrame,
    ax: Axes,
    *,
    origin_s: float | None = None,
    title: str = "",
) -> Axes:
    """Draws the lanes top to bottom in the order of first appearance, lanes of classes last.

    Args:
        intervals: lane (str), kind (a key of `style.LOOKS`), state (one that it has for that
            kind; another is drawn white and named in the legend), start_s, end_s.
        marks: lane, time_s, label (for example `+switch-master`); may be empty. Labels of a lane
            are stacked, the earliest on top, so that they do not collide; where there are more
            than fit, the topmost says how many were before it.
        ax: where to draw; returned.
        origin_s: the time that the axis calls 0; by default the first start_s.
        title: what one sees.

    Raises:
        NotDrawable: without intervals, or for a mark on a lane that has none.
    """
    if intervals.empty:
        raise NotDrawable("no intervals to draw")
    strangers = sorted(set(marks["lane"]) - set(intervals["lane"])) if len(marks) else []
    if strangers:
        raise NotDrawable(f"marks on lanes without intervals: {', '.join(strangers)}")
    origin = float(intervals["start_s"].min()) if origin_s is None else origin_s
    start, end = float(intervals["start_s"].min()), float(intervals["end_s"].max())
    scale, unit = next(((by, name) for least, by, name in UNITS if end - start > least), (1.0, "s"))
    with house_style():
        ax.set_xlabel(f"time, {unit}")
        ax.set_title(title)
        states = {
            (str(kind), str(state)): look(str(kind), str(state))
            for kind, state in zip(intervals["kind"], intervals["state"], strict=True)
        }
        _legend(ax, states, LEGEND_COLUMNS)
        _settle(ax, ((start - origin) / scale, (end - origin) / scale), list(intervals["lane"]))
        _fit_legend(ax, states)
        _make_room(ax, (start - origin) / scale, marks, origin, scale)
        lanes, top = _stack(_lanes_that_fit(intervals, marks, ax, origin, scale), ax)
        ax.set_ylim(0, top)
        ax.set_yticks([lane.bottom + BAR / 2 for lane in lanes], [lane.name for lane in lanes])
        for lane in lanes:
            _draw_bars(ax, lane)
            _draw_marks(ax, lane, top)
    return ax


def _settle(ax: Axes, limits: tuple[float, float], names: Sequence[str]) -> None:
    """Gives the axes their final size, so that pixels can be measured."""
    ax.set_xlim(*limits)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")
    ax.set_yticks(range(len(set(names))), list(dict.fromkeys(names)))
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.draw_without_rendering()


def _make_room(ax: Axes, left: float, marks: pd.DataFrame, origin: float, scale: float) -> None:
    """Moves the right end of the axis out until the labels of the last marks fit."""
    if len(marks):
        since = [(float(time) - origin) / scale - left for time in marks["time_s"]]
        right = ax.get_xlim()[1] - left
        ax.set_xlim(left, left + room_for_labels(since, list(marks["label"]), right, ax))


def _lanes_that_fit(
    intervals: pd.DataFrame, marks: pd.DataFrame, ax: Axes, origin: float, scale: float
) -> list[Lane]:
    """The lanes with as many lines of labels as leave each bar high enough for its own text."""
    for most_levels in range(MOST_LEVELS, 0, -1):
        lanes = _lanes(intervals, marks, ax, origin, scale, most_levels)
        lines = sum(_label_lines(lane) for lane in lanes)
        if (lines + len(lanes)) * _line_px(ax) <= ax.bbox.height:
            break
    return lanes


def _label_lines(lane: Lane) -> int:
    return max((label.level + 1 for label in lane.labels), default=0)


def _line_px(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    return SMALL_POINTS * LINE * (figure.dpi if figure is not None else 100.0) / 72


def _lanes(
    intervals: pd.DataFrame,
    marks: pd.DataFrame,
    ax: Axes,
    origin: float,
    scale: float,
    most_levels: int,
) -> list[Lane]:
    lanes = []
    for name, rows in intervals.groupby("lane", sort=False):
        starts, ends = (rows["start_s"] - origin) / scale, (rows["end_s"] - origin) / scale
        bars = list(zip(rows["state"], starts, ends, strict=True))
        own = marks[marks["lane"] == name] if len(marks) else marks
        times = [(float(time) - origin) / scale for time in own["time_s"]] if len(own) else []
        texts = [str(label) for label in own["label"]] if times else []
        labels = place_labels(times, texts, ax, most_levels)
        lanes.append(Lane(str(name), str(rows["kind"].iloc[0]), bars, labels))
    # The verdict stands below all that explains it; sorting is stable.
    return sorted(lanes, key=lambda lane: lane.kind == "class")


def _stack(lanes: list[Lane], ax: Axes) -> tuple[list[Lane], float]:
    """Sets the lower edge of each lane, so that a line of labels has its height in points."""
    levels = sum(_label_lines(lane) for lane in lanes)
    first_class = next((lane.name for lane in lanes if lane.kind == "class"), None)
    bars = len(lanes) * (BAR + GAP) + (CLASS_GAP if first_class else 0.0)
    # Solves top = bars + levels * line, line = _line_px / height * top; labels get at most 60 %.
    share = min(0.6, levels * _line_px(ax) / ax.bbox.height)
    top = bars / (1 - share)
    line = top * share / levels if levels else 0.0
    placed, edge = [], top
    for lane in lanes:
        if lane.name == first_class:
            edge -= CLASS_GAP
        edge -= _label_lines(lane) * line + BAR + GAP
        placed.append(
            lane._replace(
                bottom=edge + GAP / 2,
                labels=[label._replace(height=label.level * line) for label in lane.labels],
            )
        )
    return placed, top


def _draw_bars(ax: Axes, lane: Lane) -> None:
    """Draws the bars of a lane, each with its state's name if it has room."""
    from matplotlib.patches import Rectangle

    for state, start, end in lane.bars:
        face = look(lane.kind, state)
        size = (end - start, BAR)
        ax.add_patch(Rectangle((start, lane.bottom), *size, facecolor=face.face, linewidth=0,
                               edgecolor=face.hatch_colour, hatch=face.hatch or None,
                               gid=f"{lane.name}/{state}"))  # fmt: skip
        left, right = (float(ax.transData.transform((x, 0))[0]) for x in (start, end))
        # Frame and hatch share a colour in matplotlib; a second, empty bar has the black frame.
        # A bar too narrow to be seen within one is widened in its own colour instead.
        seen = right - left >= NARROW_PX
        own = face.hatch_colour if face.face == WHITE else face.face
        ax.add_patch(Rectangle((start, lane.bottom), *size, fill=False,
                               edgecolor=BLACK if seen else own, linewidth=0.7 if seen else 1.5,
                               zorder=1 if seen else 1.5))  # fmt: skip
        if text_width_px(state, ax) + 10 <= right - left:
            back = {"facecolor": face.face, "edgecolor": "none", "pad": 0.5} if face.hatch else None
            ax.text((start + end) / 2, lane.bottom + BAR / 2, state, ha="center", va="center",
                    fontsize=SMALL_POINTS, color=face.text, bbox=back)  # fmt: skip


def _draw_marks(ax: Axes, lane: Lane, top: float) -> None:
    for label in lane.labels:
        base = lane.bottom + BAR
        ax.plot([label.time] * 2, [lane.bottom, base + label.height + 0.02 * top],
                color=BLACK, linewidth=1.1, solid_capstyle="butt", zorder=4)  # fmt: skip
        if label.text:
            ax.annotate(label.text, (label.time, base + label.height), xytext=(3, 2),
                        textcoords="offset points", ha="left", va="bottom",
                        fontsize=SMALL_POINTS, zorder=5)  # fmt: skip


def legend_entries(states: Mapping[tuple[str, str], Look]) -> dict[Look, str]:
    """What each look that was drawn stands for: the names of its states, each once.

    ``states``: the look by (kind of lane, state).
    """
    entries: dict[Look, list[str]] = {}
    for (_, state), face in states.items():
        names = entries.setdefault(face, [])
        if state not in names:
            names.append(state)
    return {face: ", ".join(names) for face, names in entries.items()}


def _fit_legend(ax: Axes, states: Mapping[tuple[str, str], Look]) -> None:
    """Draws the legend anew with as many columns as the figure is wide enough for."""
    figure = ax.get_figure(root=True)
    for columns in range(LEGEND_COLUMNS - 1, 0, -1):
        legend = ax.get_legend()
        if figure is None or legend is None or legend.get_window_extent().x1 <= figure.bbox.x1:
            return
        _legend(ax, states, columns)
        figure.draw_without_rendering()


def _legend(ax: Axes, states: Mapping[tuple[str, str], Look], columns: int) -> None:
    """Names every look under the axes, so that no colour is left to be guessed."""
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    handles = [
        Patch(facecolor=face.face, edgecolor=face.hatch_colour, hatch=face.hatch or None,
              label="\n".join(wrap(names, LEGEND_LETTERS)))
        for face, names in legend_entries(states).items()
    ]  # fmt: skip
    below = ScaledTranslation(0, -LEGEND_POINTS / 72, ax.figure.dpi_scale_trans)
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), borderaxespad=0,
              bbox_transform=ax.transAxes + below, ncols=min(columns, len(handles)),
              handlelength=2.4, handleheight=1.3)  # fmt: skip
