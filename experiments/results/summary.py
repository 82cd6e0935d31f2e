"""From the tables of a study to the numbers of the headline table, one summary a point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.results.numbers import (
    MINUTES_PER_YEAR,
    NUMBERS,
    downtime_minutes_by_cause,
    seconds_by_class,
)
from experiments.results.sample import YEAR_S, Sample, read_sample
from experiments.statistics import Interval

if TYPE_CHECKING:
    import pandas as pd

    from experiments.results.tables import Tables

__all__ = ["MINUTES_PER_YEAR", "YEAR_S", "DesignSummary", "summarise", "summarise_sample"]


@dataclass(frozen=True)
class DesignSummary:
    """What a study says about one design under one profile.

    Attributes:
        design: its name.
        profile: its name.
        runs: runs that finished.
        failed: runs that did not; they count nowhere else.
        years: simulated years of the finished runs together.
        period: "year" if the runs are a year long (within 1 %), else "run".
        outages: incidents with downtime.
        numbers: intervals by metric: `availability` (share), `nines`,
            `downtime_minutes_per_year`, `downtime_minutes_p50` (`_p95`, `_p99`; of a year),
            `failovers_true_per_year` (`_false_`, `_missed_`), `split_brain_s_per_year`,
            `p_split_brain` (of any in a period), `writes_lost_per_year`, and `..._per_year` of
            every column of `COUNTS_OF_WORK` and `SECONDS_IN_A_STATE`. Empty if no run finished.
        downtime_minutes_by_cause: mean minutes a year, by cause, the greatest first.
        seconds_by_class: mean seconds a year, by class, from good to split-brain.
    """

    design: str
    profile: str
    runs: int
    failed: int
    years: float
    period: str
    outages: int
    numbers: dict[str, Interval] = field(default_factory=dict)
    downtime_minutes_by_cause: dict[str, Interval] = field(default_factory=dict)
    seconds_by_class: dict[str, Interval] = field(default_factory=dict)


def summarise(tables: Tables) -> list[DesignSummary]:
    """One summary for each (design, profile), in the order of their first run.

    A run without a row in `causes` for a cause had no downtime of it.

    Raises:
        ResultsError: if a table does not fit its schema.
    """
    from experiments.results.tables import conform

    runs, incidents, causes = (
        conform(name, getattr(tables, name)) for name in ("runs", "incidents", "causes")
    )
    summaries = []
    for (design, profile), of_point in runs.groupby(["design", "profile"], sort=False):
        sample = read_sample(
            [_arrow("runs", of_point)],
            [_arrow("incidents", _at(incidents, design, profile))],
            [_arrow("causes", _at(causes, design, profile))],
        )
        summaries.append(summarise_sample(str(design), str(profile), sample))
    return summaries


def _at(table: pd.DataFrame, design: object, profile: object) -> pd.DataFrame:
    return table[(table["design"] == design) & (table["profile"] == profile)]


def _arrow(name: str, table: pd.DataFrame) -> Any:
    from experiments.results.parquet import to_arrow

    return to_arrow(name, table)


def summarise_sample(design: str, profile: str, sample: Sample) -> DesignSummary:
    """The summary of one point."""
    if not sample.runs:
        return DesignSummary(design, profile, 0, sample.failed, 0.0, "run", 0)
    return DesignSummary(
        design=design,
        profile=profile,
        runs=sample.runs,
        failed=sample.failed,
        years=float(sample.years.sum()),
        period=sample.period,
        outages=sample.outages.count,
        numbers={name: number(sample) for name, number in NUMBERS.items()},
        downtime_minutes_by_cause=downtime_minutes_by_cause(sample),
        seconds_by_class=seconds_by_class(sample),
    )
