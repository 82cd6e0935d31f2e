"""The rhythm of the loop while nothing is wrong: its six steps, and when each of them ends.

Source: ``mysqlfailover.md`` section 1.3, and the tool's source (``rpl_admin.py``
``run_auto_failover``, ``failover_daemon.py`` ``run``, ``failover_console.py`` ``display_console``)
for what sets the two apart: a daemon sleeps the interval after its report; a console sets its alarm
before it draws, so that the report is part of the interval.

A slave that vanished long ago is nothing new: each report looks for it in vain, for the same time.
The cycle then has a tick also at each moment at which the tool looks whether somebody is there.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from models.mysqlfailover.spec import ECHOES, PINGTIME_NS
from sim.clock import NS_PER_S
from sim.grid import Stepped

HEAD: Final = 0
"""The sleep is over and the master reconnected."""
CHECKED: Final = 1
"""COM_PING and SHOW DATABASES are answered."""
PINGED: Final = 2
"""``ping -w 3`` has ended."""
SEARCHED: Final = 3
"""New slaves and errant transactions have been looked for."""
REPORTED: Final = 4
"""The master's part of the health report is there."""
SURVEYED: Final = 5
"""So is the slaves' part. Once a lost slave has been looked for, if there is one, the master is
disconnected, and the tool sleeps."""
STEPS: Final = 6


class Tick(NamedTuple):
    """A tick ``offset_ns`` after the head: the end of ``step``, or ``look_ns`` into a ping's step
    or after the survey's.
    """

    offset_ns: int
    step: int
    look_ns: int = 0


class Rhythm(NamedTuple):
    """How long the parts of a calm cycle take, ns.

    ``looks_ns``: when a lost slave is looked for again, after the survey; none without such a one.
    """

    alive_check_ns: int
    errant_check_ns: int
    report_master_ns: int
    report_slaves_ns: int
    interval_ns: int
    daemon: bool
    looks_ns: tuple[int, ...] = ()

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks of a cycle, in their order."""
        checked_ns = self.alive_check_ns
        pinged_ns = checked_ns + PINGTIME_NS
        searched_ns = pinged_ns + self.errant_check_ns
        reported_ns = searched_ns + self.report_master_ns
        surveyed_ns = reported_ns + self.report_slaves_ns
        ends_ns = (0, checked_ns, pinged_ns, searched_ns, reported_ns, surveyed_ns)
        ticks = [Tick(end_ns, step) for step, end_ns in enumerate(ends_ns)]
        if self.looks_ns:
            echoes_ns = range(NS_PER_S, ECHOES * NS_PER_S, NS_PER_S)
            ticks += [Tick(checked_ns + echo_ns, PINGED, echo_ns) for echo_ns in echoes_ns]
            ticks += [Tick(surveyed_ns + look_ns, SURVEYED, look_ns) for look_ns in self.looks_ns]
        return tuple(sorted(ticks))

    @property
    def offsets_ns(self) -> tuple[int, ...]:
        """When each tick is, ns after the head of the cycle."""
        return tuple(tick.offset_ns for tick in self.ticks)

    @property
    def searched_ns(self) -> int:
        """When the search for errant transactions ends, ns after the head of the cycle."""
        return self.alive_check_ns + PINGTIME_NS + self.errant_check_ns

    @property
    def _wakes_ns(self) -> int:
        """When the sleep would end however long the report takes, ns after the head."""
        sleeps_from_ns = self.offsets_ns[-1] if self.daemon else self.searched_ns
        return sleeps_from_ns + self.interval_ns

    @property
    def period_ns(self) -> int:
        """The length of a cycle, ns."""
        # A console whose report takes longer than the interval does not sleep at all.
        return max(self._wakes_ns, self.offsets_ns[-1] + 1)

    @property
    def can_be_slept_through(self) -> bool:
        """Whether the grid has its exact length also with a lost slave: the tool sleeps at all."""
        return not self.looks_ns or self._wakes_ns > self.offsets_ns[-1]

    def grid(self, head_ns: int) -> Stepped:
        """Return the ticks of the loop whose head is at ``head_ns``."""
        return Stepped(head_ns, self.offsets_ns, self.period_ns)
