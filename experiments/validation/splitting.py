"""Splitting against plain runs where these can still see what is sought: the means must agree.

The plain runs have other random numbers than the trees. Gain: how many times smaller the variance
is for the same CPU time; below 1 where plain runs are the better choice.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from experiments.engines import shipped_design, shipped_profile
from experiments.incident_mode import metric_of
from experiments.splitting import SplittingOrder, run_splitting_study
from experiments.statistics import short_number
from experiments.study.workers import process_pool
from experiments.validation.exact.row import Samples, mean_of
from experiments.validation.exact.splitting import MEASURED_H, Units, model_of
from experiments.validation.report import Fact, Report
from sim.clock import YEAR_NS


class UnitsCase(NamedTuple):
    """Units of which all must be down; how many plain runs, and how many trees."""

    units: Units
    runs: int
    roots: int


class DesignCase(NamedTuple):
    """A design and what it is split for; how many plain months, and how many trees of a month."""

    design: str
    profile: str
    word: str
    splits: tuple[int, ...]
    months: int
    roots: int


UNITS: Final = (
    UnitsCase(Units(3, 20.0, (5, 10)), 40_000, 1_000),
    UnitsCase(Units(4, 30.0, (8, 16, 24)), 400_000, 1_000),
)
DESIGNS: Final = (
    DesignCase("deck-full", "cloud-2015", "downtime", (1, 4), 2_000, 300),
    DesignCase("deck-full", "cloud-2015", "split-brain", (1, 4), 2_000, 300),
)
MONTH_NS: Final = YEAR_NS // 12
"""A branch lives its past again: under a busy profile a short one."""

T = TypeVar("T")

MOST_ERRORS: Final = 3.0


class _Mean(NamedTuple):
    """A mean, its standard error, and the CPU time that it took, s."""

    mean: float
    error: float
    cpu_s: float


def validate_splitting(*, share: float = 1.0, workers: int = 1) -> list[Report]:
    """Simulate all cases, each for a ``share`` of its runs and trees."""
    units = [_units_agree(case, share, workers) for case in UNITS]
    designs = [_designs_agree(case, share, workers) for case in DESIGNS]
    return [
        Report(f"All units down, hours in {MEASURED_H:g} h", facts=units),
        Report("Designs, a month", facts=designs),
    ]


def _units_agree(case: UnitsCase, share: float, workers: int) -> Fact:
    def sample(units: Units, runs: int, seed: int) -> Samples:
        with process_pool(workers) as pool:
            return model_of(units).sample(round(share * runs), seed=seed, pool=pool)

    def mean(units: Units, runs: int, seed: int) -> _Mean:
        samples, cpu_s = _timed(lambda: sample(units, runs, seed))
        return _Mean(*mean_of(samples[:, 0]), cpu_s)

    plain = mean(case.units._replace(splits=(1,)), case.runs, 1)
    return _agree(case.units.name, plain, mean(case.units, case.roots, 0), case.units.splits)


def _designs_agree(case: DesignCase, share: float, workers: int) -> Fact:
    design, profile = shipped_design(case.design), shipped_profile(case.profile)
    metric = metric_of(case.word)

    def mean(splits: tuple[int, ...], roots: int, seed: int) -> _Mean:
        order = SplittingOrder(
            case.design,
            design,
            case.profile,
            profile,
            roots=round(share * roots),
            horizon_ns=MONTH_NS,
            splits=splits,
            metric=metric,
            seed=seed,
        )
        study, cpu_s = _timed(lambda: run_splitting_study(order, workers))
        scaled = (study.interval.estimate, study.standard_error)
        return _Mean(scaled[0] / metric.scale, scaled[1] / metric.scale, cpu_s)

    plain, trees = mean((1,), case.months, 1), mean(case.splits, case.roots, 0)
    label = metric.label.replace("/year", "/month")
    return _agree(f"{case.design} under {case.profile}, {label}", plain, trees, case.splits)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """What it returns, and the CPU time of this process and its finished children, s."""
    begun_s = sum(os.times()[:4])
    found = work()
    return found, sum(os.times()[:4]) - begun_s


def _agree(name: str, plain: _Mean, trees: _Mean, splits: tuple[int, ...]) -> Fact:
    off = (trees.mean - plain.mean) / math.hypot(plain.error, trees.error)
    gain = plain.error**2 * plain.cpu_s / (trees.error**2 * trees.cpu_s)
    return Fact(
        f"{name}: {short_number(plain.mean)} +- {short_number(plain.error)} by plain runs, "
        f"{short_number(trees.mean)} +- {short_number(trees.error)} split "
        f"{' x '.join(map(str, splits))}, z {off:+.1f}, variance {short_number(gain)} x smaller "
        "for the same CPU time",
        abs(off) < MOST_ERRORS,
    )
