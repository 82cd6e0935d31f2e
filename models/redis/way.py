"""One direction of an established replication connection, and whether what is sent arrives.

Model card: ``docs/models/redis.md``. After a cut each end waits for its own retransmission: the
master's brings the replica up to date, the replica's lets its ACKs count again. Measured
(``data/own``, M9b and M9c): a replica goes on 3.26 s after a cut of 10 s has healed, and 23.8 s
after one of 30 s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from sim.clock import from_seconds
from sim.engine import Kernel, Occurrence
from sim.network import Route
from sim.state import Entity, hidden, state
from sim.tcp import resumes_at
from sim.watch import Watch

# Linux waits 200 ms and the smoothed round trip, which delayed ACKs lengthen (tcp_rto_min; RFC
# 6298). Least, median and most of 97 cuts on one network segment (M9b and M9c without 3 that lie
# apart, at 0.155 s); between them it is taken to be uniform.
_FIRST_WAITS_S: Final = (0.207, 0.2105, 0.218)


class Sender(NamedTuple):
    """What the way asks of the program that sends on it.

    ``cut``: whether there is a connection, and the network or a machine keeps it from carrying.
    ``next_sent_ns``: when there will be something to send. ``replaced_ns``: when a connection that
    has not carried since this time is replaced (None: not by the sender).
    """

    cut: Callable[[], bool]
    next_sent_ns: Callable[[], int]
    replaced_ns: Callable[[int], int | None]


class Way(Entity):
    """``carries``: what is sent arrives, or would if there were a connection."""

    sender: Final[Sender]
    route: Final[Callable[[], Route | None]]
    carries: bool = state(True)
    cut_ns: int = hidden(0)
    unheard_since_ns: int = hidden(0)
    return_rank: int = hidden(0)
    returning: Occurrence | None = hidden(None)

    def __init__(
        self, kernel: Kernel, path: str, route: Callable[[], Route | None], sender: Sender
    ) -> None:
        super().__init__(kernel, path)
        self.route = route
        self.sender = sender
        self.return_rank = kernel.claim_rank(f"{path}/return")
        Watch(kernel, f"{path}/cut", sender.cut, self._changed, initial=False)

    def renew(self) -> None:
        """There is no connection any more, or a new one: nothing waits."""
        self._forget_return()
        self.carries = True

    def _changed(self, cut: bool) -> None:
        self._forget_return()
        if cut:
            self._stall()
        elif not self.carries:
            at_ns = self._returns_at()
            self.returning = self.kernel.call_at(at_ns, self.return_rank, self._return)

    def _stall(self) -> None:
        """The first byte that gets lost begins the back-off, and a second cut goes on with it."""
        if self.carries:
            self.carries = False
            self.cut_ns = self.kernel.now
            self.unheard_since_ns = self.sender.next_sent_ns()

    def _returns_at(self) -> int:
        now, route = self.kernel.now, self.route()
        waits = self.unheard_since_ns < now
        if route is None or not waits or route.retry_passes_ns == now:
            return now
        round_trip_ns = route.forward.delay_ns + route.back.delay_ns
        replaced_ns = self.sender.replaced_ns(self.cut_ns)
        first_wait_ns = self._drawn_wait_ns() + round_trip_ns
        return resumes_at(now, self.unheard_since_ns, replaced_ns, first_wait_ns)

    def _drawn_wait_ns(self) -> int:
        least_s, median_s, most_s = _FIRST_WAITS_S
        drawn = 2.0 * self.kernel.stream(self.path, "first-wait").uniform_at(self.cut_ns)
        if drawn < 1.0:
            return from_seconds(least_s + (median_s - least_s) * drawn)
        return from_seconds(median_s + (most_s - median_s) * (drawn - 1.0))

    def _return(self) -> None:
        self.returning = None
        self.carries = True

    def _forget_return(self) -> None:
        if self.returning is not None:
            self.returning.cancel()
            self.returning = None
