"""One instance of an application: what it depends on, and how much of its work succeeds.

Model card: ``docs/models/application.md``. Left out: single requests, retries of one request,
work that needs only some of the stores.
"""

from __future__ import annotations

from typing import Final, Literal

from models.application.call import Call
from models.application.pool import Pool
from models.application.spec import ApplicationSpec
from models.process import Process
from sim.engine import Kernel
from sim.state import Entity, computed, state

# Sums of shares of a third miss 1 by the last bit.
_ALL = 1.0 - 1e-9


class Application(Entity):
    """``name`` is the application's, ``path`` the instance's; wired after it is made."""

    name: Final[str]
    process: Final[Process]
    spec: Final[ApplicationSpec]
    pools: tuple[Pool, ...] = state(())
    calls: tuple[Call, ...] = state(())
    callers: tuple[Call, ...] = state(())

    def __init__(self, kernel: Kernel, name: str, process: Process, spec: ApplicationSpec) -> None:
        super().__init__(kernel, f"{process.path}/application")
        self.name = name
        self.process = process
        self.spec = spec
        process.program = self

    # What its users get ------------------------------------------------------------------------

    @computed
    def success_share(self) -> float:
        """The share of the requests sent to it that succeed: those need all that it depends on."""
        return self.success_for(())

    def success_for(self, waiting: tuple[str, ...]) -> float:
        """Return that share, for requests for which the instances ``waiting`` (paths) wait.

        Applications that call each other ask in a ring, which ends at an instance that waits.
        """
        share = self.served_share
        if share == 0.0 or self.path in waiting:
            return share
        for pool in self.pools:
            share = min(share, float(pool.serves))
        for call in self.calls:
            share = min(share, call.success_for((*waiting, self.path)))
        return 1.0 if share > _ALL else share

    @property
    def holds_back(self) -> bool:
        """Whether requests wait in a buffer now."""
        return any(pool.holds_back for pool in self.pools)

    # What its callers get ----------------------------------------------------------------------

    @computed
    def load_per_s(self) -> float:
        """The requests a second that its callers send it."""
        return sum(call.load_on(self) for call in self.callers)

    @property
    def overloaded(self) -> bool:
        """Whether more requests arrive than it can serve."""
        capacity_per_s = self.spec.capacity
        return capacity_per_s is not None and self.load_per_s > capacity_per_s / _ALL

    @property
    def served_share(self) -> float:
        """The share of its callers' requests that it can answer in time."""
        if not self.process.running:
            return 0.0
        if self.overloaded and self.spec.capacity is not None:
            return self.spec.capacity / self.load_per_s
        return 1.0

    def health(self) -> Literal["passing", "critical", "hung"]:
        """What a health check by HTTP finds: one that is overloaded answers too late."""
        if not self.process.alive:
            return "critical"
        if not self.process.running or self.overloaded:
            return "hung"
        return "passing"

    # Life ------------------------------------------------------------------------------------

    def started(self) -> None:
        """Start without connections."""

    def stopped(self) -> None:
        """Lose all connections, and whoever waited for them."""
        for pool in self.pools:
            pool.disconnect("stopped")
            if pool.buffer is not None:
                pool.buffer.drop()

    def resumed(self, paused_ns: int) -> None:
        """Connections have survived the pause, or turn out broken."""
