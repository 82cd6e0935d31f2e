"""sengu's own kernel: fault sources, a board of faults, a meter; a world a year."""

from __future__ import annotations

import numpy as np

from experiments.peers.question import MTBF_H, MTTR_H, NEEDED, NODES, YEAR_H, Found, found_of
from experiments.validation.exact.parts import (
    Outages,
    Unit,
    board_of,
    exponential_h,
    hours,
    wear,
)
from sim.engine import Kernel


def ask(replications: int, seed: int) -> Found:
    """Simulate so many years."""
    shares = [_down_h(seed, number) / YEAR_H for number in range(replications)]
    return found_of(np.array(shares))


def _down_h(seed: int, replication: int) -> float:
    kernel = Kernel(seed=seed, replication=replication)
    board = board_of(kernel)
    for node in range(NODES):
        unit = Unit(kernel, f"node/{node}")
        life, repair = exponential_h(MTBF_H), exponential_h(MTTR_H)
        wear(kernel, board, unit.path, unit.effect(), life, lasts=repair)
    outages = Outages(kernel, "system", lambda: board.active <= NODES - NEEDED)
    kernel.run_until(hours(YEAR_H))
    return outages.down_h()
