"""Draws timelines into files."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from experiments.inject.trial import TrialOrder
from experiments.plots.style import SIZE_INCHES, new_figure, save
from experiments.plots.timeline import plot_timeline
from experiments.timeline.timeline import Timeline, trial_timeline
from sim.clock import format_duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LANE_INCHES: Final = 0.46
AROUND_INCHES: Final = 1.5
TITLE_LETTERS: Final = 95
"""What a lane with a line of labels needs; title, axis and legend; a line of the title."""


def draw(timeline: Timeline, path: Path, *, title: str = "") -> Path:
    """Write a timeline as .png or .svg; raises ValueError for another ending.

    It has the size of a slide, and is higher where many lanes must keep their labels.
    """
    return save(figure_of(timeline, title=title), path)


def figure_of(timeline: Timeline, *, title: str = "") -> Figure:
    """A timeline as a figure."""
    lanes = timeline.intervals["lane"].nunique()
    figure, ax = new_figure(max(SIZE_INCHES[1], AROUND_INCHES + LANE_INCHES * lanes))
    title = "\n".join(wrap(title, TITLE_LETTERS))
    plot_timeline(timeline.intervals, timeline.marks, ax, origin_s=timeline.origin_s, title=title)
    return figure


def draw_trial(order: TrialOrder, path: Path) -> Path:
    """Run a trial and write its timeline; the axis counts from the start of the script."""
    _, timeline = trial_timeline(order)
    return draw(timeline, path, title=title_of(order))


def title_of(order: TrialOrder) -> str:
    """Return the design and the faults in words."""
    said = "; ".join(
        f"{fault.kind} {fault.target} at {format_duration(fault.at_ns)}"
        + (f" for {format_duration(fault.lasts_ns)}" if fault.lasts_ns else "")
        for fault in order.faults
    )
    return f"{order.design.title}: {said}"
