"""From the tables of a study to the numbers of the headline table, each with its interval.

A year is the Julian year of 365.25 days, in which 99.99 % is 52.6 minutes
(failures.md, section 4). Runs of another length are scaled to it, except for
probabilities of "any in a run", which are said of a run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.results.outages import Outages
from experiments.results.schema import CLASS_COLUMNS
from experiments.statistics import Interval, count_rate, proportion, quantile

if TYPE_CHECKING:
    import pandas as pd

    from experiments.results.tables import Tables

YEAR_S = 365.25 * 86_400.0
MINUTES_PER_YEAR = YEAR_S / 60.0
PERCENTILES = (0.5, 0.95, 0.99)
COUNTS_OF_WORK = ("pages", "interventions", "hosts_rewrites", "dnsmasq_restarts")
SECONDS_IN_A_STATE = ("name_empty_s", "name_wrong_s", "name_double_s", "recovery_debt_s")
CLASSES_THAT_FAIL = ("downtime_s", "split_brain_s")
"""The columns of the classes that come in outages: what a summary wants of the incidents."""

NEEDED = {
    "runs": (
        "replication",
        "status",
        "horizon_s",
        "availability",
        *CLASS_COLUMNS.values(),
        "failovers_true",
        "failovers_false",
        "failovers_missed",
        "writes_lost",
        *COUNTS_OF_WORK,
        *SECONDS_IN_A_STATE,
    ),
    "incidents": ("replication", "downtime_s", "split_brain_s"),
    "causes": ("replication", "cause", "downtime_s"),
}
"""The columns by table that a summary of one point is made from."""

Floats = NDArray[np.float64]


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

    runs = conform("runs", tables.runs)
    incidents = conform("incidents", tables.incidents)
    causes = conform("causes", tables.causes)
    return [
        summarise_point(
            str(design),
            str(profile),
            of_point,
            _at(incidents, design, profile),
            _at(causes, design, profile),
        )
        for (design, profile), of_point in runs.groupby(["design", "profile"], sort=False)
    ]


def _at(table: pd.DataFrame, design: object, profile: object) -> pd.DataFrame:
    return table[(table["design"] == design) & (table["profile"] == profile)]


def summarise_point(
    design: str, profile: str, runs: pd.DataFrame, incidents: pd.DataFrame, causes: pd.DataFrame
) -> DesignSummary:
    """The summary of one point from its rows; the columns of `NEEDED` are enough.

    Of the incidents, those without downtime and without split brain may be left out.
    """
    finished = runs[runs["status"] == "ok"]
    failed = len(runs) - len(finished)
    if finished.empty:
        return DesignSummary(design, profile, 0, failed, 0.0, "run", 0)
    years = _column(finished, "horizon_s") / YEAR_S
    period = "year" if bool(np.all(np.abs(years - 1.0) < 0.01)) else "run"
    outages = Outages(finished, incidents, period)
    return DesignSummary(
        design=design,
        profile=profile,
        runs=len(finished),
        failed=failed,
        years=float(years.sum()),
        period=period,
        outages=outages.count,
        numbers=_numbers(finished, years, outages),
        downtime_minutes_by_cause=_by_cause(finished, causes, years, outages),
        seconds_by_class=_by_class(finished, years, outages),
    )


def _column(table: pd.DataFrame, name: str) -> Floats:
    return table[name].to_numpy(dtype=np.float64)


def _numbers(runs: pd.DataFrame, years: Floats, outages: Outages) -> dict[str, Interval]:
    period = outages.period
    per_s = 1.0 / float(years.min())
    minutes = _column(runs, "downtime_s") / 60.0 / years
    split_brain = _column(runs, "split_brain_s")
    availability = _availability(runs, outages)
    numbers = {
        "availability": availability,
        "nines": _nines(availability),
        "downtime_minutes_per_year": outages.mean(
            minutes, "downtime_s", largest=MINUTES_PER_YEAR, per_s=per_s / 60.0
        ),
    }
    for p in PERCENTILES:
        numbers[f"downtime_minutes_p{100 * p:.0f}"] = quantile(minutes, p, period=period)
    for kind in ("true", "false", "missed"):
        counts = runs[f"failovers_{kind}"].to_numpy(dtype=np.int64)
        numbers[f"failovers_{kind}_per_year"] = count_rate(counts, years)
    numbers["split_brain_s_per_year"] = outages.mean(
        split_brain / years, "split_brain_s", largest=YEAR_S, per_s=per_s
    )
    numbers["p_split_brain"] = proportion(int((split_brain > 0).sum()), len(runs))
    writes_lost = _column(runs, "writes_lost") / years
    numbers["writes_lost_per_year"] = outages.mean_of_runs(writes_lost)
    for name in COUNTS_OF_WORK:
        numbers[f"{name}_per_year"] = count_rate(runs[name].to_numpy(dtype=np.int64), years)
    for name in SECONDS_IN_A_STATE:
        seconds = _column(runs, name) / years
        numbers[f"{name}_per_year"] = outages.mean_of_runs(seconds, largest=YEAR_S, per_s=per_s)
    return numbers


def _availability(runs: pd.DataFrame, outages: Outages) -> Interval:
    """Averaged over runs, not over writes: with a steady load that is the same."""
    failed = 1.0 - _column(runs, "availability")
    # 1 - 0.9999... leaves dust of 1e-17 that would make "never seen" look like "seen".
    failed = np.where(np.abs(failed) < 1e-15, 0.0, failed)
    per_s = 1.0 / float(_column(runs, "horizon_s").min())
    return _rest(outages.mean(failed, *CLASSES_THAT_FAIL, largest=1.0, per_s=per_s), 1.0)


def _rest(missing: Interval, whole: float) -> Interval:
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


def _by_class(runs: pd.DataFrame, years: Floats, outages: Outages) -> dict[str, Interval]:
    classes = {}
    per_s = 1.0 / float(years.min())
    for name, column in CLASS_COLUMNS.items():
        seconds = _column(runs, column) / years
        if name == "good":
            bad = np.maximum(YEAR_S - seconds, 0.0)
            # A year of float seconds adds up to within a millisecond; that is not an outage.
            bad = np.where(bad < 1e-3, 0.0, bad)
            missing = outages.mean_of_runs(bad, largest=YEAR_S, per_s=per_s)
            classes[name] = _rest(missing, YEAR_S)
        elif column in CLASSES_THAT_FAIL:
            classes[name] = outages.mean(seconds, column, largest=YEAR_S, per_s=per_s)
        else:
            classes[name] = outages.mean_of_runs(seconds, largest=YEAR_S, per_s=per_s)
    return classes


def _nines(availability: Interval) -> Interval:
    """-log10(1 - availability), bound by bound; infinite where no write failed."""

    def nines(share: float | None) -> float | None:
        if share is None:
            return None
        return math.inf if share >= 1.0 else -math.log10(1.0 - share)

    return Interval(
        estimate=nines(availability.estimate) or 0.0,
        low=nines(availability.low),
        high=nines(availability.high),
        method=availability.method,
        n=availability.n,
        events=availability.events,
        thin=availability.thin,
    )


def _by_cause(
    runs: pd.DataFrame, causes: pd.DataFrame, years: Floats, outages: Outages
) -> dict[str, Interval]:
    replications = runs["replication"].to_numpy(dtype=np.int64)
    found: dict[str, Interval] = {}
    for cause, rows in causes.groupby("cause"):
        seconds = rows.groupby("replication")["downtime_s"].sum()
        charged = seconds.reindex(replications, fill_value=0.0).to_numpy(dtype=np.float64)
        found[str(cause)] = outages.mean_of_runs(
            charged / 60.0 / years, largest=MINUTES_PER_YEAR, per_s=1.0 / 60.0 / float(years.min())
        )
    return dict(sorted(found.items(), key=lambda item: (-item[1].estimate, item[0])))
