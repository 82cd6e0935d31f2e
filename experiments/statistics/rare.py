"""The mean of what comes in outages: rate x duration, with room for the outage not yet seen.

Yearly downtime is a compound Poisson sum: a Poisson number of outages, each of its own length. The
interval is Fay and Feuer's for a weighted sum of Poisson counts (M. P. Fay and E. J. Feuer,
"Confidence intervals for directly standardized rates", Statistics in Medicine 16 (1997) 791-801),
with the durations as weights. For k outages in n years, with total S and sum of squares V:

    low  = gamma quantile of mean S     and variance V,       at (1 - confidence) / 2
    high = gamma quantile of mean S + w and variance V + w^2, at (1 + confidence) / 2, both over n

If all outages are equally long, this is the exact Poisson interval of the rate times that length.
Otherwise rate and duration are uncertain together, in one closed form and without random numbers.

`w` is the outage not yet seen. No sample bounds it, so it rests on an assumption, named in
`method`: beyond the longest outage seen, durations are no heavier than lognormal with
`HEAVIEST_LOG_SD`. It is the longest seen times `unseen_factor(k)`.

Lowest share of nominal 95 % intervals that hold the true mean, over 22 pairs of unavailability
(1e-2 to 1e-8) and mean outage (15 s to 4 h), zero-event studies included (`make coverage`; in full,
with widths, in docs/validation; Monte Carlo error about .003):

                   n = 30        n = 100       n = 1,000     n = 10,000
                   this  Hall    this  Hall    this  Hall    this  Hall
    exponential    .974  .916    .966  .911    .958  .916    .950  .915
    lognormal 0.9  .979  .941    .971  .941    .963  .937    .946  .937
    lognormal 1.4  .985  .848    .980  .843    .967  .835    .964  .836
    lognormal 1.94 .954  .688    .951  .685    .952  .685    .945  .688

It does not hold where the assumption fails: if one outage in 100 needs a person and lasts 500 times
as long as the others, a sample without such an outage does not know of it (.11 with 9 outages, .55
with 88, .95 with 877). `longest` is for what is known beside the outages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.interval import (
    KNOWN_LONGEST,
    THIN_EVENTS,
    Interval,
    require_confidence,
    short_number,
)
from experiments.statistics.means import never_seen

Floats = NDArray[np.float64]

HEAVIEST_LOG_SD: Final = 2.0
"""Assumed: durations have no heavier tail. The heaviest single law of failures.md is 1.70 (section
1.2, repair of undetermined causes), the heaviest of its measured warnings 1.94 (section 3.2)."""

P_LONGEST_IS_LOWER: Final = 0.15
"""The longest of k is taken for the quantile that it stays below with this chance only. Measured:
with 0.25 coverage falls to .930 (3 to 6 outages, log-sd 1.94), with 0.15 to .953."""


class Parts(NamedTuple):
    """The outages that add up to a sample, as far as their interval needs them.

    ``events``: how many; ``total``, ``longest``: their sum and the greatest of them, in the unit of
    the sample; ``squares``: the sum of their squares, in units of the square of the longest, since
    squares of very small or large numbers would not stay numbers.
    """

    events: int
    total: float
    longest: float
    squares: float


def parts_of(outages: Floats) -> Parts:
    """The parts that stand in an array, shape (k,), all above 0."""
    if outages.size == 0:
        return Parts(0, 0.0, 0.0, 0.0)
    longest = float(outages.max())
    squares = float(np.sum((outages / longest) ** 2))
    return Parts(int(outages.size), float(outages.sum()), longest, squares)


def unseen_factor(count: Floats) -> Floats:
    """How many times the longest of `count` outages a longer one lasts, on average.

    E[X | X > q] / q for a lognormal X with `HEAVIEST_LOG_SD`, at the quantile q that the longest
    of `count` stays below with `P_LONGEST_IS_LOWER`: 69 for one outage, 3.7 for 30, 2.1 for 2,000.
    """
    from scipy.special import ndtr, ndtri

    p_longer = -np.expm1(math.log(P_LONGEST_IS_LOWER) / count)
    z = -ndtri(p_longer)
    s = HEAVIEST_LOG_SD
    factor: Floats = np.exp(s * s / 2 - s * z) * ndtr(s - z) / p_longer
    return factor


def compound_bounds(
    total: Floats, squares: Floats, unseen: Floats, confidence: float
) -> tuple[Floats, Floats]:
    """Bounds on the expected total of samples with at least one outage, one sample an element.

    `total`, `squares`: sum of the outages and of their squares; `unseen`: the outage not yet seen.
    """
    tail = (1.0 - confidence) / 2
    low = _gamma_quantile(total, squares, tail)
    high = _gamma_quantile(total + unseen, squares + unseen**2, 1 - tail)
    # A gamma law far more skewed than its sample may have its quantiles beyond the mean.
    return np.minimum(low, total), np.maximum(high, total)


def _gamma_quantile(centre: Floats, variance: Floats, p: float) -> Floats:
    from scipy.special import gammaincinv

    quantile: Floats = variance / centre * gammaincinv(centre**2 / variance, p)
    return quantile


def rare_mean(
    values: Sequence[float] | Floats,
    parts: Sequence[float] | Floats | Parts | None = None,
    confidence: float = 0.95,
    *,
    longest: float | None = None,
    largest: float | None = None,
    period: str = "year",
) -> Interval:
    """The mean of independent observations, each the sum of the outages that fell into it.

    Outages that come in bursts scatter the years more than Poisson: V is then the variance that
    the years show (n times their sample variance), whichever is greater. With fewer than
    `THIN_EVENTS` parts the result is thin: its bounds hold, its estimate is not to be quoted.

    A sample of zeros has low = 0, `p_any_high` = 1 - (1 - confidence)^(1/n), about 3/n, and as high
    the lesser of p_any_high x `largest` and the exact Poisson bound of the rate (3.69/n) x
    `longest`, as far as these are given (failures.md, section 3.4).

    Args:
        values: shape (n,), none negative, in any unit; estimate and bounds are in the same unit.
        parts: the outages that add up to the values, in the same unit: shape (k,), all above 0, or
            their `Parts`. None: every value that is not zero is one part.
        confidence: two-sided nominal coverage.
        longest: what no outage exceeds on average, judged by something other than outages, for a
            sample of zeros; for 1 to `THIN_EVENTS` - 1 outages, the unseen one lasts no less.
        largest: the greatest value that an observation can take, if there is one.
        period: what one observation is, for the text.

    Raises:
        ValueError: for an empty sample, a NaN, infinite or negative value, parts that do not add up
            to the values within 1e-6 of them.
    """
    require_confidence(confidence)
    sample = np.asarray(values, dtype=np.float64)
    seen = _seen(sample, parts)
    n = int(sample.size)
    if seen.events == 0:
        return never_seen(n, confidence, longest=longest, largest=largest, period=period)
    # In units of the longest part.
    unit = seen.longest
    squares = _squares(sample / unit, seen.squares)
    thin = seen.events < THIN_EVENTS
    unseen, how = _unseen(seen.events, longest / unit if thin and longest else 0.0)
    total = np.array([seen.total / unit])
    lows, highs = compound_bounds(total, np.array([squares]), np.array([unseen]), confidence)
    estimate, high = float(sample.mean()), float(highs[0]) * unit / n
    return Interval(
        estimate=estimate,
        low=min(float(lows[0]) * unit / n, estimate),
        high=max(estimate, high if largest is None else min(high, largest)),
        method=f"gamma for rate x duration (Fay-Feuer), an unseen outage {how}",
        n=n,
        events=seen.events,
        thin=thin,
        period=period,
        confidence=confidence,
    )


def _squares(sample: Floats, of_parts: float) -> float:
    """The variance of the total: that of independent outages, or that of the years if greater."""
    if sample.size < 2:
        return of_parts
    return max(of_parts, sample.size * float(np.var(sample, ddof=1)))


def _unseen(count: int, known: float) -> tuple[float, str]:
    """The outage not yet seen, in units of the longest seen, and what it rests on."""
    factor = float(unseen_factor(np.array(count, dtype=np.float64)))
    if known > factor:
        return known, f"as long as {KNOWN_LONGEST}"
    return factor, f"{short_number(factor)} times the longest seen"


def _seen(sample: Floats, parts: Sequence[float] | Floats | Parts | None) -> Parts:
    """The parts of a sample; raises ValueError as `rare_mean`."""
    if sample.ndim != 1 or sample.size == 0:
        raise ValueError(f"need at least one value in one dimension, got shape {sample.shape}")
    if isinstance(parts, Parts):
        seen, least, finite = parts, 1.0, math.isfinite(parts.longest)
    else:
        pieces = sample[sample > 0] if parts is None else np.asarray(parts, dtype=np.float64)
        finite = bool(np.isfinite(pieces).all())
        seen, least = parts_of(pieces), float(pieces.min()) if pieces.size else 1.0
    if not (finite and np.isfinite(sample).all()):
        raise ValueError("a mean of NaN or infinite values says nothing; leave failed runs out")
    if sample.min() < 0 or least <= 0:
        raise ValueError("neither a value nor a part of one may be below 0, and no part may be 0")
    if not math.isclose(sample.sum(), seen.total, rel_tol=1e-6):
        raise ValueError(f"parts add up to {seen.total} and not to the values' {sample.sum()}")
    return seen
