"""What one Sentinel knows of another: is it there, does it say "down", whom did it vote for.

Source: ``sentinel.md`` sections 3 (asking, answers valid for 5 s) and 5 (votes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.sentinel.link import Link
from models.sentinel.timers import ANSWER_VALID_NS, ASK_NS, MEAN_WAIT_NS, every
from sim.alarm import Alarm
from sim.engine import Kernel
from sim.grid import Grid, Timer
from sim.state import Entity, computed, hidden, state
from sim.ticker import Ticker
from sim.watch import Watch

if TYPE_CHECKING:
    from models.sentinel.sentinel import Sentinel


class PeerView(Entity):
    """The record of another Sentinel (by ``runid``); it counts as *known* until a RESET.

    ``waits``: a question has been sent since the last answer came.
    """

    sentinel: Final[Sentinel]
    peer: Final[Sentinel]
    link: Final[Link]
    ask: Final[Ticker]
    asked: Final[Watch[bool]]
    stale: Final[Alarm]
    sdown: bool = state(False)
    says_down: bool = state(False)
    vote: str = state("")
    vote_epoch: int = state(0)
    waits: bool = state(False)
    sent_ns: int = hidden(-1)
    ask_phase_ns: int = hidden(0)
    answer_ns: int = hidden(0)
    down_since_ns: int = hidden(-1)
    ask_rank: int = hidden(0)

    def __init__(
        self, kernel: Kernel, path: str, sentinel: Sentinel, peer: Sentinel, link: Link
    ) -> None:
        super().__init__(kernel, path)
        self.sentinel = sentinel
        self.peer = peer
        self.link = link
        self.ask_rank = kernel.claim_rank(f"{path}/ask-message")
        self.stale = Alarm(kernel, f"{path}/stale")
        self.ask = Ticker(
            kernel, f"{path}/ask", self._grid(sentinel.ticks), self._ask_due, self._ask_again
        )
        self.asked = Watch(
            kernel, f"{path}/asked", lambda: self._asked, self._asking, initial=False
        )
        link.heard = self._heard

    @property
    def role(self) -> str:
        """What the log calls it."""
        return "sentinel"

    @property
    def address(self) -> str:
        """The other Sentinel's name."""
        return self.peer.name

    @property
    def down_now(self) -> bool:
        """Whether SDOWN of the other Sentinel should hold."""
        return self.link.too_late

    @computed
    def flips(self) -> bool:
        """Whether the next tick would begin or end an SDOWN."""
        return self.down_now != self.sdown

    @property
    def expired(self) -> bool:
        """Whether a recorded answer is too old to count, and still recorded."""
        return self.stale.due and (self.says_down or self.vote != "")

    def _heard(self) -> None:
        """The hellos that waited in the connection arrive; a fresh one says hello in its turn."""
        if not self.link.carrier.fresh:
            self.sentinel.channel_of(self).catch_up()

    # Asking ----------------------------------------------------------------------------------

    @property
    def _asked(self) -> bool:
        me = self.sentinel
        return me.master_sdown and not me.tilt and self.link.answering

    def _would_differ(self) -> bool:
        """Whether asking now would bring another answer than the recorded one, or a vote."""
        if not self._asked:
            return False
        if self.peer.opinion(self.sentinel.master) != self.says_down:
            return True
        return self.sentinel.failing_over and self.vote_epoch < self.sentinel.current_epoch

    def _ask_due(self) -> bool:
        return not self.waits and self._would_differ()

    def _ask_again(self) -> None:
        if self._ask_due():
            self.send_ask()

    @property
    def unanswered(self) -> bool:
        """Whether it is asked again at each tick: the period counts from the last answer."""
        return self.waits and self._asked

    def repeat_ask(self) -> None:
        """Ask again unless this very tick has asked."""
        if self.unanswered and self.sent_ns < self.kernel.now:
            self.send_ask()

    def ask_now(self) -> None:
        """Ask at this tick, and then every second from here, or from the answer."""
        self._ask_a_period_from_now()
        # By now a silent connection has been given up, and the new one has not come about.
        if self.link.connected and self.link.carrier.carries:
            self.send_ask()

    def send_ask(self) -> None:
        """Send is-master-down-by-addr, with the own id while a failover is in progress here."""
        self.waits, self.sent_ns = True, self.kernel.now
        sender, peer = self.sentinel, self.peer
        here, there = sender.process.host.name, peer.process.host.name
        candidate = sender.name if sender.failing_over else ""
        master, epoch = sender.master, sender.current_epoch

        def asked() -> None:
            is_down = peer.opinion(master)
            leader, leader_epoch = "", 0
            if candidate and peer.master == master:
                leader, leader_epoch = peer.election.vote(epoch, candidate)
            peer.desk.send(
                here,
                self.ask_rank,
                lambda: sender.desk.receive(lambda: self._answered(is_down, leader, leader_epoch)),
            )

        sender.desk.send(there, self.ask_rank, lambda: peer.desk.receive(asked))

    def _answered(self, is_down: bool, leader: str, leader_epoch: int) -> None:
        self.answer_ns = self.kernel.now
        self.waits = False
        self._ask_a_period_from_now()
        self.says_down = is_down
        if leader:
            self.vote, self.vote_epoch = leader, leader_epoch
        if not self._asked:
            self.stale.arm(self.kernel.now + ANSWER_VALID_NS)

    def _ask_a_period_from_now(self) -> None:
        self.ask_phase_ns = self.kernel.now + ASK_NS
        self.ask.regrid(self._grid(self.sentinel.ticks))

    def _asking(self, asked: bool) -> None:
        """While asked every second an answer stays fresh; afterwards it expires."""
        if asked:
            self.stale.disarm()
            return
        turn = self.ask.grid.until(self.kernel.now)
        last_ns = self.answer_ns if turn is None else max(turn, self.answer_ns)
        if self.says_down or self.vote:
            self.stale.arm(last_ns + ANSWER_VALID_NS)

    def forget_answer(self) -> None:
        """Drop an answer that is too old, or that was given to a record that is gone."""
        self.stale.disarm()
        self.says_down = False
        self.vote = ""

    # Life ------------------------------------------------------------------------------------

    def _grid(self, ticks: Timer) -> Grid:
        return every(ASK_NS + self._answer_lag_ns(), self.ask_phase_ns, ticks)

    def _answer_lag_ns(self) -> int:
        """From the first question of a turn to the last answer: all ticks ask until one is here."""
        route = self.link.carrier.route
        round_trip_ns = route.forward.delay_ns + route.back.delay_ns
        return round_trip_ns + max(0, round_trip_ns - MEAN_WAIT_NS)

    def regrid(self, ticks: Timer) -> None:
        """Follow the Sentinel's timer, which has started anew."""
        self.link.regrid(ticks)
        self.ask.regrid(self._grid(ticks))

    def retire(self) -> None:
        """Be no more: forgotten by a RESET, or its Sentinel has been dismissed."""
        for part in (self.link, self.ask, self.asked):
            part.retire()
        self.stale.disarm()

    def renew(self) -> None:
        """Be a new record: not connected, nothing answered."""
        self.link.renew()
        self.sentinel.channel_of(self).count_from(self.kernel.now)
        self.sdown = self.waits = False
        self.forget_answer()
