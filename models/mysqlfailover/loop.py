"""The loop of mysqlfailover step by step, with the time that each of them really takes.

Source: ``mysqlfailover.md`` sections 1.3 and 1.5. A step is a segment (what takes time when all is
well: a query, the ping, the sleep) and an outcome (what the tool does with the answer). A tick of
the grid stands for a segment that has gone well so far; the outcome then finds what is the matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.mysqlfailover.connections import Link
from models.mysqlfailover.failover import fail_over
from models.mysqlfailover.rhythm import CHECKED, HEAD, STEPS, SURVEYED, Tick
from models.mysqlfailover.spec import ATTEMPTS, PINGTIME_NS
from models.mysqlfailover.start import check_errant, discover
from models.mysqlfailover.thread import ToolExit, Wait, Work
from sim.clock import NS_PER_S

if TYPE_CHECKING:
    from models.mysqlfailover.tool import MysqlFailover


class Loop:
    """The loop of one tool. Its own notes live only while it is off the grid."""

    __slots__ = ("_from_grid", "_pinged", "_reports", "tool")

    def __init__(self, tool: MysqlFailover) -> None:
        self.tool = tool
        self._forget()

    def _forget(self) -> None:
        self._from_grid, self._pinged, self._reports = False, True, True

    def begin(self) -> Work[None]:
        """Run the loop from its top, as after the start."""
        # Whoever was killed amid a step has left its notes here.
        self._forget()
        if not self._is_calm(HEAD):
            yield from self._turn(CHECKED)

    def run(self, tick: Tick, at_ns: int) -> Work[None]:
        """Go on from a tick of the grid, which was due at ``at_ns``.

        A cycle with a lost slave has a tick at every look, and so goes on as it would have off the
        grid. In any other, the outcome of the step finds what happened in its segment.
        """
        self._pinged, self._reports = self.tool.spec.ping_answered, True
        if self.tool.seeks_a_slave:
            yield from self._look(tick, at_ns)
        else:
            self._from_grid = True
            yield from self._outcome(tick.step)
            self._from_grid = False
        if not self._is_calm(tick.step):
            yield from self._turn((tick.step + 1) % STEPS)

    def _look(self, tick: Tick, at_ns: int) -> Work[None]:
        if tick.look_ns and tick.step == SURVEYED:
            yield from self._look_again(at_ns - tick.look_ns, tick.look_ns)
            self._disconnect()
            return
        if tick.look_ns:
            yield from self._ping_on(tick.look_ns // NS_PER_S)
        yield from self._outcome(tick.step)

    def _turn(self, step: int) -> Work[None]:
        while True:
            yield from self._segment(step)
            yield from self._outcome(step)
            if self._is_calm(step):
                return
            step = (step + 1) % STEPS

    def _is_calm(self, step: int) -> bool:
        """A cycle begins well: back to the grid."""
        if step == HEAD and self.tool.may_sleep():
            self.tool.enter_grid(self.tool.kernel.now)
            return True
        return False

    def _segment(self, step: int) -> Work[None]:
        segments = (self._sleep, self._check, self._ping, self._search, self._report, self._survey)
        yield from segments[step]()

    def _outcome(self, step: int) -> Work[None]:
        outcomes = (
            self._wake,
            self._checked,
            self._judge,
            self._searched,
            self._reported,
            self._surveyed,
        )
        yield from outcomes[step]()

    # The master ------------------------------------------------------------------------------

    def _alive(self) -> Work[bool]:
        """is_alive(): COM_PING and SHOW DATABASES on the open connection."""
        tool = self.tool
        link = tool.master_link
        if not tool.connections.answers(link):
            tool.phase = "suspects"
        answered = yield from tool.connections.ask(link)
        if answered:
            tool.phase = "calm"
        return answered

    def _connect(self) -> Work[bool]:
        tool = self.tool
        if tool.connections.standing(tool.master) != "open":
            tool.phase = "suspects"
        connected = yield from tool.connections.connect(tool.master_link)
        if connected:
            tool.phase = "calm"
        return connected

    def _reconnect(self) -> Work[bool]:
        """Up to three connects, each failure followed by 3 s of sleep."""
        for _ in range(ATTEMPTS):
            if (yield from self._connect()):
                return True
            yield from self.tool.connections.sleep(PINGTIME_NS)
        return False

    # Head: sleep, reconnect ------------------------------------------------------------------

    def _sleep(self) -> Work[None]:
        yield Wait(self.tool.alarm_ns)

    def _wake(self) -> Work[None]:
        if not (yield from self._alive()):
            # Its result is ignored: it only costs time (section 1.3, step 9).
            yield from self._reconnect()

    # Check -----------------------------------------------------------------------------------

    def _check(self) -> Work[None]:
        if self.tool.hooks.exec_fail_check is None and self.tool.master_link.incarnation:
            yield from self.tool.connections.sleep(self.tool.rhythm_now().alive_check_ns)

    def _checked(self) -> Work[None]:
        tool = self.tool
        if tool.hooks.exec_fail_check is not None:
            code = yield from tool.run_script(
                "exec-fail-check", tool.hooks.exec_fail_check, tool.master, None
            )
            if code:
                tool.record("failover-check-script-failed", code=code)
                yield from self._fail_over()
            return
        if (yield from self._alive()):
            return
        tool.record("master-may-be-down", waiting_s=3)
        yield from tool.connections.sleep(PINGTIME_NS)
        yield from self._connect()
        retry_ns = tool.spec.master_fail_retry
        if retry_ns is not None and not (yield from self._alive()):
            tool.record("master-still-not-reachable")
            yield from tool.connections.sleep(retry_ns)
            yield from self._connect()

    # Ping and verdict ------------------------------------------------------------------------

    def _ping(self) -> Work[None]:
        if self.tool.hooks.exec_fail_check is None:
            self._pinged = yield from self.tool.connections.ping(self.tool.master)

    def _ping_on(self, sent: int) -> Work[None]:
        """Go on with the ping of a calm cycle, of which so many echoes have come back."""
        tool = self.tool
        answered = tool.spec.ping_answered
        self._pinged = yield from tool.connections.ping(tool.master, sent, replied=answered)

    def _judge(self) -> Work[None]:
        tool = self.tool
        if tool.hooks.exec_fail_check is not None:
            return
        if self._pinged and (yield from self._alive()):
            return
        # The daemon asks before it connects, the console connects in any case.
        if tool.spec.daemon and (yield from self._alive()):
            return
        if (yield from self._reconnect()):
            if not self._from_grid or self._pinged:
                tool.record("master-ok")
            return
        tool.record("failed-to-reconnect")
        yield from self._fail_over()

    def _fail_over(self) -> Work[None]:
        self.tool.phase = "failing-over"
        yield from fail_over(self.tool)
        self.tool.phase = "calm"

    # Slaves and errant transactions ----------------------------------------------------------

    def _search(self) -> Work[None]:
        tool = self.tool
        yield from self._demand_master()
        yield from discover(tool)
        yield from tool.connections.sleep(tool.rhythm_now().errant_check_ns)

    def _searched(self) -> Work[None]:
        """A slave that does not answer blocks; one that has gone is skipped."""
        tool = self.tool
        if self._from_grid:
            yield from discover(tool)
        for slave in tool.slaves:
            yield from tool.connections.ask(tool.link(slave))
        check_errant(tool)
        tool.alarm_ns = tool.kernel.now + tool.spec.interval

    def _demand_master(self) -> Work[None]:
        """A query on the master that nobody guards: its failure is the end of the tool."""
        if not (yield from self._alive()):
            raise ToolExit("query-on-master-failed")

    # The health report -----------------------------------------------------------------------

    def _report(self) -> Work[None]:
        tool = self.tool
        self._reports = True
        if tool.spec.daemon:
            self._reports = yield from self._alive()
        else:
            yield from self._demand_master()
        if self._reports:
            yield from tool.connections.sleep(tool.rhythm_now().report_master_ns)

    def _reported(self) -> Work[None]:
        if self._reports:
            yield from self._demand_master()

    def _survey(self) -> Work[None]:
        if self._reports:
            times, own_factor = self.tool.spec.query_times, self.tool.process.host.slow_factor
            yield from self.tool.connections.sleep(round(times.report_slaves * own_factor))

    def _surveyed(self) -> Work[None]:
        tool = self.tool
        if self._reports:
            for slave in tool.slaves:
                if not (self._from_grid and tool.is_steady(slave)):
                    yield from self._health_of(tool.link(slave))
        self._disconnect()

    def _disconnect(self) -> None:
        tool = self.tool
        tool.master_link.close()
        if tool.spec.daemon:
            tool.alarm_ns = tool.kernel.now + tool.spec.interval

    def _health_of(self, link: Link) -> Work[None]:
        """Ask a slave; reconnect one that is gone, and ping one that is dead or not ours."""
        tool = self.tool
        answered = yield from tool.connections.ask(link)
        if not answered:
            answered = yield from tool.connections.connect(link)
        yield from self._ping_odd(link, answered)

    def _ping_odd(self, link: Link, answered: bool) -> Work[None]:
        if not answered or link.server.master is not self.tool.master:
            yield from self.tool.connections.ping(link.server)

    def _look_again(self, begun_ns: int, look_ns: int) -> Work[None]:
        """Go on with the survey of the lost slave, which has been looked for since ``begun_ns``."""
        connections = self.tool.connections
        (slave,) = self.tool.slaves
        pings_since_ns = look_ns - connections.patience_ns(slave)
        if pings_since_ns < 0:
            link = self.tool.link(slave)
            yield from self._ping_odd(link, (yield from connections.try_again(link, begun_ns)))
        else:
            yield from connections.ping(slave, pings_since_ns // NS_PER_S)
