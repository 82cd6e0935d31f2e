"""A Sentinel's connection to one instance: reconnect, PING, and the oldest unanswered PING.

Source: ``sentinel.md`` sections 1 and 3. Three regimes follow from the rules below: a refused
connection is noticed at once and its reconnection queues the PING that will stay unanswered;
silence leaves the first PING after the fault unanswered; an answer in time clears it. The next
PING is due a period after the last answer (``sentinelSendPeriodicCommands`` in ``sentinel.c`` of
7.0), so what is answered late, or first on a new connection, sets the phase of all that follow.

The real program also closes a connection whose PING has been pending for half of down-after and
opens another; one that is being opened counts as connected. So a silent link stays connected here,
and :class:`~models.sentinel.carrier.Carrier` says when the network carries it again.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import Final, Literal

from models.process import Process
from models.sentinel.carrier import Carrier
from models.sentinel.timers import (
    DRIFT_SD_S,
    RECONNECT_NS,
    TURNAROUND_NS,
    every,
    ping_period_ns,
)
from sim.alarm import Alarm
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.grid import Grid, Timer
from sim.network import Route
from sim.state import Entity, computed, hidden, state
from sim.ticker import Ticker
from sim.watch import Watch

Condition = Literal["closed", "answering", "silent", "reset"]
# reset: the peer's host has answered with RST, its process is another one, or none.


class Link(Entity):
    """``pending_ns`` is the send time of the oldest unanswered PING, -1 for none.

    ``silenced``: the ticks of the PINGs that were answered, and when the last answers ended.
    """

    own: Final[Process]
    peer: Final[Process]
    carrier: Final[Carrier]
    down_after_ns: Final[int]
    every_tick: Final[bool]
    connected: bool = state(False)
    incarnation: int = state(0)
    pending_ns: int = state(-1)
    overdue: Final[Alarm]
    ping: Final[Ticker]
    reconnect: Final[Ticker]
    turns: Final[Watch[Condition]]
    ping_phase_ns: int = hidden(0)
    ping_period_ns: Final[int]
    ping_drift_ns: int = hidden(0)
    reconnect_phase_ns: int = hidden(0)
    reconnect_drift_ns: int = hidden(0)
    silenced: tuple[Grid, int] | None = hidden(None)
    answered: bool = hidden(False)
    ticks: Timer | None = hidden(None)
    heard: Callable[[], object] = hidden(lambda: None)
    silent: Callable[[], object] = hidden(lambda: None)

    def __init__(
        self,
        kernel: Kernel,
        path: str,
        ends: tuple[Process, Process, Route],
        ticks: Timer,
        ping_phase_ns: int,
        down_after_ns: int,
        every_tick: bool,
    ) -> None:
        super().__init__(kernel, path)
        self.own, self.peer, route = ends
        self.carrier = Carrier(kernel, f"{path}/carrier", route, self.peer, self._timer)
        self.carrier.waiting_since = lambda _: self.pending_ns if self.pending_ns >= 0 else None
        self.carrier.opened = self._opened
        self.carrier.returned = self._attempt_ends
        self.down_after_ns = down_after_ns
        self.ping_period_ns = ping_period_ns(down_after_ns)
        self.every_tick = every_tick
        self.ticks = ticks
        self.ping_phase_ns = ping_phase_ns
        self._try_again_from_now()
        self.overdue = Alarm(kernel, f"{path}/overdue")
        self.ping = Ticker(
            kernel, f"{path}/ping", self._ping_grid(ticks), self._unanswered, self._ping
        )
        self.reconnect = Ticker(
            kernel, f"{path}/reconnect", self._grid(ticks), self._to_reconnect, self._reconnect
        )
        at_first: Condition = "closed"
        self.turns = Watch(kernel, f"{path}/turns", lambda: self.condition, self._turned, at_first)
        self._pend()

    # What is true of it now ------------------------------------------------------------------

    @computed
    def condition(self) -> Condition:
        """How it stands; one cell for all loops that depend on it."""
        if not self.connected:
            return "closed"
        if not (self.own.running and self.carrier.carries):
            return "silent"
        if self.peer.alive and self.peer.incarnation == self.incarnation:
            return "answering" if self.peer.running else "silent"
        return "reset" if self.peer.host.running else "silent"

    @property
    def answering(self) -> bool:
        """Whether what is sent over it now is answered at once."""
        return self.condition == "answering"

    @property
    def too_late(self) -> bool:
        """Whether a PING has been pending for longer than down-after-milliseconds."""
        # A PING pends in each short silence, and is hardly ever overdue: that is asked first.
        return self.overdue.due and self.pending_ns >= 0

    def pong_age_ns(self) -> int:
        """Return the age of the last good PONG, ns (a period or less while it answers)."""
        if self.answering:
            return 0
        if self.silenced is None:
            return self.kernel.now
        # Few silences last until somebody asks: the last PING before this one is looked up now.
        pings, until_ns = self.silenced
        last_ns = pings.until(until_ns)
        return self.kernel.now - (until_ns if last_ns is None else last_ns)

    # Life ------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Be a new instance record: not connected yet, first try at the next tick.

        It counts as waiting for an answer from its beginning (``sentinel.c`` of 7.0,
        ``createInstanceLink`` and ``sentinelResetMaster``), for there may be nobody to connect to.
        """
        self.connected = self.answered = False
        self.silenced = None
        self._pend()
        self._reconnect_from_now()

    def settle(self) -> None:
        """Be connected and answered, as in the steady state: nothing has just come back."""
        self.connected, self.incarnation = True, self.peer.incarnation
        self._unpend()
        self.turns.last = "answering"
        self.answered = True

    def retire(self) -> None:
        """Be closed for good: the record that it belonged to has been forgotten."""
        for part in (self.ping, self.reconnect, self.turns, self.carrier):
            part.retire()
        self.overdue.disarm()

    def regrid(self, ticks: Timer) -> None:
        """Follow the Sentinel's timer, which has started anew."""
        self.ticks = ticks
        self.ping.regrid(self._ping_grid(ticks))
        self.reconnect.regrid(self._grid(ticks))

    def _ping_grid(self, ticks: Timer) -> Grid:
        return every(self.ping_period_ns + self.ping_drift_ns, self.ping_phase_ns, ticks)

    def _grid(self, ticks: Timer) -> Grid:
        # 2.8/3.0 try at every tick, 7.0 at most once a second (sentinel.md section 15).
        if self.every_tick:
            return ticks
        return every(RECONNECT_NS + self.reconnect_drift_ns, self.reconnect_phase_ns, ticks)

    def _timer(self) -> Timer:
        assert self.ticks is not None
        return self.ticks

    def _opened(self, cut_ns: int) -> int | None:
        """Return when the first connection attempt since the cut begins."""
        if not self.connected:
            return self.reconnect.grid.after(max(cut_ns, self.reconnect_phase_ns) - 1)
        if self.pending_ns < 0:
            return None
        ticks = self._timer()
        return ticks.after(ticks.after(self.pending_ns + self.down_after_ns // 2))

    # Loops -----------------------------------------------------------------------------------

    def _unanswered(self) -> bool:
        # A link that breaks off is rarer than anything else here, so it is asked for first.
        broken_off = self.condition in ("silent", "reset")
        return broken_off and self.pending_ns < 0 and self.own.running

    def _ping(self) -> None:
        if self._unanswered():
            self._pend()

    def _to_reconnect(self) -> bool:
        return (
            not self.connected
            and self.own.running
            and (self.pending_ns < 0 or (self.carrier.carries and self.peer.listening))
        )

    def _reconnect(self) -> None:
        if not self._to_reconnect():
            return
        if self.pending_ns < 0:
            self._pend()
        if self.carrier.carries and self.peer.listening:
            self._connect()

    def _connect(self) -> None:
        self.connected, self.incarnation = True, self.peer.incarnation

    def _attempt_ends(self) -> None:
        """The attempt that was under way during a silence succeeds, or is refused."""
        if not self.connected and self.own.running:
            if self.peer.listening:
                self._connect()
            else:
                self._reconnect_from_now()

    def _pend(self) -> None:
        self.pending_ns = self.kernel.now
        self.overdue.arm(self.kernel.now + self.down_after_ns)

    def _unpend(self) -> None:
        self.pending_ns = -1
        self.overdue.disarm()

    # What happens to it ----------------------------------------------------------------------

    def _turned(self, condition: Condition) -> None:
        if condition == "answering":
            self.answered = True
            if self.pending_ns >= 0:
                self._ping_after_answer()
            self._unpend()
            self.heard()
        elif self.answered:
            self.answered = False
            self.silenced = self.ping.grid, self.kernel.now
            self.silent()
        if condition == "reset":
            self.connected = False
            self._reconnect_from_now()

    def _ping_after_answer(self) -> None:
        """What was pending is answered now: the next PING is due a period later."""
        self.ping_drift_ns = self._drift("ping-drift")
        self.ping_phase_ns = self.kernel.now + self.ping_period_ns + TURNAROUND_NS
        self.ping.regrid(self._ping_grid(self._timer()))

    def _drift(self, purpose: str) -> int:
        """Draw by how much, ns, the cycle that begins now is longer than the mean one."""
        drawn = self.kernel.stream(self.path, purpose).uniform_at(self.kernel.now)
        return round(NormalDist().inv_cdf(drawn) * DRIFT_SD_S * NS_PER_S)

    def _try_again_from_now(self) -> None:
        self.reconnect_phase_ns = self.kernel.now
        self.reconnect_drift_ns = self._drift("reconnect-drift")

    def _reconnect_from_now(self) -> None:
        self._try_again_from_now()
        if not self.every_tick:
            self.reconnect.regrid(self._grid(self._timer()))
