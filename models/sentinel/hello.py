"""Hello messages: how Sentinels find each other and pass on epochs and the master's address.

Source: ``sentinel.md`` sections 1 and 8. Every 2 s each Sentinel publishes on the master, on every
replica and directly to every Sentinel; here a message is simulated when somebody would learn
from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.sentinel.link import Link
from models.sentinel.timers import HELLO_NS, every
from sim.engine import Kernel
from sim.grid import Grid, Timer
from sim.state import Entity, hidden
from sim.ticker import Ticker

if TYPE_CHECKING:
    from models.sentinel.sentinel import Sentinel


class HelloChannel(Entity):
    """The hellos of one Sentinel through one instance: a Redis's channel, or another Sentinel."""

    sentinel: Final[Sentinel]
    link: Final[Link]
    target: Final[str]
    publish: Final[Ticker]
    phase_ns: int = hidden(0)
    rank: int = hidden(0)

    def __init__(self, kernel: Kernel, path: str, sentinel: Sentinel, link: Link, target: str):
        super().__init__(kernel, path)
        self.sentinel = sentinel
        self.link = link
        self.target = target
        self.rank = kernel.claim_rank(f"{path}/message")
        self.phase_ns = sentinel.phases.hello_ns
        self.publish = Ticker(
            kernel, f"{path}/publish", self._grid(sentinel.ticks), self._news, self.send_if_news
        )

    def _hears(self, listener: Sentinel) -> bool:
        """Whether a message reaches ``listener``: a Sentinel called, or subscribed to a Redis."""
        return listener.name == self.target or listener.hears(self.target)

    def _news(self) -> bool:
        # News is rarer than a link that comes or goes, so it is asked for first.
        return any(map(self._hears, self.sentinel.pupils)) and self.link.answering

    def send_if_news(self) -> None:
        """Publish now, if anybody would learn from it."""
        if not self._news():
            return
        sender = self.sentinel
        greeting = sender.greeting()
        through = self.link.peer.host.name
        for listener in sender.pupils:
            if self._hears(listener):
                self._send(listener, greeting, through)

    def _send(self, listener: Sentinel, greeting: tuple[str, int, str, int], through: str) -> None:
        def heard() -> None:
            listener.desk.receive(lambda: listener.greeted(*greeting))

        def relayed() -> None:
            self.sentinel.network.send(through, listener.process.host.name, self.rank, heard)

        direct = listener.name == self.target
        self.sentinel.desk.send(through, self.rank, heard if direct else relayed)

    def retire(self) -> None:
        """Publish no more."""
        self.publish.retire()

    def hurry(self) -> None:
        """Publish at the next tick (the address has just changed)."""
        self.phase_ns = self.kernel.now
        self.regrid(self.sentinel.ticks)

    def regrid(self, ticks: Timer) -> None:
        """Follow the Sentinel's timer, which has started anew."""
        self.publish.regrid(self._grid(ticks))

    def _grid(self, ticks: Timer) -> Grid:
        return every(HELLO_NS, self.phase_ns, ticks)
