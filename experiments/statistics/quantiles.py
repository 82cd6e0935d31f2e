"""Percentiles with bounds that assume nothing about the distribution: order statistics.

The number of observations below the true p-quantile is binomial(n, p), so two ranks of the sorted
sample hold it with known probability (failures.md, section 3.4: n = 1000, p95: ranks 936
and 964).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.interval import Interval, require_confidence


def quantile_ranks(n: int, p: float, confidence: float = 0.95) -> tuple[int, int]:
    """The ranks (1 is the smallest) that hold the p-quantile; 0 or n + 1 where n is too small."""
    from scipy.stats import binom

    tail = (1.0 - confidence) / 2
    return int(binom.ppf(tail, n, p)), int(binom.ppf(1 - tail, n, p)) + 1


def quantile(
    values: Sequence[float] | NDArray[np.float64],
    p: float,
    confidence: float = 0.95,
    *,
    period: str = "year",
) -> Interval:
    """The p-quantile of independent observations: the ceil(n p)-th smallest, and its bounds.

    A side whose rank lies outside the sample is None, and `method` says so: a p99 needs about 370
    observations before it has an upper bound at all. Equal bounds are possible and meant: if 80 %
    of the years are without downtime, the median year is, and that is certain.

    Args:
        values: shape (n,), n >= 1.
        p: 0 < p < 1.
        confidence: two-sided; the coverage is at least this.
        period: what one observation is, for the text.

    Raises:
        ValueError: for an empty sample, NaN, or p outside (0, 1).
    """
    require_confidence(confidence)
    sample = np.sort(np.asarray(values, dtype=np.float64))
    if sample.ndim != 1 or sample.size == 0:
        raise ValueError(f"need at least one value in one dimension, got shape {sample.shape}")
    if np.isnan(sample).any():
        raise ValueError("a quantile of NaN says nothing; leave failed runs out")
    if not 0.0 < p < 1.0:
        raise ValueError(f"p must be between 0 and 1, for example 0.95, not {p}")
    n = int(sample.size)
    lower, upper = quantile_ranks(n, p, confidence)
    low = float(sample[lower - 1]) if lower >= 1 else None
    high = float(sample[upper - 1]) if upper <= n else None
    method = f"order statistics, ranks {max(lower, 1)} and {min(upper, n)} of {n}"
    if low is None or high is None:
        side = "a lower" if high is not None else "an upper" if low is not None else "any"
        method = f"order statistics: {n} {period}s are too few for {side} bound"
    # Rounding in n * p (20 * 0.95 = 19.000000000000004 on some p) must not move the rank.
    rank = max(1, math.ceil(n * p - 1e-9))
    return Interval(
        estimate=float(sample[rank - 1]),
        low=low,
        high=high,
        method=method,
        n=n,
        events=None,
        period=period,
        confidence=confidence,
    )
