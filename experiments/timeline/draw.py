"""Draws timelines into files."""

from __future__ import annotations

from pathlib import Path

from experiments.inject.trial import TrialOrder
from experiments.plots.style import new_figure, save
from experiments.plots.timeline import plot_timeline
from experiments.timeline.timeline import Timeline, trial_timeline
from sim.clock import format_duration


def draw(timeline: Timeline, path: Path, *, title: str = "") -> Path:
    """Write a timeline as a slide-sized .png or .svg; raises ValueError for another ending."""
    figure, ax = new_figure()
    plot_timeline(timeline.intervals, timeline.marks, ax, origin_s=timeline.origin_s, title=title)
    return save(figure, path)


def draw_trial(order: TrialOrder, path: Path) -> Path:
    """Run a trial and write its timeline; the axis counts from the start of the script."""
    _, timeline = trial_timeline(order)
    said = "; ".join(
        f"{fault.kind} {fault.target} at {format_duration(fault.at_ns)}"
        + (f" for {format_duration(fault.lasts_ns)}" if fault.lasts_ns else "")
        for fault in order.faults
    )
    return draw(timeline, path, title=f"{order.design.title}: {said}")
