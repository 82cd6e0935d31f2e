"""The Redis server: its role, what it accepts, and the data set that it holds.

Model card: ``docs/models/redis.md``. Program: redis-server 7.0.15 (option: 2.8/3.0). Source:
``sentinel.md`` sections 8 to 10 and 15. Writes are not simulated one at a time: clients attach
with a rate, and positions in the data set are integrals of the accepted rate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from models.process import Process
from models.redis.backlog import bytes_since
from models.redis.history import EMPTY, NOTHING, Head, History
from models.redis.snapshots import Snapshots
from models.redis.spec import RedisSpec
from sim.clock import from_seconds, to_seconds
from sim.engine import Kernel, Occurrence
from sim.network import Network
from sim.state import Entity, hidden, state
from sim.watch import Watch

Role = Literal["master", "slave"]

# With appendfsync everysec a host that dies loses up to the last second (Redis documentation).
_EVERYSEC_S: Final = 1.0


class RedisServer(Entity):
    """One server. ``address`` is the name by which others know it (``redis@a01``).

    ``role`` and ``master`` are what ROLE and INFO report. ``disconnections`` counts the moments at
    which it drops its clients (CLIENT KILL at a change of role), ``resets`` those at which it
    drops its replicas.
    """

    address: Final[str]
    process: Final[Process]
    spec: Final[RedisSpec]
    history: Final[History]
    network: Final[Network]
    snapshots: Final[Snapshots]
    role: Role = state("master")
    master: RedisServer | None = state(None)
    loading: bool = state(False)
    good_replicas: int = state(0)
    fenced: bool = state(False)
    disconnections: int = state(0)
    resets: int = state(0)
    write_rate_per_s: float = hidden(0.0)
    rate_before_per_s: float = hidden(0.0)
    rate_since_ns: int = hidden(0)
    head: Head = hidden(EMPTY)
    head_since_ns: int = hidden(0)
    saved_role: Role = hidden("master")
    saved_master: RedisServer | None = hidden(None)
    saved_head: Head = hidden(EMPTY)
    saved_id: bool = hidden(False)
    saved_at_ns: int = hidden(-1)
    in_step_ns: int = hidden(0)
    backlog_from: float = hidden(0.0)
    hellos_per_s: float = hidden(0.0)
    group: tuple[RedisServer, ...] = hidden(())
    follows: bool = hidden(False)
    resumable: bool = hidden(True)
    role_listeners: tuple[Callable[[], object], ...] = hidden(())
    load_rank: int = hidden(0)
    load_ends: Occurrence | None = hidden(None)

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        spec: RedisSpec,
        history: History,
        network: Network,
    ) -> None:
        super().__init__(kernel, f"{process.path}/server")
        self.address = process.path
        self.process = process
        self.spec = spec
        self.history = history
        self.network = network
        self.snapshots = Snapshots()
        self.load_rank = kernel.claim_rank(f"{self.path}/load")
        process.program = self

    # What others see -------------------------------------------------------------------------

    @property
    def accepts_writes(self) -> bool:
        """Whether a write that reaches it is executed and acknowledged.

        A server that was promoted with a defect that nobody knew of (a drifted configuration)
        serves nobody until that has been repaired.
        """
        return (
            self.process.running
            and self.role == "master"
            and not self.loading
            and not self.process.latent_noticed
            and not self.fenced
            and self.good_replicas >= self.spec.min_replicas_to_write
        )

    @property
    def is_master(self) -> bool:
        """Whether ROLE says master."""
        return self.role == "master"

    @property
    def listening(self) -> bool:
        """Whether its port is open; also while it loads."""
        return self.process.alive

    @property
    def refuses_logins(self) -> bool:
        """Whether it connects, and says no (``maxclients``)."""
        return self.process.logins_refused > 0

    def head_now(self) -> Head:
        """Return what the data set holds at this moment."""
        source, behind, passed = self, 0.0, set[RedisServer]()
        # Three servers can be told to follow each other in a ring, in which nothing moves.
        while source.follows and source.master is not None and source not in passed:
            passed.add(source)
            behind += source._in_flight()
            source = source.master
        held_s = to_seconds(self.kernel.now - source.head_since_ns)
        grown = source.head.offset + source.write_rate_per_s * held_s
        return Head(source.head.branch, grown - behind)

    def _in_flight(self) -> float:
        """Writes acknowledged but not yet here: asynchronous replication lags by one way."""
        master = self.master
        assert master is not None
        path = self.network.path(master.process.host.name, self.process.host.name)
        now_ns = min(path.delay_ns, self.kernel.now - master.rate_since_ns)
        before_ns = path.delay_ns - now_ns
        sent_now = master.write_rate_per_s * to_seconds(now_ns)
        return sent_now + master.rate_before_per_s * to_seconds(before_ns)

    def fence(self, fenced: bool) -> None:
        """CONFIG SET min-replicas-to-write above what there is: writes fail, PINGs are answered."""
        self.fenced = fenced
        self.record("fenced" if fenced else "unfenced")

    # Commands --------------------------------------------------------------------------------

    def replicaof_no_one(self) -> None:
        """SLAVEOF NO ONE with CONFIG REWRITE and CLIENT KILL, as Sentinel sends it."""
        if self.role == "slave":
            self.freeze()
            self.head = self.history.fork(self.head)
            self.role, self.master = "master", None
            self.process.used_in_earnest()
            self._changed_role()

    def replicaof(self, master: RedisServer) -> None:
        """SLAVEOF with CONFIG REWRITE and CLIENT KILL, as Sentinel sends it."""
        if self.role == "slave" and self.master is master:
            return
        self.freeze()
        self.role, self.master = "slave", master
        self._changed_role()

    def _changed_role(self) -> None:
        self.saved_role, self.saved_master = self.role, self.master
        self.disconnections += 1
        self.resets += 1
        self.record("role", role=self.role, master=self.master.address if self.master else "-")
        for listener in self.role_listeners:
            listener()

    # The data set ----------------------------------------------------------------------------

    def accept_rate(self, rate_per_s: float) -> None:
        """Accept writes at this rate from now on."""
        self.freeze_own()
        self.rate_before_per_s, self.rate_since_ns = self.write_rate_per_s, self.kernel.now
        self.write_rate_per_s = rate_per_s

    def freeze_own(self) -> None:
        """Bring the position up to now; the growth goes on from here."""
        self.head, self.head_since_ns = self.head_now(), self.kernel.now

    def freeze(self) -> None:
        """Stop following the master: hold what has been received up to now."""
        if self.follows or self.is_master:
            self.in_step_ns = self.kernel.now
        if self.follows:
            self.head, self.head_since_ns = self.head_now(), self.kernel.now
            self.follows = False
        else:
            self.freeze_own()

    def receive_the_rest(self) -> None:
        """Stop following a master that falls silent: what it has sent still arrives."""
        if self.follows:
            received = self.head_now()
            self.head = Head(received.branch, received.offset + self._in_flight())
            self.head_since_ns = self.in_step_ns = self.kernel.now
            self.follows = False

    def follow(self) -> None:
        """Hold whatever the master holds (less what is in flight) from now on."""
        self.follows = True

    def discard(self, kept: Head) -> None:
        """Replace the data set by ``kept``; what nobody else holds is lost."""
        held = self.head_now()
        self.follows = False
        self.head, self.head_since_ns = kept, self.kernel.now
        others = [other.holding() for other in self.group if other is not self]
        lost = self.history.discard(held, [*others, kept])
        if lost >= 0.5:
            self.record("writes-lost", count=round(lost))

    def holding(self) -> Head:
        """Return what would survive of this server's data set: in memory, or else on disk."""
        return self.head_now() if self.process.alive else self.saved_head

    def _leave_replicas(self, held: Head, *, orderly: bool) -> None:
        """Send no more; 7.0 waits for its replicas first (``prepareForShutdown``)."""
        for other in self.group:
            if other.follows and other.master is self:
                other.freeze()
                if orderly and self.spec.version != "2015":
                    other.head = held

    def goes_back_to(self, held: Head, in_step_ns: int) -> bool:
        """Whether its backlog still has all that came after ``held``."""
        writes = self.head_now().offset - held.offset
        elapsed_s = to_seconds(self.kernel.now - in_step_ns)
        size = self.spec.dataset.write_size
        behind_bytes = bytes_since(writes, size, elapsed_s, self.hellos_per_s)
        return self.backlog_from <= held.offset and behind_bytes <= self.spec.repl_backlog_size

    def keep_what_was_sent(self) -> None:
        """A full resync leaves its dump on the disk, and its backlog begins there.

        With ``save ""`` too (``readSyncBulkPayload``; ``rdb-del-sync-files`` is no by default).
        """
        held = self.head_now()
        self.backlog_from = held.offset
        if not self.spec.appendonly:
            self.saved_head, self.saved_at_ns = held, self.kernel.now

    def _dump_tells_its_id(self, *, orderly: bool) -> bool:
        """Whether a dump holds replication id and offset, and is what the next start loads.

        A replica goes on from there; a master's own replicas are beyond it, except after SIGTERM.
        Source: ``server.c`` of 7.0, ``finishShutdown`` and ``loadDataFromDisk``. 2.8/3.0 kept none.
        """
        if self.spec.appendonly or self.spec.version == "2015":
            return False
        if self.spec.save_rules:
            return orderly or self.role == "slave"
        return self.saved_at_ns >= 0 and self.role == "slave"

    def _save(self, held: Head, *, orderly: bool) -> None:
        """Leave on the disk what is there when the process dies now; SIGTERM saves all it can."""
        self.saved_id = self._dump_tells_its_id(orderly=orderly)
        if not (self.spec.appendonly or self.spec.save_rules):
            return
        rate_per_s = self._arriving_per_s()
        age_s = 0.0 if orderly else self._age_on_disk_s(rate_per_s)
        written = held.offset - rate_per_s * age_s
        # A dump that was loaded or sent is there until a newer one is written.
        if written >= self.history.common(self.saved_head, held):
            self.saved_head = Head(held.branch, written)
            self.saved_at_ns = max(self.saved_at_ns, self.kernel.now - from_seconds(age_s), 0)

    def _age_on_disk_s(self, rate_per_s: float) -> float:
        """How old what a sudden death leaves on the disk is, s."""
        if self.spec.appendonly:
            return _EVERYSEC_S * self._uniform("aof") if self.process.host.down else 0.0
        return self._snapshot_interval_s(rate_per_s) * self._uniform("rdb")

    def _snapshot_interval_s(self, rate_per_s: float) -> float:
        """A rule fires when both its seconds have passed and its changes have come."""
        rate_per_s = max(rate_per_s, 1e-9)
        return min(max(seconds, changes / rate_per_s) for seconds, changes in self.spec.save_rules)

    def _arriving_per_s(self) -> float:
        source = self if self.role == "master" else self.master
        return source.write_rate_per_s if source is not None else 0.0

    def _uniform(self, purpose: str) -> float:
        return self.kernel.stream(self.path, purpose).uniform()

    # The life of the process -----------------------------------------------------------------

    def started(self) -> None:
        """Come up in the role of the configuration file, with what the disk holds."""
        self.role, self.master = self.saved_role, self.saved_master
        self.resumable, self.fenced = self.saved_id, False
        self.head, self.head_since_ns = self.saved_head, self.kernel.now
        self.in_step_ns, self.backlog_from = self.saved_at_ns, self.saved_head.offset
        if self.role == "master":
            # Its replication id is new; the dump of an orderly shutdown tells it the one before.
            known_from = self.head.offset if self.saved_id else NOTHING
            self.head = self.history.fork(self.head, backlog_from=known_from)
        load_ns = self.spec.dataset.load_time if self.saved_head.offset > 0 else 0
        load_ns = round(load_ns * self.process.host.slow_factor)
        if load_ns:
            self.loading = True
            done_ns = self.kernel.now + load_ns
            self.load_ends = self.kernel.call_at(done_ns, self.load_rank, self._loaded)
        self.record("role", role=self.role, master=self.master.address if self.master else "-")
        for listener in self.role_listeners:
            listener()

    def _loaded(self) -> None:
        self.loading = False

    def stopped(self) -> None:
        """Die: replicas keep what they have received, the memory is gone."""
        # Nobody stops a process that is to be started again, except with kill -9.
        orderly = not self.process.enabled
        self.freeze()
        held = self.head
        self._leave_replicas(held, orderly=orderly)
        self._save(held, orderly=orderly)
        # Not before what it brought has been counted, or that could not be lost.
        self.write_rate_per_s = self.rate_before_per_s = 0.0
        self.loading = False
        if self.load_ends is not None:
            self.load_ends.cancel()
        self.discard(self.saved_head)
        self.resets += 1

    def resumed(self, paused_ns: int) -> None:
        """Nothing is lost by standing still."""

    def record(self, event: str, **fields: object) -> None:
        """Trace one event of this server."""
        self.process.host.trace.add(self.kernel.now, self.address, event, **fields)


class WriteMeter:
    """Keeps a server's position growing at the rate at which its clients' writes are accepted."""

    def __init__(self, server: RedisServer, offered_per_s: Callable[[], float]) -> None:
        self.server = server
        self.offered_per_s = offered_per_s
        kernel = server.kernel
        Watch(kernel, f"{server.path}/writes", self._accepted, server.accept_rate, initial=0.0)

    def _accepted(self) -> float:
        return self.offered_per_s() if self.server.accepts_writes else 0.0


# Ten ticks of 100 ms, each up to a millisecond late; the first is 6 ms after the start (measured:
# a diskless full resync begins at the fifth or the sixth, 5.045 or 6.050 s after a start).
REPLICATION_CRON_NS: Final = from_seconds(1.007)
FIRST_CRON_NS: Final = from_seconds(6e-3)
# PSYNC takes "ms" (sentinel.md section 10); which of them cannot be seen at Sentinel's 1 s INFO.
SYNC_HANDSHAKE_NS: Final = from_seconds(2e-3)
