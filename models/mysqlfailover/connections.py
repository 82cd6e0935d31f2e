"""The tool's connections: connecting, asking, pinging, each with what really ends it.

Source: ``mysqlfailover.md`` sections 1.3 and 1.4. Every failing connect counts as one, whatever
the error. Nothing has a time-out of its own: a silent way is bounded by the SYN retries or by
``tcp_retries2``, a server that accepts and never answers by nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from models.mysqlfailover.servers import ManagedServer
from models.mysqlfailover.spec import ECHOES, MysqlFailoverSpec
from models.mysqlfailover.tcp_timers import (
    ARP_GIVES_UP_NS,
    ARP_TRIES_NS,
    segment_tries_ns,
    syn_gives_up_ns,
    syn_tries_ns,
)
from models.mysqlfailover.thread import Wait, Work
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, state

Standing = Literal["open", "denied", "refused", "hung", "silent"]


class Link(Entity):
    """The connection to one server: of which incarnation of mysqld, 0 while there is none."""

    server: Final[ManagedServer]
    incarnation: int = state(0)

    def __init__(self, kernel: Kernel, path: str, server: ManagedServer) -> None:
        super().__init__(kernel, path)
        self.server = server

    def open(self) -> None:
        """Hold a connection to the mysqld that runs now."""
        self.incarnation = self.server.process.incarnation

    def close(self) -> None:
        """Hold none."""
        self.incarnation = 0

    @property
    def current(self) -> bool:
        """Whether it is a connection to the mysqld that is alive now."""
        process = self.server.process
        return process.alive and self.incarnation == process.incarnation


class Connections:
    """All that goes over the wire from the tool's host, as work of its thread."""

    def __init__(
        self,
        kernel: Kernel,
        network: Network,
        host: str,
        spec: MysqlFailoverSpec,
        resolves: Callable[[ManagedServer], object],
    ) -> None:
        self.kernel = kernel
        self.resolves = resolves
        self.network = network
        self.host = host
        self.spec = spec
        self._segment_tries_ns = segment_tries_ns(spec.tcp_retries2)

    # What is true now ------------------------------------------------------------------------

    def carries(self, server: ManagedServer) -> bool:
        """Whether packets reach the server's host and its answers come back."""
        there = server.process.host
        return there.running and self.network.route(self.host, there.name).open

    def standing(self, server: ManagedServer) -> Standing:
        """Tell how a connect would fare now; a name that is not found is as good as a refusal."""
        if not self.resolves(server):
            return "refused"
        if not self.carries(server):
            there = server.process.host
            blocked = not self.network.route(self.host, there.name).open
            told = blocked and self.network.refuses(self.host, there.name)
            return "refused" if told else "silent"
        if not (server.process.alive and server.listening):
            return "refused"
        if not server.process.running:
            return "hung"
        return "denied" if server.refuses_logins else "open"

    def answers(self, link: Link) -> bool:
        """Whether a query on this connection is answered at once."""
        return link.current and link.server.process.running and self.carries(link.server)

    # What takes time -------------------------------------------------------------------------

    def connect(self, link: Link) -> Work[bool]:
        """Drop the connection and open another; returns whether that succeeded."""
        link.close()
        return (yield from self._handshake(link, self.kernel.now))

    def _handshake(self, link: Link, opened_ns: int) -> Work[bool]:
        server = link.server
        standing = self.standing(server)
        if standing == "open":
            link.open()
            return True
        if standing in ("refused", "denied"):
            yield from self._round_trip(server)
            return False
        if standing == "hung":
            return (yield from self._greeting(link, opened_ns))
        gives_up_ns = opened_ns + self.patience_ns(server)
        yield Wait(gives_up_ns, lambda: self.standing(server) != "silent")
        return (yield from self.try_again(link, opened_ns))

    def try_again(self, link: Link, opened_ns: int) -> Work[bool]:
        """Go on with a connect that has met silence since ``opened_ns``, at its next SYN."""
        tries_ns = self._tries_ns(link.server)
        now, gives_up_ns = self.kernel.now, opened_ns + self.patience_ns(link.server)
        syns = [opened_ns + after_ns for after_ns in tries_ns if opened_ns + after_ns >= now]
        yield Wait(min([*syns, gives_up_ns]))
        if self.kernel.now >= gives_up_ns:
            return False
        return (yield from self._handshake(link, opened_ns))

    def looks_ns(self, server: ManagedServer) -> tuple[int, ...]:
        """Return when a server that stays silent is looked for, ns after the begin of a connect.

        At each further SYN, when the connect fails and its ping begins, at each further echo; last
        when the ping is over.
        """
        gives_up_ns = self.patience_ns(server)
        syns = [after_ns for after_ns in self._tries_ns(server) if 0 < after_ns < gives_up_ns]
        return (*syns, *(gives_up_ns + echo * NS_PER_S for echo in range(ECHOES + 1)))

    def ask(self, link: Link) -> Work[bool]:
        """Send a query on the open connection; returns whether an answer came.

        False at once if there is no connection or its mysqld has gone. Into silence it blocks
        until TCP gives up, and goes on with the first retransmission after a heal.
        """
        if not link.incarnation:
            return False
        server, asked_ns = link.server, self.kernel.now
        limit_ns = self._limit(asked_ns)
        tries_ns = [asked_ns + after_ns for after_ns in self._segment_tries_ns]
        gives_up_ns = tries_ns[-1] if limit_ns is None else min(tries_ns[-1], limit_ns)
        while not self.carries(server):
            yield Wait(gives_up_ns, lambda: self.carries(server))
            again = [at_ns for at_ns in tries_ns if at_ns >= self.kernel.now]
            yield Wait(min([*again, gives_up_ns]))
            if self.kernel.now >= gives_up_ns:
                link.close()
                return False
        answered = link.current
        if not answered:
            yield from self._round_trip(server)
        elif not server.process.running:
            answered = yield from self._answer(server, link.incarnation, limit_ns)
        if not answered:
            link.close()
        return answered

    def ping(self, server: ManagedServer, sent: int = 0, *, replied: bool = False) -> Work[bool]:
        """Run ``ping -w 3``, of which so many echoes have been ``sent``; returns whether one came.

        It takes the whole 3 s, but ends at once when it is told that there is no way.
        """
        there = server.process.host
        for _ in range(sent, ECHOES):
            if self.network.refuses(self.host, there.name) or not self.resolves(server):
                return replied
            replied = replied or (self.spec.ping_answered and self.carries(server))
            yield Wait(self.kernel.now + NS_PER_S)
        return replied

    def sleep(self, lasts_ns: int) -> Work[None]:
        """Sleep so many ns."""
        yield Wait(self.kernel.now + lasts_ns)

    def _round_trip(self, server: ManagedServer) -> Work[None]:
        """The time that a reset or an error takes to come back."""
        there = server.process.host.name
        out, back = self.network.path(self.host, there), self.network.path(there, self.host)
        if out.open and back.open:
            yield Wait(self.kernel.now + out.delay_ns + back.delay_ns)

    def patience_ns(self, server: ManagedServer) -> int:
        """Return when a connect into silence gives up, ns after its start."""
        if self._is_neighbour(server):
            return self._bounded(ARP_GIVES_UP_NS)
        return self._bounded(syn_gives_up_ns(self.spec.tcp_syn_retries))

    def _tries_ns(self, server: ManagedServer) -> tuple[int, ...]:
        """Return when a connect tries, ns after its start."""
        if self._is_neighbour(server):
            return ARP_TRIES_NS
        return syn_tries_ns(self.spec.tcp_syn_retries)

    def _is_neighbour(self, server: ManagedServer) -> bool:
        sites = self.network.site_of
        return sites[self.host] == sites[server.process.host.name]

    def _bounded(self, lasts_ns: int) -> int:
        limit_ns = self.spec.connector_timeout
        return lasts_ns if limit_ns is None else min(lasts_ns, limit_ns)

    def _limit(self, since_ns: int) -> int | None:
        limit_ns = self.spec.connector_timeout
        return None if limit_ns is None else since_ns + limit_ns

    def _greeting(self, link: Link, opened_ns: int) -> Work[bool]:
        """Wait for the handshake of a mysqld that has accepted and stands still."""
        server = link.server
        incarnation = server.process.incarnation
        greeted = yield from self._answer(server, incarnation, self._limit(opened_ns))
        if not greeted or server.refuses_logins:
            return False
        link.open()
        return True

    def _answer(self, server: ManagedServer, incarnation: int, limit_ns: int | None) -> Work[bool]:
        """Wait for an answer to what the peer's kernel has taken in: nothing is sent again.

        A killed mysqld ends it with a reset; a host that loses its power says nothing, and with
        nothing to retransmit the tool then waits for ever.
        """
        process, host = server.process, server.process.host

        def over() -> bool:
            gone = process.incarnation != incarnation or not process.alive
            return bool(host.down) or (self.carries(server) and (gone or process.running))

        yield Wait(limit_ns, over)
        if host.down:
            yield Wait(limit_ns)
        return process.running and process.incarnation == incarnation
