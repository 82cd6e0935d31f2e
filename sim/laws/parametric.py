"""Laws with a formula: each by its natural parameters or by mean, median and 95th percentile.

Length-biased lives and conversions are those of failures.md section 1.1 items 2 to 4;
that of the gamma law follows from the density x f(x) / mean.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Self

from sim.laws.base import Drawing, check_ordered, check_positive, check_range

_NORMAL: Final = NormalDist()
_Z95: Final = _NORMAL.inv_cdf(0.95)
_LN2: Final = math.log(2.0)
_LN20: Final = math.log(20.0)

# Outside these limits a moment overflows a float, or the law says nothing that another would not:
# Weibull(0.05) has a mean of 2.4e18 scales, lognormal(log-sd 10) one of 5e21 medians.
_WEIBULL_SHAPES: Final = (0.05, 1e6)
_GAMMA_SHAPES: Final = (0.01, 1e6)
_LOG_SDS: Final = (1e-9, 10.0)

# 95th percentile over mean of a gamma law is largest here and falls for larger shapes (found by
# minimising -gammaincinv(k, 0.95) / k: 5.8270).
_GAMMA_SHAPE_OF_LARGEST_P95: Final = 0.0876942


@dataclass(frozen=True, slots=True)
class Exponential(Drawing):
    """Memoryless: a failure that no age makes more likely. Raises ValueError if mean_s <= 0."""

    mean_s: float

    def __post_init__(self) -> None:
        check_positive("exponential", mean=self.mean_s)

    @classmethod
    def from_median(cls, median_s: float) -> Self:
        """Return the law with this median."""
        check_positive("exponential", median=median_s)
        return cls(median_s / _LN2)

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.mean_s * _LN2

    def cdf(self, x_s: float) -> float:
        return -math.expm1(-max(x_s, 0.0) / self.mean_s)

    def quantile(self, u: float) -> float:
        return -self.mean_s * math.log1p(-u)

    def residual_at(self, u: float, v: float) -> float:
        # Memoryless: what is left has the same law, and `v` is drawn but not needed.
        return self.quantile(u)


@dataclass(frozen=True, slots=True)
class Weibull(Drawing):
    """Shape below 1: the young fail more often; above 1: the old do. Shape 0.05 to 1e6."""

    shape: float
    scale_s: float

    def __post_init__(self) -> None:
        check_range("weibull", *_WEIBULL_SHAPES, shape=self.shape)
        check_positive("weibull", scale=self.scale_s)

    @classmethod
    def from_mean_shape(cls, mean_s: float, shape: float) -> Self:
        """Return the law with this mean and shape."""
        check_range("weibull", *_WEIBULL_SHAPES, shape=shape)
        check_positive("weibull", mean=mean_s)
        return cls(shape, mean_s / math.gamma(1 + 1 / shape))

    @classmethod
    def from_median_p95(cls, median_s: float, p95_s: float) -> Self:
        """Return the law with this median and 95th percentile."""
        check_ordered("weibull", median=median_s, p95=p95_s)
        shape = math.log(_LN20 / _LN2) / math.log(p95_s / median_s)
        check_range("weibull", *_WEIBULL_SHAPES, **{"shape from median and p95": shape})
        return cls(shape, median_s / _LN2 ** (1 / shape))

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return self.scale_s * math.gamma(1 + 1 / self.shape)

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.quantile(0.5)

    def cdf(self, x_s: float) -> float:
        return -math.expm1(-self._hazard(max(x_s, 0.0)))

    def _hazard(self, x_s: float) -> float:
        try:
            return float((x_s / self.scale_s) ** self.shape)
        except OverflowError:
            return math.inf

    def quantile(self, u: float) -> float:
        return float(self.scale_s * (-math.log1p(-u)) ** (1 / self.shape))

    def residual_at(self, u: float, v: float) -> float:
        from scipy.special import gammaincinv

        power = 1 / self.shape
        return float(u * self.scale_s * float(gammaincinv(1 + power, v)) ** power)


@dataclass(frozen=True, slots=True)
class Lognormal(Drawing):
    """The law of most repair times: a heavy tail above a modest median. log_sd up to 10."""

    median_s: float
    log_sd: float

    def __post_init__(self) -> None:
        check_positive("lognormal", median=self.median_s)
        check_range("lognormal", *_LOG_SDS, **{"log-sd": self.log_sd})

    @classmethod
    def from_mean_median(cls, mean_s: float, median_s: float) -> Self:
        """Return the law with this mean and median: log-sd = sqrt(2 ln(mean / median))."""
        check_ordered("lognormal", median=median_s, mean=mean_s)
        return cls(median_s, math.sqrt(2 * math.log(mean_s / median_s)))

    @classmethod
    def from_median_p95(cls, median_s: float, p95_s: float) -> Self:
        """Return the law with this median and 95th percentile: log-sd = ln(p95 / median) / z95."""
        check_ordered("lognormal", median=median_s, p95=p95_s)
        return cls(median_s, math.log(p95_s / median_s) / _Z95)

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return self.median_s * math.exp(self.log_sd**2 / 2)

    def cdf(self, x_s: float) -> float:
        if x_s <= 0:
            return 0.0
        # Two logarithms: the quotient of a tiny x_s would underflow to 0, which has none.
        return _NORMAL.cdf((math.log(x_s) - math.log(self.median_s)) / self.log_sd)

    def quantile(self, u: float) -> float:
        return self.median_s * math.exp(self.log_sd * _NORMAL.inv_cdf(u))

    def residual_at(self, u: float, v: float) -> float:
        return u * self.quantile(v) * math.exp(self.log_sd**2)


@dataclass(frozen=True, slots=True)
class Gamma(Drawing):
    """A sum of stages: shape 1 is exponential, a larger shape is more regular. 0.01 to 1e6."""

    shape: float
    mean_s: float

    def __post_init__(self) -> None:
        check_range("gamma", *_GAMMA_SHAPES, shape=self.shape)
        check_positive("gamma", mean=self.mean_s)

    @classmethod
    def from_mean_p95(cls, mean_s: float, p95_s: float) -> Self:
        """Return the law with this mean and 95th percentile.

        Two shapes fit a ratio p95 / mean of 0.34 to 5.83; the larger, less skewed one is
        returned. Raises ValueError for a ratio above 5.82 or at most 1.0017, which no gamma law
        of an accepted shape has.
        """
        check_ordered("gamma", mean=mean_s, p95=p95_s)
        ratio = p95_s / mean_s
        low, high = _GAMMA_SHAPE_OF_LARGEST_P95, _GAMMA_SHAPES[1]
        if not cls(high, 1.0).quantile(0.95) <= ratio <= cls(low, 1.0).quantile(0.95):
            raise ValueError(
                f"gamma: no law has a p95 of {ratio:.4g} means (1.0017 to 5.827 is possible)"
            )
        # On a log scale 80 halvings of 7 decades are below a float's step.
        for _ in range(80):
            middle = math.sqrt(low * high)
            if cls(middle, 1.0).quantile(0.95) > ratio:
                low = middle
            else:
                high = middle
        return cls(high, mean_s)

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.quantile(0.5)

    def cdf(self, x_s: float) -> float:
        from scipy.special import gammainc

        return float(gammainc(self.shape, max(x_s, 0.0) * (self.shape / self.mean_s)))

    def quantile(self, u: float) -> float:
        from scipy.special import gammaincinv

        return float(gammaincinv(self.shape, u)) * (self.mean_s / self.shape)

    def residual_at(self, u: float, v: float) -> float:
        from scipy.special import gammaincinv

        return u * float(gammaincinv(self.shape + 1, v)) * (self.mean_s / self.shape)
