"""What one Sentinel believes of one Redis server, from its PINGs and INFO replies.

Source: ``sentinel.md`` sections 3 (detection), 6 (INFO periods during a failover), 8 (old masters
and replicas of the wrong master).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from models.sentinel.carrier import Carrier
from models.sentinel.instance import Info, Instance
from models.sentinel.link import Link
from models.sentinel.timers import (
    CONVERT_WAIT_NS,
    FAST_INFO_NS,
    HELLO_NS,
    INFO_NS,
    MASTER_SANE_INFO_NS,
    SILENT_SUBSCRIPTION_NS,
    TURNAROUND_NS,
    WRONG_ROLE_GRACE_NS,
    every,
)
from sim.alarm import Alarm
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.grid import Grid, Timer
from sim.state import Entity, computed, hidden, state
from sim.ticker import Ticker
from sim.watch import Watch

if TYPE_CHECKING:
    from models.sentinel.sentinel import Sentinel

Reconfiguration = Literal["none", "sent", "inprog", "done"]


class RedisView(Entity):
    """An instance record (master or replica) of one Sentinel.

    ``seen`` is the last INFO reply; ``down_since_ns`` the start of the last SDOWN, which is kept
    when the SDOWN ends, as the real program does. ``told``: whether it has ever had an INFO reply
    (else ``info_refresh`` is 0 in ``sentinel.c``). ``silenced``: the ticks of the INFOs that were
    answered, and when the last answers ended. ``slave_offset`` is that of its last INFO that was
    simulated while it said slave, and stays when it says master: 0 for a new record.
    ``link_down_ns``: since when its link to its master was down then, -1 while it was up.
    """

    sentinel: Final[Sentinel]
    instance: Final[Instance]
    address: Final[str]
    link: Final[Link]
    subscription: Final[Carrier]
    info: Final[Ticker]
    hurry: Final[Watch[bool]]
    wrong_role: Final[Alarm]
    seen: Info | None = state(None)
    sdown: bool = state(False)
    reconf: Reconfiguration = state("none")
    told: bool = hidden(False)
    info_ns: int = hidden(-1)
    silenced: tuple[Grid, int] | None = hidden(None)
    info_phase_ns: int = hidden(0)
    role_ns: int = hidden(0)
    master_ns: int = hidden(0)
    down_since_ns: int = hidden(-1)
    slave_offset: float = hidden(0.0)
    link_down_ns: int = hidden(-1)
    reconf_sent_ns: int = hidden(0)
    info_rank: int = hidden(0)

    def __init__(
        self, kernel: Kernel, path: str, sentinel: Sentinel, instance: Instance, link: Link
    ) -> None:
        super().__init__(kernel, path)
        self.sentinel = sentinel
        self.instance = instance
        self.address = instance.address
        self.link = link
        route = link.carrier.route
        self.subscription = Carrier(
            kernel, f"{path}/subscription", route, link.peer, lambda: sentinel.ticks
        )
        self.subscription.waiting_since = lambda cut_ns: cut_ns
        self.subscription.opened = self._subscribes_again
        self.info_rank = kernel.claim_rank(f"{path}/info-message")
        self.info_phase_ns = sentinel.phases.info_ns
        self.wrong_role = Alarm(kernel, f"{path}/wrong-role")
        self.info = Ticker(
            kernel, f"{path}/info", self._grid(sentinel.ticks), self._news, self._ask_if_news
        )
        self.hurry = Watch(
            kernel, f"{path}/info-period", lambda: self.fast, self._period, initial=False
        )
        link.heard = self._heard
        link.silent = self._silent

    # What the Sentinel believes --------------------------------------------------------------

    @property
    def is_master(self) -> bool:
        """Whether this is the configured master (and not one of its replicas)."""
        return self.sentinel.master_view is self

    @property
    def role(self) -> str:
        """What the log calls it."""
        return "master" if self.is_master else "slave"

    @property
    def down_now(self) -> bool:
        """Whether SDOWN should hold: PONG overdue, or a master that says slave for too long."""
        return self.link.too_late or (self.is_master and self.wrong_role.due)

    @computed
    def flips(self) -> bool:
        """Whether the next tick would begin or end an SDOWN."""
        return self.down_now != self.sdown

    @property
    def fast(self) -> bool:
        """Whether INFO is asked for every second: replicas, while something is going on.

        2.8/3.0 do not hurry for a replica whose link is down (``sentinel.md`` section 15).
        """
        if self.is_master:
            return False
        link_down = self.seen is not None and self.seen.role == "slave" and not self.seen.link_up
        hurried_by_link = link_down and self.sentinel.spec.version != "2015"
        return self.sentinel.odown or self.sentinel.failing_over or hurried_by_link

    def informed_within(self, limit_ns: int) -> bool:
        """Whether the last INFO reply is no older than this."""
        return self.told and self.kernel.now - self._last_info_ns() <= limit_ns

    @property
    def looks_sane(self) -> bool:
        """Whether this master may be forced upon others; a new record is what it should be."""
        says_master = self.seen is None or self.seen.role == "master"
        is_up = not self.sdown and not self.sentinel.odown
        return says_master and is_up and self.informed_within(MASTER_SANE_INFO_NS)

    def not_down_for(self, wait_ns: int) -> bool:
        """Whether the last SDOWN began longer ago than ``wait_ns`` (or never)."""
        return self.down_since_ns < 0 or self.kernel.now - self.down_since_ns > wait_ns

    @property
    def subscribed(self) -> bool:
        """Whether it hears what is published on this server."""
        return self.link.connected and self.link.own.running and self.subscription.carries

    def _subscribes_again(self, cut_ns: int) -> int | None:
        """A subscription is opened anew with its record, or after 6 s in which it heard nothing."""
        if not self.link.connected:
            return self.link.reconnect.grid.after(max(cut_ns, self.link.reconnect_phase_ns) - 1)
        others = range(max(1, len(self.sentinel.peers)))
        stream = self.kernel.stream(self.path, "last-heard")
        last_heard_ns = cut_ns - round(min(stream.uniform() for _ in others) * HELLO_NS)
        ticks = self.sentinel.ticks
        return ticks.after(ticks.after(last_heard_ns + SILENT_SUBSCRIPTION_NS))

    # INFO ------------------------------------------------------------------------------------

    def _grid(self, ticks: Timer) -> Grid:
        return every(FAST_INFO_NS if self.fast else INFO_NS, self.info_phase_ns, ticks)

    def _news(self) -> bool:
        """Whether an INFO reply would tell anything new, or give occasion to correct a role."""
        return self.link.answering and (self.instance.info() != self.seen or self.amiss)

    @property
    def amiss(self) -> bool:
        """Whether it is configured otherwise than this Sentinel's configuration says."""
        if self.seen is None or self.is_master:
            return False
        return self.seen.role == "master" or self.seen.master != self.sentinel.master

    def _ask_if_news(self) -> None:
        if self._news():
            self.ask_info()

    def ask_info(self) -> None:
        """Send INFO; the reply describes the server as it is when the request arrives."""
        here, there = self.sentinel.process.host.name, self.link.peer.host.name
        network = self.sentinel.network
        self.info_ns = self.kernel.now

        def reply() -> None:
            said, more = self.instance.info(), self._told_besides()
            desk = self.sentinel.desk
            network.send(
                there, here, self.info_rank, lambda: desk.receive(lambda: self._told(said, *more))
            )

        network.send(here, there, self.info_rank, lambda: self.link.peer.deliver(reply))

    def _told_besides(self) -> tuple[float, int]:
        """What INFO says that changes all the time: the offset, and since when the link is down."""
        down_ns = self.instance.link_down_ns()
        return self.instance.offset(), self.kernel.now - down_ns if down_ns else -1

    def _last_info_ns(self) -> int:
        answered = (self.info.grid, self.kernel.now) if self.link.answering else self.silenced
        return self._last_turn_ns(answered)

    def _last_turn_ns(self, answered: tuple[Grid, int] | None) -> int:
        if answered is None:
            return self.info_ns
        turns, until_ns = answered
        turn = turns.until(until_ns)
        return self.info_ns if turn is None else max(turn, self.info_ns)

    def master_link_down_time(self) -> int:
        """Return for how long its link to its master had been down at the last INFO, in ns."""
        down_ns = self._last_info_ns() - self.link_down_ns if self.link_down_ns >= 0 else 0
        return max(0, down_ns // NS_PER_S * NS_PER_S)

    def last_told(self) -> int | None:
        """Return when the last INFO was answered, ns; None for never."""
        return self._last_info_ns() if self.told else None

    def keep_turn(self, last_told_ns: int | None, last_said_ns: int) -> None:
        """Go on in the cycles of INFO and hello of the record that this one takes over from."""
        self.sentinel.channel_of(self).count_from(last_said_ns)
        if last_told_ns is not None:
            self.told = True
            self.info_ns = last_told_ns
            self.count_info_from(last_told_ns + INFO_NS + TURNAROUND_NS)

    def _period(self, fast: bool) -> None:
        """Change the INFO period, counting from the last INFO; one overdue comes in this tick."""
        period_ns = FAST_INFO_NS if fast else INFO_NS
        self.info_ns = self._last_info_ns()
        if self.link.answering and self.kernel.now - self.info_ns > period_ns:
            if self.sentinel.failover.forced:
                # A command has begun it, between two ticks: the next tick asks.
                self.count_info_from(self.kernel.now)
                return
            # In any case, for the offset: it may be the last one that it tells as a slave.
            self.ask_info()
        self.count_info_from(self.info_ns + period_ns + TURNAROUND_NS)

    def _heard(self) -> None:
        """An INFO that fell due meanwhile waits in the connection, and is answered now."""
        if self._fell_due:
            self._ask_if_news()
            self.info_ns = self.kernel.now
            period_ns = FAST_INFO_NS if self.fast else INFO_NS
            self.count_info_from(self.kernel.now + period_ns + TURNAROUND_NS)
        if not self.link.carrier.fresh:
            self.sentinel.channel_of(self).catch_up()

    @property
    def _fell_due(self) -> bool:
        """Whether an INFO has been due since it last answered (``sentinelSendPeriodicCommands``).

        A record that was never told anything asks at once, and whoever was told waits its turn.
        """
        turn = self.info.grid.until(self.kernel.now)
        return not self.told or (turn is not None and turn > self._last_turn_ns(self.silenced))

    def _silent(self) -> None:
        self.silenced = self.info.grid, self.kernel.now

    def count_info_from(self, phase_ns: int) -> None:
        """Ask INFO at ``phase_ns`` (kernel's time, ns) and from then on at each period."""
        self.info_phase_ns = phase_ns
        self.info.regrid(self._grid(self.sentinel.ticks))

    def regrid(self, ticks: Timer) -> None:
        """Follow the Sentinel's timer, which has started anew."""
        self.link.regrid(ticks)
        self.info.regrid(self._grid(ticks))

    # What an INFO reply leads to ---------------------------------------------------------------

    def _told(self, said: Info, offset: float, link_down_ns: int) -> None:
        before = self.seen
        self._note(said, offset, link_down_ns)
        now = self.kernel.now
        if before is not None and before.incarnation != said.incarnation:
            self.sentinel.record("+reboot", self)
        if said.role != (self.role if before is None else before.role):
            self.role_ns = now
            as_configured = said.role == self.role
            self.sentinel.record("+role-change" if as_configured else "-role-change", self)
        if before is None or before.master != said.master:
            self.master_ns = now
        self._mind_the_masters_role(said)
        if self.is_master and said.role == "master":
            self.sentinel.listed(said.replicas)
        if not self.sentinel.tilt:
            self.sentinel.informed(self)

    def _note(self, said: Info, offset: float, link_down_ns: int) -> None:
        self.seen, self.told = said, True
        self.link_down_ns = link_down_ns
        if said.role == "slave":
            self.slave_offset = offset

    def _mind_the_masters_role(self, said: Info) -> None:
        if not self.is_master or said.role == "master":
            self.wrong_role.disarm()
        elif not self.wrong_role.due:
            grace_ns = self.sentinel.spec.down_after_milliseconds + WRONG_ROLE_GRACE_NS
            self.wrong_role.arm(self.role_ns + grace_ns)

    def may_convert(self) -> bool:
        """Whether this returned master may be told to be a replica (``sentinel.md`` 8)."""
        long_enough = self.kernel.now - self.role_ns > CONVERT_WAIT_NS
        return long_enough and self.not_down_for(CONVERT_WAIT_NS)

    def send_replicaof(self, address: str) -> None:
        """Tell the server to replicate from ``address``, unless the connection is down."""
        self._send(lambda: self.instance.replicaof(address))

    def send_replicaof_no_one(self) -> None:
        """Tell the server to become a master."""
        self._send(self.instance.replicaof_no_one)

    def _send(self, command: Callable[[], object]) -> None:
        """Send a command, and after it the INFO that is due at this very tick.

        Both go over one connection, and the real loop takes a master before its replicas
        (``sentinel.c``, ``sentinelHandleDictOfRedisInstances``): the INFO finds what was ordered.
        """
        here, there = self.sentinel.process.host.name, self.link.peer.host.name
        self.sentinel.network.send(
            here, there, self.info_rank, lambda: self.link.peer.deliver(command)
        )
        if self.link.answering and self.info.grid.until(self.kernel.now) == self.kernel.now:
            self.ask_info()

    # Life ------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Be a new record, as after a switch of the master: nothing is known yet."""
        self.link.renew()
        self.sentinel.channel_of(self).count_from(self.kernel.now)
        self.wrong_role.disarm()
        self.seen = None
        self.told = False
        self.silenced = None
        self.sdown = False
        self.reconf = "none"
        self.slave_offset, self.link_down_ns = 0.0, -1
        self.info_ns = self.role_ns = self.master_ns = self.kernel.now
        self.down_since_ns = -1

    def retire(self) -> None:
        """Be no more: its Sentinel has been dismissed."""
        for part in (self.link, self.subscription, self.info, self.hurry):
            part.retire()
        self.wrong_role.disarm()

    def settle(self) -> None:
        """Know the server as it is, as in the steady state."""
        self.link.settle()
        self._note(self.instance.info(), *self._told_besides())
