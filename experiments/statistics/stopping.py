"""When to stop a study by the precision of what it says, though one looks again and again.

The rule is Law and Kelton's for a relative error g (A. M. Law, "Simulation Modeling and Analysis",
section 9.4.1; failures.md, section 3.3): look at sample sizes that were fixed beforehand, and stop
at the first at which the interval reaches no further from the estimate, on either side, than
g' = g / (1 + g) of it. If it holds the truth, the estimate is then within g of the truth. Sizes
grow by `GROWTH`, from 100 observations on, and fewer than `LEAST_EVENTS` events never stop a study.

Looking repeatedly could spoil the interval: a sample that happens to have only short outages looks
precise, and lies low. The error is not spent over the looks, because there is little to pay for:
the rule asks how wide the interval is, not where it lies, so it stops near a sample size that the
law decides (Y. S. Chow and H. Robbins, "On the asymptotic theory of fixed-width sequential
confidence intervals for the mean", Ann. Math. Statist. 36 (1965) 457-462: nominal coverage as g
goes to 0), and what is left of the effect at a finite g is paid by the room that the interval has
for an outage not yet seen (`rare.py`). Measured at the stop, on the laws of failures.md, section
3.2 (`python -m experiments.stopping_coverage`, 2,000 studies a row, Monte Carlo error .005):

    a year  law           error  studies   holds  within     years      least
         6  exponential    50 %    2,000   0.978   1.000       100         12
         6  exponential    10 %    2,000   0.964   0.993       283        155
         6  s = 1.4        50 %    2,000   0.984   1.000       142         41
         6  s = 1.4        10 %    2,000   0.971   0.999     1,600        550
         2  s = 1.94       50 %    2,000   0.967   1.000     1,600        745
         2  s = 1.94       10 %    2,000   0.973   0.997    25,600     10,018
       0.2  s = 1.4        50 %    2,000   0.979   1.000     4,526      1,227
       0.2  s = 1.4        10 %    2,000   0.972   0.999    36,204     16,500
      0.02  s = 1.94       50 %    1,789   0.970   1.000   144,816     74,514
      0.02  s = 1.94       10 %      133   0.970   0.992 2,317,048  1,001,794

The years are the median at the stop; `least` is what it takes if all is known but the mean. All
rows are in ``docs/validation/2026-11-27-stopping.txt``; the lowest, of 36 studies, holds .944.

Halving the error at each look from the first that could stop (Bonferroni) holds .99 to 1.00 and
costs 2 to 4 times the years. Sizes that double hold the same, and overshoot more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from experiments.statistics.interval import THIN_EVENTS, Interval

FIRST_LOOK: Final = 100
"""The fewest observations: failures.md, section 3.3 (10 in the source, 100 for skewed years)."""

GROWTH: Final = math.sqrt(2.0)
"""Assumed: sizes double every second look, so a study does at most 1.4 times what it must."""

LEAST_EVENTS: Final = THIN_EVENTS
"""At least 10 (failures.md, section 3.3); with fewer than these, no mean would be printed."""


def look_sizes(first: int, last: int) -> Iterator[int]:
    """The numbers of observations to look at: ``first``, growing, and in the end ``last``."""
    number = 0
    while (size := math.ceil(first * GROWTH**number - 1e-9)) < last:
        yield size
        number += 1
    yield last


def bound_share(error_share: float) -> float:
    """How far an interval may reach from the estimate, for a relative error of ``error_share``."""
    return error_share / (1.0 + error_share)


def reach_share(interval: Interval) -> float:
    """How far the interval reaches from its estimate, as a share of it; inf if it says nothing.

    It says nothing if a bound is missing, if nothing was seen, or too few events for a mean.
    """
    low, high, centre = interval.low, interval.high, interval.estimate
    if low is None or high is None or centre == 0:
        return math.inf
    if interval.thin or (interval.events is not None and interval.events < LEAST_EVENTS):
        return math.inf
    return max(high - centre, centre - low) / abs(centre)


def needed(observations: int, reach: float, error_share: float) -> int | None:
    """How many observations it takes, if an interval shrinks with their root; None: unknown."""
    if not math.isfinite(reach):
        return None
    return math.ceil(observations * (reach / bound_share(error_share)) ** 2)
