"""The intervals against published values, and against the truth they claim to hold."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import lognorm, poisson

from experiments.statistics import (
    Interval,
    count_rate,
    mean,
    poisson_rate,
    proportion,
    quantile,
    quantile_ranks,
)


def uniforms(label: str, count: int) -> NDArray[np.float64]:
    """`count` numbers in (0, 1) from a hash: the same on every machine, with no generator."""
    digest = hashlib.shake_256(label.encode()).digest(8 * count)
    return (np.frombuffer(digest, dtype="<u8") / 2.0**64) * (1 - 2e-16) + 1e-16


def downtime_samples(
    label: str, samples: int, n: int, per_year: float, shape: float
) -> NDArray[np.float64]:
    """Yearly downtime, shape (samples, n): Poisson outages, lognormal repair of mean 1."""
    outages = poisson.ppf(uniforms(f"{label}/outages", samples * n), per_year).astype(int)
    scale = np.exp(-(shape**2) / 2)
    repairs = lognorm.ppf(uniforms(f"{label}/repairs", int(outages.sum())), shape, scale=scale)
    year = np.repeat(np.arange(samples * n), outages)
    return np.bincount(year, weights=repairs, minlength=samples * n).reshape(samples, n)


def holds(interval: Interval, truth: float) -> bool:
    """Whether the truth is inside, a missing bound taken as no bound."""
    above = interval.low is None or interval.low <= truth
    return above and (interval.high is None or truth <= interval.high)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.025, 5.572), (3, 0.619, 8.767), (10, 4.795, 18.39)],
)
def test_poisson_bounds_are_the_published_ones(count: int, low: float, high: float) -> None:
    """Every rate per year in every report would carry a wrong interval."""
    interval = poisson_rate(count, 1.0)
    assert (interval.low, interval.high) == (
        pytest.approx(low, abs=6e-4),
        pytest.approx(high, 1e-3),
    )
    tenth = poisson_rate(count, 10.0)
    assert tenth.estimate == pytest.approx(count / 10)
    assert tenth.high == pytest.approx((interval.high or 0) / 10)


def test_proportion_bounds_are_the_published_ones() -> None:
    """P(any split brain in a year) would be reported with the wrong bounds."""
    exact = proportion(3, 1000)
    assert exact.low == pytest.approx(0.00062, abs=5e-6)
    assert exact.high == pytest.approx(0.00874, abs=5e-6)
    wilson = proportion(3, 1000, method="wilson")
    assert wilson.low == pytest.approx(0.00102, abs=5e-6)
    assert wilson.high == pytest.approx(0.00878, abs=5e-6)
    assert proportion(0, 1000).high == pytest.approx(0.003682, abs=1e-6)
    assert proportion(0, 1000, method="wilson").high == pytest.approx(0.003827, abs=1e-6)


@pytest.mark.parametrize(
    ("n", "p", "ranks"),
    [(1000, 0.95, (936, 964)), (1000, 0.99, (983, 997)), (10_000, 0.99, (9880, 9920))],
)
def test_quantile_ranks_are_the_published_ones(n: int, p: float, ranks: tuple[int, int]) -> None:
    """A p95 or p99 of the year would be bounded by the wrong years."""
    assert quantile_ranks(n, p) == ranks
    interval = quantile(np.arange(1, n + 1), p)
    assert (interval.estimate, interval.low, interval.high) == (n * p, *ranks)


def test_quantile_of_a_small_sample_admits_that_it_has_no_bound() -> None:
    """A p99 from 50 years would be quoted as if it were known."""
    interval = quantile(np.arange(50.0), 0.99)
    assert interval.high is None
    assert interval.low is not None
    assert "50 years are too few for an upper bound" in interval.method


def test_mean_of_nothing_seen_has_an_upper_bound() -> None:
    """A design that lost nothing in 1000 years would be reported as `0 +- 0`."""
    interval = mean(np.zeros(1000), largest=525_960.0)
    assert interval.p_any_high == pytest.approx(0.002991, abs=1e-6)
    assert interval.high == pytest.approx(0.002991 * 525_960, rel=1e-3)
    assert str(interval) == (
        "0 (seen in none of 1000 years; P(any in a year) < 0.299 % at 95 %; at most 1,573)"
    )
    assert mean(np.zeros(1000)).high is None


def test_mean_without_spread_has_no_interval() -> None:
    """Three equal years would be reported as known exactly."""
    interval = mean([12.1, 12.1, 12.1])
    assert (interval.low, interval.high) == (None, None)
    assert str(interval) == "[no interval] (3 seen: no mean)"
    assert mean([3.0]).high is None


def test_mean_from_few_outages_is_not_printed() -> None:
    """A mean from a handful of outages would be quoted like one from hundreds."""
    years = np.array([0.0] * 80 + [5.0, 7.0, 9.0, 11.0] * 5)
    assert mean(years).thin
    assert mean(years).events == 20
    assert not mean(years, events=31).thin
    assert str(mean(years)) == "[1.01, 2.39] (20 seen: no mean)"
    assert str(mean(years, events=31)).startswith("1.6 [1.01")


def test_mean_of_symmetric_values_is_the_plain_t_interval() -> None:
    """The correction would shift results that have no skewness to correct."""
    interval = mean([1.0, 2.0, 3.0, 4.0, 5.0])
    reach = 2.7764451 * np.sqrt(2.5 / 5)
    assert interval.low == pytest.approx(3 - reach)
    assert interval.high == pytest.approx(3 + reach)


def test_mean_refuses_what_has_no_mean() -> None:
    """A failed run would poison the headline as a NaN."""
    with pytest.raises(ValueError, match="failed runs"):
        mean([1.0, float("nan")])
    with pytest.raises(ValueError, match="at least one"):
        mean([])


@pytest.mark.parametrize(
    ("per_year", "shape", "n", "least"), [(6.0, 0.9, 100, 0.92), (0.2, 1.4, 100, 0.89)]
)
def test_mean_interval_holds_the_truth(per_year: float, shape: float, n: int, least: float) -> None:
    """Skewed downtime would be covered as badly as by a plain t (0.79 in the second case)."""
    samples = downtime_samples("coverage", 600, n, per_year, shape)
    share = np.mean([holds(mean(sample), per_year) for sample in samples])
    assert least <= share <= 0.985


def test_quantile_interval_holds_the_truth() -> None:
    """The percentile bounds would miss more often than they claim."""
    samples = uniforms("quantile", 600 * 200).reshape(600, 200)
    share = np.mean([holds(quantile(sample, 0.9), 0.9) for sample in samples])
    assert 0.93 <= share <= 0.99


def test_counts_in_bursts_get_a_wider_interval_than_poisson() -> None:
    """Flapping failovers would be reported with an interval for independent ones."""
    bursts = np.array([0] * 90 + [20] * 10)
    years = np.ones(100)
    burst = count_rate(bursts, years)
    exact = poisson_rate(200, 100.0)
    assert burst.estimate == exact.estimate == 2.0
    assert (burst.high or 0) > (exact.high or 0)
    assert "Poisson" in burst.method
    calm = count_rate([2, 1, 3, 2, 2, 1, 3, 2], [1.0] * 8)
    assert calm.method == "exact Poisson"
    none = count_rate([0] * 8, [1.0] * 8)
    assert none.high == pytest.approx(3.689 / 8, rel=1e-3)
