"""Incident mode against whole years: their means must agree, and what it gains is measured.

Gain: how many times smaller the variance is for the same CPU time. A study can be lucky: it tells a
small error where it has not met an incident that weighs much. So several are made of each metric,
and the gain is told from the mean of their variances, beside the smallest and the largest error.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.engines import shipped_design, shipped_profile
from experiments.incident_mode import METRICS, IncidentStudy, Metric, Order, run_incident_study
from experiments.results.stored import read_columns
from experiments.statistics import short_number
from experiments.study import Execution, Study, StudyPoint, run_study
from experiments.validation.report import Fact, Report


class Case(NamedTuple):
    """A design under a profile: years as simulated, incidents of a study, the metrics' words."""

    design: str
    profile: str
    years: int
    incidents: int
    words: tuple[str, ...]


CASES: Final = (
    Case("deck-redis", "cloud-2015", 600, 12_000, ("downtime", "split-brain", "failovers-missed")),
    Case(
        *("deck-redis", "clean-lab", 10_000, 12_000),
        ("downtime", "split-brain", "writes-lost", "failovers-missed", "pages"),
    ),
    Case("deck-full", "cloud-2015", 300, 20_000, ("downtime", "split-brain")),
    Case("deck-full", "clean-lab", 1_200, 12_000, ("downtime", "split-brain")),
)

STUDIES: Final = 4
"""Of each metric."""

MOST_ERRORS: Final = 3.0
"""Twelve differences are judged: by chance one in thirty reports has one beyond 3 errors."""


def validate_incident_mode(*, share: float = 1.0, workers: int = 1) -> list[Report]:
    """Simulate all cases, each for a ``share`` of its years and incidents; a report for each."""
    return [_report(case, share, workers) for case in CASES]


def _report(case: Case, share: float, workers: int) -> Report:
    design, profile = shipped_design(case.design), shipped_profile(case.profile)
    years = max(30, round(share * case.years))
    point = StudyPoint(case.design, design, case.profile, profile)
    metrics = [metric for metric in METRICS if metric.word in case.words]
    begun_s = _cpu_s()
    with TemporaryDirectory(prefix="sengu-incident-mode-") as place:
        run_study(Study((point,), years, seed=1), Execution(workers), directory=Path(place))
        spent_s = _cpu_s() - begun_s
        runs = read_columns(Path(place), "runs", [metric.column for metric in metrics])
    facts = []
    incidents = round(share * case.incidents)
    for metric in metrics:
        order = Order(case.design, design, case.profile, profile, incidents, metric)
        begun_s = _cpu_s()
        studies = [
            run_incident_study(replace(order, seed=2 + number), workers)
            for number in range(STUDIES)
        ]
        ratio = spent_s * STUDIES / (_cpu_s() - begun_s)
        facts.append(_agrees(studies, runs[metric.column].to_numpy(dtype=np.float64), ratio))
    title = (
        f"{case.design} under {case.profile}: {years:,} years, "
        f"{STUDIES} studies of {incidents:,} incidents a metric"
    )
    return Report(title, facts=facts)


def _cpu_s() -> float:
    """CPU time of this process and of its finished children, s."""
    return sum(os.times()[:4])


def _agrees(studies: Sequence[IncidentStudy], years: NDArray[np.float64], cpu_ratio: float) -> Fact:
    """The two means, how far apart, and the gain; ``cpu_ratio``: of the years to one study."""
    metric, mean = studies[0].order.metric, float(years.mean())
    errors = np.array([study.estimate.standard_error for study in studies])
    estimate = float(np.mean([study.estimate.interval.estimate for study in studies]))
    square = float((errors**2).mean())
    error = math.sqrt(square / len(studies))
    variance = float(years.var(ddof=1)) / years.size
    whole = math.hypot(error, math.sqrt(variance))
    off = (estimate - mean) / whole if whole else 0.0
    gain = short_number(variance / square * cpu_ratio) if square else "-"
    least, most = (
        short_number(float(each) / metric.scale) for each in (errors.min(), errors.max())
    )
    return Fact(
        f"{metric.label}: {_scaled(mean, variance**0.5, metric)} by years, "
        f"{_scaled(estimate, error, metric)} by incidents (a study: +- {least} to {most}), "
        f"z {off:+.1f}, variance {gain} x smaller for the same CPU time",
        abs(off) < MOST_ERRORS,
    )


def _scaled(mean: float, error: float, metric: Metric) -> str:
    return f"{short_number(mean / metric.scale)} +- {short_number(error / metric.scale)}"
