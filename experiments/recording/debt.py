"""Recovery debt: how long a design that serves again is still without its redundancy.

Source: ``failures.md`` section 4 ("recovery debt": from service restored to redundancy restored).
"""

from __future__ import annotations

from experiments.building.service_state import SecondClass
from sim.engine import Kernel
from sim.state import Entity, hidden, state


class RecoveryDebt(Entity):
    """``owed``: the last outage is over, and no second has been good since."""

    owed: bool = state(False)
    outage_seen: bool = hidden(False)

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel, "meter/recovery-debt")

    def turn(self, second: SecondClass) -> None:
        """Hear of the class of the second that begins."""
        if second in ("down", "split-brain"):
            self.outage_seen, self.owed = True, False
        elif second == "good":
            self.outage_seen = self.owed = False
        else:
            self.owed = self.outage_seen
