"""One Sentinel process: its timer, its beliefs, and what it does about them.

Model card: ``docs/models/sentinel.md``. Program: redis-sentinel 7.0.15 (option: 2.8/3.0). Source:
``sentinel.md``; one tick does what its section 2 says, in that order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from models.process import Process
from models.sentinel import roster
from models.sentinel.desk import Desk
from models.sentinel.election import Election
from models.sentinel.failover import Failover
from models.sentinel.hello import HelloChannel
from models.sentinel.part import Part
from models.sentinel.peer_view import PeerView
from models.sentinel.phases import Phases
from models.sentinel.redis_view import RedisView
from models.sentinel.spec import SentinelSpec
from models.sentinel.timers import (
    FSYNCS_PER_FLUSH,
    TICK_GAPS_NS,
    TILT_NS,
    TILT_TRIGGER_NS,
)
from models.sentinel.voice import Voice
from sim.alarm import Alarm
from sim.engine import Kernel
from sim.grid import Shuffled
from sim.network import Network
from sim.state import Entity, computed, hidden, state
from sim.ticker import Ticker

if TYPE_CHECKING:
    from models.sentinel.group import SentinelGroup


class Sentinel(Entity):
    """``name`` stands for the run id; a Sentinel that is set up anew has a new name.

    ``views`` are the Redis servers it knows, ``peers`` the other Sentinels it has ever known.
    """

    name: Final[str]
    process: Final[Process]
    spec: Final[SentinelSpec]
    network: Final[Network]
    group: Final[SentinelGroup]
    desk: Final[Desk]
    voice: Final[Voice]
    election: Final[Election]
    failover: Final[Failover]
    phases: Final[Phases]
    tilt_over: Final[Alarm]
    timer: Final[Ticker]
    current_epoch: int = state(0)
    config_epoch: int = state(0)
    master_view: RedisView = state(cast("RedisView", None))
    odown: bool = state(False)
    tilt: bool = state(False)
    views: tuple[RedisView, ...] = state(())
    peers: tuple[PeerView, ...] = state(())
    channels: tuple[HelloChannel, ...] = hidden(())
    ticks: Shuffled = hidden(cast("Shuffled", None))
    timings: int = hidden(0)

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        spec: SentinelSpec,
        network: Network,
        group: SentinelGroup,
        master: str,
        phases: Phases,
    ) -> None:
        super().__init__(kernel, f"{process.path}/sentinel")
        self.name = process.path
        self.process = process
        self.spec = spec
        self.network = network
        self.group = group
        self.phases = phases
        self.desk = Desk(kernel, process, network, FSYNCS_PER_FLUSH[spec.version], self._blocked)
        phase_ns = kernel.now + kernel.stream(self.path, "timer").between(0, max(TICK_GAPS_NS))
        self.ticks = self._new_ticks(phase_ns)
        self.election = Election(kernel, self)
        self.failover = Failover(kernel, self)
        self.tilt_over = Alarm(kernel, f"{self.path}/tilt-over")
        self.master_view = roster.watch_instance(self, group.instances[master])
        self.voice = Voice(kernel, self)
        self.timer = Ticker(kernel, f"{self.path}/timer", self.ticks, self._tick_due, self._tick)
        process.program = self

    # What it believes ------------------------------------------------------------------------

    @property
    def master(self) -> str:
        """The address of the configured master."""
        return self.master_view.address

    @property
    def master_sdown(self) -> bool:
        """Whether it holds the master SDOWN."""
        return self.master_view.sdown

    @property
    def failing_over(self) -> bool:
        """Whether an attempt is in progress here."""
        return self.failover.stage != "none"

    @property
    def odown_now(self) -> bool:
        """Whether ODOWN should hold: SDOWN here, and enough answers that say down."""
        if not self.master_view.sdown:
            return False
        return 1 + sum(peer.says_down for peer in self.peers) >= self.spec.quorum

    @property
    def answer(self) -> str:
        """What ``get-master-addr-by-name`` says."""
        return self.voice.master

    @property
    def current_master(self) -> str:
        """The address that it passes on: the promoted one from +promoted-slave on."""
        chosen = self.failover.chosen
        if chosen is not None and self.failover.stage in ("reconf-slaves", "update-config"):
            return chosen.address
        return self.master

    def opinion(self, master: str) -> bool:
        """Answer is-master-down-by-addr: never "down" in TILT, nor of another master."""
        return not self.tilt and self.master == master and self.master_view.sdown

    # The timer -------------------------------------------------------------------------------

    def _tick_due(self) -> bool:
        due = self.tilt_over.due if self.tilt else self._work_due
        return due and self.process.running

    @property
    def _work_due(self) -> bool:
        return (
            any(view.flips for view in self.views)
            or any(peer.flips or peer.expired or peer.unanswered for peer in self.peers)
            or self.odown_now != self.odown
            or self.failover.start_due
            or self.failover.step_due
        )

    def _tick(self) -> None:
        """One turn of ``sentinelTimer``: the master first, then replicas, then Sentinels."""
        if not self.process.running:
            return
        asks = self.tilt
        if self.tilt:
            if not self.tilt_over.due:
                return
            self.tilt = False
            self.record("-tilt")
        asks |= self._check_sdown(self.master_view)
        asks &= self.master_sdown
        self._check_odown()
        if self.failover.start_due:
            self.failover.start()
            asks = True
        self.failover.step()
        self._expire_answers()
        for peer in self.peers:
            if asks:
                peer.ask_now()
            else:
                peer.repeat_ask()
        records: tuple[RedisView | PeerView, ...] = (*self.views, *self.peers)
        for record in records:
            self._check_sdown(record)
        if self.failover.stage == "update-config" and self.failover.chosen is not None:
            self.switch_master(self.failover.chosen.address)

    def _check_sdown(self, view: RedisView | PeerView) -> bool:
        if view.down_now == view.sdown:
            return False
        view.sdown = view.down_now
        if view.sdown:
            view.down_since_ns = self.kernel.now
        self.record("+sdown" if view.sdown else "-sdown", view)
        return True

    def _check_odown(self) -> None:
        if self.odown_now != self.odown:
            self.odown = self.odown_now
            self.record("+odown" if self.odown else "-odown", self.master_view)

    def _expire_answers(self) -> None:
        for peer in self.peers:
            if peer.expired:
                peer.forget_answer()

    # INFO, hello, switching ---------------------------------------------------------------------

    def listed(self, replicas: tuple[str, ...]) -> None:
        """Take note of the replicas that the master's INFO lists."""
        for address in replicas:
            if roster.discover(self, address):
                self.desk.flush()

    def informed(self, view: RedisView) -> None:
        """Act on an INFO reply (never in TILT)."""
        if view.is_master or view.seen is None:
            return
        self.failover.follow_reconfiguration(view)
        if view.seen.role == "master":
            if view is self.failover.chosen:
                if self.failover.stage == "wait-promotion":
                    self.failover.promoted()
            elif self.master_view.looks_sane and view.may_convert():
                self.record("+convert-to-slave", view)
                view.send_replicaof(self.master)
        elif view.seen.master != self.master and self._may_fix(view):
            self.record("+fix-slave-config", view)
            view.send_replicaof(self.master)

    def _may_fix(self, view: RedisView) -> bool:
        wait_ns = self.spec.failover_timeout
        return (
            not self.failing_over
            and self.master_view.looks_sane
            and view.not_down_for(wait_ns)
            and self.kernel.now - view.master_ns > wait_ns
        )

    def greeting(self) -> tuple[str, int, str, int]:
        """Return what a hello says: name, current epoch, master's address and its epoch."""
        return self.name, self.current_epoch, self.current_master, self.config_epoch

    @computed
    def pupils(self) -> tuple[Sentinel, ...]:
        """The other Sentinels that would learn from a hello of this one, if they heard it."""
        return tuple(
            other
            for other in self.group.members
            if other is not self and other._would_learn_from(self)
        )

    def _would_learn_from(self, other: Sentinel) -> bool:
        """Whether a hello of ``other`` would tell anything new."""
        return (
            other.current_epoch > self.current_epoch
            or other.config_epoch > self.config_epoch
            or other.name not in self.known
        ) and self.process.running

    @computed
    def known(self) -> frozenset[str]:
        """The names of the other Sentinels that it counts."""
        return frozenset(peer.address for peer in self.peers)

    def hears(self, address: str) -> bool:
        """Whether it is subscribed to the hello channel of the Redis at ``address``."""
        return any(view.address == address and view.subscribed for view in self.views)

    def greeted(self, name: str, epoch: int, master: str, config_epoch: int) -> None:
        """Process a hello; the higher configuration epoch wins."""
        if name not in self.known:
            roster.meet(self, self.group.member(name))
            self.desk.flush()
        if epoch > self.current_epoch:
            self.adopt_epoch(epoch)
        if config_epoch > self.config_epoch:
            self.config_epoch = config_epoch
            if master != self.master:
                self.record("+config-update-from", source=name)
                self.switch_master(master)

    def channel_of(self, view: RedisView | PeerView) -> HelloChannel:
        """Return the channel of its hellos through this instance."""
        return next(channel for channel in self.channels if channel.target == view.address)

    def hurry_hellos(self) -> None:
        """Say hello everywhere at the next tick."""
        for channel in self.channels:
            channel.hurry()

    def switch_master(self, address: str) -> None:
        """Take on a new master; every instance record is made anew, Sentinels stay known.

        Of the old master's record the cycles of INFO and hello remain
        (``sentinelResetMasterAndChangeAddress`` in ``sentinel.c``): the new one is asked in its
        turn, the replicas at once. What the others said of the old one stands, too, until it is
        5 s old.
        """
        old, last_told_ns = self.master, self.master_view.last_told()
        last_said_ns = self.channel_of(self.master_view).last_said()
        view = next((view for view in self.views if view.address == address), None)
        if view is None:
            view = roster.watch_instance(self, self.group.instances[address])
        self.record("+switch-master", old=old, new=address)
        self.failover.clear(may_try=True)
        self.master_view = view
        self.odown = False
        for known in self.views:
            known.renew()
        view.keep_turn(last_told_ns, last_said_ns)
        self.desk.flush()

    def adopt_epoch(self, epoch: int) -> None:
        """Take on a higher epoch."""
        self.current_epoch = epoch
        self.desk.flush()
        self.record("+new-epoch", epoch=epoch)

    # Life ------------------------------------------------------------------------------------

    def _new_ticks(self, phase_ns: int) -> Shuffled:
        self.timings += 1
        stream = self.kernel.stream(self.path, "hz", str(self.timings))
        return Shuffled(phase_ns, TICK_GAPS_NS, stream)

    def _blocked(self, until_ns: int) -> None:
        """A flush holds the program up: a tick that falls into it comes late."""
        if self.ticks.after(self.kernel.now) < until_ns:
            self._retime(until_ns, until_ns - self.kernel.now)

    def _retime(self, phase_ns: int, gap_ns: int) -> None:
        """Tick from ``phase_ns`` on, after a gap; a gap over 2 s is a TILT."""
        self.ticks = self._new_ticks(phase_ns)
        self.timer.regrid(self.ticks)
        for part in self._parts():
            part.regrid(self.ticks)
        if gap_ns > TILT_TRIGGER_NS:
            self.tilt = True
            self.tilt_over.arm(phase_ns + TILT_NS)
            self.record("+tilt")

    def resumed(self, paused_ns: int) -> None:
        """The timer fires at once, late."""
        self._retime(self.kernel.now, paused_ns)

    def stopped(self) -> None:
        """Forget what is only in memory: beliefs, delays, the attempt in progress.

        From +promoted-slave on the configuration on disk names the promoted one (``sentinel.c``,
        ``rewriteConfigSentinelOption`` asks ``sentinelGetCurrentMasterAddress``).
        """
        self.master_view = next(view for view in self.views if view.address == self.current_master)
        self.tilt = False
        self.tilt_over.disarm()
        self.odown = False
        self.failover.clear(may_try=True)
        for view in self.views:
            view.renew()
        for peer in self.peers:
            peer.renew()

    def started(self) -> None:
        """Come up with the configuration on disk: epochs, vote, master, all that were known."""
        self._retime(self.kernel.now, 0)
        for view in self.views:
            view.renew()
        for peer in self.peers:
            peer.renew()
        self.voice.speak_anew()

    def reset(self) -> None:
        """SENTINEL RESET: forget replicas, other Sentinels and any attempt.

        The master's next INFO brings back its replicas, hellos the Sentinels that live: each of
        them in its turn (``sentinelResetMaster`` leaves ``info_refresh`` and ``last_pub_time``).
        """
        last_told_ns = self.master_view.last_told()
        last_said_ns = self.channel_of(self.master_view).last_said()
        self.record("+reset-master")
        self.failover.clear(may_try=True)
        self.odown = False
        roster.forget_all(self)
        self.master_view.renew()
        self.master_view.keep_turn(last_told_ns, last_said_ns)

    def retire(self) -> None:
        """Be gone for good: stopped by an operator, its configuration deleted."""
        self.timer.retire()
        self.voice.retire()
        for part in self._parts():
            part.retire()

    def _parts(self) -> tuple[Part, ...]:
        return (*self.views, *self.peers, *self.channels)

    def record(self, event: str, about: RedisView | PeerView | None = None, **more: object) -> None:
        """Trace an event under the name that the real log gives it."""
        self.voice.record(event, about, **more)
