"""A stand-by that fails unseen, and is found out by a test every so often (``failures.md`` 2.2).

The failure is a dormant fault; the test is a ticker, which sleeps while there is nothing to find.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Final

from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import (
    Outages,
    Unit,
    board_of,
    crew_of,
    exponential_h,
    hours,
    wear,
)
from experiments.validation.exact.row import Row, Samples, mean_of
from sim.engine import Kernel
from sim.faults import Effect
from sim.grid import Regular
from sim.laws import Fixed
from sim.state import hidden
from sim.ticker import Ticker

MTTF_H: Final = 1000.0
TESTS: Final = ((24.0, "0.01190"), (168.0, "0.07949"), (720.0, "0.28716"))
_MEASURED_H: Final = 720.0 * 140
"""A multiple of all three: after a test all is as at the start."""


def unavailability(test_every_h: float) -> float:
    """Return the share of time for which the stand-by would not work."""
    share = test_every_h / MTTF_H
    return 1 + math.expm1(-share) / share


class StandBy(Unit):
    """A unit whose failure nobody sees until :meth:`test`."""

    notice: Callable[[], object] | None = hidden(None)

    def effect(self) -> Effect:
        return Effect(self._fail, self._recover, await_notice=self._await)

    def _await(self, notice: Callable[[], object]) -> None:
        self.notice = notice

    def test(self) -> None:
        """Find a failure, if there is one."""
        if not self.good and self.notice is not None:
            self.notice()


def _run(test_every_h: float, kernel: Kernel) -> tuple[float]:
    board = board_of(kernel)
    # Whoever tests it mends it there and then.
    crew = crew_of(kernel, 1, Fixed(0.0))
    unit = StandBy(kernel, "stand-by")
    wear(kernel, board, unit.path, unit.effect(), exponential_h(MTTF_H), crew=crew)
    grid = Regular(phase_ns=hours(test_every_h), period_ns=hours(test_every_h))
    Ticker(kernel, "stand-by/test", grid, guard=lambda: not unit.good, act=unit.test)
    outages = Outages(kernel, "outages", unit.is_good)
    kernel.run_until(hours(_MEASURED_H))
    return (outages.down_h() / _MEASURED_H,)


def _rows(test_every_h: float, printed: str, samples: Samples) -> list[Row]:
    exact = unavailability(test_every_h)
    name = f"tested every {test_every_h:g} h: share of time unfit"
    return [Row(name, exact, *mean_of(samples[:, 0]), printed=printed)]


FAMILY: Final = Family(
    "A stand-by that fails unseen until it is tested, MTTF 1000 h",
    tuple(
        Model(
            f"latent/{every_h:g}",
            partial(_run, every_h),
            partial(_rows, every_h, printed),
            1000,
            50,
        )
        for every_h, printed in TESTS
    ),
)
