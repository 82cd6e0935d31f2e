"""Compares a measured with a simulated sample of one milestone, and judges the difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from experiments.statistics import quantile

FEWEST: Final = 40
"""Milestones with fewer measured values are shown and not judged."""

MEDIAN_WITHIN_S: Final = 0.060
P90_WITHIN_S: Final = 0.120
LOST_WITHIN_SHARE: Final = 0.03


class Quantiles(NamedTuple):
    """p10, median and p90 of a sample."""

    p10: float
    median: float
    p90: float


def quantiles(values: Sequence[float]) -> Quantiles:
    """Return the three quantiles of a sample, interpolated as in the tables of the data."""
    return Quantiles(*(float(q) for q in np.quantile(values, (0.1, 0.5, 0.9))))


class Comparison(NamedTuple):
    """One milestone: both samples (unit: s, or writes)."""

    column: str
    real: Sequence[float]
    simulated: Sequence[float]
    counts_writes: bool = False

    @property
    def judged(self) -> bool:
        """Whether there are enough measured values to hold the simulation to them."""
        return len(self.real) >= FEWEST

    @property
    def median_off(self) -> float:
        """Simulated median less the measured one."""
        return quantiles(self.simulated).median - quantiles(self.real).median

    @property
    def p90_off(self) -> float:
        """Simulated p90 less the measured one."""
        return quantiles(self.simulated).p90 - quantiles(self.real).p90

    @property
    def passes(self) -> bool:
        """Whether the rule holds: writes within 3 % (median), times within 60 and 120 ms."""
        if not self.simulated:
            return False
        if self.counts_writes:
            # Half a write is nothing: the measured counts are whole numbers.
            allowed = max(0.5, LOST_WITHIN_SHARE * quantiles(self.real).median)
            return abs(self.median_off) <= allowed
        return abs(self.median_off) <= MEDIAN_WITHIN_S and abs(self.p90_off) <= P90_WITHIN_S

    @property
    def within_sampling_error(self) -> bool:
        """Whether the simulated median and p90 lie in the 99 % intervals of the measured ones."""
        if not self.simulated:
            return False
        own = quantiles(self.simulated)
        return all(
            low <= value <= high
            for value, (low, high) in (
                (own.median, self.known(0.5)),
                (own.p90, self.known(0.9)),
            )
        )

    @property
    def verdict(self) -> str:
        """``ok``; ``sample``, a miss inside the sampling error; ``MISS``; ``-`` for not judged."""
        if not self.judged:
            return "-"
        if self.passes:
            return "ok"
        return "sample" if self.within_sampling_error else "MISS"

    def known(self, p: float) -> tuple[float, float]:
        """Return the 99 % interval (order statistics) of the p-quantile that was measured."""
        interval = quantile(self.real, p, confidence=0.99, period="trial")
        low = -math.inf if interval.low is None else interval.low
        high = math.inf if interval.high is None else interval.high
        return low, high

    @property
    def distance(self) -> float:
        """Kolmogorov-Smirnov distance: the largest difference of the distribution functions."""
        if not (self.real and self.simulated):
            return 1.0
        real, simulated = np.sort(self.real), np.sort(self.simulated)
        at = np.concatenate([real, simulated])
        below_real = np.searchsorted(real, at, side="right") / len(real)
        below_simulated = np.searchsorted(simulated, at, side="right") / len(simulated)
        return float(np.max(np.abs(below_real - below_simulated)))

    def sampling_error(self) -> str:
        """Say, in one line, how well the measured trials know their own median and p90."""
        if not self.simulated:
            return f"{self.column}: {len(self.real)} times in reality, never in the simulation"
        own, texts = quantiles(self.simulated), []
        for name, p, value in (("median", 0.5, own.median), ("p90", 0.9, own.p90)):
            low, high = self.known(p)
            where = "inside" if low <= value <= high else "outside"
            texts.append(f"{name} {value:.3f} {where} {low:.3f}..{high:.3f}")
        return f"{self.column}: " + ", ".join(texts)
