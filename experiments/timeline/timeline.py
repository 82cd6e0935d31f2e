"""The tables behind the picture of an incident: intervals of states, and marks.

Their columns are those of :func:`experiments.plots.timeline.plot_timeline`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.building.world import build_world
from experiments.inject.trial import Trial, TrialOrder, run_trial
from experiments.simulation import RunOrder
from experiments.timeline.collector import Collector
from experiments.timeline.marks import marks_of
from experiments.timeline.places import Places
from experiments.timeline.selection import shown_rows
from sim.clock import NS_PER_S, from_seconds, to_seconds
from sim.engine import Kernel

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Timeline:
    """``origin_s`` is the time that the axis calls 0."""

    intervals: pd.DataFrame
    marks: pd.DataFrame
    origin_s: float


def timeline_of(order: RunOrder, start_s: float, end_s: float) -> Timeline:
    """Return the lanes of a run between two times, s since its start; runs it up to the end.

    Raises ValueError for an empty window.
    """
    start_ns, end_ns = from_seconds(start_s), from_seconds(end_s)
    if end_ns <= start_ns:
        raise ValueError(f"a window from {start_s:g} s to {end_s:g} s is empty")
    kernel = Kernel(engine=order.engine, seed=order.seed, replication=order.replication)
    world = build_world(order.design, order.profile, kernel, traced=True)
    collector = Collector(world)
    kernel.run_until(end_ns)
    collector.close()
    return tables_of(collector, start_ns, end_ns, start_ns)


def trial_timeline(order: TrialOrder) -> tuple[Trial, Timeline]:
    """Return a trial and its lanes: from a little before the first fault until nothing happens."""
    collectors: list[Collector] = []
    trial = run_trial(order, lambda trial: collectors.append(Collector(trial.world)))
    (collector,) = collectors
    collector.close()
    last_ns = max(
        (end for lane in collector.lanes for _, _, end in collector.bars(lane)[:-1]),
        default=trial.end_ns,
    )
    last_ns = max([last_ns, *(record.time_ns for record in trial.world.trace.records)])
    after_ns = max(last_ns - trial.fault_ns, 10 * NS_PER_S)
    start_ns = max(trial.start_ns, trial.fault_ns - after_ns // 20)
    end_ns = min(trial.end_ns, trial.fault_ns + round(1.06 * after_ns))
    return trial, tables_of(collector, start_ns, end_ns, trial.start_ns)


def tables_of(collector: Collector, start_ns: int, end_ns: int, origin_ns: int) -> Timeline:
    """The lanes that a closed collector has seen between two kernel times, ns."""
    import pandas as pd

    world = collector.world
    shown = [record for record in world.trace.records if start_ns <= record.time_ns <= end_ns]
    marks = marks_of(shown, collector.lanes, Places.in_world(world))
    rows = shown_rows(collector, {mark.lane for mark in marks}, start_ns, end_ns)
    lanes = {row.lane for row in rows}
    intervals = pd.DataFrame(
        [
            (lane, kind, state, to_seconds(start), to_seconds(end))
            for lane, kind, state, start, end in rows
        ],
        columns=["lane", "kind", "state", "start_s", "end_s"],
    )
    table = pd.DataFrame(
        [(mark.lane, to_seconds(mark.time_ns), mark.label) for mark in marks if mark.lane in lanes],
        columns=["lane", "time_s", "label"],
    )
    return Timeline(intervals, table, to_seconds(origin_ns))
