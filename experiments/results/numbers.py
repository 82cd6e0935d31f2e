"""The numbers of the headline table, each with its interval, by name.

A year is the Julian year of 365.25 days, in which 99.99 % is 52.6 minutes
(failures.md, section 4). Runs of another length are scaled to it, except for
probabilities of "any in a run", which are said of a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from experiments.results.outages import CLASSES_THAT_FAIL
from experiments.results.sample import COUNTS_OF_WORK, SECONDS_IN_A_STATE, YEAR_S, Sample
from experiments.results.schema import CLASS_COLUMNS
from experiments.statistics import Interval, count_rate, proportion, quantile

MINUTES_PER_YEAR: Final = YEAR_S / 60.0
PERCENTILES: Final = (0.5, 0.95, 0.99)


def availability(sample: Sample) -> Interval:
    """Averaged over runs, not over writes: with a steady load that is the same."""
    return rest(unavailability(sample), 1.0)


def unavailability(sample: Sample) -> Interval:
    """The share of requests that failed."""
    failed = 1.0 - sample.columns["availability"]
    # 1 - 0.9999... leaves dust of 1e-17 that would make "never seen" look like "seen".
    failed = np.where(np.abs(failed) < 1e-15, 0.0, failed)
    per_s = 1.0 / float(sample.columns["horizon_s"].min())
    return sample.mean_of_outages(failed, *CLASSES_THAT_FAIL, largest=1.0, per_s=per_s)


def rest(missing: Interval, whole: float) -> Interval:
    """`whole` less what is missing, bounds swapped: the missing part is the skewed one."""
    return Interval(
        estimate=whole - missing.estimate,
        low=None if missing.high is None else whole - missing.high,
        high=None if missing.low is None else whole - missing.low,
        method=missing.method,
        n=missing.n,
        events=missing.events,
        thin=missing.thin,
        period=missing.period,
    )


def nines(sample: Sample) -> Interval:
    """-log10(1 - availability), bound by bound; infinite where no write failed."""
    share = availability(sample)

    def count(value: float | None) -> float | None:
        if value is None:
            return None
        return math.inf if value >= 1.0 else -math.log10(1.0 - value)

    return Interval(
        estimate=count(share.estimate) or 0.0,
        low=count(share.low),
        high=count(share.high),
        method=share.method,
        n=share.n,
        events=share.events,
        thin=share.thin,
    )


def downtime_minutes(sample: Sample) -> Interval:
    """Mean minutes a year of class down."""
    minutes = sample.columns["downtime_s"] / 60.0 / sample.years
    per_s = sample.per_s / 60.0
    return sample.mean_of_outages(minutes, "downtime_s", largest=MINUTES_PER_YEAR, per_s=per_s)


def split_brain_s(sample: Sample) -> Interval:
    """Mean seconds a year of class split-brain."""
    return sample.mean_of_outages(
        sample.per_year("split_brain_s"), "split_brain_s", largest=YEAR_S, per_s=sample.per_s
    )


def p_split_brain(sample: Sample) -> Interval:
    """The probability of any split brain in a run."""
    return proportion(int((sample.columns["split_brain_s"] > 0).sum()), sample.runs)


def writes_lost(sample: Sample) -> Interval:
    """Acknowledged writes lost a year."""
    return sample.mean_of_runs(sample.per_year("writes_lost"))


def recovery_debt_s(sample: Sample) -> Interval:
    """Mean seconds a year from the end of an outage until a stand-by is ready again."""
    return _seconds("recovery_debt_s")(sample)


def _percentile(p: float) -> Callable[[Sample], Interval]:
    def percentile(sample: Sample) -> Interval:
        minutes = sample.columns["downtime_s"] / 60.0 / sample.years
        return quantile(minutes, p, period=sample.period)

    return percentile


def _count(column: str) -> Callable[[Sample], Interval]:
    def rate(sample: Sample) -> Interval:
        return count_rate(sample.columns[column].astype(np.int64), sample.years)

    return rate


def _seconds(column: str) -> Callable[[Sample], Interval]:
    def seconds(sample: Sample) -> Interval:
        values = sample.per_year(column)
        return sample.mean_of_runs(values, largest=YEAR_S, per_s=sample.per_s)

    return seconds


NUMBERS: Final[Mapping[str, Callable[[Sample], Interval]]] = {
    "availability": availability,
    "nines": nines,
    "downtime_minutes_per_year": downtime_minutes,
    **{f"downtime_minutes_p{100 * p:.0f}": _percentile(p) for p in PERCENTILES},
    **{f"failovers_{k}_per_year": _count(f"failovers_{k}") for k in ("true", "false", "missed")},
    "split_brain_s_per_year": split_brain_s,
    "p_split_brain": p_split_brain,
    "writes_lost_per_year": writes_lost,
    **{f"{name}_per_year": _count(name) for name in COUNTS_OF_WORK},
    **{f"{name}_per_year": _seconds(name) for name in SECONDS_IN_A_STATE},
}
"""How each number of a summary is made; a sample needs at least one run."""


def seconds_by_class(sample: Sample) -> dict[str, Interval]:
    """Mean seconds a year, by class, from good to split-brain."""
    classes = {}
    for name, column in CLASS_COLUMNS.items():
        seconds = sample.per_year(column)
        if name == "good":
            bad = np.maximum(YEAR_S - seconds, 0.0)
            # A year of float seconds adds up to within a millisecond; that is not an outage.
            bad = np.where(bad < 1e-3, 0.0, bad)
            missing = sample.mean_of_runs(bad, largest=YEAR_S, per_s=sample.per_s)
            classes[name] = rest(missing, YEAR_S)
        elif column in CLASSES_THAT_FAIL:
            found = sample.mean_of_outages(seconds, column, largest=YEAR_S, per_s=sample.per_s)
            classes[name] = found
        else:
            classes[name] = _seconds(column)(sample)
    return classes


def downtime_minutes_by_cause(sample: Sample) -> dict[str, Interval]:
    """Mean minutes a year, by cause, the greatest first."""
    found = {}
    for cause in sorted(sample.causes):
        minutes = sample.causes[cause] / 60.0 / sample.years
        found[cause] = sample.mean_of_runs(
            minutes, largest=MINUTES_PER_YEAR, per_s=1.0 / 60.0 / float(sample.years.min())
        )
    return dict(sorted(found.items(), key=lambda item: (-item[1].estimate, item[0])))
