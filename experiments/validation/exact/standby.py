"""Two units, one active, with coverage and a failover that takes time (``failures.md`` 2.3).

A failure of the active unit is covered with probability c: the failover is automatic and takes a
minute in the mean; otherwise people do it, in an hour. Repair begins when the failover is over,
and nothing else fails meanwhile. A unit of two fails at the rate of its role: each has a source
of strikes for either role, and a strike that finds the unit in the other role does nothing, which
is exact because up times are exponential.
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    YEAR_H,
    board_of,
    crew_of,
    exponential_h,
    hours,
    wear,
)
from experiments.validation.exact.row import Row, Samples, mean_of, ratio_of
from sim.engine import Kernel
from sim.faults import Effect
from sim.metering import StateMeter
from sim.repair import Crew
from sim.state import Entity, hidden, state
from sim.streams import Stream

MTTR_H: Final = 4.0
FAILOVER_H: Final = 1 / 60
BY_HAND_H: Final = 1.0
LIVES_H: Final = 1000.0
OFTEN_H: Final = 25.0

BOTH, AUTOMATIC, BY_HAND, ONE, NONE = "both", "automatic", "by hand", "one", "none"


class Design(NamedTuple):
    """Mean life of the active unit and of the stand-by (None: cold), coverage, people who repair.

    Printed: minutes down a year, and mean hours to the first failure not covered.
    """

    name: str
    active_h: float
    idle_h: float | None
    p_covered: float
    people: int
    printed_min: str = ""
    printed_mttf_h: str = ""


DESIGNS: Final = (
    Design("cold, c = 1, crew 1", LIVES_H, None, 1.0, 1, "17.1124", "252000"),
    Design("cold, c = .95, crew 1", LIVES_H, None, 0.95, 1, "42.8661", "18662.96"),
    Design("warm, c = .95, crew 2", LIVES_H, 5 * LIVES_H, 0.95, 2, "39.4824", "18405.11"),
    Design("hot, c = 1, crew 2", LIVES_H, LIVES_H, 1.0, 2, "17.0444", "126500"),
    Design("hot, c = .9, crew 1", LIVES_H, LIVES_H, 0.9, 1),
    Design("hot, c = .9, crew 1, MTTF 25 h", OFTEN_H, OFTEN_H, 0.9, 1),
    Design("cold, c = .8, crew 2, MTTF 25 h", OFTEN_H, None, 0.8, 2),
)

_STRIKES: Final = 200
_WARM_UP_H: Final = 100.0


def long_run(design: Design) -> dict[str, float]:
    """Return the long-run probability of each condition."""
    active, repair = 1 / design.active_h, 1 / MTTR_H
    idle = 0.0 if design.idle_h is None else 1 / design.idle_h
    one = (active + idle) / repair
    weights = {
        BOTH: 1.0,
        AUTOMATIC: design.p_covered * active * FAILOVER_H,
        BY_HAND: (1 - design.p_covered) * active * BY_HAND_H,
        ONE: one,
        NONE: active / (design.people * repair) * one,
    }
    total = sum(weights.values())
    return {condition: weight / total for condition, weight in weights.items()}


def mttf_h(design: Design) -> float:
    """Return the mean hours in service from two good units to the first failure not covered.

    A failure of the only good unit is one. Time in automatic failovers does not count.
    """
    active, repair = 1 / design.active_h, 1 / MTTR_H
    idle = 0.0 if design.idle_h is None else 1 / design.idle_h
    saved = (design.p_covered * active + idle) / (active + idle)
    first = 1 / (active + idle)
    return (first + saved / (active + repair)) / (1 - saved * repair / (active + repair))


class Pair(Entity):
    """Two units and whoever looks after them."""

    condition: str = state(BOTH)
    active: str = hidden("a")
    p_covered: Final[float]
    coverage: Final[Stream]
    controller: Final[Crew]
    people: Final[Crew]
    repairers: Final[Crew]

    def __init__(self, kernel: Kernel, design: Design) -> None:
        super().__init__(kernel, "pair")
        self.p_covered = design.p_covered
        self.coverage = kernel.stream("pair", "covered")
        self.controller = crew_of(kernel, 1, exponential_h(FAILOVER_H), "crew/controller")
        self.people = crew_of(kernel, 1, exponential_h(BY_HAND_H), "crew/people")
        self.repairers = crew_of(kernel, design.people, exponential_h(MTTR_H), "crew/repair")

    def strike_active(self, unit: str) -> None:
        """Fail ``unit`` if it is the one in service."""
        if unit != self.active:
            return
        if self.condition == ONE:
            self.condition = NONE
            self._repair(unit)
        elif self.condition == BOTH:
            covered = self.coverage.uniform() < self.p_covered
            self.condition = AUTOMATIC if covered else BY_HAND
            crew = self.controller if covered else self.people
            crew.call(unit, lambda: self._take_over(unit))

    def strike_idle(self, unit: str) -> None:
        """Fail ``unit`` if it is standing by."""
        if unit != self.active and self.condition == BOTH:
            self.condition = ONE
            self._repair(unit)

    def _take_over(self, failed: str) -> None:
        self.active = "b" if failed == "a" else "a"
        self.condition = ONE
        self._repair(failed)

    def _repair(self, unit: str) -> None:
        self.repairers.call(unit, lambda: self._repaired(unit))

    def _repaired(self, unit: str) -> None:
        if self.condition == NONE:
            self.active = unit
            self.condition = ONE
        else:
            self.condition = BOTH


class FirstFailures:
    """Hours in service from two good units to the first failure not covered, again and again."""

    def __init__(self) -> None:
        self.count = 0
        self.served_h = 0.0
        self._counting = False

    def add(self, condition: str, start_ns: int, end_ns: int) -> None:
        """Take one interval of a condition into account."""
        if condition in (BY_HAND, NONE):
            self.count += self._counting
            self._counting = False
        else:
            self._counting = self._counting or condition == BOTH
            if self._counting and condition != AUTOMATIC:
                self.served_h += (end_ns - start_ns) / hours(1)


def _measured_h(design: Design) -> float:
    return _STRIKES * design.active_h


def _run(design: Design, kernel: Kernel) -> list[float]:
    """Share of time in each condition, then served hours and count of first failures."""
    board = board_of(kernel)
    pair = Pair(kernel, design)
    for unit in ("a", "b"):
        strike = Effect(partial(pair.strike_active, unit), lambda: None)
        wear(kernel, board, unit, strike, exponential_h(design.active_h), cause="active")
        if design.idle_h is not None:
            strike = Effect(partial(pair.strike_idle, unit), lambda: None)
            wear(kernel, board, unit, strike, exponential_h(design.idle_h), cause="idle")
    kernel.run_until(hours(_WARM_UP_H))
    meter = StateMeter(kernel, "condition", lambda: pair.condition, pair.condition)
    first = FirstFailures()
    meter.listen(first.add)
    span_h = _measured_h(design)
    kernel.run_until(hours(_WARM_UP_H + span_h))
    meter.close()
    shares = [meter.totals_ns.get(one, 0) / hours(span_h) for one in _CONDITIONS]
    return [*shares, first.served_h, first.count]


_CONDITIONS: Final = (AUTOMATIC, BY_HAND, NONE)


def _rows(design: Design, samples: Samples) -> list[Row]:
    law = long_run(design)
    a_year = 60 * YEAR_H
    rows = [
        Row(
            f"{design.name}: down",
            a_year * sum(law[one] for one in _CONDITIONS),
            *mean_of(a_year * samples[:, : len(_CONDITIONS)].sum(axis=1)),
            "min/year",
            design.printed_min,
        )
    ]
    for column, condition in enumerate(_CONDITIONS):
        if law[condition]:
            estimate = mean_of(a_year * samples[:, column])
            rows.append(
                Row(f"    of it {condition}", a_year * law[condition], *estimate, "min/year")
            )
    time = ratio_of(samples[:, -2], samples[:, -1])
    return [*rows, Row("    MTTF", mttf_h(design), *time, "h", design.printed_mttf_h)]


FAMILY: Final = Family(
    "Two units, coverage, failover 1 min or 1 h by hand, MTTF 1000 h, MTTR 4 h",
    tuple(
        Model(f"standby/{one.name}", partial(_run, one), partial(_rows, one), 700, 30)
        for one in DESIGNS
    ),
)
