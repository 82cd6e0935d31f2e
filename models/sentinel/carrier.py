"""Whether the network carries a Sentinel's connection, and when it does again after a silence.

Source: ``sentinel.md`` section 1 (a connection older than 15 s with a PING pending for more than
half of down-after is closed and opened again; a silent subscription after 6 s) and packet traces of
healed partitions (kernel 6.18, 90 cuts of 30 s and 48 of 8 s): a connection that is being opened
counts as connected, so the next try is its own next SYN or, 15 s after it was opened, a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from models.process import Process
from models.sentinel.timers import HELLO_NS, MIN_RECONNECT_NS, REOPENED_EVERY_NS
from sim.engine import Kernel, Occurrence
from sim.grid import Timer
from sim.network import Route
from sim.state import Entity, hidden, state
from sim.tcp import connects_at, resumes_at
from sim.watch import Watch


class Carrier(Entity):
    """One TCP connection's luck. ``carries`` is false from a cut until its first try after it.

    ``waiting_since(cut_ns)`` returns when the oldest unanswered data was sent, None for none;
    ``opened(cut_ns)`` when the program opens its first new connection, None for never.
    """

    route: Final[Route]
    peer: Final[Process]
    silence: Final[Watch[bool]]
    carries: bool = state(True)
    fresh: bool = hidden(False)
    cut_ns: int = hidden(0)
    returning: Occurrence | None = hidden(None)
    rank: int = hidden(0)
    ticks: Final[Callable[[], Timer]]
    waiting_since: Callable[[int], int | None] = hidden(lambda cut_ns: None)
    opened: Callable[[int], int | None] = hidden(lambda cut_ns: None)
    returned: Callable[[], object] = hidden(lambda: None)

    def __init__(
        self, kernel: Kernel, path: str, route: Route, peer: Process, ticks: Callable[[], Timer]
    ) -> None:
        super().__init__(kernel, path)
        self.route = route
        self.peer = peer
        self.ticks = ticks
        self.rank = kernel.claim_rank(f"{path}/return")
        self.silence = Watch(
            kernel, f"{path}/silence", lambda: self._silence, self._changed, initial=False
        )

    def retire(self) -> None:
        """The connection is closed for good."""
        self.silence.retire()
        if self.returning is not None:
            self.returning.cancel()

    @property
    def _silence(self) -> bool:
        return not (self.route.open and self.peer.host.running)

    def _changed(self, silence: bool) -> None:
        if self.returning is not None:
            self.returning.cancel()
            self.returning = None
        if silence:
            if self.carries:
                self.cut_ns = self.kernel.now
            self.carries = False
            return
        next_ns = self._next_try_ns()
        if next_ns == self.kernel.now:
            self._returned()
        else:
            self.returning = self.kernel.call_at(next_ns, self.rank, self._returned)

    def _next_try_ns(self) -> int:
        now = self.kernel.now
        if self.route.retry_passes_ns == now:
            self.fresh = False
            return now
        opened_ns = self.opened(self.cut_ns)
        if opened_ns is None or opened_ns > now:
            self.fresh = False
            return resumes_at(now, self.waiting_since(self.cut_ns), opened_ns)
        # A long outage is many attempts: all but the last few are counted, not followed.
        skipped = (now - opened_ns) // REOPENED_EVERY_NS - 3
        opened_ns += max(0, skipped) * REOPENED_EVERY_NS
        try_ns, begun_ns = connects_at(now, opened_ns, self._reopened, self.route.syns_ns)
        # What was said less than a hello period before is not waiting in the connection yet.
        self.fresh = try_ns - begun_ns < HELLO_NS
        return try_ns

    def _reopened(self, opened_ns: int) -> int:
        """The next attempt: closed at the first tick after 15 s, opened at the tick after that."""
        ticks = self.ticks()
        return ticks.after(ticks.after(opened_ns + MIN_RECONNECT_NS))

    def _returned(self) -> None:
        self.returning = None
        self.carries = True
        self.returned()
