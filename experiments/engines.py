"""Does the fast engine tell the same story as the naive one? Runs worlds under both and compares.

The naive engine simulates every tick and never asks a guard, so a guard that is too narrow, or a
tick that changes something behind its guard's back, shows as a line that differs. The audit engine
looks for the same mistakes from inside. Faults are made far more frequent than any real profile
has them, because what breaks an engine is faults that overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Final

from experiments.design import DesignSpec
from experiments.loading import load_spec
from experiments.profile import ProfileSpec
from experiments.recording.rows import Row
from experiments.simulation import RunOrder, RunRecord, simulate
from sim.clock import from_seconds
from sim.engine import Engine
from sim.laws import Law
from sim.laws.base import Drawing
from sim.streams import Stream

DESIGNS: Final = Path(__file__).with_name("designs")
PROFILES: Final = Path(__file__).with_name("profiles")
LINES_OF_CONTEXT: Final = 6
COST_COLUMN: Final = "kernel_events"
"""The one result in which engines are meant to differ."""


@dataclass(frozen=True, slots=True)
class Hastened(Drawing):
    """A law whose every draw is that of another law divided by ``factor``."""

    law: Law
    factor: float

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return self.law.mean_s / self.factor

    @property
    def median_s(self) -> float:
        """The median in seconds."""
        return self.law.median_s / self.factor

    def cdf(self, x_s: float) -> float:
        return self.law.cdf(x_s * self.factor)

    def quantile(self, u: float) -> float:
        return self.law.quantile(u) / self.factor

    def residual_at(self, u: float, v: float) -> float:
        return self.law.residual_at(u, v) / self.factor

    def sample_ns(self, stream: Stream) -> int:
        # Of the law itself, not of its quantile: a replayed trace draws in its own order.
        return round(self.law.sample_ns(stream) / self.factor)

    def first_residual_ns(self, stream: Stream) -> int:
        return round(self.law.first_residual_ns(stream) / self.factor)


def stress(profile: ProfileSpec, factor: float) -> ProfileSpec:
    """Return the profile with every fault's rate multiplied by ``factor``; durations stay."""
    if factor <= 0:
        raise ValueError(f"a rate is multiplied by a positive factor, not by {factor}")
    faults = {
        # What comes with a boot comes as much more often as boots do.
        cause: fault
        if fault.every is None
        else fault.model_copy(update={"every": Hastened(fault.every, factor)})
        for cause, fault in profile.faults.items()
    }
    return profile.model_copy(update={"faults": faults})


def design_names() -> tuple[str, ...]:
    """Return the names of the designs that come with the program, sorted."""
    return tuple(sorted(path.stem for path in DESIGNS.glob("*.yaml")))


def shipped_design(name: str) -> DesignSpec:
    """Return a design that comes with the program."""
    return load_spec(DESIGNS / f"{name}.yaml", DesignSpec)


def shipped_profile(name: str) -> ProfileSpec:
    """Return a profile that comes with the program."""
    return load_spec(PROFILES / f"{name}.yaml", ProfileSpec)


def stressed_order(
    design: str, profile: str, replication: int, *, factor: float, horizon_s: float, seed: int = 0
) -> RunOrder:
    """Return the order to run a design of the program under one of its profiles, under stress."""
    return RunOrder(
        design,
        shipped_design(design),
        f"{profile} x{factor:g}",
        stress(shipped_profile(profile), factor),
        seed,
        replication,
        from_seconds(horizon_s),
    )


@dataclass(frozen=True)
class Comparison:
    """What came of one order under several engines; ``difference`` is None if they agree."""

    order: RunOrder
    lines: int
    faults: int
    difference: str | None


def compare_engines(order: RunOrder, engines: Sequence[Engine] = ("fast", "audit")) -> Comparison:
    """Run ``order`` under the naive engine and under ``engines``; stop at the first difference.

    Traces are compared line for line and, if they are equal, the rows of results. Raises what the
    model raises; :class:`~sim.engine.AuditError` means that the audit engine has found a sleeper
    which should have woken.
    """
    oracle = simulate(replace(order, engine="naive"), traced=True)
    expected = [str(record) for record in oracle.trace]
    faults = sum(record.event == "fault-begin" for record in oracle.trace)
    difference = None
    for engine in engines:
        other = simulate(replace(order, engine=engine), traced=True)
        difference = first_difference(expected, [str(record) for record in other.trace], engine)
        difference = difference or _first_differing_row(oracle, other, engine)
        if difference is not None:
            break
    return Comparison(order, len(expected), faults, difference)


def first_difference(expected: Sequence[str], found: Sequence[str], engine: str) -> str | None:
    """Return the first line that differs from the naive trace, with context; None if none does."""
    for number, (line, other) in enumerate(zip_longest(expected, found), start=1):
        if line != other:
            first = max(0, number - 1 - LINES_OF_CONTEXT)
            last = number + LINES_OF_CONTEXT
            return "\n".join(
                (
                    f"line {number} differs ({len(expected)} naive, {len(found)} {engine})",
                    *(f"  both    {same}" for same in expected[first : number - 1]),
                    *(f"  naive   {own}" for own in expected[number - 1 : last]),
                    *(f"  {engine:<7} {own}" for own in found[number - 1 : last]),
                )
            )
    return None


def _first_differing_row(oracle: RunRecord, other: RunRecord, engine: str) -> str | None:
    """Return the first result that differs between equal traces; None if none does."""
    rows, others = _result_rows(oracle), _result_rows(other)
    if len(rows) != len(others):
        return f"the traces agree, but naive has {len(rows)} rows, {engine} {len(others)}"
    for number, (row, found) in enumerate(zip(rows, others, strict=True)):
        for column in sorted({*row, *found} - {COST_COLUMN}):
            if row.get(column) != found.get(column):
                return (
                    f"the traces agree, but row {number} of the results has {column} = "
                    f"{row.get(column)!r} naive, {found.get(column)!r} {engine}"
                )
    return None


def _result_rows(record: RunRecord) -> list[Row]:
    return [row for rows in record.rows.values() for row in rows]


def command_of(order: RunOrder) -> str:
    """Return what an order was, in one line, so that it can be run again."""
    return (
        f"{order.design_name} under {order.profile_name}, seed {order.seed}, "
        f"replication {order.replication}, {order.horizon_ns / 1e9:g} s"
    )
