"""Alternating renewal under four laws of up time (``failures.md`` section 2.2).

Availability rests on the means alone; the variance of the downtime on two moments of each law; and
a unit that is in service when the run begins fails once in its first mean life, whatever its law,
because the first up time is a residual one (section 1.1 item 4).
"""

from __future__ import annotations

import math
from functools import partial
from typing import Final, NamedTuple

from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    HOUR_S,
    Outages,
    Unit,
    board_of,
    hours,
    wear,
)
from experiments.validation.exact.row import Row, Samples, mean_of, variance_of
from sim.engine import Kernel
from sim.faults import Effect, FaultBoard
from sim.laws import Exponential, Fixed, Gamma, Law, Lognormal, Weibull

MTTF_H, MTTR_H = 1000.0, 4.0
_MTTF_S: Final = MTTF_H * HOUR_S
_WARM_UP_H: Final = 5000.0
_MEASURED_H: Final = 100_000.0
_FIRST_LIVES_OF: Final = 250


class UpTimes(NamedTuple):
    """A law of up times with a mean of 1000 h, and its standard deviation over its mean."""

    name: str
    law: Law
    variation: float


def _weibull_variation(shape: float) -> float:
    return math.sqrt(math.gamma(1 + 2 / shape) / math.gamma(1 + 1 / shape) ** 2 - 1)


_LOG_SD: Final = 1.0

UP_TIMES: Final = (
    UpTimes("exponential", Exponential(_MTTF_S), 1.0),
    UpTimes("Weibull 0.7", Weibull.from_mean_shape(_MTTF_S, 0.7), _weibull_variation(0.7)),
    UpTimes(
        "lognormal 1.0",
        Lognormal(_MTTF_S * math.exp(-(_LOG_SD**2) / 2), _LOG_SD),
        math.sqrt(math.expm1(_LOG_SD**2)),
    ),
    UpTimes("always the same", Fixed(_MTTF_S), 0.0),
)

DOWN_LOG_SD: Final = 1.4
"""The printed variance is that of this down time; its fourth moment is out of a sample's reach."""

DOWN_SHAPE: Final = 2.0
"""Gamma down times of this shape, by which the variance is judged."""


def variance_rate_h(up_variation: float, down_variation: float) -> float:
    """Return the variance of the downtime in T hours over T, for a long T, in hours."""
    up_h, down_h = up_variation * MTTF_H, down_variation * MTTR_H
    return (MTTR_H**2 * up_h**2 + MTTF_H**2 * down_h**2) / (MTTF_H + MTTR_H) ** 3


def _down(kernel: Kernel, every: Law, lasts: Law) -> float:
    board = board_of(kernel)
    unit = Unit(kernel, "unit")
    wear(kernel, board, unit.path, unit.effect(), every, lasts=lasts)
    outages = Outages(kernel, "outages", unit.is_good)
    kernel.run_until(hours(_WARM_UP_H))
    outages.restart()
    kernel.run_until(hours(_WARM_UP_H + _MEASURED_H))
    return outages.down_h()


def _run(every: Law, kernel: Kernel) -> tuple[float, float]:
    """Downtime in hours with gamma down times; failures of new residual lives in a mean life."""
    down_h = _down(kernel, every, Gamma(DOWN_SHAPE, MTTR_H * HOUR_S))
    return down_h, _first_lives(kernel, every)


def _first_lives(kernel: Kernel, every: Law) -> float:
    """Return failures a unit in one mean life from now, for units in service at the start."""
    struck = 0

    def strike() -> None:
        nonlocal struck
        struck += 1

    board = FaultBoard(kernel, board_of(kernel).trace, "first-lives")
    for number in range(_FIRST_LIVES_OF):
        wear(kernel, board, f"in-service/{number}", Effect(strike, lambda: None), every)
    kernel.run_until(kernel.now + hours(MTTF_H))
    return struck / _FIRST_LIVES_OF


def _rows(up: UpTimes, samples: Samples) -> list[Row]:
    share = samples[:, 0] / _MEASURED_H
    exact = MTTR_H / (MTTF_H + MTTR_H)
    rate_h = variance_rate_h(up.variation, 1 / math.sqrt(DOWN_SHAPE))
    variance, error = variance_of(samples[:, 0])
    return [
        Row(f"{up.name}: share down", exact, *mean_of(share), printed="0.00398406"),
        Row(
            "    variance of the downtime, over T",
            rate_h,
            variance / _MEASURED_H,
            error / _MEASURED_H,
            "h",
        ),
        Row("    failures in the first mean life in service", 1.0, *mean_of(samples[:, 1])),
    ]


def _run_printed(kernel: Kernel) -> tuple[float]:
    law = Lognormal(MTTR_H * HOUR_S * math.exp(-(DOWN_LOG_SD**2) / 2), DOWN_LOG_SD)
    return (_down(kernel, UP_TIMES[1].law, law),)


def _printed_rows(samples: Samples) -> list[Row]:
    rate_h = variance_rate_h(UP_TIMES[1].variation, math.sqrt(math.expm1(DOWN_LOG_SD**2)))
    variance, error = variance_of(samples[:, 0])
    return [
        Row(
            "Weibull 0.7, repairs lognormal 1.4: variance over T",
            rate_h,
            variance / _MEASURED_H,
            error / _MEASURED_H,
            "h",
            "0.13024",
        )
    ]


FAMILY: Final = Family(
    "Alternating renewal: mean up time 1000 h, mean down time 4 h (gamma 2), four laws",
    (
        *(
            Model(f"renewal/{up.name}", partial(_run, up.law), partial(_rows, up), 1000, 25)
            for up in UP_TIMES
        ),
        Model("renewal/printed", _run_printed, _printed_rows, 1000, 30),
    ),
)
