"""Conditions on time, turned into state: "has this moment come?" """

from __future__ import annotations

from sim.engine import Kernel, Occurrence
from sim.state import Entity, hidden, state


class Alarm(Entity):
    """Observable ``due``, which turns true at the time for which the alarm was last armed.

    A guard may not read the clock. What a program decides by comparing times (longer than
    down-after?) is an alarm armed for the moment at which the comparison turns.
    """

    due: bool = state(False)
    _occurrence: Occurrence | None = hidden(None)
    _rank: int = hidden(0)

    def __init__(self, kernel: Kernel, path: str) -> None:
        super().__init__(kernel, path)
        self._rank = kernel.claim_rank(path)

    def arm(self, at_ns: int) -> None:
        """Be due from ``at_ns`` (ns) on, and not before; replaces an earlier arming."""
        self.disarm()
        if at_ns <= self.kernel.now:
            self.due = True
        else:
            self._occurrence = self.kernel.call_at(at_ns, self._rank, self._ring)

    def disarm(self) -> None:
        """Never be due until armed again."""
        if self._occurrence is not None:
            self._occurrence.cancel()
            self._occurrence = None
        self.due = False

    def _ring(self) -> None:
        self._occurrence = None
        self.due = True
