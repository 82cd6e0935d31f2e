"""All of n units down at once, by splitting: too rare for plain runs of the same CPU time.

The units are good at time 0, independent, and repaired by as many people. So all are down at time
t with chance p(t)^n, where p(t) = r / (1 + r) (1 - exp(-(1 / MTTF + 1 / MTTR) t)), r = MTTR / MTTF.
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import numpy as np

from experiments.splitting.tree import Splits, grow
from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    HOUR_S,
    Outages,
    board_of,
    crew_of,
    exponential_h,
    hours,
    worn_units,
)
from experiments.validation.exact.row import Row, Samples, mean_of
from sim.engine import Kernel

MTTR_H: Final = 1.0
MEASURED_H: Final = 100.0


class Units(NamedTuple):
    """So many units of a mean life, and into how many a run is split as more of them are down."""

    number: int
    mttf_h: float
    splits: tuple[int, ...]

    @property
    def name(self) -> str:
        """The units in words."""
        return f"{self.number} of {self.number} down, MTTF {self.mttf_h:g} h"


CASES: Final = (
    Units(3, 20.0, (5, 10)),
    Units(4, 50.0, (16, 32, 32)),
)


class UnitsWalk:
    """A run of units: its level is how many are down, its harm the time with all down."""

    def __init__(self, units: Units, seed: int, replication: int) -> None:
        self.kernel = Kernel(seed=seed, replication=replication)
        self._board = board_of(self.kernel)
        crew = crew_of(self.kernel, units.number, exponential_h(MTTR_H))
        every = exponential_h(units.mttf_h)
        worn_units(self.kernel, self._board, units.number, every, crew=crew)
        self._outages = Outages(self.kernel, "system", lambda: self._board.active < units.number)

    def level(self) -> int:
        """How many units are down."""
        return self._board.active

    def harm_s(self) -> float:
        """The time with all of them down, s."""
        return HOUR_S * self._outages.down_h()


def _run(units: Units, kernel: Kernel) -> tuple[float]:
    """Hours with all down, by the whole tree."""
    begin = partial(UnitsWalk, units, kernel.streams.seed, kernel.streams.replication)
    tree = grow(begin, Splits(units.splits), hours(MEASURED_H))
    return (tree.harm_s / HOUR_S,)


def down_h(units: Units) -> float:
    """The exact mean of the hours with all down."""
    from scipy.integrate import quad

    ratio, per_h = MTTR_H / units.mttf_h, 1 / units.mttf_h + 1 / MTTR_H

    def all_down(at_h: float) -> float:
        return float((ratio / (1 + ratio) * -np.expm1(-per_h * at_h)) ** units.number)

    return float(quad(all_down, 0, MEASURED_H, limit=200, epsabs=0)[0])


def _rows(units: Units, samples: Samples) -> list[Row]:
    return [Row(units.name, down_h(units), *mean_of(samples[:, 0]), f"h in {MEASURED_H:g} h")]


def model_of(units: Units) -> Model:
    """The units as a model: in each replication a root, its branches, and the hours that they say.

    Split into 1 everywhere, it is a plain run.
    """
    return Model(f"splitting/{units.name}", partial(_run, units), partial(_rows, units), 400, 8)


FAMILY: Final = Family(
    "Splitting: all units down at once, MTTR 1 h", tuple(model_of(units) for units in CASES)
)
