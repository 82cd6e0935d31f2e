"""Which transactions a server has: received, applied, logged for slaves.

Source: ``mysqlfailover.md`` sections 1.7 and 2. What a slave has received when its connection ends
is what its master had a lag earlier (section 2: loss = rate x lag), the lag being drawn for that
moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.mysql.growth import Growth
from models.mysql.gtid import EMPTY, GtidSet, Stream
from models.mysql.ledger import Ledger
from models.mysql.spec import MySqlSpec
from models.mysql.sql_thread import SqlThread
from models.process import Process
from sim.clock import from_seconds
from sim.engine import Kernel
from sim.laws import Law
from sim.network import Network
from sim.state import Entity, hidden, state

if TYPE_CHECKING:
    from models.mysql.server import MySqlServer


class Transactions(Entity):
    """A server's transactions. ``received`` is what it has of others, up to the last change.

    ``own`` is the stream of the writes that it acknowledges as a master, ``errant`` that of those
    which it executes as a slave; both grow by themselves. ``log_ends``: streams of which its
    binary log holds less than its tables. ``skips``: streams of which it lacks the beginning.
    While a master's events arrive, the median lags (``steady_io_ns``, ``steady_sql_ns``) tell how
    far they have come.
    """

    address: Final[str]
    process: Final[Process]
    spec: Final[MySqlSpec]
    ledger: Final[Ledger]
    network: Final[Network]
    sql_thread: Final[SqlThread]
    steady_io_ns: Final[int]
    steady_sql_ns: Final[int]
    master: MySqlServer | None = state(None)
    own: Stream = hidden(Stream(""))
    errant: Stream = hidden(Stream(""))
    received: GtidSet = hidden(EMPTY)
    log_ends: tuple[tuple[Stream, float], ...] = hidden(())
    skips: tuple[tuple[Stream, float], ...] = hidden(())
    following: bool = hidden(False)
    fed_until_ns: int = hidden(-1)

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        spec: MySqlSpec,
        ledger: Ledger,
        network: Network,
    ) -> None:
        super().__init__(kernel, f"{process.path}/server")
        self.address = process.path
        self.process = process
        self.spec = spec
        self.ledger = ledger
        self.network = network
        self.sql_thread = SqlThread()
        self.steady_io_ns = from_seconds(spec.io_thread_lag.median_s)
        self.steady_sql_ns = from_seconds(spec.sql_thread_lag.median_s)
        self.own = Stream(self.address)
        self.errant = Stream(self.address, kind="errant")
        ledger.open(self.own)
        ledger.open(self.errant)

    @property
    def growth(self) -> Growth:
        """The position of its own acknowledged transactions."""
        return self.ledger.growth[self.own]

    @property
    def errant_writes(self) -> float:
        """Writes of clients that it has executed as a slave, up to now."""
        mine = (s for s in self.ledger.growth if s.source == self.address and s.kind == "errant")
        return sum(self.ledger.growth[stream].at(self.kernel.now) for stream in mine)

    # What it has now ---------------------------------------------------------------------------

    def _with_own(self, held: GtidSet, at_ns: int) -> GtidSet:
        held = held.with_count(self.own, self.growth.at(at_ns))
        return held.with_count(self.errant, self.ledger.growth[self.errant].at(at_ns))

    def received_now(self) -> GtidSet:
        """Return all transactions that it has, applied or still in its relay log."""
        held = self._with_own(self.received, self.kernel.now)
        if self.following and self.master is not None:
            waited_for = self.master.semisync.fastest() is self
            lag_ns = 0 if waited_for else self.steady_io_ns
            held = held.union(self.master.offered_at(self.kernel.now - lag_ns))
        return held

    @property
    def _applies_at_once(self) -> bool:
        """Whether nothing waits in the relay log but what has just arrived."""
        return self.sql_thread.running and not self.sql_thread.wait_ns(self.kernel.now)

    def executed_now(self) -> GtidSet:
        """Return ``gtid_executed``: the transactions that are in its tables."""
        now = self.kernel.now
        done = self.sql_thread.executed(self.received, now)
        if self.following and self.master is not None and self._applies_at_once:
            lag_ns = self.steady_io_ns + self.steady_sql_ns
            done = done.union(self.master.offered_at(now - lag_ns))
        return self._with_own(done, now)

    def offered_at(self, at_ns: int) -> GtidSet:
        """Return what its binary log held for slaves at a time (ns) of its present connections."""
        held = self.received if self.master is None else self.executed_now()
        held = self._with_own(held, at_ns)
        for stream, end in self.log_ends:
            held = held.with_count(stream, min(end, held.count(stream)))
        return held

    def fed_by(self, master: MySqlServer) -> bool:
        """Whether the events of ``master`` arrive, or did up to this very moment."""
        if self.master is not master:
            return False
        return self.following or self.fed_until_ns == self.kernel.now

    def _lag_ns(self, law: Law, purpose: str) -> int:
        """Return the lag of this moment; the same, whoever asks and how often."""
        draw = self.kernel.stream(self.path, purpose).uniform_at(self.kernel.now)
        return from_seconds(law.value_at(draw))

    def io_lag_ns(self) -> int:
        """Return how far the relay log is behind the master at this moment."""
        return self._lag_ns(self.spec.io_thread_lag, "io-thread-lag")

    def sql_lag_ns(self) -> int:
        """Return how long applying what has just been received takes at this moment."""
        return self._lag_ns(self.spec.sql_thread_lag, "sql-thread-lag")

    # Receiving ---------------------------------------------------------------------------------

    def follow(self) -> None:
        """Receive what the master logs, from now on, and what has been missing."""
        self.following = True

    def freeze(self) -> None:
        """Receive no more: have what the master had a lag ago, all of it if it was waited for."""
        master, now = self.master, self.kernel.now
        if not self.following or master is None:
            return
        io_ns = 0 if master.semisync.fastest() is self else self.io_lag_ns()
        sql_ns = self.sql_lag_ns()
        done = self.sql_thread.executed(self.received, now)
        if self._applies_at_once:
            done = done.union(master.offered_at(now - io_ns - sql_ns))
        self.received = self.received.union(master.offered_at(now - io_ns))
        if self.sql_thread.running:
            self.sql_thread.fall_behind(done, max(sql_ns, self.sql_thread.wait_ns(now)), now)
        self.following = False
        self.fed_until_ns = now

    def skip(self, stream: Stream, count: float) -> None:
        """Lack the first ``count`` of a stream for good, having taken them for others."""
        self.skips = (*self.skips, (stream, count))

    def purge_relay_log(self) -> None:
        """Drop what has been received and not applied."""
        self.received = self.executed_now()
        self.sql_thread.forget()

    def replace_all(self, kept: GtidSet, skips: tuple[tuple[Stream, float], ...]) -> None:
        """Have ``kept`` and nothing else, as after a restore; own numbers go on after it."""
        self._begin_stream(self.ledger.number(kept, self.address))
        self.ledger.growth[self.errant].set_rate(self.kernel.now, 0.0)
        self.errant = self.errant._replace(epoch=self.errant.epoch + 1)
        self.ledger.open(self.errant)
        self.received, self.log_ends, self.skips = kept, (), skips
        self.sql_thread.forget()

    def keep_unacked(self, count: float) -> None:
        """Have so many transactions more, of which no client was told."""
        tail = Stream(self.address, self.own.epoch, "unacked")
        self.received = self.received.with_count(tail, self.received.count(tail) + count)

    def _begin_stream(self, number_before: float) -> None:
        """Give numbers out from after ``number_before`` on; others may have seen them before."""
        rate_per_s = self.growth.rate_per_s
        self.growth.set_rate(self.kernel.now, 0.0)
        self.received = self._with_own(self.received, self.kernel.now)
        self.own = self.own._replace(epoch=self.own.epoch + 1)
        self.ledger.open(self.own, number_before).set_rate(self.kernel.now, rate_per_s)

    def lose_ends(self, *, logged: float, held: float) -> bool:
        """Have ``held`` of its own transactions, ``logged`` of them in the binary log.

        Returns whether that is less than before.
        """
        had, old = self.growth.at(self.kernel.now), self.own
        if logged >= had and held >= had:
            return False
        self._begin_stream(self.ledger.number_before[old] + logged)
        self.received = self.received.with_count(old, held)
        self.log_ends = (*self.log_ends, (old, logged))
        return True
