"""The fast engine against the naive one, on every design, under storms of faults."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from experiments.engines import (
    Comparison,
    command_of,
    compare_engines,
    design_names,
    stressed_order,
)
from experiments.simulation import RunOrder
from experiments.study.workers import map_in_order, process_pool
from experiments.validation.report import Fact, Report

RUNS_PER_DESIGN: Final = 25
PROFILE: Final = "cloud-2015"

# Rates raised 500-fold for half an hour: faults one by one. 8,000-fold for a quarter: faults that
# overlap, some thirty at a time in the talk's design.
_STORMS: Final = ((8000.0, 900.0), (8000.0, 900.0), (2000.0, 1500.0), (500.0, 1800.0))


def validate_engines(*, workers: int) -> list[Report]:
    """Compare naive, fast and audit on 25 runs of each design; one report."""
    orders = list(_orders())
    with process_pool(workers) as pool:
        comparisons = list(map_in_order(pool, compare_engines, orders))
    differing = [one for one in comparisons if one.difference is not None]
    lines = sum(one.lines for one in comparisons)
    faults = sum(one.faults for one in comparisons)
    designs = len({one.order.design_name for one in comparisons})
    text = (
        f"{len(differing)} of {len(comparisons)} runs of {designs} designs differ "
        f"({faults} faults, {lines} lines of trace each under naive, fast and audit)"
    )
    facts = [Fact(text, not differing), *(_shown(one) for one in differing)]
    return [Report("Naive, fast and audit engine, line for line", facts=facts)]


def _orders() -> Iterator[RunOrder]:
    for design, replication in product(design_names(), range(RUNS_PER_DESIGN)):
        factor, horizon_s = _STORMS[replication % len(_STORMS)]
        yield stressed_order(design, PROFILE, replication, factor=factor, horizon_s=horizon_s)


def _shown(comparison: Comparison) -> Fact:
    return Fact(f"{command_of(comparison.order)}\n{comparison.difference}", holds=False)
