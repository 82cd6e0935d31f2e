"""A replica's link to its master: connect, partial or full resync, stream, notice that it broke.

Source: ``sentinel.md`` section 10 (timings), section 9 (acknowledgements and min-replicas). How a
stream goes on after a cut: ``models/redis/way.py``.
"""

from __future__ import annotations

from typing import Final, Literal

from models.redis.backlog import PINGS_PER_S
from models.redis.server import (
    FIRST_CRON_NS,
    REPLICATION_CRON_NS,
    SYNC_HANDSHAKE_NS,
    RedisServer,
)
from models.redis.snapshots import Snapshots
from models.redis.way import Sender, Way
from sim.alarm import Alarm
from sim.clock import NS_PER_S, from_seconds
from sim.engine import Kernel, Occurrence
from sim.grid import Regular
from sim.network import Route
from sim.state import Entity, hidden, state
from sim.ticker import Ticker
from sim.watch import Watch

Phase = Literal["off", "connecting", "syncing", "streaming"]

# A link is down in INFO while connecting or syncing, and up while streaming (also silently).


class Replication(Entity):
    """The replica's end of the link; one per server, ``off`` while the server is a master.

    ``since_ns`` is when the link went down (INFO's ``master_link_down_since``), -1 while it is up.
    """

    server: Final[RedisServer]
    phase: Phase = state("off")
    incarnation: int = state(0)
    resets_seen: int = state(0)
    silence: Final[Alarm]
    cron: Final[Ticker]
    data: Final[Way]
    acks: Final[Way]
    since_ns: int = hidden(-1)
    syncing: Occurrence | None = hidden(None)
    awaited: Snapshots | None = hidden(None)
    sync_rank: int = hidden(0)
    links: tuple[Replication, ...] = state(())

    def __init__(self, kernel: Kernel, server: RedisServer) -> None:
        super().__init__(kernel, f"{server.address}/replication")
        self.server = server
        self.silence = Alarm(kernel, f"{self.path}/repl-timeout")
        self.sync_rank = kernel.claim_rank(f"{self.path}/sync")
        phase_ns = kernel.stream(self.path, "cron").between(0, REPLICATION_CRON_NS)
        grid = Regular(phase_ns, REPLICATION_CRON_NS)
        self.cron = Ticker(kernel, f"{self.path}/cron", grid, self._cron_matters, self._cron)
        self.data = self._way("data", Sender(self._data_cut, self._next_data_ns, lambda _: None))
        self.acks = self._way("acks", Sender(self._acks_cut, self._next_ack_ns, self._dropped_ns))
        Watch(kernel, f"{self.path}/broken", lambda: self.broken, self._break, initial=False)
        Watch(kernel, f"{self.path}/flows", lambda: self.flows, self._flow, initial=False)
        server.role_listeners = (*server.role_listeners, self._role_changed)
        Watch(kernel, f"{self.path}/alive", lambda: server.process.alive, self._life, False)
        Watch(kernel, f"{self.path}/begins", lambda: self._has_begun, self._begin, False)

    def _way(self, name: str, sender: Sender) -> Way:
        return Way(self.kernel, f"{self.path}/{name}", lambda: self._route, sender)

    # What is true of the link now ------------------------------------------------------------

    @property
    def up(self) -> bool:
        """What INFO calls ``master_link_status:up``."""
        return self.phase == "streaming"

    @property
    def _route(self) -> Route | None:
        master = self.server.master
        if master is None:
            return None
        return self.server.network.route(self.server.process.host.name, master.process.host.name)

    @property
    def reachable(self) -> bool:
        """Whether a new connection to the master would come about now."""
        master, route = self.server.master, self._route
        return (
            master is not None
            and route is not None
            and self.server.process.running
            and master.process.running
            and route.open
        )

    @property
    def _same_stream(self) -> bool:
        master = self.server.master
        return (
            master is not None
            and master.process.incarnation == self.incarnation
            and master.resets == self.resets_seen
        )

    @property
    def flows(self) -> bool:
        """Whether the master's writes arrive."""
        return self._streams and self.data.carries

    @property
    def acknowledges(self) -> bool:
        """Whether the master hears of it once a second."""
        return self._streams and self.acks.carries

    @property
    def _streams(self) -> bool:
        return self.phase == "streaming" and self.reachable and self._same_stream

    @property
    def broken(self) -> bool:
        """Whether the connection is known to be gone: reset, refused, or silent too long."""
        if self.phase not in ("syncing", "streaming"):
            return False
        if self.silence.due:
            return True
        master = self.server.master
        if master is None or not self.server.process.running:
            return False
        return self._told_of_the_end and not (master.process.alive and self._same_stream)

    @property
    def _told_of_the_end(self) -> bool:
        """Whether news of a connection that has ended get through, by either end's next try.

        A master that was started again says nothing by itself: it answers to the replica's ACKs.
        """
        master, route = self.server.master, self._route
        if master is None or route is None or not (route.open and master.process.host.running):
            return False
        same_run = master.process.incarnation == self.incarnation
        return self.acks.carries or (same_run and self.data.carries)

    @property
    def _connectable(self) -> bool:
        master = self.server.master
        return (
            self.reachable
            and master is not None
            and not master.loading
            and not self.server.loading
            and (master.role == "master" or self._of(master)._is_linked)
        )

    @property
    def _is_linked(self) -> bool:
        """Whether it would serve replicas of its own (else NOMASTERLINK)."""
        return self.phase == "streaming" and self._same_stream

    def settle(self) -> None:
        """Be in step with the master, as at the start of a run in the steady state."""
        master = self.server.master
        self.server.resumable = True
        if master is not None:
            self._down("connecting")
            self.incarnation, self.resets_seen = master.process.incarnation, master.resets
            self.server.head = master.head_now()
            self.server.keep_what_was_sent()
            self.phase = "streaming"
            self.since_ns = -1

    # Connecting ------------------------------------------------------------------------------

    def _cron_matters(self) -> bool:
        return self.phase == "connecting" and self._connectable

    def _cron(self) -> None:
        if self._cron_matters():
            self._connect()

    def _connect(self) -> None:
        master = self.server.master
        assert master is not None
        self.incarnation = master.process.incarnation
        self.resets_seen = master.resets
        self._renew_ways()
        if self._partial_is_possible(master):
            self._stream("partial-resync")
            return
        self.phase = "syncing"
        self.server.record("full-resync-started", master=master.address)
        done_ns = self._sent_ns(master) + self._load_ns + SYNC_HANDSHAKE_NS
        self.syncing = self.kernel.call_at(done_ns, self.sync_rank, self._synced)

    def _partial_is_possible(self, master: RedisServer) -> bool:
        """PSYNC: the master must know the replication id, and all that this server holds.

        2.8/3.0 know one master run only. Whoever was killed knows a replication id after its start
        only if its dump tells it (``server.c`` of 7.0, ``loadDataFromDisk``), and stands where that
        was written; the master's backlog must go back to there.
        """
        if not self.server.resumable:
            return False
        if self.server.spec.version == "2015" and self.server.head.branch != master.head.branch:
            return False
        held = self.server.head_now()
        known = self.server.history.continues(master.head_now(), held)
        return known and master.goes_back_to(held, self.server.in_step_ns)

    @property
    def _load_ns(self) -> int:
        return round(self.server.spec.dataset.load_time * self.server.process.host.slow_factor)

    def _sent_ns(self, master: RedisServer) -> int:
        """Return when the master has sent its data set, ns.

        Diskless: it waits until the whole seconds of its clock differ by the delay, and then for
        its cron (``shouldStartChildReplication``). Measured 4.1 to 5.8 s for a delay of 5 s
        (``sentinel.md`` section 10), and at the fifth or sixth cron after a start.
        """
        now, transfer_ns = self.kernel.now, master.spec.dataset.transfer_time
        if not master.spec.diskless:
            return now + transfer_ns
        self.awaited = master.snapshots
        return self.awaited.join(self.path, now, self._snapshot_due_ns(master), transfer_ns)

    def _snapshot_due_ns(self, master: RedisServer) -> int:
        now, delay_ns = self.kernel.now, master.spec.repl_diskless_sync_delay
        if delay_ns == 0:
            return now
        fraction = self.kernel.stream(master.path, "clock").uniform_at(0)
        ahead_ns = round(fraction * NS_PER_S)
        asked_s = (now + ahead_ns) // NS_PER_S
        elapsed_ns = (asked_s - delay_ns // -NS_PER_S) * NS_PER_S - ahead_ns
        return self._of(master).cron.grid.after(elapsed_ns - 1)

    def _synced(self) -> None:
        master = self.server.master
        self.syncing = None
        arrives = self.reachable and self.data.carries and self._same_stream
        if master is None or not arrives:
            self._down("connecting")
            return
        self.server.discard(master.head_now())
        self.server.keep_what_was_sent()
        self._stream("full-resync")

    def _stream(self, how: str) -> None:
        self.phase = "streaming"
        self.since_ns = -1
        self.server.resumable = True
        self.server.record("link-up", how=how)
        # One that flowed from another master until this event flows on: no watch sees a difference.
        if self.flows:
            self.server.follow()

    # Losing it -------------------------------------------------------------------------------

    def _break(self, broken: bool) -> None:
        if broken:
            self._down("connecting")
            # The replica reconnects at once (7.0), or at the next cron (2.8/3.0).
            if self.server.spec.version != "2015" and self._connectable:
                self._connect()

    def _down(self, phase: Phase) -> None:
        if self.syncing is not None:
            self.syncing.cancel()
            self.syncing = None
        if self.awaited is not None:
            self.awaited.leave(self.path)
            self.awaited = None
        self.silence.disarm()
        self._renew_ways()
        if self.since_ns < 0:
            self.since_ns = self.kernel.now
            if phase != "off":
                self.server.record("link-down")
        self.server.freeze()
        self.phase = phase

    def _flow(self, flows: bool) -> None:
        if flows:
            self.silence.disarm()
            self.server.follow()
            return
        self.server.receive_the_rest()
        if self.phase == "streaming":
            self.silence.arm(self._given_up_ns())

    def _given_up_ns(self) -> int:
        """When a master that has just fallen silent is given up: whole seconds, at the cron.

        Their difference must exceed ``repl-timeout`` (``replicationCron`` in ``replication.c``).
        """
        into_second = self.kernel.stream(self.path, "silent").uniform_at(self.kernel.now)
        beyond_ns = round((1 - into_second) * NS_PER_S)
        return self.cron.grid.after(self.kernel.now + self.server.spec.repl_timeout + beyond_ns)

    def _role_changed(self) -> None:
        """SLAVEOF: drop the old link; 7.0 connects to the new master at once."""
        self._down("connecting" if self.server.role == "slave" else "off")
        if self.server.role == "slave" and self.server.spec.version != "2015" and self._connectable:
            self._connect()

    def _life(self, alive: bool) -> None:
        if not alive:
            self._down("off")

    @property
    def _has_begun(self) -> bool:
        """Whether the program is in its event loop: what is on disk is loaded before."""
        return self.server.process.alive and not self.server.loading

    def _begin(self, begun: bool) -> None:
        """Count the cron from a start; its first turn connects. The first start is of old."""
        if not begun or self.server.process.incarnation == 1:
            return
        self.cron.regrid(Regular(self.kernel.now + FIRST_CRON_NS, REPLICATION_CRON_NS))
        if self._cron_matters():
            self._connect()

    # Its two ways ------------------------------------------------------------------------------

    def _renew_ways(self) -> None:
        self.data.renew()
        self.acks.renew()

    def _cut(self, receiver: RedisServer | None) -> bool:
        """Whether there is a connection and nothing sent on it now reaches the other machine."""
        master, route = self.server.master, self._route
        if receiver is None or master is None or route is None:
            return False
        both_on = not (master.process.host.down or self.server.process.host.down)
        passes = route.open and both_on and receiver.process.host.running
        return self.phase in ("syncing", "streaming") and not passes

    def _data_cut(self) -> bool:
        return self._cut(self.server)

    def _acks_cut(self) -> bool:
        return self._cut(self.server.master)

    def _next_data_ns(self) -> int:
        """When the master has something for it: a write, a Sentinel's hello, or the next PING."""
        now, master = self.kernel.now, self.server.master
        written_per_s = master.write_rate_per_s if master is not None else 0.0
        period_s = 1.0 / (written_per_s + self.server.hellos_per_s + PINGS_PER_S)
        return now + from_seconds(period_s * self.kernel.stream(self.path, "data").uniform_at(now))

    def _next_ack_ns(self) -> int:
        return self.cron.grid.after(self.kernel.now)

    def _dropped_ns(self, cut_ns: int) -> int | None:
        """When the master drops a replica that it does not hear, which then connects anew."""
        master = self.server.master
        return None if master is None else cut_ns + master.spec.repl_timeout

    def _of(self, server: RedisServer) -> Replication:
        return next(link for link in self.links if link.server is server)
