"""Calls that are under way to a server when it falls silent, and how long they hang (``new``).

An agent's calls to its server share one connection (yamux over TCP). It ends when the keepalive, a
ping each 30 s, has waited 10 s for its answer (``keepalive`` and ``Ping`` in yamux's
``session.go``), and all calls in it fail. If the far side is back before, its TCP has kept what was
sent, and the calls go on; if it knows of no such connection, they fail at once.

Not so in 2015: the ping of the yamux that v0.5.2 pins (``deps/v0-5-2.json``: b2e5585) waits for
ever, as the time-out is of September 2015, so that its calls hang until TCP gives up. Here those
under way then end as later ones do, when the agent takes another server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from models.process import Process
from sim.clock import NS_PER_S
from sim.engine import Occurrence
from sim.network import Network
from sim.state import Entity, hidden, state
from sim.watch import Watch

if TYPE_CHECKING:
    from models.consul.servers import Server

Link = Literal["good", "refused", "silent"]
Sight = tuple["Server | None", Link | Literal["idle"]]

KEEPALIVE_NS: Final = 30 * NS_PER_S
PING_TIMEOUT_NS: Final = 10 * NS_PER_S


def link_to(server: Server, network: Network, here: str) -> Link:
    """Return how a call from the host ``here`` to that server fares now."""
    way = network.route(here, server.host)
    if server.process.running and way.tcp:
        return "good"
    if network.refuses(here, server.host) or (way.open and server.process.refuses):
        return "refused"
    return "silent"


class Hang(Entity):
    """The calls of one process under way. ``far`` is the silent server in which they hang, if any.

    ``begun`` counts the hangs, ``broken`` is the number of the last one that ended with their
    failure. ``target`` is the server to which calls go now; ``gave_up`` is called when its
    silence has ended the connection.
    """

    process: Final[Process]
    network: Final[Network]
    target: Final[Callable[[], Server | None]]
    gave_up: Final[Callable[[], object]]
    rank: Final[int]
    far: Server | None = state(None)
    begun: int = state(0)
    broken: int = state(0)
    ending: Occurrence | None = hidden(None)

    def __init__(
        self,
        path: str,
        process: Process,
        network: Network,
        target: Callable[[], Server | None],
        gave_up: Callable[[], object],
    ) -> None:
        super().__init__(process.kernel, path)
        self.process = process
        self.network = network
        self.target = target
        self.gave_up = gave_up
        self.rank = process.kernel.claim_rank(path)
        nobody: Sight = (None, "good")
        Watch(process.kernel, f"{path}/link", self._sight, self._seen, initial=nobody)

    def befalls(self, begun: int) -> Literal["", "silent", "error"]:
        """Return what has become of a call made when ``begun`` hangs had begun; "": it goes on."""
        if self.broken > begun:
            return "error"
        return "silent" if self.begun > begun and self.far is not None else ""

    def _sight(self) -> Sight:
        if not self.process.running:
            return None, "idle"
        server = self.far or self.target()
        if server is None:
            return None, "good"
        return server, link_to(server, self.network, self.process.host.name)

    def _seen(self, sight: Sight) -> None:
        server, link = sight
        if link == "idle":
            if not self.process.alive:
                self._over()
        elif self.far is not None and link != "silent":
            if link == "refused":
                self.broken = self.begun
            self._over()
        elif self.far is None and link == "silent":
            self._begin(server)

    def _begin(self, server: Server | None) -> None:
        self.far = server
        self.begun += 1
        wait_ns = self.kernel.stream(self.path).between(0, KEEPALIVE_NS) + PING_TIMEOUT_NS
        self.ending = self.kernel.call_at(self.kernel.now + wait_ns, self.rank, self._give_up)

    def _give_up(self) -> None:
        self.broken = self.begun
        self._over()
        self.gave_up()

    def _over(self) -> None:
        self.far = None
        if self.ending is not None:
            self.ending.cancel()
            self.ending = None
