"""One figure with an exact answer, and the estimators that give it a standard error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

WITHIN_STANDARD_ERRORS: Final = 3.0
FEWEST: Final = 5
"""An estimate that rests on fewer events (a share: expects fewer) is shown and not judged."""
CLOSE_SHARE: Final = 0.01
"""Estimates this near are counted as close; the rarest figures cannot be afforded so."""

Samples = NDArray[np.float64]
"""What the replications of a model returned: shape (replications, numbers of each)."""

Column = NDArray[np.float64]
"""One number of each replication: shape (replications,)."""


class Row(NamedTuple):
    """A figure: exact, as estimated, and the estimate's standard error, all in ``unit``.

    ``printed`` is the figure as the source prints it, if it does. An infinite standard error says
    that the sample holds too few events. ``first_z`` is that of a first sample which was off, if
    this row is of the second.
    """

    name: str
    exact: float
    estimate: float
    standard_error: float
    unit: str = ""
    printed: str = ""
    first_z: float | None = None

    @property
    def z(self) -> float:
        """How many standard errors the estimate is above the exact value."""
        off = self.estimate - self.exact
        if self.standard_error > 0:
            return off / self.standard_error
        return 0.0 if math.isclose(self.estimate, self.exact, rel_tol=1e-9) else math.inf

    @property
    def judged(self) -> bool:
        """Whether there were enough events to judge by."""
        return math.isfinite(self.standard_error)

    @property
    def off_share(self) -> float:
        """Estimate over exact value, less 1."""
        return self.estimate / self.exact - 1

    @property
    def is_close(self) -> bool:
        """Whether the estimate is within 1 % of the exact value."""
        return abs(self.off_share) <= CLOSE_SHARE

    @property
    def print_agrees(self) -> bool:
        """Whether the printed figure is the exact one to within a unit of its last digit."""
        if not self.printed:
            return True
        mantissa, _, power = self.printed.partition("e")
        digits = len(mantissa.partition(".")[2])
        return abs(float(self.printed) - self.exact) <= 10.0 ** (int(power or 0) - digits)

    def holds(self, standard_errors: float = WITHIN_STANDARD_ERRORS) -> bool:
        """Whether the estimate is within so many standard errors; True where that is not judged."""
        return not self.judged or abs(self.z) <= standard_errors

    def sentence(self) -> str:
        """Say in one line how far it is off."""
        return (
            f"{self.name}: exact {self.exact:.6g} {self.unit}, estimated {self.estimate:.6g} "
            f"+- {self.standard_error:.2g}, z = {self.z:+.2f}"
        )


Estimate = tuple[float, float]
"""An estimate and its standard error."""


def mean_of(values: Column) -> Estimate:
    """Return the mean of independent values and its standard error.

    Values that are nearly all zero are events: too few of them know no error of their own.
    """
    mean = float(np.mean(values))
    if np.count_nonzero(values) < min(FEWEST, len(values)):
        return mean, math.inf
    return mean, float(np.std(values, ddof=1)) / math.sqrt(len(values))


def ratio_of(above: Column, below: Column) -> Estimate:
    """Return the ratio of two totals, replication by replication, and its standard error."""
    if min(np.sum(above), np.sum(below)) < FEWEST:
        return math.nan, math.inf
    ratio = float(np.sum(above) / np.sum(below))
    rest = above - ratio * below
    error = float(np.std(rest, ddof=1)) / math.sqrt(len(rest)) / float(np.mean(below))
    return ratio, error


def share_of(happened: Column, exact: float) -> Estimate:
    """Return the share of ones; its error is the binomial one of the exact value."""
    share = float(np.mean(happened))
    if exact * len(happened) < FEWEST:
        return share, math.inf
    return share, math.sqrt(exact * (1 - exact) / len(happened))


def variance_of(values: Column) -> Estimate:
    """Return the variance of independent values and its standard error (fourth moment)."""
    variance = float(np.var(values, ddof=1))
    fourth = float(np.mean((values - np.mean(values)) ** 4))
    return variance, math.sqrt(max(fourth - variance**2, 0.0) / len(values))


def quantile_of(values: Column, p: float, exact: float, cdf: Callable[[float], float]) -> Estimate:
    """Return the p-quantile, and its error by the density of the exact law at ``exact``."""
    step = 1e-4 * exact
    density = (cdf(exact + step) - cdf(exact - step)) / (2 * step)
    return float(np.quantile(values, p)), math.sqrt(p * (1 - p) / len(values)) / density
