"""A model with exact answers: how one replication runs, and what the replications must give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from experiments.study.workers import map_in_order
from experiments.validation.exact.row import Row, Samples
from sim.engine import Kernel, rank_of

Run = Callable[[Kernel], Sequence[float]]
"""Builds a world on the kernel, runs it, returns its numbers; picklable."""


_CHUNKS: Final = 20
"""So many chunks a model keep two processes busy to its end."""


@dataclass(frozen=True)
class Model:
    """``replications`` independent runs, each of the same count of numbers, and their rows.

    ``quick``: so many replications make a sample of half a second or less, for the tests.
    """

    name: str
    run: Run
    rows: Callable[[Samples], list[Row]]
    replications: int
    quick: int

    def sample(
        self, replications: int | None = None, *, seed: int = 0, pool: Executor | None = None
    ) -> Samples:
        """Return the numbers of the replications, in their order whoever ran them."""
        count = self.replications if replications is None else replications
        size = max(1, -(-count // _CHUNKS))
        chunks = [range(at, min(at + size, count)) for at in range(0, count, size)]
        run = partial(_replicate, self.run, seed + rank_of(self.name))
        parts = map(run, chunks) if pool is None else map_in_order(pool, run, chunks)
        return np.array([numbers for part in parts for numbers in part], dtype=np.float64)


def _replicate(run: Run, seed: int, replications: range) -> list[Sequence[float]]:
    return [run(Kernel(seed=seed, replication=number)) for number in replications]


@dataclass(frozen=True)
class Family:
    """Models that belong together: one table of the report."""

    title: str
    models: tuple[Model, ...]
