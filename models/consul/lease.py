"""The leader's lease: a leader that cannot reach a quorum stops leading after a short while.

Source: ``consul.md`` section 5.1: 0.5 s at multiplier 1, looked at so that it takes 0.5 to 1 s.
Until then an isolated leader can still answer reads from old data; it cannot commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.clock import from_seconds
from sim.engine import Kernel, Occurrence
from sim.state import Entity, hidden
from sim.watch import Watch

if TYPE_CHECKING:
    from models.consul.servers import Server

LEADER_LEASE_S: Final = 0.5


class Lease(Entity):
    """Runs while its server leads without a quorum. ``length_ns`` is the shortest it lasts."""

    server: Final[Server]
    length_ns: Final[int]
    rank: Final[int]
    ending: Occurrence | None = hidden(None)

    def __init__(self, kernel: Kernel, server: Server, multiplier: int) -> None:
        super().__init__(kernel, f"{server.path}/lease")
        self.server = server
        self.length_ns = from_seconds(LEADER_LEASE_S * multiplier)
        self.rank = kernel.claim_rank(self.path)
        Watch(kernel, f"{self.path}/quorum", self._lacks_quorum, self._run, False)

    def _lacks_quorum(self) -> bool:
        return self.server.role == "leader" and not self.server.has_quorum

    def _run(self, lacks_quorum: bool) -> None:
        if self.ending is not None:
            self.ending.cancel()
            self.ending = None
        if lacks_quorum:
            draw = self.kernel.stream(self.server.path, "lease")
            at_ns = self.kernel.now + draw.between(self.length_ns, 2 * self.length_ns)
            self.ending = self.kernel.call_at(at_ns, self.rank, self._over)

    def _over(self) -> None:
        self.ending = None
        # A server that stands still finds out when it goes on.
        if self.server.process.running:
            self.server.step_down("lease")

    def resumed(self, paused_ns: int) -> None:
        """Find after a standstill that the lease has run out meanwhile."""
        if paused_ns >= self.length_ns:
            self.server.step_down("lease")
