"""The failover machine: when an attempt may start, and one step per timer tick.

Source: ``sentinel.md`` sections 4 (start, retry after 2 x failover-timeout), 6 (states and
timeouts) and 7 (choice of the replica).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from models.sentinel.redis_view import RedisView
from models.sentinel.timers import (
    FRESH_CALM_INFO_NS,
    FRESH_NS,
    MAX_DESYNC_NS,
    MAX_ELECTION_NS,
    RECONF_TIMEOUT_NS,
)
from sim.alarm import Alarm
from sim.clock import NS_PER_MS
from sim.engine import Kernel
from sim.state import Entity, hidden, state

if TYPE_CHECKING:
    from models.sentinel.sentinel import Sentinel

MIN_BUCKETS: Final = 4
"""Of a hash table of Redis (``DICT_HT_INITIAL_SIZE``)."""

Stage = Literal[
    "none",
    "wait-start",
    "select-slave",
    "send-slaveof-noone",
    "wait-promotion",
    "reconf-slaves",
    "update-config",
]


class Failover(Entity):
    """The machine of one Sentinel. ``chosen`` is the replica being promoted.

    ``may_try`` is due when a new attempt is allowed: 2 x failover-timeout after the last attempt
    began, or after a vote for somebody else.
    """

    sentinel: Final[Sentinel]
    may_try: Final[Alarm]
    election_over: Final[Alarm]
    step_over: Final[Alarm]
    reconf_over: Final[Alarm]
    stage: Stage = state("none")
    chosen: RedisView | None = state(None)
    forced: bool = state(False)
    epoch: int = state(0)
    start_ns: int = hidden(0)

    def __init__(self, kernel: Kernel, sentinel: Sentinel) -> None:
        super().__init__(kernel, f"{sentinel.name}/failover")
        self.sentinel = sentinel
        self.may_try = Alarm(kernel, f"{self.path}/may-try")
        self.election_over = Alarm(kernel, f"{self.path}/election-over")
        self.step_over = Alarm(kernel, f"{self.path}/step-over")
        self.reconf_over = Alarm(kernel, f"{self.path}/reconf-over")
        self.may_try.arm(kernel.now)

    # Starting --------------------------------------------------------------------------------

    @property
    def start_due(self) -> bool:
        """Whether an attempt would start at the next tick."""
        return self.sentinel.odown and self.stage == "none" and self.may_try.due

    def hold_off(self) -> None:
        """Start no attempt before 2 x failover-timeout (a vote was given to somebody else)."""
        self._began()
        if self.stage == "wait-start":
            self._time_election()

    def _began(self) -> None:
        desync_ms = self.kernel.stream(self.path, "desync").between(0, MAX_DESYNC_NS // NS_PER_MS)
        self.start_ns = self.kernel.now + desync_ms * NS_PER_MS
        self.may_try.arm(self.start_ns + 2 * self.sentinel.spec.failover_timeout)

    def start(self) -> None:
        """Begin an attempt: a new epoch, and the race for votes."""
        me = self.sentinel
        me.current_epoch += 1
        self.epoch = me.current_epoch
        me.record("+new-epoch", epoch=self.epoch)
        me.record("+try-failover", me.master_view)
        self.stage = "wait-start"
        self._began()
        self._time_election()

    def force(self) -> bool:
        """SENTINEL FAILOVER: promote a replica without asking the others.

        Source: sentinel.c of 7.0, SRI_FORCE_FAILOVER: a new epoch, and no majority is waited for.
        Returns False, as the command answers with an error, if a failover is under way or there is
        no good replica.
        """
        if self.stage != "none" or self._best_replica() is None:
            return False
        self.forced = True
        self.start()
        return True

    def _time_election(self) -> None:
        timeout_ns = min(MAX_ELECTION_NS, self.sentinel.spec.failover_timeout)
        self.election_over.arm(self.start_ns + timeout_ns)

    # Stepping --------------------------------------------------------------------------------

    @property
    def step_due(self) -> bool:
        """Whether the machine would do anything at the next tick."""
        match self.stage:
            case "none":
                return False
            case "wait-start":
                election = self.sentinel.election
                return (
                    self.forced
                    or election.may_vote(self.epoch)
                    or self.election_over.due
                    or election.winner(self.epoch) == self.sentinel.name
                )
            case "wait-promotion":
                return self.step_over.due
            case "reconf-slaves":
                return self._next_to_send() is not None or self._reconfigured or self._times_out
            case _:
                return True

    def step(self) -> None:
        """Do one step, as the timer does once a tick."""
        match self.stage:
            case "wait-start":
                self._elect()
            case "select-slave":
                self._select()
            case "send-slaveof-noone":
                self._send_slaveof_noone()
            case "wait-promotion":
                if self.step_over.due:
                    self._abort("-failover-abort-slave-timeout")
            case "reconf-slaves":
                self._reconf()

    def _elect(self) -> None:
        me = self.sentinel
        me.election.cast_own_vote(self.epoch)
        if self.forced or me.election.winner(self.epoch) == me.name:
            me.record("+elected-leader", me.master_view)
            self.election_over.disarm()
            self.stage = "select-slave"
        elif self.election_over.due:
            self._abort("-failover-abort-not-elected")

    def _select(self) -> None:
        self.chosen = self._best_replica()
        if self.chosen is None:
            self._abort("-failover-abort-no-good-slave")
            return
        self.sentinel.record("+selected-slave", self.chosen)
        self.sentinel.record("+failover-state-send-slaveof-noone", self.chosen)
        self.stage = "send-slaveof-noone"
        self.step_over.arm(self.kernel.now + self.sentinel.spec.failover_timeout)

    def _send_slaveof_noone(self) -> None:
        assert self.chosen is not None
        if not self.chosen.link.connected:
            if self.step_over.due:
                self._abort("-failover-abort-slave-timeout")
            return
        self.sentinel.record("+failover-state-wait-promotion", self.chosen)
        self.chosen.send_replicaof_no_one()
        self.stage = "wait-promotion"
        self.step_over.arm(self.kernel.now + self.sentinel.spec.failover_timeout)

    def promoted(self) -> None:
        """Take note that the chosen replica's INFO says master; there is no way back now."""
        me = self.sentinel
        assert self.chosen is not None
        me.config_epoch = self.epoch
        me.desk.flush()
        self.stage = "reconf-slaves"
        self.step_over.arm(self.kernel.now + me.spec.failover_timeout)
        me.record("+promoted-slave", self.chosen)
        me.hurry_hellos()

    # Reconfiguring the other replicas ----------------------------------------------------------

    def _others(self) -> list[RedisView]:
        me = self.sentinel
        return [view for view in me.views if not view.is_master and view is not self.chosen]

    @property
    def _reconfigured(self) -> bool:
        if self.chosen is None or self.chosen.sdown:
            return False
        return all(view.sdown or view.reconf == "done" for view in self._others())

    @property
    def _times_out(self) -> bool:
        return self._gives_up or self._too_long

    @property
    def _gives_up(self) -> bool:
        return self.reconf_over.due and self._may_send

    @property
    def _too_long(self) -> bool:
        return self.step_over.due and self.chosen is not None and not self.chosen.sdown

    @property
    def _may_send(self) -> bool:
        busy = sum(view.reconf in ("sent", "inprog") for view in self._others())
        return busy < self.sentinel.spec.parallel_syncs

    def _next_to_send(self) -> RedisView | None:
        if not self._may_send:
            return None
        free = [one for one in self._others() if one.reconf == "none" and one.link.connected]
        return min(free, key=self._place_in_table, default=None)

    def _place_in_table(self, view: RedisView) -> tuple[int, int]:
        """The real program goes through a hash table with a seed of its own at each start.

        It has as many buckets, 4, 8, 16 ..., as replicas at least, and in a bucket whoever was
        found last comes first (``dict.c`` of 7.0: ``dictNext``, ``dictAddRaw``).
        """
        me = self.sentinel
        buckets = max(MIN_BUCKETS, 1 << (len(me.views) - 2).bit_length())
        drawn = self.kernel.stream(self.path, "table", view.address)
        bucket = int(drawn.uniform_at(me.process.incarnation) * buckets)
        return bucket, -me.views.index(view)

    def _reconf(self) -> None:
        assert self.chosen is not None
        # As in the real loop, one that shows no progress is looked at only while more may be sent.
        if self._gives_up:
            self._give_up_sent()
        told = []
        while (view := self._next_to_send()) is not None:
            self.sentinel.record("+slave-reconf-sent", view)
            told.append(view)
            view.reconf = "sent"
            view.reconf_sent_ns = self.kernel.now
        if self._reconfigured or self._too_long:
            if not self._reconfigured:
                self.sentinel.record("+failover-end-for-timeout", self.sentinel.master_view)
            self.sentinel.record("+failover-end", self.sentinel.master_view)
            # The switch of this very tick frees all connections, with what has not been written to
            # them (``redisAsyncFree``): no replica hears of it, and hellos find them out later.
            self.stage = "update-config"
            return
        for view in told:
            view.send_replicaof(self.chosen.address)
        if told:
            self._time_sent()

    def _give_up_sent(self) -> None:
        """A replica that shows no progress 10 s after SLAVEOF is called done."""
        for view in self._others():
            if view.reconf == "sent" and self.kernel.now - view.reconf_sent_ns >= RECONF_TIMEOUT_NS:
                self.sentinel.record("-slave-reconf-sent-timeout", view)
                view.reconf = "done"
        self._time_sent()

    def _time_sent(self) -> None:
        """Have ``reconf_over`` fall due when the one that was told first has had its 10 s."""
        sent_ns = [view.reconf_sent_ns for view in self._others() if view.reconf == "sent"]
        if sent_ns:
            self.reconf_over.arm(min(sent_ns) + RECONF_TIMEOUT_NS)
        else:
            self.reconf_over.disarm()

    def follow_reconfiguration(self, view: RedisView) -> None:
        """Advance a replica's progress by its INFO: SENT -> INPROG -> DONE."""
        if self.stage != "reconf-slaves" or self.chosen is None or view.seen is None:
            return
        if view.reconf == "sent" and view.seen.master == self.chosen.address:
            self.sentinel.record("+slave-reconf-inprog", view)
            view.reconf = "inprog"
        if view.reconf == "inprog" and view.seen.link_up:
            self.sentinel.record("+slave-reconf-done", view)
            view.reconf = "done"

    # Choosing, ending ------------------------------------------------------------------------

    def _best_replica(self) -> RedisView | None:
        good = [view for view in self.sentinel.views if self._is_good(view)]
        return min(
            good,
            key=lambda view: (
                view.instance.priority(),
                -self._offset(view),
                self._runid(view),
            ),
            default=None,
        )

    def _offset(self, view: RedisView) -> float:
        """A master's INFO has none: what it said as a slave stands, in a new record 0."""
        assert view.seen is not None
        return view.instance.offset() if view.seen.role == "slave" else view.slave_offset

    def _runid(self, view: RedisView) -> str:
        """A run id is random and new at each start; it decides between equal replicas."""
        start = view.link.peer.incarnation
        return self.kernel.stream(view.address, "runid").digest_at(start).hex()

    def _is_good(self, view: RedisView) -> bool:
        me = self.sentinel
        if view.is_master or view.sdown or not view.link.connected or view.seen is None:
            return False
        if view.instance.priority() == 0:
            return False
        master = me.master_view
        info_limit_ns = FRESH_NS if master.sdown else FRESH_CALM_INFO_NS
        if view.link.pong_age_ns() > FRESH_NS or not view.informed_within(info_limit_ns):
            return False
        down_ns = self.kernel.now - master.down_since_ns if master.sdown else 0
        limit_ns = down_ns + 10 * me.spec.down_after_milliseconds
        return view.master_link_down_time() <= limit_ns

    def _abort(self, event: str) -> None:
        self.sentinel.record(event, self.sentinel.master_view)
        self._end()

    def _end(self) -> None:
        self.stage = "none"
        self.forced = False
        self.chosen = None
        for alarm in (self.election_over, self.step_over, self.reconf_over):
            alarm.disarm()
        for view in self.sentinel.views:
            view.reconf = "none"

    def clear(self, *, may_try: bool) -> None:
        """Forget any attempt (the master was switched, or this Sentinel restarted)."""
        self._end()
        if may_try:
            self.may_try.arm(self.kernel.now)
