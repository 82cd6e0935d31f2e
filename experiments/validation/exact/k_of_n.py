"""k of n units must be good; crews of r repair them (``failures.md`` section 2.4).

The number of units down is a birth-death process. With the section's rates two units are rarely
down at once; with rates forty times as high the same formulas can be held to 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.validation.exact.markov import Chain
from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    YEAR_H,
    Outages,
    board_of,
    crew_of,
    exponential_h,
    hours,
    worn_units,
)
from experiments.validation.exact.row import Row, Samples, mean_of, ratio_of
from sim.engine import Kernel

MTTR_H: Final = 4.0
SELDOM_H: Final = 1000.0
OFTEN_H: Final = 25.0


class Design(NamedTuple):
    """So many of so many, a crew, the mean life; minutes and outages a year as printed."""

    needed: int
    units: int
    crew: int
    mttf_h: float
    printed_min: str = ""
    printed_outages: str = ""

    @property
    def name(self) -> str:
        """The design in words."""
        return f"{self.needed}-of-{self.units}, crew {self.crew}, MTTF {self.mttf_h:g} h"


DESIGNS: Final = (
    Design(1, 1, 1, SELDOM_H, "2095.458", "8.7311"),
    Design(1, 2, 1, SELDOM_H, "16.69661", "0.069569"),
    Design(1, 2, 2, SELDOM_H, "8.34844", "0.069570"),
    Design(2, 2, 2, SELDOM_H, "4182.568", "17.3926"),
    Design(2, 3, 1, SELDOM_H, "50.08824", "0.207870"),
    Design(2, 3, 3, SELDOM_H, "24.97880", "0.207880"),
    Design(1, 2, 1, OFTEN_H),
    Design(2, 3, 2, OFTEN_H),
    Design(3, 5, 2, OFTEN_H),
)

_FAILURES: Final = 200
_WARM_UP_H: Final = 200.0


def down_law(units: int, crew: int, mttf_h: float, mttr_h: float) -> NDArray[np.float64]:
    """Return the probabilities of 0, 1, ... units down in the long run."""
    steps = [(units - down) / mttf_h * mttr_h / min(down + 1, crew) for down in range(units)]
    weights = np.array([1.0, *steps]).cumprod()
    law: NDArray[np.float64] = weights / weights.sum()
    return law


def _measured_h(design: Design) -> float:
    return _FAILURES * (design.mttf_h + MTTR_H) / design.units


def _run(design: Design, kernel: Kernel) -> tuple[float, float]:
    """Hours down and outages after the warm-up."""
    board = board_of(kernel)
    crew = crew_of(kernel, design.crew, exponential_h(MTTR_H))
    worn_units(kernel, board, design.units, exponential_h(design.mttf_h), crew=crew)
    spare = design.units - design.needed
    outages = Outages(kernel, "system", lambda: board.active <= spare)
    kernel.run_until(hours(_WARM_UP_H))
    outages.restart()
    kernel.run_until(hours(_WARM_UP_H + _measured_h(design)))
    return outages.down_h(), outages.count


def _error_of_share(design: Design, replications: int) -> float:
    """Return the exact standard error of the share down: few outages underrate their own."""

    def rates(down: int) -> Iterator[tuple[float, int]]:
        if down < design.units:
            yield (design.units - down) / design.mttf_h, down + 1
        if down:
            yield min(down, design.crew) / MTTR_H, down - 1

    chain = Chain(0, rates)
    failed = chain.where(lambda down: down > design.units - design.needed)
    return math.sqrt(chain.variance_rate(failed) / (_measured_h(design) * replications))


def _rows(design: Design, samples: Samples) -> list[Row]:
    law = down_law(design.units, design.crew, design.mttf_h, MTTR_H)
    spare = design.units - design.needed
    down = float(law[spare + 1 :].sum())
    outages = YEAR_H * float(law[spare]) * design.needed / design.mttf_h
    years = _measured_h(design) / YEAR_H
    rows = [
        Row(
            f"{design.name}: down",
            60 * YEAR_H * down,
            60 * float(np.mean(samples[:, 0])) / years,
            60 * YEAR_H * _error_of_share(design, len(samples)),
            "min/year",
            design.printed_min,
        ),
        Row(
            "    outages",
            outages,
            *mean_of(samples[:, 1] / years),
            "/year",
            design.printed_outages,
        ),
    ]
    mean_outage = Row(
        "    mean outage",
        YEAR_H * down / outages,
        *ratio_of(samples[:, 0], samples[:, 1]),
        "h",
    )
    return [*rows, mean_outage]


FAMILY: Final = Family(
    "k of n units with a crew, MTTR 4 h",
    tuple(
        Model(
            f"k-of-n/{design.name}",
            partial(_run, design),
            partial(_rows, design),
            500,
            30,
        )
        for design in DESIGNS
    ),
)
