"""Counts: how often a year, and with what probability.

Exact methods throughout, because the interesting counts are 0, 1 and 3. Formulas and published
values: failures.md, section 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from experiments.statistics.interval import THIN_EVENTS, Interval, require_confidence
from experiments.statistics.means import mean

P_OVERDISPERSED = 0.05


def poisson_rate(count: int, exposure: float, confidence: float = 0.95) -> Interval:
    """Events per unit of exposure, with the exact (Garwood) Poisson interval.

    Bounds are chi2(a/2, 2k)/2 and chi2(1 - a/2, 2k + 2)/2, divided by the exposure. It assumes
    independent events; for counts that come in bursts use `count_rate`.

    Args:
        count: events seen.
        exposure: what they were seen in, for example years; the estimate is per this unit.
        confidence: two-sided nominal coverage.

    Raises:
        ValueError: for a negative count or an exposure that is not above 0.
    """
    from scipy.stats import chi2

    require_confidence(confidence)
    if count < 0:
        raise ValueError(f"a count cannot be negative: {count}")
    if not exposure > 0:
        raise ValueError(f"exposure must be above 0, not {exposure}")
    tail = (1.0 - confidence) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(1 - tail, 2 * count + 2)) / 2
    return Interval(
        estimate=count / exposure,
        low=low / exposure,
        high=high / exposure,
        method="exact Poisson",
        n=count,
        events=count,
        confidence=confidence,
    )


def proportion(
    successes: int,
    n: int,
    confidence: float = 0.95,
    method: Literal["clopper-pearson", "wilson"] = "clopper-pearson",
) -> Interval:
    """The probability behind `successes` of `n` independent trials.

    Clopper-Pearson never undercovers and is meant for sign-off; Wilson is shorter and covers
    95 % on average.

    Raises:
        ValueError: unless 0 <= successes <= n and n >= 1.
    """
    from scipy.stats import binomtest

    require_confidence(confidence)
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"cannot have {successes} successes in {n} trials")
    kind: Literal["exact", "wilson"] = "exact" if method == "clopper-pearson" else "wilson"
    bounds = binomtest(successes, n).proportion_ci(confidence_level=confidence, method=kind)
    return Interval(
        estimate=successes / n,
        low=float(bounds.low),
        high=float(bounds.high),
        method="Clopper-Pearson" if method == "clopper-pearson" else "Wilson",
        n=n,
        events=successes,
        confidence=confidence,
    )


def count_rate(
    counts: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.int64]],
    years: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]],
    confidence: float = 0.95,
) -> Interval:
    """Events per year from the counts of many runs, Poisson if they are, wider if they are not.

    Failovers flap: one incident may bring five. The exact Poisson interval would then be too
    short, so the counts are put to the index-of-dispersion test (Fisher: sum (k - m)^2 / m against
    chi2 with n - 1 degrees of freedom, rejected at `P_OVERDISPERSED`) and, where they are more
    scattered than Poisson, the skewness-aware `mean` over runs is used instead.

    Args:
        counts: shape (n,), events of each run.
        years: shape (n,), length of each run.
        confidence: two-sided nominal coverage.

    Raises:
        ValueError: for empty input, or shapes that differ.
    """
    from scipy.stats import chi2

    seen = np.asarray(counts, dtype=np.int64)
    lengths = np.asarray(years, dtype=np.float64)
    if seen.size == 0 or seen.shape != lengths.shape:
        raise ValueError(f"need as many counts as years, got {seen.shape} and {lengths.shape}")
    total = int(seen.sum())
    exact = poisson_rate(total, float(lengths.sum()), confidence)
    if total == 0 or seen.size < 2:
        return Interval(exact.estimate, exact.low, exact.high, exact.method, int(seen.size), total)
    expected = exact.estimate * lengths
    scatter = float(np.sum((seen - expected) ** 2 / expected))
    if float(chi2.sf(scatter, seen.size - 1)) >= P_OVERDISPERSED:
        return Interval(exact.estimate, exact.low, exact.high, exact.method, int(seen.size), total)
    spread = mean(seen / lengths, confidence, events=total)
    return Interval(
        estimate=spread.estimate,
        low=spread.low,
        high=spread.high,
        method=f"{spread.method}; counts more scattered than Poisson",
        n=spread.n,
        events=total,
        thin=total < THIN_EVENTS,
        confidence=confidence,
    )
