"""Honest intervals: the method fits the metric, and what was never seen has an upper bound.

Counts: `poisson_rate`, `count_rate`. Probabilities: `proportion`. Means of what comes in outages:
`rare_mean`; other means: `mean`. Percentiles: `quantile`. All return an `Interval`, 95 % by
default, and none uses random numbers.
"""

from experiments.statistics.interval import KNOWN_LONGEST, THIN_EVENTS, Interval, short_number
from experiments.statistics.means import mean
from experiments.statistics.quantiles import quantile, quantile_ranks
from experiments.statistics.rare import rare_mean
from experiments.statistics.rates import count_rate, poisson_rate, proportion

__all__ = [
    "KNOWN_LONGEST",
    "THIN_EVENTS",
    "Interval",
    "count_rate",
    "mean",
    "poisson_rate",
    "proportion",
    "quantile",
    "quantile_ranks",
    "rare_mean",
    "short_number",
]
