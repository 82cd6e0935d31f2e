"""Hello messages: how Sentinels find each other and pass on epochs and the master's address.

Source: ``sentinel.md`` sections 1 and 8. Every 2 s each Sentinel publishes on the master, on every
replica and directly to every Sentinel; here a message is simulated when somebody would learn
from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.sentinel.link import Link
from models.sentinel.timers import HELLO_NS, TURNAROUND_NS, every
from sim.engine import Kernel
from sim.grid import Grid, Timer
from sim.state import Entity, hidden
from sim.ticker import Ticker

if TYPE_CHECKING:
    from models.sentinel.sentinel import Sentinel


class HelloChannel(Entity):
    """The hellos of one Sentinel through one instance: a Redis's channel, or another Sentinel.

    ``said_ns`` is ``last_pub_time`` of ``sentinel.c`` as of the last change of the grid: when the
    last hello had arrived, and for a new record when it was made.
    """

    sentinel: Final[Sentinel]
    link: Final[Link]
    target: Final[str]
    publish: Final[Ticker]
    phase_ns: int = hidden(0)
    said_ns: int = hidden(0)
    rank: int = hidden(0)

    def __init__(self, kernel: Kernel, path: str, sentinel: Sentinel, link: Link, target: str):
        super().__init__(kernel, path)
        self.sentinel = sentinel
        self.link = link
        self.target = target
        self.rank = kernel.claim_rank(f"{path}/message")
        self._say_a_period_after(kernel.now)
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

    # When the next one is due ------------------------------------------------------------------

    def last_said(self) -> int:
        """Return when the last hello arrived, ns: nothing has since the link fell silent."""
        return self._said_until(self.kernel.now) if self.link.answered else self._said_of_old()

    def _said_of_old(self) -> int:
        silenced = self.link.silenced
        return self.said_ns if silenced is None else self._said_until(silenced[1])

    def _said_until(self, until_ns: int) -> int:
        turn = self.publish.grid.until(until_ns)
        # A timer that has started anew since then has no tick that early.
        if turn is None or turn > until_ns:
            return self.said_ns
        return max(turn, self.said_ns)

    def catch_up(self) -> None:
        """The link has just begun to answer: a hello that fell due in its silence is said now."""
        turn = self.publish.grid.until(self.kernel.now)
        if turn is not None and turn > self._said_of_old():
            self.send_if_news()
            self.count_from(self.kernel.now)

    def count_from(self, said_ns: int) -> None:
        """Publish a period after ``said_ns``, and from then on at each period."""
        self._say_a_period_after(said_ns)
        self.publish.regrid(self._grid(self.sentinel.ticks))

    def hurry(self) -> None:
        """Publish at the next tick (the address has just changed)."""
        self.said_ns = self.last_said()
        self.phase_ns = self.kernel.now
        self.publish.regrid(self._grid(self.sentinel.ticks))

    def _say_a_period_after(self, said_ns: int) -> None:
        self.said_ns = said_ns
        self.phase_ns = said_ns + HELLO_NS + TURNAROUND_NS

    # Life --------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Be somewhere in the cycle, as in the steady state: with the hellos to all others."""
        self.count_from(self.sentinel.phases.hello_ns - HELLO_NS - TURNAROUND_NS)

    def regrid(self, ticks: Timer) -> None:
        """Follow the Sentinel's timer, which has started anew."""
        self.said_ns = self.last_said()
        self.publish.regrid(self._grid(ticks))

    def retire(self) -> None:
        """Publish no more."""
        self.publish.retire()

    def _grid(self, ticks: Timer) -> Grid:
        return every(HELLO_NS, self.phase_ns, ticks)
