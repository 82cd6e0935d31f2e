"""Which events of the trace are marked in the picture, on which lane, in which words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple

from experiments.timeline.places import Places
from experiments.timeline.programs import LOAD_PREFIX
from sim.trace import Record

# Marked by their own names, on the lane of the process that logs them.
_BY_NAME: Final = frozenset(
    {
        "+odown",
        "+try-failover",
        "+promoted-slave",
        "+switch-master",
        "+convert-to-slave",
        "-failover-abort-not-elected",
        "-failover-abort-no-good-slave",
        "-failover-abort-slave-timeout",
        "master-may-be-down",
        "master-is-confirmed-down",
        "no-candidate-found",
        "candidate-unreachable",
        "script-failed",
        "exec-before",
        "exec-after",
        "failover-complete",
    }
)
_OF_SWAPS: Final = frozenset(
    {"swap-begins", "swap-done", "swap-goes-wrong", "swap-given-up", "swap-skipped", "swap-back"}
)
_OF_MEMBERS: Final = {"EventMemberFailed": "failed", "EventMemberJoin": "joined"}

Words = dict[str, object]


class MarkedEvent(NamedTuple):
    """An event to be marked: its lane, its time in ns, and what is written beside it."""

    lane: str
    time_ns: int
    label: str


def marks_of(
    records: Iterable[Record], lanes: Collection[str], places: Places
) -> list[MarkedEvent]:
    """Return the marks of a trace that fall on one of the ``lanes``."""
    found = []
    for record in records:
        read = _READERS.get(record.event)
        place = read(record, dict(record.fields), places) if read is not None else None
        if place is not None and place[0] in lanes and place[1]:
            found.append(MarkedEvent(place[0], record.time_ns, place[1]))
    return found


# Each reader returns the lane and the label of a record, None if it is not to be marked.
Place = tuple[str, str] | None


def _fault(record: Record, words: Words, places: Places) -> Place:
    kind = str(words["kind"])
    begins = record.event == "fault-begin"
    if kind == "kill":
        label = "kill" if begins else ""
    else:
        label = f"{kind} begins" if begins else f"{kind} ends"
    return places.of_target(str(words["target"])), label


def _plain(record: Record, words: Words, places: Places) -> Place:
    return record.entity, record.event


def _sdown(record: Record, words: Words, places: Places) -> Place:
    return (record.entity, record.event) if words.get("role") == "master" else None


def _synced(record: Record, words: Words, places: Places) -> Place:
    if "status" not in words:
        return None
    host = record.entity.partition("@")[2]
    lane = places.of_checks.get((host, str(words["check"])), "")
    # Which backend it is stands beside its lane.
    said = str(words["status"])
    return lane, said if lane.startswith(LOAD_PREFIX) else f"{host} {said}"


def _exit(record: Record, words: Words, places: Places) -> Place:
    return record.entity, f"exit: {words['reason']}"


def _node(record: Record, words: Words, places: Places) -> Place:
    verb = record.event.partition("-")[0]
    return places.of_nodes.get(str(words["node"]), ""), f"{verb}ed"


def _rendered(record: Record, words: Words, places: Places) -> Place:
    return places.of_files.get(record.entity, ""), "rewritten"


def _leader(record: Record, words: Words, places: Places) -> Place:
    return places.consul, record.event


def _member(record: Record, words: Words, places: Places) -> Place:
    return places.consul, f"{words['node']} {_OF_MEMBERS[record.event]}"


def _swap(record: Record, words: Words, places: Places) -> Place:
    return places.of_stores.get(record.entity.rpartition("/")[2], ""), record.event


def _hand(record: Record, words: Words, places: Places) -> Place:
    return str(words["server"]), record.event


def _restored(record: Record, words: Words, places: Places) -> Place:
    return str(words["what"]).partition(" ")[0], record.event


def _moved(record: Record, words: Words, places: Places) -> Place:
    return str(words["stopped"]), "moved"


def _lost(record: Record, words: Words, places: Places) -> Place:
    count = words["count"]
    return record.entity, f"{count} write{'' if count == 1 else 's'} lost"


_READERS: Final[dict[str, Callable[[Record, Words, Places], Place]]] = {
    **dict.fromkeys(_BY_NAME, _plain),
    **dict.fromkeys(_OF_SWAPS, _swap),
    **dict.fromkeys(_OF_MEMBERS, _member),
    "fault-begin": _fault,
    "fault-end": _fault,
    "+sdown": _sdown,
    "synced": _synced,
    "exit": _exit,
    "register-node": _node,
    "deregister-node": _node,
    "rendered": _rendered,
    "leader-lost": _leader,
    "promotes": _hand,
    "rejoins": _hand,
    "restores": _restored,
    "sentinel-moved": _moved,
    "writes-lost": _lost,
}
