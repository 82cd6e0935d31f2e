"""What every law can do, and the checks of their parameters."""

import math
from abc import abstractmethod
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

from sim.clock import from_seconds

if TYPE_CHECKING:
    # A law needs a stream only when it draws: laws can be read without loading numpy.
    from sim.streams import Stream

LONGEST_S: Final = 1e18
"""Longer than the universe is old (4e17 s): the limit of parameters and of draws, in seconds."""


class Law(Protocol):
    """The distribution of a duration in seconds, never negative."""

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""

    @property
    def median_s(self) -> float:
        """The median in seconds: the least value that half of the draws do not exceed."""

    def cdf(self, x_s: float) -> float:
        """Return the probability that a draw is at most `x_s` seconds."""

    def quantile(self, u: float) -> float:
        """Return the least value in seconds whose cdf reaches `u`, for 0 < u < 1."""

    def value_at(self, u: float) -> float:
        """Return in seconds the draw that the uniform number `u` stands for, 0 < u < 1.

        The quantile, except for a Mixture.
        """

    def residual_at(self, u: float, v: float) -> float:
        """Return in seconds the first residual life that two uniform numbers stand for."""

    def sample_ns(self, stream: "Stream") -> int:
        """Return a draw in nanoseconds; takes one uniform number of `stream`."""

    def first_residual_ns(self, stream: "Stream") -> int:
        """Return in nanoseconds what is left, at time 0, of a life that began before.

        The start of a stationary renewal process: U * G, U uniform and G drawn with probability
        in proportion to its length. Its mean is mean * (1 + C^2) / 2, where C^2 is the variance
        over the squared mean (failures.md section 1.1 item 4). Takes two uniform
        numbers of `stream`, whatever the law.
        """


class Drawing:
    """The drawing half of a law, from its `quantile` and its `residual_at`.

    It leaves the mean and the median alone: in some laws they are fields, and a dataclass would
    take an inherited property for the field's default.
    """

    __slots__ = ()

    @abstractmethod
    def cdf(self, x_s: float) -> float:
        """See `Law.cdf`."""

    @abstractmethod
    def quantile(self, u: float) -> float:
        """See `Law.quantile`."""

    @abstractmethod
    def residual_at(self, u: float, v: float) -> float:
        """See `Law.residual_at`."""

    def value_at(self, u: float) -> float:
        """See `Law.value_at`."""
        return self.quantile(u)

    def sample_ns(self, stream: "Stream") -> int:
        """See `Law.sample_ns`."""
        return from_seconds(min(self.value_at(stream.uniform()), LONGEST_S))

    def first_residual_ns(self, stream: "Stream") -> int:
        """See `Law.first_residual_ns`."""
        u, v = stream.uniform(), stream.uniform()
        return from_seconds(min(self.residual_at(u, v), LONGEST_S))


def check_positive(law: str, **durations_s: float) -> None:
    """Raise ValueError unless every duration is above 0 and at most 1e18 s."""
    for name, value in durations_s.items():
        if not 0 < value <= LONGEST_S:
            raise ValueError(f"{law}: {name} must be above 0 and at most 1e18 s, not {value}")


def check_not_negative(law: str, **durations_s: float) -> None:
    """Raise ValueError unless every duration is from 0 to 1e18 s."""
    for name, value in durations_s.items():
        if not 0 <= value <= LONGEST_S:
            raise ValueError(f"{law}: {name} must be from 0 to 1e18 s, not {value}")


def check_range(law: str, low: float, high: float, **values: float) -> None:
    """Raise ValueError unless every value is from `low` to `high`."""
    for name, value in values.items():
        if not low <= value <= high:
            raise ValueError(f"{law}: {name} must be from {low:g} to {high:g}, not {value}")


def check_ordered(law: str, **values: float) -> None:
    """Raise ValueError unless the values, in the order given, are positive and increase."""
    check_positive(law, **values)
    names = list(values)
    for lower, upper in pairwise(names):
        if not values[lower] < values[upper]:
            raise ValueError(
                f"{law}: {upper} ({values[upper]:g} s) must be above {lower} ({values[lower]:g} s)"
            )


def check_durations(law: str, values_s: tuple[float, ...]) -> None:
    """Raise ValueError unless there are values and each is from 0 to 1e18 s."""
    if not values_s:
        raise ValueError(f"{law}: needs at least one value")
    for number, value in enumerate(values_s, start=1):
        check_not_negative(law, **{f"value {number}": value})


def mean(values_s: tuple[float, ...]) -> float:
    """Return the mean of the values, which are not empty."""
    return math.fsum(values_s) / len(values_s)
