"""A slave's I/O thread: connect to the master, receive, notice that the connection is gone.

Source: ``mysqlfailover.md`` section 2 (a process that dies is noticed at once, silence after
``slave_net_timeout``; retries) and section 1.4 (TCP). A slave only reads: it sends nothing that a
rebooted master could answer with a reset, so after a power loss of the master it believes itself
connected until ``slave_net_timeout`` has passed, in 5.6 for an hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from models.mysql.connect_grid import SynGrid, attempt_ns
from models.mysql.gtid import whole
from sim.alarm import Alarm
from sim.clock import from_seconds
from sim.engine import Kernel, Occurrence
from sim.grid import Grid, Regular
from sim.network import Route
from sim.state import Entity, computed, hidden, state
from sim.tcp import resumes_at
from sim.ticker import Ticker
from sim.watch import Watch

if TYPE_CHECKING:
    from models.mysql.server import MySqlServer

Running = Literal["No", "Connecting", "Yes"]
"""SHOW SLAVE STATUS, ``Slave_IO_Running``."""

Wire = Literal["open", "cut", "down"]
Outlook = Literal["idle", "succeeds", "refused", "silent"]

# tcp_retries2 = 15: the sender gives a connection up after 924 s (mysqlfailover.md section 1.4).
TCP_GIVES_UP_NS: Final = from_seconds(924.6)


class IoThread(Entity):
    """``running`` is what SHOW SLAVE STATUS says; ``flows``, whether the master's events arrive.

    ``carried``: whether TCP carries the connection (after a cut it comes back only with a
    retransmission). ``abandoned``: the master's end of the connection no longer exists.
    ``last_error``: ``Last_IO_Errno``, 0 for none.
    """

    server: Final[MySqlServer]
    running: Running = state("No")
    incarnation: int = state(0)
    carried: bool = state(True)
    last_error: int = hidden(0)
    silence: Final[Alarm]
    given_up: Final[Alarm]
    retry: Final[Ticker]
    abandoned: bool = hidden(False)
    cut_at_ns: int = hidden(0)
    paced: Outlook = hidden("idle")
    carry_rank: int = hidden(0)
    carrying: Occurrence | None = hidden(None)

    def __init__(self, kernel: Kernel, server: MySqlServer) -> None:
        super().__init__(kernel, f"{server.address}/io-thread")
        self.server = server
        self.silence = Alarm(kernel, f"{self.path}/slave-net-timeout")
        self.given_up = Alarm(kernel, f"{self.path}/master-retry-count")
        self.carry_rank = kernel.claim_rank(f"{self.path}/carry")
        grid = Regular(0, server.spec.master_connect_retry)
        self.retry = Ticker(kernel, f"{self.path}/retry", grid, self._may_connect, self._try)
        opens: Wire = "open"
        idle: Outlook = "idle"
        Watch(kernel, f"{self.path}/wire", lambda: self._wire, self._wire_changed, initial=opens)
        Watch(kernel, f"{self.path}/outlook", lambda: self._outlook, self._pace, initial=idle)
        Watch(kernel, f"{self.path}/flows", lambda: self.flows, self._flow, initial=False)
        Watch(kernel, f"{self.path}/silent", lambda: self._silent, self._silence, initial=False)
        Watch(kernel, f"{self.path}/broken", lambda: self._broken, self._break, initial=False)
        Watch(kernel, f"{self.path}/tired", lambda: self.given_up.due, self._give_up, False)

    # What is true of the connection now --------------------------------------------------------

    def _route(self, master: MySqlServer) -> Route:
        here, there = self.server.process.host.name, master.process.host.name
        return self.server.network.route(here, there)

    @computed
    def _wire(self) -> Wire:
        """Whether packets pass between the two hosts."""
        master = self.server.master
        if master is None:
            return "open"
        hosts = (self.server.process.host, master.process.host)
        if any(host.down for host in hosts):
            return "down"
        return "open" if self._route(master).open and all(host.running for host in hosts) else "cut"

    @property
    def _same_peer(self) -> bool:
        master = self.server.master
        return (
            master is not None
            and master.process.alive
            and master.process.incarnation == self.incarnation
        )

    @computed
    def flows(self) -> bool:
        """Whether the master's events arrive now."""
        master = self.server.master
        return (
            self.running == "Yes"
            and master is not None
            and self._same_peer
            and self.server.process.running
            and master.process.running
            and self._wire == "open"
            and self.carried
        )

    @property
    def _silent(self) -> bool:
        return self.running == "Yes" and self.server.process.running and not self.flows

    @property
    def _broken(self) -> bool:
        """Whether it knows that its connection is gone: closed, or silent too long."""
        if self.running != "Yes" or not self.server.process.running:
            return False
        closed = self._wire == "open" and self.carried and not self._same_peer
        return closed or self.silence.due

    @property
    def _outlook(self) -> Outlook:
        """How an attempt to connect goes now."""
        master = self.server.master
        if self.running != "Connecting" or master is None or not self.server.process.running:
            return "idle"
        if self._wire != "open":
            here, there = self.server.process.host.name, master.process.host.name
            refused = master.process.host.running and self.server.network.refuses(here, there)
            return "refused" if refused else "silent"
        if not master.listening or master.refuses_logins or self._in_a_ring(master):
            return "refused"
        return "succeeds" if master.process.running else "silent"

    def _in_a_ring(self, master: MySqlServer) -> bool:
        """Whether the master itself replicates from this server, by however many steps."""
        seen = [self.server]
        above: MySqlServer | None = master
        while above is not None and above not in seen:
            seen.append(above)
            above = above.master
        return above is self.server

    # Connecting --------------------------------------------------------------------------------

    def start(self) -> None:
        """START SLAVE: connect now, or else go on trying."""
        if self.running != "No" or self.server.master is None:
            return
        self.last_error = 0
        self._connect_or_retry()

    def stop(self) -> None:
        """STOP SLAVE, or the end of the process: keep what has been received."""
        self._end("No")

    def _connect_or_retry(self) -> None:
        self._set("Connecting")
        spec = self.server.spec
        self.given_up.arm(self.kernel.now + spec.master_retry_count * spec.master_connect_retry)
        self.paced = outlook = self._outlook
        if outlook == "succeeds":
            self._connect()
        elif outlook == "silent":
            # The first SYN of the attempt has just been lost.
            self.retry.regrid(self._grid(self.kernel.now, outlook))
        else:
            self.retry.regrid(self._grid(self.kernel.now + spec.master_connect_retry, outlook))

    def _grid(self, first_ns: int, outlook: Outlook) -> Grid:
        """Return the moments of the attempts from ``first_ns`` on."""
        spec, master = self.server.spec, self.server.master
        if outlook != "silent" or master is None:
            return Regular(first_ns, spec.master_connect_retry)
        syns_ns = self._route(master).syns_ns
        lasts_ns = attempt_ns(syns_ns, spec.net_timeout_ns)
        tried_ns = tuple(after_ns for after_ns in syns_ns if after_ns < lasts_ns)
        return SynGrid(first_ns, lasts_ns + spec.master_connect_retry, tried_ns)

    def _pace(self, outlook: Outlook) -> None:
        """The attempt in progress, or the wait for the next one, ends before the pace changes."""
        if outlook not in ("idle", self.paced):
            self.paced = outlook
            self.retry.regrid(self._grid(self.retry.grid.after(self.kernel.now), outlook))

    def _may_connect(self) -> bool:
        return self._outlook == "succeeds"

    def _try(self) -> None:
        if self._may_connect():
            self._connect()

    def _connect(self) -> None:
        master = self.server.master
        assert master is not None
        self.given_up.disarm()
        self.silence.disarm()
        if self._has_more_than(master):
            # Last_IO_Errno 1236 with the text of ER_SLAVE_HAS_MORE_GTIDS_THAN_MASTER.
            self.last_error = 1236
            self._set("No", last_error=1236)
            return
        self.incarnation = master.process.incarnation
        self._forget_carrying()
        self.abandoned = False
        self.carried = True
        self._set("Yes")
        self.server.follow()

    def _has_more_than(self, master: MySqlServer) -> bool:
        """Whether this server has more of the master's own numbers than the master has logged.

        Refused since 5.6.23 and 5.7.6 (mysql bug 72635). A master that has given lost numbers out
        again by now is not found out: the slave takes the new transactions for those it has.
        """
        ledger, source = self.server.ledger, master.address
        mine, theirs = self.server.received_now(), master.offered_at(self.kernel.now)
        if whole(ledger.number(mine, source)) > whole(ledger.number(theirs, source)):
            return True
        again = ledger.number(mine, source) - ledger.number_before[master.own]
        if mine.count(master.own) == 0.0 and again > 0.0:
            self.server.skip(master.own, again)
            self.server.record("numbers-skipped", source=source, count=round(again))
        return False

    # Losing it ---------------------------------------------------------------------------------

    def _wire_changed(self, wire: Wire) -> None:
        """TCP finds the path again with a retransmission of the master, if there is one to come."""
        if wire != "open":
            if self.carried:
                self.cut_at_ns = self.kernel.now
            self._forget_carrying()
            self.carried = False
            self.abandoned = self.abandoned or wire == "down"
            return
        if self.carried:
            return
        if self.kernel.now - self.cut_at_ns > TCP_GIVES_UP_NS:
            self.abandoned = True
        if self.running == "Yes" and not self.abandoned:
            at_ns = resumes_at(self.kernel.now, self.cut_at_ns, None)
            self.carrying = self.kernel.call_at(at_ns, self.carry_rank, self._carry)

    def _carry(self) -> None:
        self.carrying = None
        self.carried = True

    def _forget_carrying(self) -> None:
        if self.carrying is not None:
            self.carrying.cancel()
            self.carrying = None

    def _flow(self, flows: bool) -> None:
        if flows:
            self.server.follow()
        else:
            self.server.freeze()

    def _silence(self, silent: bool) -> None:
        if silent:
            self.silence.arm(self.kernel.now + self.server.spec.net_timeout_ns)
        else:
            self.silence.disarm()

    def _break(self, broken: bool) -> None:
        """Reconnect: at once, and then every MASTER_CONNECT_RETRY."""
        if broken:
            self._end("Connecting")
            self._connect_or_retry()

    def _give_up(self, due: bool) -> None:
        if due and self.running == "Connecting":
            self._end("No")

    def _end(self, running: Running) -> None:
        self.server.freeze()
        self._forget_carrying()
        self.silence.disarm()
        self.given_up.disarm()
        self._set(running)

    def _set(self, running: Running, **fields: object) -> None:
        if running != self.running:
            self.running = running
            self.server.record("Slave_IO_Running", value=running, **fields)
