"""Counts failovers against the truth, which only a simulator knows (``failures.md`` section 4).

*True*: the master could not serve when it was replaced. *False*: it could. *Missed*: no server
accepted writes for so long that a failover should have come, and none did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from experiments.building.stores import Store
from experiments.building.swaps import PlannedSwaps
from experiments.building.world import World
from models.application.pool import Server
from sim.alarm import Alarm
from sim.clock import from_seconds
from sim.engine import Kernel
from sim.watch import Watch

# A failure counts as missed when nothing accepts writes for this long beyond the detector's own
# time: the failover takes about 2 s more (sentinel.md section 6), an election at most 11 s, and a
# mysqlfailover without lag under a second and its scripts (mysqlfailover.md section 1.6).
_GRACE_NS = from_seconds(60)


Heard: TypeAlias = Callable[[Store, Server | None], object]
"""``heard(store, served)``: of each failover, with the old master if it could serve."""


class FailoverCounter:
    """Counts promotions as true or false, and failures without one as missed, over all stores."""

    def __init__(self, world: World, heard: Heard) -> None:
        self._of = [
            _StoreFailovers(world.kernel, store, world.swaps.get(name), heard)
            for name, store in sorted(world.stores.items())
        ]

    @property
    def true(self) -> int:
        """Failovers of a master that could not serve."""
        return sum(one.true for one in self._of)

    @property
    def false(self) -> int:
        """Failovers of a master that could serve."""
        return sum(one.false for one in self._of)

    @property
    def missed(self) -> int:
        """Failures that no failover answered."""
        return sum(one.missed for one in self._of)


class _StoreFailovers:
    """The failovers of one store; a planned swap is none."""

    def __init__(
        self, kernel: Kernel, store: Store, swaps: PlannedSwaps | None, heard: Heard
    ) -> None:
        self.store = store
        self.heard = heard
        self.swaps = swaps
        self.true = self.false = self.missed = 0
        self.kernel = kernel
        self._limit_ns = _GRACE_NS + store.detection_ns
        path = f"meter/{store.name}"
        self._patience = Alarm(kernel, f"{path}/missed")
        store.when_roles_change(self._role_changed)
        self._masters = store.masters
        Watch(kernel, f"{path}/nobody", self._unserved, self._nobody, initial=False)
        Watch(kernel, f"{path}/too-long", lambda: self._patience.due, self._too_long, initial=False)

    def _planned(self) -> bool:
        return self.swaps is not None and self.swaps.hands.planned

    def _unserved(self) -> bool:
        return not self.store.accepting and not self._planned()

    def _role_changed(self) -> None:
        before, self._masters = self._masters, self.store.masters
        if self._planned():
            return
        for address in self._masters - before:
            if not self.store.promoted(address):
                continue
            others = (self.store.servers[name] for name in before if name != address)
            served = next((other for other in others if other.accepts_writes), None)
            if served is not None:
                self.false += 1
            else:
                self.true += 1
            self.heard(self.store, served)

    def _nobody(self, nobody: bool) -> None:
        if nobody:
            self._patience.arm(self.kernel.now + self._limit_ns)
        else:
            self._patience.disarm()

    def _too_long(self, too_long: bool) -> None:
        if too_long:
            self.missed += 1
