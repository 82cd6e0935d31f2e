"""Two of three nodes must be up: what share of a year is the system not available?

Nodes live 1000 h and are repaired in 10 h on average, both exponential, each by its own crew; a
year is 8760 h and begins with all up (``peers.md`` section 4.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

NODES: Final = 3
NEEDED: Final = 2
MTBF_H: Final = 1000.0
MTTR_H: Final = 10.0
YEAR_H: Final = 8760.0

DOWN_SHARE: Final = MTTR_H / (MTBF_H + MTTR_H)
EXACT: Final = 3 * DOWN_SHARE**2 * (1 - DOWN_SHARE) + DOWN_SHARE**3
"""Two or three of three down, in the long run: 2.921476e-4."""


class Found(NamedTuple):
    """The share of the year that is down: an estimate and its standard error."""

    share: float
    error_share: float


Ask = Callable[[int, int], Found]
"""``ask(replications, seed)``: simulate so many years in this process."""


def found_of(shares: NDArray[np.float64]) -> Found:
    """The mean of independent years, shape (n,), and its standard error."""
    return Found(float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(shares.size)))
