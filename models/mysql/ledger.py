"""Which acknowledged writes survive: those on the line of the server that was promoted last.

Whoever is promoted decides: what it has not received of the old line is lost at that moment, and
what an old master acknowledges from then on is lost as it happens. A write that is lost stays
counted as lost, once, also if a server that still has it is promoted later: it had vanished.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from models.mysql.growth import Growth
from models.mysql.gtid import GtidSet, Stream
from sim.engine import Kernel

Interval = tuple[float, float]


class Holder(Protocol):
    """A server as the ledger knows it."""

    @property
    def skips(self) -> tuple[tuple[Stream, float], ...]:
        """Streams of which it lacks the first so many, because it took them for others."""

    def received_now(self) -> GtidSet:
        """Return all the transactions that it has now."""


class Balance(NamedTuple):
    """Acknowledged writes by their fate; ``acked_writes`` is the sum of the other three.

    ``surviving_writes``: on the line and on another server. ``at_risk_writes``: on the line alone.
    """

    acked_writes: float
    surviving_writes: float
    at_risk_writes: float
    lost_writes: float


def _join(intervals: list[Interval]) -> list[Interval]:
    """Return the same points as disjoint intervals in order."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


def _length(intervals: list[Interval], below: float = float("inf")) -> float:
    return sum(max(0.0, min(end, below) - start) for start, end in intervals)


class Ledger:
    """The streams of one replication group, and which of their writes are lost."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.line: Holder | None = None
        self.growth: dict[Stream, Growth] = {}
        self.number_before: dict[Stream, float] = {}
        self._lost: dict[Stream, list[Interval]] = {}
        self._hear: dict[str, Callable[[float], object]] = {}
        self._unheard: dict[str, float] = {}

    def open(self, stream: Stream, number_before: float = 0.0) -> Growth:
        """Begin a stream whose first transaction has the number after ``number_before``."""
        self.growth[stream] = Growth()
        self.number_before[stream] = number_before
        self._lost[stream] = []
        return self.growth[stream]

    def hear(self, source: str, heard: Callable[[float], object]) -> None:
        """Have ``heard(count)`` told of lost writes that ``source`` had acknowledged."""
        self._hear[source] = heard
        self._unheard[source] = 0.0

    def number(self, held: GtidSet, source: str) -> float:
        """Return the highest transaction number of ``source`` in ``held`` (GTID's last part)."""
        return max(
            (
                self.number_before[stream] + held.count(stream)
                for stream in held.streams()
                if stream.source == source and stream.kind == "acked"
            ),
            default=0.0,
        )

    # The line ----------------------------------------------------------------------------------

    def promoted(self, server: Holder) -> None:
        """Make ``server`` the line: what it lacks is lost."""
        self.flush()
        self.line = server
        self.flush()

    def gone_back(self, server: Holder) -> None:
        """Make ``server`` the line again: what it has is not lost after all."""
        held = server.received_now()
        for stream in self._streams():
            count = held.count(stream)
            self._lost[stream] = [
                (max(low, count), high) for low, high in self._lost[stream] if high > count
            ]
        self.line = server
        self.flush()

    def _held(self) -> GtidSet | None:
        return None if self.line is None else self.line.received_now()

    def _lost_now(self, stream: Stream, held: GtidSet | None) -> list[Interval]:
        """Return what is lost of a stream when the line has ``held``, now and before."""
        known = self._lost[stream]
        if self.line is None or held is None:
            return known
        acked = self.growth[stream].at(self.kernel.now)
        kept = min(acked, held.count(stream))
        if kept == acked and not self.line.skips:
            return known
        skipped = [(0.0, min(count, acked)) for of, count in self.line.skips if of == stream]
        return _join([*known, *skipped, (kept, acked)])

    def _streams(self) -> list[Stream]:
        return [stream for stream in self.growth if stream.kind == "acked"]

    @property
    def lost(self) -> float:
        """Acknowledged writes lost up to now."""
        held = self._held()
        return sum(_length(self._lost_now(stream, held)) for stream in self._streams())

    def flush(self) -> None:
        """Book what has been lost by now, and tell those who acknowledged it."""
        held = self._held()
        for stream in self._streams():
            before = _length(self._lost[stream])
            self._lost[stream] = self._lost_now(stream, held)
            self._tell(stream.source, _length(self._lost[stream]) - before)

    def _tell(self, source: str, count: float) -> None:
        # Less than half a write is kept back until more has come together.
        self._unheard[source] = self._unheard.get(source, 0.0) + count
        if self._unheard[source] >= 0.5 and source in self._hear:
            count, self._unheard[source] = self._unheard[source], 0.0
            self._hear[source](count)

    @property
    def acked(self) -> float:
        """Writes that masters have acknowledged up to now."""
        return sum(self.growth[stream].at(self.kernel.now) for stream in self._streams())

    def balance(self, others: tuple[Holder, ...]) -> Balance:
        """Return the acknowledged writes by fate; ``others`` are the servers beside the line."""
        held = self._held() or GtidSet()
        sets = [other.received_now() for other in others if other is not self.line]
        safe = alone = 0.0
        for stream in self._streams():
            lost = self._lost_now(stream, held)
            here = min(held.count(stream), self.growth[stream].at(self.kernel.now))
            twice = min(here, max((each.count(stream) for each in sets), default=0.0))
            safe += twice - _length(lost, below=twice)
            alone += (here - _length(lost, below=here)) - (twice - _length(lost, below=twice))
        return Balance(self.acked, safe, alone, self.lost)
