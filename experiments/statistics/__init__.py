"""Honest intervals: the method fits the metric, and what was never seen has an upper bound.

Counts: `poisson_rate`, `count_rate`. Probabilities: `proportion`. Means: `mean`. Percentiles:
`quantile`. All return an `Interval`, 95 % by default, and none uses random numbers.
"""

from experiments.statistics.interval import THIN_EVENTS, Interval, short_number
from experiments.statistics.means import mean
from experiments.statistics.quantiles import quantile, quantile_ranks
from experiments.statistics.rates import count_rate, poisson_rate, proportion

__all__ = [
    "THIN_EVENTS",
    "Interval",
    "count_rate",
    "mean",
    "poisson_rate",
    "proportion",
    "quantile",
    "quantile_ranks",
    "short_number",
]
