"""The trace of a trial from its first fault on, to look events up by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sim.clock import NS_PER_S
from sim.trace import Record


class Event(NamedTuple):
    """One event: seconds since the first fault, who logged it, and its own words."""

    at_s: float
    entity: str
    words: dict[str, object]


class EventLog:
    """Events by name, each list in order of time."""

    def __init__(self, records: Iterable[Record], zero_ns: int) -> None:
        self._by_name: dict[str, list[Event]] = {}
        for record in records:
            if record.time_ns >= zero_ns:
                at_s = (record.time_ns - zero_ns) / NS_PER_S
                event = Event(at_s, record.entity, dict(record.fields))
                self._by_name.setdefault(record.event, []).append(event)

    def all(self, name: str, /, *, entity: str = "", **words: object) -> list[Event]:
        """Return the events of a name, of one entity and with these words if given."""
        return [
            event
            for event in self._by_name.get(name, ())
            if (not entity or event.entity == entity)
            and all(event.words.get(key) == value for key, value in words.items())
        ]

    def first(self, name: str, /, *, entity: str = "", **words: object) -> Event | None:
        """Return the first such event, None if there is none."""
        return next(iter(self.all(name, entity=entity, **words)), None)
