"""Which lanes are shown where there are too many, and which hosts share one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from experiments.plots.style import LOOKS
from experiments.timeline.collector import Collector

MOST_LANES: Final = 12
"""With more lanes than this, those in which nothing happens are left out."""

FAR_TOO_MANY: Final = 14
"""With more lanes than this, a cut is shown at the host that is marked with it and at no other."""

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

    All lanes, or where there are too many those in which something is; of hosts that fare alike
    then the first.
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
        lanes = _hosts_joined(lanes, rows, marked)
    if len(lanes) > FAR_TOO_MANY:
        lanes = [lane for lane in lanes if lane in marked or not _is_at_a_path(rows[lane])]
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


def _hosts_joined(
    lanes: Sequence[str], rows: Mapping[str, list[Row]], marked: Collection[str]
) -> list[str]:
    """Return the lanes without those of unmarked hosts that fare as an earlier host does."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for lane in lanes:
        shape = tuple((row.state, row.start_ns, row.end_ns) for row in rows[lane])
        if rows[lane] and rows[lane][0].kind == "host":
            if shape in seen and lane not in marked:
                continue
            seen.add(shape)
        kept.append(lane)
    return kept


def _is_at_a_path(rows: Sequence[Row]) -> bool:
    """Whether this is a host that is well and only out of somebody's sight at times."""
    return all(row.kind == "host" and row.state in ("up", "cut") for row in rows)
