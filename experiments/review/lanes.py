"""Which lanes of an incident's timeline the page shows, with times counted from the first fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from experiments.review.shown_incidents import ShownIncident

MOST_LANES: Final = 20
"""More lanes than this do not fit a screen; those with the least happening are left out."""

MOST_EVENTS: Final = 80
"""Rows of the table of events; an incident of days has thousands."""

USERS: Final = "what users get"


class Bar(NamedTuple):
    """A state from when to when, s since the first fault."""

    state: str
    start: float
    end: float


class Mark(NamedTuple):
    """Something that somebody logged, s since the first fault."""

    time: float
    label: str


class Lane(NamedTuple):
    """A host, a program, a name, or what users get; ``kind`` is one of ``plots.style.LOOKS``."""

    name: str
    kind: str
    bars: list[Bar]
    marks: list[Mark]

    @property
    def happening(self) -> int:
        """How much happens in it."""
        return len(self.bars) - 1 + 2 * len(self.marks)


class Event(NamedTuple):
    """A row of the table of events: when (s since the first fault), who, what."""

    time: float
    who: str
    what: str


def lanes_of(incident: ShownIncident) -> tuple[list[Lane], int]:
    """The lanes to show from top to bottom, what users get last; and how many are left out.

    A lane in which nothing happens is left out, unless it is a server of a data store.
    """
    origin_s = incident.start_s
    bars: dict[str, list[Bar]] = {}
    kinds: dict[str, str] = {}
    marks: dict[str, list[Mark]] = {}
    for row in incident.timeline.intervals.to_dict("records"):
        kinds[str(row["lane"])] = str(row["kind"])
        bar = Bar(str(row["state"]), row["start_s"] - origin_s, row["end_s"] - origin_s)
        bars.setdefault(str(row["lane"]), []).append(bar)
    for row in incident.timeline.marks.to_dict("records"):
        mark = Mark(row["time_s"] - origin_s, str(row["label"]))
        marks.setdefault(str(row["lane"]), []).append(mark)
    every = [
        Lane(USERS if kinds[name] == "class" else name, kinds[name], own, marks.get(name, []))
        for name, own in bars.items()
    ]
    kept = [lane for lane in every if lane.happening or lane.kind in ("class", "process")]
    if len(kept) > MOST_LANES:
        # Sorting is stable: of lanes that weigh the same, the upper ones stay.
        chosen = sorted(range(len(kept)), key=lambda place: -_weight(kept[place]))[:MOST_LANES]
        kept = [kept[place] for place in sorted(chosen)]
    kept.sort(key=lambda lane: lane.kind == "class")
    return kept, len(every) - len(kept)


def _weight(lane: Lane) -> int:
    """Truth and what users get before opinions; then the lanes in which most happens."""
    first = {"class": 10_000, "process": 5_000, "host": 1_000, "application": 500, "name": 500}
    return first.get(lane.kind, 0) + lane.happening


def events_of(incident: ShownIncident, lanes: list[Lane]) -> list[Event]:
    """All marks of the shown lanes and all changes of what users get, in the order of time."""
    found = [Event(mark.time, lane.name, mark.label) for lane in lanes for mark in lane.marks]
    for lane in lanes:
        if lane.kind == "class":
            found += [Event(bar.start, lane.name, bar.state) for bar in lane.bars[1:]]
    return sorted(found)
