"""Semi-synchronous replication: a commit waits until one slave has it in its relay log.

Source: ``mysqlfailover.md`` section 2. The plugin is on from its start
(``rpl_semi_sync_master_wait_no_slave`` is ON by default), so a master without a slave, also one
that was just promoted, holds its first commit back until the timeout. Then it replicates
asynchronously until a slave has caught up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.alarm import Alarm
from sim.clock import to_seconds
from sim.engine import Kernel
from sim.state import Entity, hidden, state
from sim.watch import Watch

if TYPE_CHECKING:
    from models.mysql.server import MySqlServer


class SemiSync(Entity):
    """The master's side. ``on``: ``Rpl_semi_sync_master_status``."""

    server: Final[MySqlServer]
    timeout: Final[Alarm]
    on: bool = state(False)
    waits_since_ns: int = hidden(-1)

    def __init__(self, kernel: Kernel, server: MySqlServer) -> None:
        super().__init__(kernel, f"{server.address}/semi-sync")
        self.server = server
        self.timeout = Alarm(kernel, f"{self.path}/timeout")
        self.on = self.enabled
        if self.enabled:
            Watch(kernel, f"{self.path}/acked", lambda: self.acked, self._caught_up, initial=False)
            Watch(kernel, f"{self.path}/waits", lambda: self._waits, self._wait, initial=False)
            Watch(kernel, f"{self.path}/due", lambda: self.timeout.due, self._expire, False)

    @property
    def enabled(self) -> bool:
        """``rpl_semi_sync_master_enabled``."""
        return self.server.spec.semi_sync != "off"

    @property
    def acked(self) -> bool:
        """Whether a slave acknowledges what it receives now."""
        return any(
            slave.master is self.server
            and slave.spec.rpl_semi_sync_slave_enabled
            and slave.io_thread.flows
            for slave in self.server.group
        )

    @property
    def blocks(self) -> bool:
        """Whether a commit would wait now."""
        return self.enabled and self.on and not self.acked

    @property
    def _waits(self) -> bool:
        return self.blocks and self.server.attempted_per_s > 0.0 and self.server.process.running

    def started(self) -> None:
        """The server has started: semi-sync is on again."""
        self.on = self.enabled

    def _caught_up(self, acked: bool) -> None:
        if acked and not self.on:
            self.on = True
            self.server.record("Rpl_semi_sync_master_status", value="ON")

    def _wait(self, waits: bool) -> None:
        limit_ns = self.server.spec.rpl_semi_sync_master_timeout
        self.timeout.disarm()
        self.waits_since_ns = self.kernel.now if waits else -1
        if waits and limit_ns != "infinite":
            self.timeout.arm(self.kernel.now + limit_ns)

    def _expire(self, due: bool) -> None:
        if due and self.blocks:
            self.on = False
            self.server.record("Rpl_semi_sync_master_status", value="OFF")

    # What is under way -------------------------------------------------------------------------

    def fastest(self) -> MySqlServer | None:
        """Return the slave that has everything acknowledged up to now, while semi-sync is on.

        Of several that acknowledge, the one whose events lag least at this moment.
        """
        if not (self.enabled and self.on):
            return None
        acking = [
            slave
            for slave in self.server.group
            if slave.spec.rpl_semi_sync_slave_enabled and slave.fed_by(self.server)
        ]
        return min(acking, key=lambda slave: (slave.io_lag_ns(), slave.path), default=None)

    def unacked(self) -> float:
        """Return how many transactions are committed here and wait for their acknowledgement.

        One round trip's worth while a slave acknowledges; while none does, one for each client
        that tried, of which there are at most ``max_connections``.
        """
        if not (self.enabled and self.on):
            return 0.0
        if self.waits_since_ns >= 0:
            waited_s = to_seconds(self.kernel.now - self.waits_since_ns)
            tried = self.server.attempted_per_s * waited_s
            return min(tried, float(self.server.spec.max_connections))
        slave = self.fastest()
        if slave is None:
            return 0.0
        here, there = self.server.process.host.name, slave.process.host.name
        network = self.server.network
        round_trip_ns = network.path(here, there).delay_ns + network.path(there, here).delay_ns
        return self.server.growth.rate_per_s * to_seconds(round_trip_ns)
