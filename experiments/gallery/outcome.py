"""What came out of a question's study: numbers by arm, and differences in the same years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from experiments.results import DesignSummary
from experiments.results.sample import YEAR_S
from experiments.statistics import Interval, mean, short_number

if TYPE_CHECKING:
    import pandas as pd

    from experiments.study import StudyResult


class Metric(NamedTuple):
    """A number of a summary, its column of ``runs``, its unit, and how many of these are one."""

    number: str
    column: str
    label: str
    scale: float = 1.0


METRICS: Final[Mapping[str, Metric]] = {
    "downtime": Metric("downtime_minutes_per_year", "downtime_s", "downtime, min a year", 60.0),
    "split brain": Metric("split_brain_s_per_year", "split_brain_s", "split brain, s a year"),
    "writes lost": Metric("writes_lost_per_year", "writes_lost", "writes lost a year"),
    "false": Metric("failovers_false_per_year", "failovers_false", "false failovers a year"),
    "true": Metric("failovers_true_per_year", "failovers_true", "true failovers a year"),
    "missed": Metric("failovers_missed_per_year", "failovers_missed", "missed failovers a year"),
    "pages": Metric("pages_per_year", "pages", "pages a year"),
    "name wrong": Metric("name_wrong_s_per_year", "name_wrong_s", "name wrong, s a year"),
    "name empty": Metric("name_empty_s_per_year", "name_empty_s", "name empty, s a year"),
    "name double": Metric("name_double_s_per_year", "name_double_s", "name double, s a year"),
    "dnsmasq": Metric("dnsmasq_restarts_per_year", "dnsmasq_restarts", "dnsmasq restarts a year"),
}
"""The metrics that a question may show, by the word that it has for them; less is better."""


@dataclass(frozen=True)
class Outcome:
    """The summaries of a study's points by arm, and the finished rows of its table ``runs``."""

    summaries: Mapping[str, DesignSummary]
    runs: pd.DataFrame

    @classmethod
    def of(cls, result: StudyResult) -> Outcome:
        """What a study has found."""
        runs = result.tables.runs
        found = {one.design: one for one in result.summaries()}
        return cls(found, runs[runs["status"] == "ok"])

    def value(self, arm: str, metric: str) -> Interval:
        """The mean a year of an arm, with its 95 % interval."""
        return self.summaries[arm].numbers[METRICS[metric].number]

    def amount(self, arm: str, metric: str) -> float:
        """The mean a year of an arm, as the sample has it, also where few were seen."""
        return self.value(arm, metric).estimate

    def more(self, arm: str, other: str, metric: str) -> Interval:
        """How much more an arm has than another in the same years, a year; with its interval."""
        return mean(self._yearly(arm, metric) - self._yearly(other, metric))

    def is_more(self, arm: str, other: str, metric: str) -> bool:
        """Whether an arm has more than another beyond the sampling error."""
        low = self.more(arm, other, metric).low
        return low is not None and low > 0

    def least(self, metric: str) -> str:
        """The arm that has least."""
        return min(self.summaries, key=lambda arm: self.amount(arm, metric))

    def _yearly(self, arm: str, metric: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        rows = self.runs[self.runs["design"] == arm].sort_values("replication")
        values = rows[METRICS[metric].column].to_numpy(dtype=np.float64)
        years = rows["horizon_s"].to_numpy(dtype=np.float64) / YEAR_S
        return values / METRICS[metric].scale / years

    # Words -----------------------------------------------------------------------------------

    def said(self, arm: str, metric: str) -> str:
        """An arm's number with its interval, for a sentence."""
        return shown(self.value(arm, metric))

    def compared(self, arm: str, other: str, metric: str, unit: str) -> str:
        """How much more an arm has than another in the same years, for a sentence."""
        found = self.more(arm, other, metric)
        sure = found.low is not None and found.high is not None and found.low * found.high > 0
        tail = "" if sure else " (within the sampling error)"
        return f"{shown(found)} {unit}{tail}"


def shown(value: Interval) -> str:
    """A number and its interval, ``12 [10, 15]``; none seen and too few are said so."""
    if value.p_any_high is not None:
        return "0 (none seen)"
    return f"{short_number(value.estimate)} {_bounds(value)}" if _has_mean(value) else value.text()


def _has_mean(value: Interval) -> bool:
    return not value.thin and value.p_any_high is None and bool(value.low or value.high)


def _bounds(value: Interval) -> str:
    low, high = ("?" if bound is None else short_number(bound) for bound in (value.low, value.high))
    return f"[{low}, {high}]"
