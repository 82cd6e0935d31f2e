"""The rhythm of the loop while nothing is wrong: its six steps, and when each of them ends.

Source: ``mysqlfailover.md`` section 1.3, and the tool's source (``rpl_admin.py``
``run_auto_failover``, ``failover_daemon.py`` ``run``, ``failover_console.py`` ``display_console``)
for what sets the two apart: a daemon sleeps the interval after its report; a console sets its alarm
before it draws, so that the report is part of the interval.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from models.mysqlfailover.spec import PINGTIME_NS
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
DISCONNECTED: Final = 5
"""So is the slaves' part; the master is disconnected, and the tool sleeps."""
STEPS: Final = 6


class Rhythm(NamedTuple):
    """How long the parts of a calm cycle take, ns."""

    alive_check_ns: int
    errant_check_ns: int
    report_master_ns: int
    report_slaves_ns: int
    interval_ns: int
    daemon: bool

    @property
    def offsets_ns(self) -> tuple[int, ...]:
        """When each step ends, ns after the head of the cycle."""
        checked_ns = self.alive_check_ns
        pinged_ns = checked_ns + PINGTIME_NS
        searched_ns = pinged_ns + self.errant_check_ns
        reported_ns = searched_ns + self.report_master_ns
        disconnected_ns = reported_ns + self.report_slaves_ns
        return 0, checked_ns, pinged_ns, searched_ns, reported_ns, disconnected_ns

    @property
    def period_ns(self) -> int:
        """The length of a cycle, ns."""
        offsets_ns = self.offsets_ns
        sleeps_from_ns = offsets_ns[DISCONNECTED if self.daemon else SEARCHED]
        # A console whose report takes longer than the interval does not sleep at all.
        return max(sleeps_from_ns + self.interval_ns, offsets_ns[DISCONNECTED] + 1)

    def grid(self, head_ns: int) -> Stepped:
        """Return the ticks of the loop whose head is at ``head_ns``."""
        return Stepped(head_ns, self.offsets_ns, self.period_ns)
