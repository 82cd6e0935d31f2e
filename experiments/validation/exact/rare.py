"""Three types of two units each, down when both of a type are (``failures.md`` section 2.9).

The fixture on which estimators of rare events are tried. A cycle begins and ends with all good;
its chance of a system failure on the way can just be seen by crude simulation with the section's
rates. With rates a thousand times as high the same exact solution is held to about 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from experiments.validation.exact.markov import Chain
from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    Outages,
    Unit,
    board_of,
    exponential_h,
    hours,
    wear,
)
from experiments.validation.exact.row import Row, Samples, ratio_of
from sim.engine import Kernel
from sim.metering import StateMeter

MTTR_H: Final = 1.0


class Rates(NamedTuple):
    """Failures an hour of a unit of each type, a run's length, and the figures in print."""

    name: str
    per_hour: tuple[float, float, float]
    measured_h: float
    printed_unavailability: str = ""
    printed_mttf_h: str = ""
    printed_share: str = ""


CASES: Final = (
    Rates("1e-4", (1e-4, 1e-5, 1e-6), 5e6, "1.0098998304e-8", "4.951477e7", "9.09931486e-5"),
    Rates("0.1", (0.1, 0.01, 0.001), 2e3),
)

Down = tuple[int, ...]
"""Units down of each type."""


def _failed(down: Down) -> bool:
    return 2 in down


def _moves(rates: Rates, down: Down) -> Iterator[tuple[float, Down]]:
    for kind, per_hour in enumerate(rates.per_hour):
        for step, rate in ((1, (2 - down[kind]) * per_hour), (-1, down[kind] / MTTR_H)):
            if rate:
                yield rate, (*down[:kind], down[kind] + step, *down[kind + 1 :])


def unavailability(rates: Rates) -> float:
    """Return the share of time for which both units of some type are down."""
    up = 1.0
    for per_hour in rates.per_hour:
        up *= 1 - (per_hour * MTTR_H / (1 + per_hour * MTTR_H)) ** 2
    return 1 - up


def mttf_h(rates: Rates) -> float:
    """Return the mean hours from all good to the first system failure."""
    spent, _ = Chain[Down]((0, 0, 0), partial(_moves, rates), until=_failed).absorption()
    return float(spent.sum())


def p_failure_in_cycle(rates: Rates) -> float:
    """Return the chance that a system failure comes between one all-good and the next."""
    total = sum(rates.per_hour)
    share = 0.0
    for kind, per_hour in enumerate(rates.per_hour):
        first = tuple(int(other == kind) for other in range(3))
        chain = Chain(
            first, partial(_moves, rates), until=lambda down: _failed(down) or not any(down)
        )
        _, ends = chain.absorption()
        share += per_hour / total * float(ends @ chain.where(_failed))
    return share


class Cycles:
    """Cycles from all good to all good, those with a system failure, and first failures."""

    def __init__(self) -> None:
        self.count = 0
        self.failed = 0
        self.before_failure_h = 0.0
        self._failed = False

    def add(self, condition: str, start_ns: int, end_ns: int) -> None:
        """Take one interval of a condition into account."""
        if condition == "down":
            self._failed = True
        elif condition == "all good":
            self.failed += self._failed
            self._failed = False
            self.count += 1
        if not self._failed:
            # From all good to the first failure; what follows a failure in its cycle is left out.
            self.before_failure_h += (end_ns - start_ns) / hours(1)


def _run(rates: Rates, kernel: Kernel) -> list[float]:
    """Share of time down, cycles, those that failed, hours before failures."""
    board = board_of(kernel)
    lasts = exponential_h(MTTR_H)
    pairs = []
    for kind, per_hour in enumerate(rates.per_hour):
        pair = [Unit(kernel, f"type/{kind}/{number}") for number in range(2)]
        for unit in pair:
            every = exponential_h(1 / per_hour)
            wear(kernel, board, unit.path, unit.effect(), every, lasts=lasts)
        pairs.append(pair)

    def working() -> bool:
        return board.active < 2 or all(one.good or other.good for one, other in pairs)

    def condition() -> str:
        if not working():
            return "down"
        return "some bad" if board.active else "all good"

    outages = Outages(kernel, "system", working)
    meter = StateMeter(kernel, "condition", condition, "all good")
    cycles = Cycles()
    meter.listen(cycles.add)
    kernel.run_until(hours(rates.measured_h))
    return [
        outages.down_h() / rates.measured_h,
        cycles.count,
        cycles.failed,
        cycles.before_failure_h,
    ]


def _error_of_share(rates: Rates, replications: int) -> float:
    """Return the exact standard error: a sample of few outages underrates its own."""
    chain = Chain[Down]((0, 0, 0), partial(_moves, rates))
    return math.sqrt(chain.variance_rate(chain.where(_failed)) / (rates.measured_h * replications))


def _rows(rates: Rates, samples: Samples) -> list[Row]:
    down, cycles, failed, before_h = samples.T
    exact = p_failure_in_cycle(rates)
    return [
        Row(
            f"{rates.name} an hour: unavailability",
            unavailability(rates),
            float(np.mean(down)),
            _error_of_share(rates, len(down)),
            printed=rates.printed_unavailability,
        ),
        Row(
            "    P(failure in a cycle)",
            exact,
            *ratio_of(failed, cycles),
            printed=rates.printed_share,
        ),
        Row("    MTTF", mttf_h(rates), *ratio_of(before_h, failed), "h", rates.printed_mttf_h),
    ]


FAMILY: Final = Family(
    "Rare events: three types of two units, rates 100 : 10 : 1, repair 1 h",
    tuple(
        Model(f"rare/{one.name}", partial(_run, one), partial(_rows, one), 1000, 20)
        for one in CASES
    ),
)
