"""Adjusted means against the means of other years, and control variates against 0.

Two samples of years that have nothing in common: a long one as simulated, and a short one adjusted.
Their means must agree; and no control variate may be off 0. How many times fewer years the adjusted
mean needs is printed beside it.
"""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from experiments.adjustment.means import AdjustedMean, adjusted_means
from experiments.engines import shipped_design, shipped_profile
from experiments.results.stored import read_columns
from experiments.statistics import Interval, short_number
from experiments.study import Execution, Study, StudyPoint, run_study
from experiments.validation.report import Fact, Report

POINTS: Final = (
    ("deck-redis", "cloud-2015", 800),
    ("deck-redis", "clean-lab", 1600),
    ("deck-full", "cloud-2015", 160),
)
"""Designs, profiles and the years of the long sample; the short one has a quarter of them."""

SEEDS: Final = (1, 2)
MOST_ERRORS: Final = 4.0
"""Some sixty differences are judged: by chance one in 250 reports has one beyond 4 errors."""


def validate_adjusted(*, share: float = 1.0, workers: int = 1) -> list[Report]:
    """Simulate all points, each for a ``share`` of its years; a report for each."""
    return [_report(*point, share, workers) for point in POINTS]


def _report(design: str, profile: str, years: int, share: float, workers: int) -> Report:
    point = StudyPoint(design, shipped_design(design), profile, shipped_profile(profile))
    long, short = (max(4, round(share * number)) for number in (years, years / 4))
    found = []
    with TemporaryDirectory(prefix="sengu-adjusted-") as place:
        for number, seed in zip((long, short), SEEDS, strict=True):
            directory = Path(place) / str(seed)
            run_study(Study((point,), number, seed), Execution(workers), directory=directory)
            found.append({one.metric.column: one for one in adjusted_means(directory)})
        facts = [_centred(Path(place) / str(SEEDS[0]))]
    facts += [_agrees(found[0][name], one) for name, one in found[1].items() if name in found[0]]
    title = f"{design} under {profile}: {long:,} years as simulated, {short:,} others adjusted"
    return Report(title, facts=facts)


def _centred(directory: Path) -> Fact:
    """No control variate is off 0 in the long sample."""
    rows = read_columns(directory, "controls", ["replication", "control", "value"])
    table = rows.pivot(index="replication", columns="control", values="value").fillna(0.0)
    values = table.to_numpy(dtype=np.float64)
    errors = np.abs(values.mean(axis=0)) / (values.std(axis=0, ddof=1) / math.sqrt(len(values)))
    worst = int(errors.argmax())
    return Fact(
        f"of {errors.size} control variates the one furthest off 0 is {table.columns[worst]}, by "
        f"{errors[worst]:.1f} standard errors",
        bool(errors[worst] < MOST_ERRORS),
    )


def _agrees(long: AdjustedMean, short: AdjustedMean) -> Fact:
    error = math.hypot(_error(long.plain), _error(short.adjusted))
    off = (short.adjusted.estimate - long.plain.estimate) / error if error else 0.0
    times = "" if short.factor is None else f"; variance {short_number(short.factor)} x smaller"
    return Fact(
        f"{short.metric.label.strip()}: {long.plain.text()} as simulated, "
        f"{short.adjusted.text()} adjusted, z {off:+.1f}{times}",
        abs(off) < MOST_ERRORS,
    )


def _error(interval: Interval) -> float:
    """A standard error, as the interval has it."""
    if interval.low is None or interval.high is None:
        return 0.0
    return (interval.high - interval.low) / 2 / 1.96
