"""Ten machines and a crew that cannot keep up: the machine repair model (``failures.md`` 2.4)."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import numpy as np

from experiments.validation.exact.k_of_n import down_law
from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    board_of,
    crew_of,
    exponential_h,
    hours,
    worn_units,
)
from experiments.validation.exact.row import Row, Samples, mean_of
from sim.engine import Kernel
from sim.metering import StateMeter

MACHINES: Final = 10
MTTF_H: Final = 100.0
MTTR_H: Final = 10.0
_WARM_UP_H: Final = 500.0
_MEASURED_H: Final = 5_000.0


class Crew(NamedTuple):
    """The people of a crew, and the printed figures."""

    people: int
    down: str
    waiting: str
    availability: str
    utilisation: str


CREWS: Final = (
    Crew(1, "2.14582343", "1.36040577", ".78541766", ".78541766"),
    Crew(2, "1.03863782", "0.14250160", ".89613622", ".44806811"),
)


def _run(people: int, kernel: Kernel) -> list[float]:
    """Share of time with 0, 1, ... machines down."""
    board = board_of(kernel)
    crew = crew_of(kernel, people, exponential_h(MTTR_H))
    worn_units(kernel, board, MACHINES, exponential_h(MTTF_H), crew=crew)
    kernel.run_until(hours(_WARM_UP_H))
    meter = StateMeter(kernel, "down", lambda: board.active, board.active)
    kernel.run_until(hours(_WARM_UP_H + _MEASURED_H))
    meter.close()
    return [meter.totals_ns.get(down, 0) / hours(_MEASURED_H) for down in range(MACHINES + 1)]


def _rows(crew: Crew, samples: Samples) -> list[Row]:
    law = down_law(MACHINES, crew.people, MTTF_H, MTTR_H)
    down = np.arange(MACHINES + 1)
    figures = (
        ("machines down", down, crew.down),
        ("machines waiting", np.maximum(down - crew.people, 0), crew.waiting),
        ("availability of a machine", 1 - down / MACHINES, crew.availability),
        ("utilisation of the crew", np.minimum(down, crew.people) / crew.people, crew.utilisation),
    )
    return [
        Row(
            f"crew of {crew.people}: {name}",
            float(law @ values),
            *mean_of(samples @ values),
            printed=printed,
        )
        for name, values, printed in figures
    ]


FAMILY: Final = Family(
    "Machine repair: ten machines, MTTF 100 h, MTTR 10 h",
    tuple(
        Model(
            f"machine-repair/{crew.people}",
            partial(_run, crew.people),
            partial(_rows, crew),
            500,
            30,
        )
        for crew in CREWS
    ),
)
