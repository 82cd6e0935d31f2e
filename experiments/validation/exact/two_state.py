"""One unit that fails and is repaired at constant rates (``failures.md`` section 2.1).

Point and interval availability from a start in good order, and the law of a year's downtime, by
Takacs: the best single test of percentiles.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc, gammaln

from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    HOUR_S,
    YEAR_H,
    Outages,
    Unit,
    board_of,
    exponential_h,
    hours,
    wear,
)
from experiments.validation.exact.row import Row, Samples, mean_of, quantile_of, share_of
from sim.engine import Kernel
from sim.metering import Integral

MTTF_H, MTTR_H = 1000.0, 2.0
LOOKED_AT_H: Final = ((1.0, "0.000786577980"), (5.0, "0.001832982838"), (10.0, "0.001982692808"))
"""When the units are looked at, and 1 less the availability that is printed."""

_UNITS: Final = 500

YEARLY_MTTF_H, YEARLY_MTTR_H = 4383.0, 4.0
PERCENTILES: Final = (
    (0.5, "352.33"),
    (0.9, "1133.08"),
    (0.95, "1427.23"),
    (0.99, "2065.24"),
    (0.999, "2913.62"),
)
_YEARLY_UNITS: Final = 100


def availability_at(time_h: float, mttf_h: float, mttr_h: float) -> float:
    """Return the probability that a unit that is up at 0 is up at ``time_h``."""
    fails, mends = 1 / mttf_h, 1 / mttr_h
    both = fails + mends
    return mends / both + fails / both * math.exp(-both * time_h)


def availability_until(time_h: float, mttf_h: float, mttr_h: float) -> float:
    """Return the expected share of the time up to ``time_h`` for which it is up."""
    fails, mends = 1 / mttf_h, 1 / mttr_h
    both = fails + mends
    return mends / both - fails / (both**2 * time_h) * math.expm1(-both * time_h)


def downtime_cdf(down_h: float, time_h: float, mttf_h: float, mttr_h: float) -> float:
    """Return P(downtime in ``time_h`` <= ``down_h``): failures are Poisson in the time up."""
    expected = (time_h - down_h) / mttf_h
    counts = np.arange(1, int(expected + 20 * math.sqrt(expected) + 60))
    weights = np.exp(counts * math.log(expected) - expected - gammaln(counts + 1))
    return math.exp(-expected) + float(weights @ gammainc(counts, down_h / mttr_h))


def _first_hours(kernel: Kernel) -> list[float]:
    """Share of units up at each look, then the share of time up."""
    board = board_of(kernel)
    every, lasts = exponential_h(MTTF_H), exponential_h(MTTR_H)
    units = [Unit(kernel, f"unit/{number}") for number in range(_UNITS)]
    for unit in units:
        wear(kernel, board, unit.path, unit.effect(), every, lasts=lasts)
    down = Integral(kernel, "down", lambda: board.active)
    shares = []
    for look_h, _ in LOOKED_AT_H:
        kernel.run_until(hours(look_h))
        shares.append(sum(unit.good for unit in units) / _UNITS)
    return [*shares, 1 - down.total() / (_UNITS * look_h * HOUR_S)]


def _first_hours_rows(samples: Samples) -> list[Row]:
    rows = []
    for column, (look_h, printed) in enumerate(LOOKED_AT_H):
        exact = availability_at(look_h, MTTF_H, MTTR_H)
        down = mean_of(1 - samples[:, column])
        rows.append(Row(f"P(down at {look_h:g} h)", 1 - exact, *down, printed=printed))
    share = 1 - availability_until(look_h, MTTF_H, MTTR_H)
    down = mean_of(1 - samples[:, -1])
    name = f"share down of the first {look_h:g} h"
    return [*rows, Row(name, share, *down, printed="0.001600260917")]


def _year(kernel: Kernel) -> list[float]:
    """Minutes down in a year, of each of a number of units."""
    board = board_of(kernel)
    every, lasts = exponential_h(YEARLY_MTTF_H), exponential_h(YEARLY_MTTR_H)
    outages = []
    for number in range(_YEARLY_UNITS):
        unit = Unit(kernel, f"unit/{number}")
        wear(kernel, board, unit.path, unit.effect(), every, lasts=lasts)
        outages.append(Outages(kernel, f"{unit.path}/outages", unit.is_good))
    kernel.run_until(hours(YEAR_H))
    return [60 * one.down_h() for one in outages]


def _year_rows(samples: Samples) -> list[Row]:
    minutes = samples.ravel()

    def cdf(down_min: float) -> float:
        return downtime_cdf(down_min / 60, YEAR_H, YEARLY_MTTF_H, YEARLY_MTTR_H)

    none = math.exp(-YEAR_H / YEARLY_MTTF_H)
    share, error = share_of(minutes == 0, none)
    rows = [Row("P(no downtime in a year)", none, share, error, printed="0.135335")]
    mean = 60 * YEAR_H * (1 - availability_until(YEAR_H, YEARLY_MTTF_H, YEARLY_MTTR_H))
    rows.append(Row("mean downtime of a year", mean, *mean_of(minutes), "min", "479.344"))
    for p, printed in PERCENTILES:
        exact = float(brentq(lambda x, p=p: cdf(x) - p, 1e-6, 60 * YEAR_H / 2))
        quantile = quantile_of(minutes, p, exact, cdf)
        rows.append(Row(f"p{100 * p:g} of it", exact, *quantile, "min", printed))
    return rows


FAMILY: Final = Family(
    "One unit, constant rates: MTTF 1000 h and MTTR 2 h; a year's downtime with 4383 h and 4 h",
    (
        Model("two-state/first-hours", _first_hours, _first_hours_rows, 400, 20),
        Model("two-state/year", _year, _year_rows, 500, 20),
    ),
)
