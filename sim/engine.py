"""The kernel: SimPy's event queue with a total order, observable state and three engines.

One model source runs under three engines (``reference`` measurements: ``docs/kernel.md``):

* ``naive``: every tick of every ticker is an event. Slow, obvious, kept for ever as the oracle.
* ``fast``: a ticker whose guard is false sleeps; it wakes at its next tick in phase once the
  guard turns true. Same trace, event for event.
* ``audit``: as fast, and after every event each sleeping guard, watch and computed cell is
  evaluated afresh; a difference is an :class:`AuditError`.

Simultaneous events are served in the order of the rank of their source, which is a hash of the
source's path: it depends neither on the engine nor on what else the world contains.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from heapq import heappop, heappush
from operator import itemgetter
from typing import Any, Literal, Protocol

import simpy

from sim.controls import Controls
from sim.state import _Cell
from sim.streams import Stream, Streams

_by_rank = itemgetter(0)

Engine = Literal["fast", "naive", "audit"]


class AuditError(AssertionError):
    """A sleeper was asleep though its next tick would matter; the kernel or a guard is wrong."""


class Sleeper(Protocol):
    """What the kernel checks again at the end of an event that changed what it had read."""

    rank: int

    def recheck(self) -> Callable[[], object] | None:
        """Evaluate again; return what is to be done about the outcome, if anything."""

    def audit(self) -> str | None:
        """Return a complaint if a fresh evaluation disagrees with the present standing."""


@lru_cache(maxsize=65536)
def rank_of(path: str) -> int:
    """Return the place of a source among simultaneous events: 1 .. 2**56, by its path alone.

    SimPy keeps 0 for its own urgent events, hence the 1.
    """
    return 1 + int.from_bytes(blake2b(path.encode(), digest_size=7).digest())


class Occurrence(simpy.Event):
    """One scheduled call; ``cancel`` makes it a no-op."""

    def __init__(self, kernel: Kernel, rank: int, call: Callable[[], object]) -> None:
        # What simpy.Event.__init__ and a triggered event hold, set once (this is the hot path).
        self.env = kernel
        self.callbacks = [self._serve]
        self._ok = True
        self._value = None
        self._kernel = kernel
        self._rank = rank
        self._call = call

    def cancel(self) -> None:
        """Drop the call; harmless after it has happened."""
        if self.callbacks is not None:
            self.callbacks.clear()

    def _serve(self, _: simpy.Event) -> None:
        kernel, rank = self._kernel, self._rank
        now = kernel.now
        if kernel.instant != now:
            kernel.instant, kernel.rank_served = now, rank
        elif rank > kernel.rank_served:
            kernel.rank_served = rank
        kernel.events += 1
        self._call()
        kernel.settle()


class Kernel(simpy.Environment):
    """Time (integer nanoseconds), events, randomness and settling of one run.

    ``rank_served`` is the highest rank served so far at this instant: a ticker that is woken now
    still has its turn at this instant only if its own rank is higher.
    """

    def __init__(self, *, engine: Engine = "fast", seed: int = 0, replication: int = 0) -> None:
        super().__init__(initial_time=0)
        self.engine = engine
        self.tracks = engine != "naive"
        self.streams = Streams(seed, replication)
        self.controls = Controls()
        self.events = 0
        self.instant = -1
        self.rank_served = 0
        self.unsettled: dict[Sleeper, None] = {}
        self.unfresh_cells: list[_Cell[Any]] = []
        self.cells: list[_Cell[Any]] = []
        self.sleepers: dict[Sleeper, None] = {}
        self._claimed: dict[int, str] = {}

    @property
    def now(self) -> int:
        """Simulated time, ns since the start of the run."""
        return self._now  # type: ignore[return-value]

    def claim_rank(self, path: str) -> int:
        """Return the rank of ``path`` for a source of events; every source claims its own once."""
        rank = rank_of(path)
        if self._claimed.setdefault(rank, path) != path:
            raise ValueError(f"{path} and {self._claimed[rank]} have the same rank; rename one")
        return rank

    def stream(self, *path: str) -> Stream:
        """Return the random stream that belongs to ``path`` (entity, purpose)."""
        return self.streams.stream(*path)

    def call_at(self, at_ns: int, rank: int, call: Callable[[], object]) -> Occurrence:
        """Schedule ``call`` at an absolute time (ns, not before now), as the source ``rank``."""
        occurrence = Occurrence(self, rank, call)
        # What simpy.Environment.schedule does, without going by the delay.
        heappush(self._queue, (at_ns, rank, next(self._eid), occurrence))  # type: ignore[misc]
        return occurrence

    def next_due_ns(self) -> int | None:
        """Return when the next call is due that has not been cancelled; None if there is none."""
        while self._queue and not self._queue[0][-1].callbacks:
            heappop(self._queue)
        return self._queue[0][0] if self._queue else None  # type: ignore[return-value]

    def settle(self) -> None:
        """Check everything again that read what has changed, until nothing changes any more.

        In rounds: first all readings, then all reactions, by rank. A reaction in between would be
        seen by some readers of its round and not by others, depending on who is cached.
        """
        while self.unsettled or self.unfresh_cells:
            while self.unfresh_cells:
                cell = self.unfresh_cells.pop()
                if cell.standing and cell.readers:
                    cell.refresh()
            pending, self.unsettled = self.unsettled, {}
            reactions = []
            for sleeper in pending:
                react = sleeper.recheck()
                if react is not None:
                    reactions.append((sleeper.rank, react))
            # Readings are pure, so their order is nobody's business; that of reactions is.
            if len(reactions) > 1:
                reactions.sort(key=_by_rank)
            for _, react in reactions:
                react()
        if self.engine == "audit":
            self._audit()

    def run_until(self, at_ns: int) -> None:
        """Run up to, and not including, the instant ``at_ns``."""
        self.settle()
        if at_ns > self.now:
            self.run(until=at_ns)

    def _audit(self) -> None:
        for sleeper in self.sleepers:
            complaint = sleeper.audit()
            if complaint:
                raise AuditError(f"at {self.now} ns: {complaint}")
        for cell in self.cells:
            if not cell.standing and cell.fresh() != cell.value:
                raise AuditError(f"at {self.now} ns: {cell} holds {cell.value!r}")
