"""Which lanes are shown where there are too many, and which hosts share one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from experiments.plots.style import LOOKS
from experiments.timeline.collector import Collector

MOST_LANES: Final = 12
"""With more lanes than this, those in which nothing happens are left out."""

# The states in which a lane may be when nothing happens: the first of its kind, as a rule.
_CALM: Final = {kind: {next(iter(looks))} for kind, looks in LOOKS.items()} | {
    "process": {"master", "slave"},
    "load": {"none", "some", "all"},
}


class Row(NamedTuple):
    """A bar: its lane, the lane's kind, its state, from when to when (ns)."""

    lane: str
    kind: str
    state: str
    start_ns: int
    end_ns: int


def shown_rows(
    collector: Collector, marked: Collection[str], start_ns: int, end_ns: int
) -> list[Row]:
    """Return the bars between two times of the lanes to show, from the top; ``marked`` have marks.

    All lanes, or where there are too many those in which something is; hosts that fare alike then
    share the lane of the first.
    """
    rows = {lane: _bars(collector, lane, start_ns, end_ns) for lane in collector.lanes}
    lanes = list(rows)
    if len(lanes) > MOST_LANES:
        groups = {
            collector.groups[lane]
            for lane in lanes
            if lane in marked or _is_eventful(collector.kinds[lane], rows[lane])
        }
        lanes = [lane for lane in lanes if collector.groups[lane] in groups]
    if len(lanes) > MOST_LANES:
        return _hosts_joined([rows[lane] for lane in lanes], marked)
    return [row for lane in lanes for row in rows[lane]]


def _bars(collector: Collector, lane: str, start_ns: int, end_ns: int) -> list[Row]:
    return [
        Row(lane, collector.kinds[lane], state, max(start, start_ns), min(end, end_ns))
        for state, start, end in collector.bars(lane)
        if end > start_ns and start < end_ns
    ]


def _is_eventful(kind: str, rows: Sequence[Row]) -> bool:
    states = {row.state for row in rows}
    return kind == "class" or len(states) > 1 or not states <= _CALM[kind]


def _hosts_joined(lanes: Sequence[list[Row]], marked: Collection[str]) -> list[Row]:
    """Return the bars without those of unmarked hosts that fare as an earlier host does."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Row] = []
    for rows in lanes:
        shape = tuple((row.state, row.start_ns, row.end_ns) for row in rows)
        if rows and rows[0].kind == "host":
            if shape in seen and rows[0].lane not in marked:
                continue
            seen.add(shape)
        kept += rows
    return kept
