"""A periodic loop of a real program, written as the loop; the kernel skips what cannot matter."""

from __future__ import annotations

from collections.abc import Callable

from sim.engine import Kernel, Occurrence
from sim.grid import Grid
from sim.state import observe


class Ticker:
    """Calls ``act`` at the ticks of ``grid`` at which it would change anything.

    ``guard`` answers "would this tick change any state?" from observable state alone, never from
    the time (a condition on time is an :class:`~sim.alarm.Alarm`). ``act`` must change nothing
    when the guard is false: the naive engine calls it at every tick and never asks the guard,
    which is how a guard that is too narrow is found out.
    """

    __slots__ = ("_occurrence", "_retired", "act", "grid", "guard", "kernel", "path", "rank")

    def __init__(
        self,
        kernel: Kernel,
        path: str,
        grid: Grid,
        guard: Callable[[], object],
        act: Callable[[], object],
    ) -> None:
        self.kernel = kernel
        self.path = path
        self.rank = kernel.claim_rank(path)
        self.grid = grid
        self.guard = guard
        self.act = act
        self._occurrence: Occurrence | None = None
        self._retired = False
        kernel.sleepers[self] = None
        self._look()

    def regrid(self, grid: Grid) -> None:
        """Tick on another grid from now on (a program restarted, or its period changed)."""
        self.grid = grid
        # Asleep it goes on sleeping: the guard reads state, and has no part in when the ticks are.
        if self._occurrence is not None:
            self._occurrence.cancel()
            self._occurrence = None
            self._look()

    def invalidate(self) -> None:
        """Something that the guard read has changed: look again at the end of this event."""
        if self._occurrence is None:
            self.kernel.unsettled[self] = None

    def recheck(self) -> bool:
        """Go on sleeping, or wake at the next tick in phase; neither asks for a response."""
        asleep = self._occurrence is None and not self._retired
        if asleep and (not self.kernel.tracks or observe(self, self.guard)):
            self._schedule()
        return False

    def respond(self) -> None:
        """Nothing: waking is all."""

    def retire(self) -> None:
        """Tick no more: what it belonged to is gone for good."""
        self._retired = True
        self.kernel.sleepers.pop(self, None)
        if self._occurrence is not None:
            self._occurrence.cancel()
            self._occurrence = None

    def audit(self) -> str | None:
        """Return a complaint if this ticker sleeps although its guard is true."""
        if self._occurrence is None and self.guard():
            return f"ticker {self.path} sleeps though its guard is true"
        return None

    def _look(self) -> None:
        # The guard is asked when the event is over, never in the middle of a change.
        self.kernel.unsettled[self] = None

    def _schedule(self) -> None:
        kernel = self.kernel
        now = kernel.now
        turn_to_come = kernel.instant != now or self.rank > kernel.rank_served
        at_ns = self.grid.after(now - 1 if turn_to_come else now)
        self._occurrence = kernel.call_at(at_ns, self.rank, self._tick)

    def _tick(self) -> None:
        self._occurrence = None
        self.act()
        self._look()

    def __repr__(self) -> str:
        return f"the guard of ticker {self.path}"
