"""The MySQL server: its role, what it accepts, and which transactions it has.

Model card: ``docs/models/mysql.md``. Program: mysqld 5.6 (from 5.6.23) or 5.7 (from 5.7.7) with
GTIDs. Source: ``mysqlfailover.md`` sections 1.6, 1.7, 1.10 and 2. Writes are not simulated one at
a time: clients attach with a rate, and positions are integrals of the accepted rate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from models.mysql.gtid import EMPTY
from models.mysql.io_thread import IoThread
from models.mysql.ledger import Ledger
from models.mysql.recovery import Recovery
from models.mysql.semisync import SemiSync
from models.mysql.spec import MySqlSpec
from models.mysql.transactions import Transactions
from models.process import Process
from sim.clock import YEAR_NS
from sim.engine import Kernel
from sim.network import Network
from sim.state import hidden, state

Role = Literal["master", "slave"]

NEVER_NS: Final = YEAR_NS
"""What waiting for a server that cannot be reached takes: longer than anybody waits."""


class MySqlServer(Transactions):
    """One server. ``address`` (``mysql@db01``) also stands for its server UUID.

    A server without a configured ``master`` is called a master. ``read_only`` is the present
    value, the configuration's after a restart. ``failover_console``: the monitor that is
    registered in the table of that name, "" for none; it survives restarts. ``disconnections``
    counts how often all clients were dropped with the process alive: by hand only, as MySQL drops
    nobody when it is promoted. ``sql_running``: ``Slave_SQL_Running``, of no meaning on a master.
    ``attempted_per_s``: the writes that its clients send, whatever becomes of them.
    """

    io_thread: Final[IoThread]
    semisync: Final[SemiSync]
    recovery: Final[Recovery]
    group: tuple[MySqlServer, ...] = state(())
    read_only: bool = state(False)
    failover_console: str = hidden("")
    disconnections: int = state(0)
    sql_running: bool = state(True)
    attempted_per_s: float = state(0.0)
    role_listeners: tuple[Callable[[], object], ...] = hidden(())

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        spec: MySqlSpec,
        ledger: Ledger,
        network: Network,
    ) -> None:
        super().__init__(kernel, process, spec, ledger, network)
        self.read_only = spec.read_only
        ledger.hear(self.address, self._writes_lost)
        self.recovery = Recovery(kernel, self)
        self.semisync = SemiSync(kernel, self)
        self.io_thread = IoThread(kernel, self)
        process.program = self

    # What others see ---------------------------------------------------------------------------

    @property
    def role(self) -> Role:
        """``slave`` while SHOW SLAVE STATUS names a master, however that one is."""
        return "master" if self.master is None else "slave"

    @property
    def is_master(self) -> bool:
        """Whether it is no slave."""
        return self.master is None

    @property
    def listening(self) -> bool:
        """Whether its port is open; not during crash recovery."""
        return self.process.listening and not self.recovery.running

    @property
    def refuses_logins(self) -> bool:
        """Whether it connects and says no: 1040 too many connections, 1045, 1129.

        A fault's doing; connections that stand are not touched.
        """
        return self.process.logins_refused > 0

    @property
    def is_eligible(self) -> bool:
        """Whether mysqlfailover may promote it: GTIDs are on, the replication account exists."""
        return self.spec.gtid_mode and self.spec.rpl_user

    @property
    def _executes(self) -> bool:
        return self.process.running and not (
            self.recovery.running or self.read_only or self.semisync.blocks
        )

    @property
    def accepts_writes(self) -> bool:
        """Whether a write that reaches it is acknowledged, and it is a master.

        A server that was promoted with a defect that nobody knew of (a drifted configuration)
        serves nobody until that has been repaired.
        """
        return self.master is None and self._executes and not self.process.latent_noticed

    @property
    def executes_errant_writes(self) -> bool:
        """Whether it is a slave that would execute a client's write (it is not read-only)."""
        return self.master is not None and self._executes

    # Commands ----------------------------------------------------------------------------------

    def stop_slave(self) -> None:
        """STOP SLAVE: both threads stop; the relay log stays."""
        if self.master is not None:
            self.io_thread.stop()
            self.sql_thread.stop(self.received, self.kernel.now)
            self.sql_running = False

    def start_slave(self) -> None:
        """START SLAVE: both threads start, without last errors."""
        if self.listening:
            self._start_threads()

    def _start_threads(self) -> None:
        if self.master is not None:
            self.sql_thread.start(self.kernel.now)
            self.sql_running = True
            self.io_thread.start()

    def stop_sql_thread(self) -> None:
        """Stop with an error while applying; what arrives waits until START SLAVE."""
        self.freeze()
        self.sql_thread.stop(self.received, self.kernel.now)
        self.sql_running = False
        if self.io_thread.flows:
            self.follow()

    def change_master(self, master: MySqlServer) -> None:
        """STOP SLAVE and CHANGE MASTER with auto-position; drops what has not been applied.

        A server that was promoted last and is now led to another one hands the line over to it.
        Raises ValueError for a server that is to follow itself.
        """
        if master is self:
            raise ValueError(f"{self.address} cannot be its own master")
        hands_over = self.ledger.line is self
        if hands_over:
            self.ledger.promoted(master._source_of_all())
        self.stop_slave()
        self.purge_relay_log()
        was_master = self.master is None
        self.master = master
        if was_master:
            self.sql_thread.stop(self.received, self.kernel.now)
            self.sql_running = False
            self._changed_role()
            return
        self.record("CHANGE MASTER", master=master.address)
        if hands_over:
            self.tell_listeners()

    def _source_of_all(self) -> MySqlServer:
        """Return the master of its master and so on; itself if they go round in a ring."""
        seen, above = [self], self.master
        while above is not None and above not in seen:
            seen.append(above)
            above = above.master
        return self if above is not None else seen[-1]

    def reset_slave_all(self) -> None:
        """STOP SLAVE and RESET SLAVE ALL: a master now, with what has been applied."""
        if self.master is None:
            return
        self.stop_slave()
        self.purge_relay_log()
        self.master = None
        self.ledger.promoted(self)
        self.process.used_in_earnest()
        self._changed_role()

    def fetch_from(self, other: MySqlServer) -> int:
        """CHANGE MASTER to ``other`` and START SLAVE; return ns until all is here and applied.

        :data:`NEVER_NS` if ``other`` cannot be reached.
        """
        self.change_master(other)
        done = self.received_now()
        self.start_slave()
        if not self.io_thread.flows:
            return NEVER_NS
        here, there = self.process.host.name, other.process.host.name
        takes_ns = self.network.path(here, there).delay_ns + self.network.path(there, here).delay_ns
        offered = other.offered_at(self.kernel.now)
        if offered.beyond(done):
            takes_ns += self.sql_lag_ns()
            self.received = self.received.union(offered)
            self.sql_thread.fall_behind(done, takes_ns, self.kernel.now)
        return takes_ns

    def relay_wait_ns(self) -> int | None:
        """Return ns until all that has been received is applied; None: SQL thread stopped."""
        if not self.sql_thread.running:
            return None
        waits_ns = self.sql_thread.wait_ns(self.kernel.now)
        return max(waits_ns, self.sql_lag_ns()) if self.following else waits_ns

    def missing_sources(self, other: MySqlServer) -> int:
        """Return of how many sources ``other`` has applied transactions that this one has not."""
        return len(other.executed_now().beyond(self.executed_now()))

    def errant_sources(self, others: tuple[MySqlServer, ...]) -> int:
        """Return of how many sources, its master's apart, it has what none of ``others`` has."""
        known = EMPTY
        for other in others:
            known = known.union(other.executed_now())
        sources = self.executed_now().beyond(known)
        return len(sources - {self.master.address} if self.master is not None else sources)

    def rebuild_from(self, master: MySqlServer) -> None:
        """Set it up anew as a slave (mysqlreplicate, a clone): what it had beyond is discarded."""
        self.freeze()
        self.ledger.flush()
        kept = master.executed_now()
        discarded = self.received_now().beyond(kept)
        self.replace_all(kept, master.skips)
        self.change_master(master)
        self.record("rebuilt", master=master.address, discarded_sources=len(discarded))
        self.start_slave()

    def set_read_only(self, read_only: bool) -> None:
        """SET GLOBAL read_only; forgotten at the next restart."""
        self.read_only = read_only
        self.record("read_only", value="ON" if read_only else "OFF")

    def kill_connections(self) -> None:
        """KILL every client's connection, as a hook script or a person may."""
        self.disconnections += 1
        self.record("connections-killed")
        self.ledger.flush()

    def _changed_role(self) -> None:
        self.ledger.flush()
        self._tell_role()

    def _tell_role(self) -> None:
        self.record("role", role=self.role, master=self.master.address if self.master else "-")
        self.tell_listeners()

    def tell_listeners(self) -> None:
        """Tell whoever follows this server's role, or whose transactions survive."""
        for listener in self.role_listeners:
            listener()

    # Writes ------------------------------------------------------------------------------------

    def accept_rate(self, rate_per_s: float, errant_per_s: float = 0.0) -> None:
        """Acknowledge writes at this rate from now on, and execute errant ones at the other."""
        self.growth.set_rate(self.kernel.now, rate_per_s)
        self.ledger.growth[self.errant].set_rate(self.kernel.now, errant_per_s)
        if self.ledger.line is not self:
            self.ledger.flush()

    def log_ends_lost(self, *, binlog: float, tables: float) -> None:
        """Trace what a crash has taken from the ends of both logs, in transactions."""
        self.record("log-ends-lost", binlog=round(binlog), tables=round(tables))

    def _writes_lost(self, count: float) -> None:
        self.record("writes-lost", count=round(count))

    # The life of the process -------------------------------------------------------------------

    def started(self) -> None:
        """Come up with the configuration file's read_only and the master on record."""
        self.read_only = self.spec.read_only
        self.semisync.started()
        self._tell_role()
        self.recovery.started()

    def ready(self) -> None:
        """Open the port; the slave threads start by themselves."""
        self._start_threads()

    def stopped(self) -> None:
        """Die: slaves keep what they have received."""
        waiting = self.semisync.unacked()
        for other in self.group:
            if other.master is self:
                other.freeze()
        self.accept_rate(0.0)
        self.io_thread.stop()
        self.sql_thread.stop(self.received, self.kernel.now)
        self.recovery.stopped()
        if self.recovery.crashed and waiting > 0.0:
            self._keep_unacked(waiting)
        self.ledger.flush()

    def _keep_unacked(self, waiting: float) -> None:
        """Recovery commits what is in the binary log, though no client has been told.

        After AFTER_COMMIT others may have read it before.
        """
        self.keep_unacked(waiting)
        was_read = "yes" if self.spec.semi_sync == "after_commit" else "no"
        self.record("unacked-tail", count=round(waiting, 3), readable=was_read)

    def resumed(self, paused_ns: int) -> None:
        """Nothing is lost by standing still."""

    def record(self, event: str, **fields: object) -> None:
        """Trace one event of this server."""
        self.process.host.trace.add(self.kernel.now, self.address, event, **fields)
