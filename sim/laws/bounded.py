"""Laws that stay within limits: a range that is all alike, and a value that never varies."""

import math
from dataclasses import dataclass

from sim.laws.base import Drawing, check_not_negative


@dataclass(frozen=True, slots=True)
class Uniform(Drawing):
    """Anything from low_s to high_s alike. Raises ValueError unless 0 <= low_s < high_s."""

    low_s: float
    high_s: float

    def __post_init__(self) -> None:
        check_not_negative("uniform", low=self.low_s, high=self.high_s)
        if not self.low_s < self.high_s:
            raise ValueError(
                f"uniform: high ({self.high_s:g} s) must be above low ({self.low_s:g} s)"
            )

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return (self.low_s + self.high_s) / 2

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.mean_s

    def cdf(self, x_s: float) -> float:
        return min(max((x_s - self.low_s) / (self.high_s - self.low_s), 0.0), 1.0)

    def quantile(self, u: float) -> float:
        return self.low_s + u * (self.high_s - self.low_s)

    def residual_at(self, u: float, v: float) -> float:
        return u * math.sqrt(self.low_s**2 + v * (self.high_s**2 - self.low_s**2))


@dataclass(frozen=True, slots=True)
class Fixed(Drawing):
    """Always value_s, which may be 0. A draw still takes its uniform number."""

    value_s: float

    def __post_init__(self) -> None:
        check_not_negative("fixed", value=self.value_s)

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return self.value_s

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.value_s

    def cdf(self, x_s: float) -> float:
        return 1.0 if x_s >= self.value_s else 0.0

    def quantile(self, u: float) -> float:
        return self.value_s

    def residual_at(self, u: float, v: float) -> float:
        return u * self.value_s
