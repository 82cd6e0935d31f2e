"""Laws made of other laws or of measured values: mixture, empirical, replayed trace."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from sim.clock import from_seconds
from sim.laws.base import Drawing, Law, check_durations, mean

if TYPE_CHECKING:
    from sim.streams import Stream

_SMALLEST_U: Final = 2.0**-54
_LARGEST_U: Final = 1.0 - 2.0**-53


@dataclass(frozen=True, slots=True)
class Mixture(Drawing):
    """One of several laws, chosen anew at each draw: most repairs are quick, some are not.

    Weights are relative and are stored so that they add up to 1. Raises ValueError for no law, a
    weight that is not positive, counts that differ, or a Replay among the laws, whose order a
    mixture would lose.
    """

    weights: tuple[float, ...]
    laws: tuple[Law, ...]

    def __post_init__(self) -> None:
        laws, weights = tuple(self.laws), tuple(self.weights)
        if not laws:
            raise ValueError("mixture: needs at least one law")
        if len(weights) != len(laws):
            raise ValueError(f"mixture: {len(weights)} weights for {len(laws)} laws")
        for number, weight in enumerate(weights, start=1):
            if not 0 < weight < math.inf:
                raise ValueError(f"mixture: weight {number} must be above 0, not {weight}")
        if any(isinstance(law, Replay) for law in laws):
            raise ValueError("mixture: a trace would lose its order in it; use empirical")
        total = math.fsum(weights)
        object.__setattr__(self, "weights", tuple(weight / total for weight in weights))
        object.__setattr__(self, "laws", laws)

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        parts = zip(self.weights, self.laws, strict=True)
        return math.fsum(weight * law.mean_s for weight, law in parts)

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.quantile(0.5)

    def cdf(self, x_s: float) -> float:
        parts = zip(self.weights, self.laws, strict=True)
        return min(math.fsum(weight * law.cdf(x_s) for weight, law in parts), 1.0)

    def quantile(self, u: float) -> float:
        """Return the quantile, by halving to the last bit between those of the laws."""
        quantiles = [law.quantile(u) for law in self.laws]
        low, high = min(quantiles), max(quantiles)
        if self.cdf(low) >= u:
            return low
        middle = low + (high - low) / 2
        while low < middle < high:
            if self.cdf(middle) >= u:
                high = middle
            else:
                low = middle
            middle = low + (high - low) / 2
        return high

    def value_at(self, u: float) -> float:
        """Return the draw of `u`: it chooses the law, and what is left of it makes that draw.

        The same distribution as the quantile, at a fraction of the cost, but not monotone.
        """
        chosen, rest = _choose(u, self.weights)
        return self.laws[chosen].value_at(rest)

    def residual_at(self, u: float, v: float) -> float:
        # At a random instant a law is under way in proportion to its weight and its mean.
        times = [w * law.mean_s for w, law in zip(self.weights, self.laws, strict=True)]
        if not any(times):
            return 0.0
        chosen, rest = _choose(v, times)
        return self.laws[chosen].residual_at(u, rest)


@dataclass(frozen=True, slots=True)
class Empirical(Drawing):
    """One of the measured values, each as likely, and never a value in between.

    The quantile is the step function of the order statistics: interpolation would invent values,
    and move the mean away from the measured one. Values are kept sorted, so that their order in
    a file changes nothing. Raises ValueError for no value or one that is negative or not finite.
    """

    values_s: tuple[float, ...]

    def __post_init__(self) -> None:
        values_s = tuple(self.values_s)
        check_durations("empirical", values_s)
        object.__setattr__(self, "values_s", tuple(sorted(values_s)))

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return mean(self.values_s)

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.quantile(0.5)

    def cdf(self, x_s: float) -> float:
        return bisect_right(self.values_s, x_s) / len(self.values_s)

    def quantile(self, u: float) -> float:
        # 0.07 * 100 is a hair above 7, and still means the 7th value.
        size = len(self.values_s)
        return self.values_s[min(max(math.ceil(u * size - 1e-9), 1), size) - 1]

    def residual_at(self, u: float, v: float) -> float:
        if not self.values_s[-1]:
            return 0.0
        # In proportion to its length: where v falls when the values are laid end to end.
        ends = list(accumulate(self.values_s))
        chosen = min(bisect_right(ends, v * ends[-1]), len(ends) - 1)
        return u * self.values_s[chosen]


@dataclass(frozen=True, slots=True)
class Replay(Drawing):
    """The listed values one after another, from the first again after the last: a trace.

    Which value is next is counted by the stream (`Stream.ordinal`), so one stream replays one
    trace. A trace starts where its recording starts: its first residual is its first value.
    `cdf` and `quantile` are those of the values without their order. Raises ValueError for no
    value or one that is negative or not finite.
    """

    values_s: tuple[float, ...]

    def __post_init__(self) -> None:
        values_s = tuple(self.values_s)
        check_durations("trace", values_s)
        object.__setattr__(self, "values_s", values_s)

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return mean(self.values_s)

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.quantile(0.5)

    def cdf(self, x_s: float) -> float:
        return Empirical(self.values_s).cdf(x_s)

    def quantile(self, u: float) -> float:
        return Empirical(self.values_s).quantile(u)

    def residual_at(self, u: float, v: float) -> float:
        return self.values_s[0]

    def sample_ns(self, stream: "Stream") -> int:
        """Return the next value in nanoseconds; takes a uniform number, as any draw does."""
        stream.uniform()
        return from_seconds(self.values_s[stream.ordinal() % len(self.values_s)])

    def first_residual_ns(self, stream: "Stream") -> int:
        """Return the first value in nanoseconds; takes two uniform numbers, as any law does."""
        stream.uniform()
        return self.sample_ns(stream)


def _choose(u: float, weights: Sequence[float]) -> tuple[int, float]:
    """Return which weight `u` falls on, and the uniform number that is left of `u` there."""
    position = u * math.fsum(weights)
    chosen = rest = -1.0
    for index, weight in enumerate(weights):
        # The last positive weight also takes what rounding leaves over.
        if weight > 0:
            chosen, rest = index, position / weight
            if position < weight:
                break
        position -= weight
    return int(chosen), min(max(rest, _SMALLEST_U), _LARGEST_U)
