"""Which events of the trace are marked in the picture, on which lane, in which words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from experiments.timeline.readings import NAME_PREFIX, host_lane
from models.fault_targets import TargetNames
from sim.trace import Record

_OF_SENTINELS: Final = frozenset(
    {
        "+odown",
        "+try-failover",
        "+promoted-slave",
        "+switch-master",
        "+convert-to-slave",
        "-failover-abort-not-elected",
        "-failover-abort-no-good-slave",
        "-failover-abort-slave-timeout",
    }
)


class MarkedEvent(NamedTuple):
    """An event to be marked: its lane, its time in ns, and what is written beside it."""

    lane: str
    time_ns: int
    label: str


def marks_of(
    records: Iterable[Record], lanes: Collection[str], names: TargetNames
) -> list[MarkedEvent]:
    """Return the marks of a trace that fall on one of the ``lanes``."""
    found = []
    published = [lane for lane in lanes if lane.startswith(NAME_PREFIX)]
    # A check belongs to one service; with several names it is not told which of them it moves.
    name_lane = published[0] if len(published) == 1 else ""
    for record in records:
        mark = _mark(record, names, name_lane)
        if mark is not None and mark.lane in lanes:
            found.append(mark)
    return found


def _mark(record: Record, names: TargetNames, name_lane: str) -> MarkedEvent | None:
    words = dict(record.fields)
    if record.event in ("fault-begin", "fault-end"):
        return _fault(record, words, names)
    if record.event in _OF_SENTINELS:
        return MarkedEvent(record.entity, record.time_ns, record.event)
    if record.event == "+sdown" and words.get("role") == "master":
        return MarkedEvent(record.entity, record.time_ns, record.event)
    if record.event == "synced" and "status" in words:
        host = record.entity.partition("@")[2]
        return MarkedEvent(name_lane, record.time_ns, f"{host} {words['status']}")
    if record.event == "sentinel-moved":
        return MarkedEvent(str(words["stopped"]), record.time_ns, "moved")
    if record.event == "writes-lost":
        return MarkedEvent(record.entity, record.time_ns, f"{words['count']} writes lost")
    return None


def _fault(record: Record, words: dict[str, object], names: TargetNames) -> MarkedEvent | None:
    kind, target = str(words["kind"]), str(words["target"])
    if kind == "kill":
        label = "kill" if record.event == "fault-begin" else ""
    else:
        label = f"{kind} begins" if record.event == "fault-begin" else f"{kind} ends"
    lane = _lane_of(target, names)
    return MarkedEvent(lane, record.time_ns, label) if label and lane else None


def _lane_of(target: str, names: TargetNames) -> str:
    """Return the lane that shows a fault's target: a process, a host, a pair's first host."""
    if target in names.processes:
        return target
    if target in names.site_of:
        return host_lane(target)
    try:
        pair = names.resolve(target, ("pair",)).names
    except ValueError:
        return ""
    return host_lane(min(names.hosts_of(pair[0]), default=""))
