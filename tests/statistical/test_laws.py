"""Laws draw what they claim: against scipy.stats, closed forms and simulated renewal."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.clock import to_seconds
from sim.laws import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Law,
    Lognormal,
    Mixture,
    Replay,
    Uniform,
    Weibull,
)
from sim.streams import Stream, Streams

HOUR_S = 3600.0
SIZE = 20_000
PROBABILITIES = (0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999)

# Each law beside scipy's statement of the same.
TWINS: dict[str, tuple[Law, Any]] = {
    "exponential": (Exponential(4 * HOUR_S), stats.expon(scale=4 * HOUR_S)),
    "weibull, infant": (
        Weibull.from_mean_shape(1000 * HOUR_S, 0.7),
        stats.weibull_min(0.7, scale=0.79000 * 1000 * HOUR_S),
    ),
    "weibull, wear-out": (Weibull(1.5, 60.0), stats.weibull_min(1.5, scale=60.0)),
    "lognormal": (Lognormal(64 * 60.0, 1.0), stats.lognorm(1.0, scale=64 * 60.0)),
    "gamma": (Gamma(2.0, 3 * HOUR_S), stats.gamma(2.0, scale=1.5 * HOUR_S)),
    "gamma, skewed": (Gamma(0.5, 30.0), stats.gamma(0.5, scale=60.0)),
    "uniform": (Uniform(HOUR_S, 6 * HOUR_S), stats.uniform(HOUR_S, 5 * HOUR_S)),
}
# C^2 = variance / mean^2 of reference/failures.md section 1.1 item 3, and of textbook forms.
SQUARED_VARIATION: dict[str, tuple[Law, float]] = {
    **{
        f"weibull {shape}": (Weibull.from_mean_shape(1.0, shape), squared)
        for shape, squared in (
            (0.5, 5.000),
            (0.6, 3.091),
            (0.68, 2.287),
            (0.7, 2.139),
            (0.75, 1.830),
            (0.8, 1.589),
            (0.9, 1.239),
            (1.0, 1.0),
            (1.5, 0.461),
        )
    },
    "exponential": (Exponential(2.0), 1.0),
    "lognormal": (Lognormal(1.0, 0.8), math.exp(0.64) - 1),
    "gamma": (Gamma(2.0, 5.0), 0.5),
    "uniform": (Uniform(1.0, 6.0), 25 / 12 / 3.5**2),
    "fixed": (Fixed(30.0), 0.0),
    "empirical": (Empirical((1.0, 2.0, 6.0)), (41 / 3 - 9) / 9),
    # E X = 0.9 + 0.4 = 1.3 and E X^2 = 0.9 * 2 + 0.1 * 16.
    "mixture": (Mixture((0.9, 0.1), (Exponential(1.0), Fixed(4.0))), 3.4 / 1.69 - 1),
}


def stream(*path: str) -> Stream:
    """Return a stream of the tests' fixed seed."""
    return Streams(20150601, 0).stream(*path)


def sample_s(law: Law, source: Stream, size: int = SIZE) -> NDArray[np.float64]:
    """Return `size` draws in seconds."""
    return np.array([to_seconds(law.sample_ns(source)) for _ in range(size)])


def residuals_s(law: Law, source: Stream, size: int = SIZE) -> NDArray[np.float64]:
    """Return `size` first residual lives in seconds."""
    return np.array([to_seconds(law.first_residual_ns(source)) for _ in range(size)])


@pytest.mark.parametrize("name", TWINS)
def test_moments_and_quantiles_are_those_of_scipy(name: str) -> None:
    """If this failed, a law would not be the one its name and parameters say."""
    law, twin = TWINS[name]
    assert law.mean_s == pytest.approx(twin.mean(), rel=1e-5)
    assert law.median_s == pytest.approx(twin.median(), rel=1e-5)
    for p in PROBABILITIES:
        assert law.quantile(p) == pytest.approx(twin.ppf(p), rel=1e-5)
        assert law.cdf(law.quantile(p)) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("name", TWINS)
def test_draws_follow_the_law(name: str) -> None:
    """If this failed, the inverse transform or the stream behind it would be skewed."""
    law, twin = TWINS[name]
    draws = sample_s(law, stream("draws", name))
    assert stats.kstest(draws, twin.cdf).pvalue > 0.001
    assert abs(draws.mean() - twin.mean()) < 4 * twin.std() / math.sqrt(SIZE)


def test_draws_of_a_mixture_follow_its_cdf() -> None:
    """If this failed, choosing a law and reusing the rest of its number would be wrong."""
    law = Mixture((9, 1), (Exponential(60.0), Uniform(1000.0, 3000.0)))
    draws = sample_s(law, stream("mixture"))
    cdf = np.vectorize(law.cdf)
    assert stats.kstest(draws, cdf).pvalue > 0.001
    assert law.mean_s == pytest.approx(0.9 * 60 + 0.1 * 2000)
    assert law.cdf(law.median_s) == pytest.approx(0.5)
    # Half of 0.9 exponential mass: 0.9 * (1 - exp(-x / 60)) = 0.5.
    assert law.median_s == pytest.approx(-60 * math.log(1 - 0.5 / 0.9))
    assert (draws >= 1000).mean() == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / SIZE))


def test_draws_of_an_empirical_law_are_the_values_alike() -> None:
    """If this failed, a measured value would be over-represented, or one invented."""
    values = (5.0, 1.0, 2.0, 2.0, 60.0)
    draws = sample_s(Empirical(values), stream("empirical"))
    found, counts = np.unique(draws, return_counts=True)
    assert found.tolist() == [1.0, 2.0, 5.0, 60.0]
    expected = SIZE * np.array([0.2, 0.4, 0.2, 0.2])
    assert stats.chisquare(counts, expected).pvalue > 0.001


def test_a_trace_is_replayed_in_order_and_again() -> None:
    """If this failed, a recorded sequence of outages would be shuffled or cut short."""
    law, source = Replay((3.0, 1.0, 2.0)), stream("trace")
    assert law.first_residual_ns(source) == 3_000_000_000
    assert sample_s(law, source, 5).tolist() == [1.0, 2.0, 3.0, 1.0, 2.0]
    assert (law.mean_s, law.median_s) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("law", "median_s", "mean_s", "p95_s"),
    [
        (Lognormal.from_mean_median(360.0, 162.0), 162.0, 360.0, None),
        (Lognormal.from_median_p95(162.0, 1194.0), 162.0, None, 1194.0),
        (Weibull.from_median_p95(60.0, 400.0), 60.0, None, 400.0),
        (Weibull.from_mean_shape(1000.0, 0.7), None, 1000.0, None),
        (Gamma.from_mean_p95(180.0, 500.0), None, 180.0, 500.0),
        (Gamma.from_mean_p95(180.0, 181.0), None, 180.0, 181.0),
        (Gamma.from_mean_p95(180.0, 1000.0), None, 180.0, 1000.0),
        (Exponential.from_median(100.0), 100.0, 100.0 / math.log(2), None),
    ],
)
def test_a_law_has_the_figures_it_was_made_from(
    law: Law, median_s: float | None, mean_s: float | None, p95_s: float | None
) -> None:
    """If this failed, a published mean, median or p95 would not be reproduced by its preset."""
    for got, wanted in (
        (law.median_s, median_s),
        (law.mean_s, mean_s),
        (law.quantile(0.95), p95_s),
    ):
        assert wanted is None or got == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("shape", "scale"),
    [
        (0.5, 0.5),
        (0.6, 0.66464),
        (0.68, 0.76781),
        (0.7, 0.79),
        (0.75, 0.83988),
        (0.8, 0.88261),
        (0.9, 0.9504),
        (1.0, 1.0),
        (1.5, 1.10773),
    ],
)
def test_weibull_scales_are_those_of_the_reference_table(shape: float, scale: float) -> None:
    """If this failed, a preset given by mean and shape would fail too often or too seldom."""
    assert Weibull.from_mean_shape(1.0, shape).scale_s == pytest.approx(scale, abs=6e-6)


@pytest.mark.parametrize("name", SQUARED_VARIATION)
def test_the_mean_residual_is_the_closed_form(name: str) -> None:
    """If this failed, hosts in service at the start would fail too early or too late."""
    law, squared = SQUARED_VARIATION[name]
    draws = residuals_s(law, stream("residual", name))
    expected = law.mean_s * (1 + squared) / 2
    assert abs(draws.mean() - expected) < 4 * draws.std() / math.sqrt(SIZE)


@pytest.mark.parametrize("name", SQUARED_VARIATION)
def test_residuals_follow_the_equilibrium_law(name: str) -> None:
    """If this failed, only the mean residual would be right.

    The equilibrium law has the density (1 - F(x)) / mean: integrated here from the law's own cdf.
    """
    law, _ = SQUARED_VARIATION[name]
    draws = residuals_s(law, stream("equilibrium", name))
    # A fine grid on a scale between linear and logarithmic holds spikes at 0 and long tails.
    grid = np.linspace(0.0, draws.max() ** 0.25, 4001) ** 4
    alive = 1 - np.vectorize(law.cdf)(grid)
    steps = (alive[1:] + alive[:-1]) / 2 * np.diff(grid) / law.mean_s
    equilibrium = np.concatenate([[0.0], np.cumsum(steps)])
    result = stats.kstest(draws, lambda x: np.interp(x, grid, equilibrium))
    assert result.pvalue > 0.001


@pytest.mark.parametrize(
    "law",
    [
        Weibull.from_mean_shape(1.0, 0.7),
        Weibull.from_mean_shape(1.0, 1.5),
        Lognormal.from_mean_median(1.0, 0.6),
        Gamma(3.0, 1.0),
        Mixture((0.8, 0.2), (Exponential(0.5), Uniform(2.0, 4.0))),
    ],
    ids=lambda law: type(law).__name__,
)
def test_residuals_are_those_of_a_long_renewal_process(law: Law) -> None:
    """If this failed, a stationary start would not look like a system long in service."""
    renewals = np.cumsum(sample_s(law, stream("renewals"), 200_000))
    # Looked at far apart, so that looks hardly share a life.
    looks = np.arange(1000.0, renewals[-1] - 1000.0, 20 * law.mean_s)
    waits = renewals[np.searchsorted(renewals, looks)] - looks
    assert stats.ks_2samp(waits, residuals_s(law, stream("start"))).pvalue > 0.001


def test_a_stationary_start_fails_at_the_steady_rate() -> None:
    """If this failed, the first year would show the failures of new hosts.

    A fresh Weibull(0.7) unit has 1.400 failures in its first mean life, one in service 1.000
    (reference/failures.md section 1.1 item 4).
    """
    law = Weibull.from_mean_shape(1.0, 0.7)
    source = stream("count")

    def failures(*, fresh: bool) -> int:
        count = 0
        now = law.sample_ns(source) if fresh else law.first_residual_ns(source)
        while now < 1_000_000_000:
            count += 1
            now += law.sample_ns(source)
        return count

    in_service = np.array([failures(fresh=False) for _ in range(SIZE)])
    fresh = np.array([failures(fresh=True) for _ in range(SIZE)])
    assert in_service.mean() == pytest.approx(1.0, abs=4 * math.sqrt(1.57 / SIZE))
    assert in_service.var() == pytest.approx(1.57, rel=0.05)
    assert fresh.mean() == pytest.approx(1.400, abs=4 * fresh.std() / math.sqrt(SIZE))


def test_a_downtime_share_does_not_depend_on_the_shape() -> None:
    """If this failed, availability would not be MTTF / (MTTF + MTTR) in the simplest case.

    Up 1000 h, down 4 h by four laws (reference/failures.md section 2.2): 0.00398406.
    """
    ups: list[Law] = [
        Exponential(1000.0),
        Weibull.from_mean_shape(1000.0, 0.7),
        Lognormal.from_mean_median(1000.0, 800.0),
        Fixed(1000.0),
    ]
    down = Lognormal.from_mean_median(4.0, 4.0 * math.exp(-0.98))
    for number, up in enumerate(ups):
        up_s = sample_s(up, stream("up", str(number)), 40_000)
        down_s = sample_s(down, stream("down", str(number)), 40_000)
        share = down_s.sum() / (up_s.sum() + down_s.sum())
        # The ratio's standard error: both relative errors of a mean of 40 000.
        error = math.hypot(up_s.std() / 1000, down_s.std() / 4) / 200
        assert share == pytest.approx(0.00398406, rel=4 * error)


def test_every_law_takes_as_many_numbers() -> None:
    """If this failed, replacing one law by another would shift later draws of its stream."""
    laws: list[Law] = [law for law, _ in SQUARED_VARIATION.values()]
    laws += [law for law, _ in TWINS.values()]
    laws.append(Replay((1.0, 2.0)))
    expected = stream("pace")
    for _ in range(3):
        expected.uniform()
    fourth = expected.uniform()
    for law in laws:
        source = stream("pace")
        law.first_residual_ns(source)
        law.sample_ns(source)
        assert source.uniform() == fourth
