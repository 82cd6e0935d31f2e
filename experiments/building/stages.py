"""Why service is down now: the stage of the outage, a pure reading over the state of a world.

Source: ``failures.md`` 3.7 and 4, ``peers.md`` section 5, idea 2. What each stage means is in
``experiments/stages.py``; in words, with the choices that had to be made, ``docs/metrics.md``.

An application that is down has instances that fail, an instance fails for what it depends on, and a
store fails for the stage in which its failover is (:attr:`Store.awaits`). Of several reasons at
once the one counts that is furthest from its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from experiments.building.service_state import ServiceState
from experiments.building.stores import Store
from experiments.building.swaps import PlannedSwaps
from experiments.stages import Stage
from models.application.application import Application
from models.application.call import Call
from models.application.pool import Pool, Server
from sim.engine import Kernel
from sim.state import Entity, state
from sim.watch import Watch

FURTHEST_FIRST: Final[tuple[Stage, ...]] = (
    "no-spare",
    "repair",
    "path",
    "backend",
    "false-alarm",
    "detect",
    "agree",
    "elect",
    "promote",
    "publish",
    "reconnect",
    "planned-swap",
)
"""Stages by how far they are from the end of an outage: people, faults, programs, clients."""


# Sums of shares of a third miss 1 by the last bit.
_ALL: Final = 1.0 - 1e-9


class FalseAlarm(NamedTuple):
    """A failover of ``store`` while ``replaced`` still served, until its clients are served."""

    store: str
    replaced: Server


class OutageStage(Entity):
    """The stage of a second in which service is down, and the false alarms that still cost."""

    service: Final[ServiceState]
    swaps: Final[Mapping[str, PlannedSwaps]]
    false_alarms: tuple[FalseAlarm, ...] = state(())

    def __init__(
        self, kernel: Kernel, service: ServiceState, swaps: Mapping[str, PlannedSwaps]
    ) -> None:
        super().__init__(kernel, "stage")
        self.service = service
        self.swaps = swaps
        none: tuple[FalseAlarm, ...] = ()
        Watch(kernel, "stage/false-alarms", self._past, self._forget, initial=none)

    def now(self) -> Stage | None:
        """Return the stage; None while service is not down."""
        if self.service.second != "down":
            return None
        return min(self._reasons(), key=FURTHEST_FIRST.index)

    def _reasons(self) -> Iterator[Stage]:
        seen: set[Application] = set()
        for name in self.service.failing:
            yield from self._of_application(self.service.applications[name], seen)

    # Applications ----------------------------------------------------------------------------

    def _of_application(
        self, group: tuple[Application, ...], seen: set[Application]
    ) -> Iterator[Stage]:
        asked = [one for one in group if self.service.is_asked(one)]
        for one in asked:
            yield from self._of_instance(one, seen)
        if not asked:
            # One that is alive and is asked nothing has been cut off from its users.
            yield from ("path" if one.process.alive else "backend" for one in group)

    def _of_instance(self, instance: Application, seen: set[Application]) -> Iterator[Stage]:
        """Why requests to it fail; those of ``seen`` have told theirs, whoever calls them."""
        if instance in seen:
            return
        seen.add(instance)
        if instance.served_share < 1.0:
            yield "backend"
        if not instance.process.running:
            return
        for pool in instance.pools:
            if not pool.serves:
                yield self._of_pool(pool)
        for call in instance.calls:
            yield from self._of_call(call, seen)

    def _of_call(self, call: Call, seen: set[Application]) -> Iterator[Stage]:
        asked = [one for one in call.shares if one.share > 0.0]
        if sum(one.share for one in asked) < _ALL:
            yield "publish"
        for backend, _ in asked:
            route = self.service.network.route(call.process.host.name, backend.process.host.name)
            if not backend.process.running:
                yield "backend"
            elif not route.tcp:
                yield "reconnect" if route.open else "path"
            elif isinstance(backend, Application):
                yield from self._of_instance(backend, seen)

    # Stores ----------------------------------------------------------------------------------

    def _of_pool(self, pool: Pool) -> Stage:
        store = self.service.stores[pool.store]
        swaps = self.swaps.get(store.name)
        if swaps is not None and swaps.hands.planned:
            return "planned-swap"
        falsely = any(alarm.store == store.name for alarm in self.false_alarms)
        if not store.accepting:
            return "false-alarm" if falsely else store.awaits
        # Not two: that would be a split brain, and not down.
        (master,) = store.accepting
        here, there = pool.process.host.name, master.process.host.name
        if not self.service.network.route(here, there).open:
            return "path"
        if falsely:
            return "false-alarm"
        told = pool.resolution.servers
        return "reconnect" if pool.server is master or told == (master,) else "publish"

    # False alarms ----------------------------------------------------------------------------

    def master_replaced(self, store: Store, served: Server | None) -> None:
        """Hear of a failover, and of the old master if it could serve: what nobody else knows."""
        others = tuple(alarm for alarm in self.false_alarms if alarm.store != store.name)
        fresh = () if served is None else (FalseAlarm(store.name, served),)
        self.false_alarms = (*others, *fresh)

    def _past(self) -> tuple[FalseAlarm, ...]:
        return tuple(alarm for alarm in self.false_alarms if self._is_past(alarm))

    def _is_past(self, alarm: FalseAlarm) -> bool:
        """Whether all clients are with one master, or the old one has died as a master."""
        if alarm.replaced.is_master and not alarm.replaced.process.alive:
            return True
        masters = self.service.stores[alarm.store].accepting
        pools = (pool for pool in self.service.pools[alarm.store] if pool.process.running)
        return len(masters) == 1 and all(pool.writes_to is masters[0] for pool in pools)

    def _forget(self, past: tuple[FalseAlarm, ...]) -> None:
        self.false_alarms = tuple(alarm for alarm in self.false_alarms if alarm not in past)
