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
from operator import attrgetter
from typing import Any, Literal, NoReturn, Protocol, cast

import simpy

from sim.controls import Controls
from sim.state import _Cell
from sim.streams import Stream, Streams

_by_rank = attrgetter("rank")

Engine = Literal["fast", "naive", "audit"]


class AuditError(AssertionError):
    """A sleeper was asleep though its next tick would matter; the kernel or a guard is wrong."""


class Sleeper(Protocol):
    """What the kernel checks again at the end of an event that changed what it had read."""

    rank: int

    def recheck(self) -> bool:
        """Evaluate again; return whether it has to respond to the outcome."""

    def respond(self) -> None:
        """Do what is to be done about the outcome."""

    def audit(self) -> str | None:
        """Return a complaint if a fresh evaluation disagrees with the present standing."""


@lru_cache(maxsize=65536)
def rank_of(path: str) -> int:
    """Return the place of a source among simultaneous events: 1 .. 2**56, by its path alone.

    0 is below them all: nothing has been served at this instant yet.
    """
    return 1 + int.from_bytes(blake2b(path.encode(), digest_size=7).digest())


class Occurrence:
    """One scheduled call; ``cancel`` drops it, and is harmless after it has happened."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Make the call a no-op."""
        self.call = None


class Kernel(simpy.Environment):
    """Time (integer nanoseconds), events, randomness and settling of one run.

    ``rank_served`` is the highest rank served so far at this instant: a ticker that is woken now
    still has its turn at this instant only if its own rank is higher.
    """

    # Nothing is read more often; SimPy has a property for it.
    now: int = 0
    """Simulated time, ns since the start of the run."""

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
        self.redraws: list[Callable[[], object]] = []
        self._claimed: dict[int, str] = {}
        # SimPy's own queue. Nothing but calls is ever put into it.
        self._calls = cast("list[tuple[int, int, int, Occurrence]]", self._queue)

    def claim_rank(self, path: str) -> int:
        """Return the rank of ``path`` for a source of events; every source claims its own once."""
        rank = rank_of(path)
        if self._claimed.setdefault(rank, path) != path:
            raise ValueError(f"{path} and {self._claimed[rank]} have the same rank; rename one")
        return rank

    def stream(self, *path: str) -> Stream:
        """Return the random stream that belongs to ``path`` (entity, purpose)."""
        return self.streams.stream(*path)

    def branch(self, number: int) -> None:
        """Go on by other random numbers; what waits by a law (``redraws``) draws again how long.

        The same run with another ``number`` is another future of the same past. What else has been
        drawn (how long a fault lasts that stands) and what is drawn by index (the jitter of ticks)
        stays as it is: each future by itself is as likely as any, though two are not independent.
        """
        self.streams.branch(number)
        for redraw in self.redraws:
            redraw()

    def call_at(self, at_ns: int, rank: int, call: Callable[[], object]) -> Occurrence:
        """Schedule ``call`` at an absolute time (ns, not before now), as the source ``rank``."""
        occurrence = Occurrence(call)
        # As simpy.Environment.schedule does, with the time itself instead of a delay.
        heappush(self._calls, (at_ns, rank, next(self._eid), occurrence))
        return occurrence

    def schedule(self, event: simpy.Event, *_: object, **__: object) -> NoReturn:
        """Refuse an event of SimPy's own (a timeout, a process), with a TypeError.

        It would have neither a rank nor a settling after it.
        """
        raise TypeError(
            f"{type(event).__name__}: the kernel serves calls only (call_at, run_until)"
        )

    def run(self, until: object = None) -> NoReturn:
        """Refuse SimPy's loop, which would end with an event of its own, with a TypeError."""
        raise TypeError("the kernel runs by run_until")

    def next_due_ns(self) -> int | None:
        """Return when the next call is due that has not been cancelled; None if there is none."""
        while self._calls and self._calls[0][-1].call is None:
            heappop(self._calls)
        return self._calls[0][0] if self._calls else None

    def step(self) -> None:
        """Serve the next call and settle; a call that was cancelled only passes the time."""
        at_ns, rank, _, occurrence = heappop(self._calls)
        self.now = at_ns
        if occurrence.call is None:
            return
        if self.instant != at_ns:
            self.instant, self.rank_served = at_ns, rank
        elif rank > self.rank_served:
            self.rank_served = rank
        self.events += 1
        occurrence.call()
        self.settle()

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
            reacting = [sleeper for sleeper in pending if sleeper.recheck()]
            # Readings are pure, so their order is nobody's business; that of reactions is.
            if len(reacting) > 1:
                reacting.sort(key=_by_rank)
            for sleeper in reacting:
                sleeper.respond()
        if self.engine == "audit":
            self._audit()

    def run_until(self, at_ns: int) -> None:
        """Run up to, and not including, the instant ``at_ns``."""
        self.settle()
        calls, step = self._calls, self.step
        while calls and calls[0][0] < at_ns:
            step()
        self.now = max(at_ns, self.now)

    def _audit(self) -> None:
        for sleeper in self.sleepers:
            complaint = sleeper.audit()
            if complaint:
                raise AuditError(f"at {self.now} ns: {complaint}")
        for cell in self.cells:
            if not cell.standing and cell.fresh() != cell.value:
                raise AuditError(f"at {self.now} ns: {cell} holds {cell.value!r}")
