"""What most of the models are made of: units that wear out, and the outages of a system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.clock import from_seconds, to_seconds
from sim.engine import Kernel
from sim.fault_sources import FaultSource, source_path
from sim.faults import Effect, FaultBoard
from sim.laws import Exponential, Fixed, Law
from sim.metering import StateMeter
from sim.repair import Crew
from sim.state import Entity, state
from sim.trace import Trace
from sim.watch import Watch

HOUR_S: Final = 3600.0
YEAR_H: Final = 8766.0


def hours(count: float) -> int:
    """Return so many hours in ns."""
    return from_seconds(count * HOUR_S)


def exponential_h(mean_h: float) -> Exponential:
    """Return the exponential law with a mean in hours."""
    return Exponential(mean_h * HOUR_S)


def board_of(kernel: Kernel) -> FaultBoard:
    """Return a board of faults that keeps no trace."""
    return FaultBoard(kernel, Trace(enabled=False))


def crew_of(kernel: Kernel, people: int, fix: Law, path: str = "crew") -> Crew:
    """Return a crew that is there at once: the models of the literature know no way to work."""
    return Crew(kernel, path, people, Fixed(0.0), fix, Trace(enabled=False))


class Unit(Entity):
    """A unit that is good or not; its faults say which."""

    good: bool = state(True)

    def is_good(self) -> bool:
        """Return whether it is good, as a reading for meters."""
        return self.good

    def effect(self) -> Effect:
        """Return the effect of a fault: the unit is not good while it stands."""
        return Effect(self._fail, self._recover)

    def _fail(self) -> None:
        self.good = False

    def _recover(self) -> None:
        self.good = True


def wear(
    kernel: Kernel,
    board: FaultBoard,
    target: str,
    effect: Effect,
    every: Law,
    *,
    lasts: Law | None = None,
    crew: Crew | None = None,
    cause: str = "wear",
) -> FaultSource:
    """Have ``target`` struck after up times of ``every``, until ``lasts`` or the crew ends it."""
    path = source_path(cause, target)
    return FaultSource(kernel, board, path, cause, "down", [(target, effect)], every, lasts, crew)


def worn_units(
    kernel: Kernel, board: FaultBoard, count: int, every: Law, *, crew: Crew
) -> tuple[Unit, ...]:
    """Return so many units under one law, repaired by one crew."""
    units = tuple(Unit(kernel, f"unit/{number}") for number in range(count))
    for unit in units:
        wear(kernel, board, unit.path, unit.effect(), every, crew=crew)
    return units


class Outages:
    """How long and how often a condition did not hold; :meth:`restart` ends a warm-up."""

    def __init__(self, kernel: Kernel, path: str, good: Callable[[], bool]) -> None:
        self.meter = StateMeter(kernel, path, good, initial=True)
        self.count = 0
        self._forgotten_ns = 0
        self._watch = Watch(kernel, f"{path}/turns", good, self._turned, initial=True)

    def _turned(self, good: bool) -> None:
        self.count += not good

    def restart(self) -> None:
        """Count and measure from now on."""
        self.count = 0
        self.meter.close()
        self._forgotten_ns = self.meter.totals_ns.get(False, 0)

    def down_h(self) -> float:
        """Return the hours down so far."""
        self.meter.close()
        down_ns = self.meter.totals_ns.get(False, 0) - self._forgotten_ns
        return to_seconds(down_ns) / HOUR_S
