"""What a crash costs: the time until the port opens again, and the ends of the logs.

Source: ``mysqlfailover.md`` section 2 ("crash recovery", ``sync_binlog``). A stop on purpose costs
nothing. A crash of mysqld alone leaves the system's page cache, so both logs are whole, unless
``innodb_flush_log_at_trx_commit`` is 0 (up to the last second stays in mysqld's own memory; MySQL
manual). A power loss takes of the binary log what was not synced, and of InnoDB's log, unless it
is flushed at each commit, up to the last second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.clock import NS_PER_S
from sim.engine import Kernel, Occurrence
from sim.state import Entity, hidden, state

if TYPE_CHECKING:
    from models.mysql.server import MySqlServer


class Recovery(Entity):
    """``running``: InnoDB recovers and the port refuses."""

    server: Final[MySqlServer]
    running: bool = state(False)
    crashed: bool = hidden(False)
    rank: int = hidden(0)
    ends: Occurrence | None = hidden(None)

    def __init__(self, kernel: Kernel, server: MySqlServer) -> None:
        super().__init__(kernel, f"{server.address}/recovery")
        self.server = server
        self.rank = kernel.claim_rank(self.path)

    def stopped(self) -> None:
        """Note how the process ended, and take from the logs what that costs."""
        if self.ends is not None:
            self.ends.cancel()
            self.ends = None
        process = self.server.process
        # A recovery that is cut short has to be done again. ``enabled`` is off after a stop on
        # purpose; a process does not tell a kill by which it is held down apart from that.
        self.crashed = process.enabled or process.host.down > 0 or self.running
        self.running = False
        if self.crashed:
            self._lose_ends(power_lost=process.host.down > 0)

    def _lose_ends(self, *, power_lost: bool) -> None:
        spec, now = self.server.spec, self.kernel.now
        logged_ns, data_ns, commits = now, now, 0.0
        level = spec.innodb_flush_log_at_trx_commit
        if level == 0 or (power_lost and level == 2):
            data_ns -= round(self._uniform("innodb-log") * NS_PER_S)
        if power_lost and spec.commits_per_sync == 0:
            stream = self.kernel.stream(self.server.path, "unsynced-binlog")
            logged_ns -= spec.unsynced_binlog.sample_ns(stream)
        elif power_lost and spec.commits_per_sync > 1:
            commits = self._uniform("unsynced-commits") * spec.commits_per_sync
        growth = self.server.growth
        had, held = growth.at(now), growth.at(data_ns)
        logged = max(0.0, growth.at(logged_ns) - commits)
        if self.server.lose_ends(logged=logged, held=held):
            self.server.log_ends_lost(binlog=had - logged, tables=had - held)

    def _uniform(self, purpose: str) -> float:
        return self.kernel.stream(self.server.path, purpose).uniform()

    def started(self) -> None:
        """Recover if the last run ended in a crash, else be ready at once."""
        if not self.crashed:
            self.server.ready()
            return
        stream = self.kernel.stream(self.server.path, "crash-recovery")
        drawn_ns = self.server.spec.crash_recovery.sample_ns(stream)
        lasts_ns = round(drawn_ns * self.server.process.host.slow_factor)
        self.running = True
        self.server.record("crash-recovery-started")
        self.ends = self.kernel.call_at(self.kernel.now + lasts_ns, self.rank, self._done)

    def _done(self) -> None:
        self.ends = None
        self.running = False
        self.server.record("ready-for-connections")
        self.server.ready()
