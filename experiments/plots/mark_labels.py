"""Where the labels of a lane's marks go, so that none lies on another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from experiments.plots.style import SMALL_POINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LEVELS = 10
"""Lines of labels that a lane may have above its bar: a Sentinel failover logs nine."""
SPACE_PX = 10.0


class Placed(NamedTuple):
    """A mark: its time on the axis, text ("" if only the tick is drawn), line, and its height."""

    time: float
    text: str
    level: int
    height: float = 0.0


def place_labels(
    times: Sequence[float], labels: Sequence[str], ax: Axes, most_levels: int = MOST_LEVELS
) -> list[Placed]:
    """Puts each label, to the right of its tick, on the lowest line where it has room.

    The last mark is placed first. An earlier tick then stands to the left of every label that it
    has to pass on its way up, so that no tick crosses a label, and a stack of labels reads from
    the top down in the order of time.

    Args:
        times: shape (n,), in the unit of the x axis.
        labels: shape (n,).
        ax: with its final limits and size.
        most_levels: lines that may be used, at least 1.

    Returns:
        The marks, the last one first. Where more than `most_levels` collide, the text of the last
        one that has a line ends in "(+n)", n being how many before it have only a tick.
    """
    placed: list[Placed] = []
    # Placed from right to left, the label placed last on a line is the one that can be met.
    starts = [float("inf")] * most_levels
    marks = sorted(zip(times, labels, strict=True), key=lambda mark: mark[0])
    # Any label may have to bear the count of those before it, where there are more than lines.
    count_px = text_width_px(" (+9)", ax) if len(marks) > most_levels else 0.0
    for time, text in reversed(marks):
        x = float(ax.transData.transform((time, 0))[0])
        end = x + text_width_px(text, ax) + count_px + SPACE_PX
        level = next((line for line, start in enumerate(starts) if end <= start), None)
        if level is None:
            placed = [*_count_one_more(placed), Placed(time, "", 0)]
            continue
        starts[level] = x
        placed.append(Placed(time, text, level))
    return placed


def _count_one_more(placed: list[Placed]) -> list[Placed]:
    """Adds one to the "(+n)" behind the label that was placed last."""
    last = max(index for index, mark in enumerate(placed) if mark.text)
    text, _, count = placed[last].text.partition(" (+")
    more = int(count.rstrip(")")) + 1 if count else 1
    return [*placed[:last], placed[last]._replace(text=f"{text} (+{more})"), *placed[last + 1 :]]


def room_for_labels(times: Sequence[float], labels: Sequence[str], end: float, ax: Axes) -> float:
    """The right limit of an axis from 0 at which the last labels still fit, at least `end`."""
    width_px = float(ax.bbox.width)
    ends = [
        # A label as wide as half the axes is cut rather than let it squeeze the bars.
        time / (1 - min(0.5, (text_width_px(text, ax) + SPACE_PX) / width_px))
        for time, text in zip(times, labels, strict=True)
    ]
    return max([end, *ends])


def text_width_px(text: str, ax: Axes) -> float:
    """Width of a label in the house font, in pixels of the figure."""
    figure = ax.get_figure(root=True)
    dpi = figure.dpi if figure is not None else 100.0
    return _width_points(text) * dpi / 72


@lru_cache(maxsize=1024)
def _width_points(text: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    font = FontProperties(family="DejaVu Sans")
    path = TextPath((0, 0), text.replace("$", r"\$"), size=SMALL_POINTS, prop=font)
    return float(path.get_extents().width)
