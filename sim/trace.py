"""The trace: one line an event, and the truth that every result can be recomputed from."""

from __future__ import annotations

from typing import NamedTuple

from sim.clock import to_seconds


class Record(NamedTuple):
    """One traced event: when (ns), who, what, and the event's own words (name, value)."""

    time_ns: int
    entity: str
    event: str
    fields: tuple[tuple[str, object], ...]

    def __str__(self) -> str:
        words = " ".join(f"{name}={value}" for name, value in self.fields)
        return f"{to_seconds(self.time_ns):14.6f}  {self.entity:<24} {self.event} {words}".rstrip()


class Trace:
    """The records of a run in the order in which they happened.

    A year of incidents is about a thousand records, so they are kept in memory; ``enabled`` turns
    keeping off for studies, which read meters instead.
    """

    __slots__ = ("enabled", "records")

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self.records: list[Record] = []

    def add(self, time_ns: int, entity: str, event: str, **fields: object) -> None:
        """Add one record; ``fields`` keep the order in which they are given."""
        if self.enabled:
            self.records.append(Record(time_ns, entity, event, tuple(fields.items())))
