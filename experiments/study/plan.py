"""What a study runs, and how it is cut into chunks.

The size of a chunk is found while running: at first one run, then as many as take about a second
of CPU by the mean of the runs of the same point so far. How a study is cut shows in no result.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from experiments.simulation import RunOrder
from sim.clock import YEAR_NS
from sim.engine import Engine

CHUNK_CPU_S: Final = 1.0
"""Short enough for a progress bar and for Ctrl-C, long beside the cost of sending it (1 ms)."""


@dataclass(frozen=True)
class StudyPoint:
    """A design under a profile, with the names that tables give them."""

    design_name: str
    design: DesignSpec
    profile_name: str
    profile: ProfileSpec


@dataclass(frozen=True)
class Study:
    """Replications 0 to ``replications - 1`` of each point, each ``horizon_ns`` long."""

    points: tuple[StudyPoint, ...]
    replications: int
    seed: int = 0
    horizon_ns: int = YEAR_NS
    engine: Engine = "fast"

    @property
    def runs(self) -> int:
        """The number of runs."""
        return len(self.points) * self.replications

    def order(self, point: int, replication: int) -> RunOrder:
        """The order for one run of point number ``point``."""
        fields = {name: getattr(self.points[point], name) for name in _POINT_FIELDS}
        return RunOrder(
            **fields,
            seed=self.seed,
            replication=replication,
            horizon_ns=self.horizon_ns,
            engine=self.engine,
        )


_POINT_FIELDS: Final = tuple(field.name for field in dataclasses.fields(StudyPoint))


@dataclass(frozen=True, order=True)
class Chunk:
    """Replications ``first`` to ``last`` of a point; chunks sort in the order of the tables."""

    point: int
    first: int
    last: int

    @property
    def runs(self) -> int:
        """The number of runs."""
        return self.last - self.first + 1


class ChunkQueue:
    """Cuts a study, chunk by chunk; ``fixed_runs`` is the size of each, if it is not to be found.

    Raises ValueError for a size below 1.
    """

    def __init__(self, study: Study, fixed_runs: int | None = None) -> None:
        if fixed_runs is not None and fixed_runs < 1:
            raise ValueError(f"a chunk has at least 1 run, not {fixed_runs}")
        self.study = study
        self.fixed_runs = fixed_runs
        self.point = 0
        self.next_replication = 0
        self.cpu_s = [0.0] * len(study.points)
        self.finished = [0] * len(study.points)

    def next(self) -> Chunk | None:
        """The next chunk, or None if all have been handed out."""
        if self.next_replication >= self.study.replications:
            self.point, self.next_replication = self.point + 1, 0
        if self.point >= len(self.study.points):
            return None
        first = self.next_replication
        last = min(first + self._size(), self.study.replications) - 1
        self.next_replication = last + 1
        return Chunk(self.point, first, last)

    def learn(self, chunk: Chunk, cpu_s: float) -> None:
        """Take note of what a finished chunk has cost."""
        self.cpu_s[chunk.point] += cpu_s
        self.finished[chunk.point] += chunk.runs

    def _size(self) -> int:
        if self.fixed_runs is not None:
            return self.fixed_runs
        finished, cpu_s = self.finished[self.point], self.cpu_s[self.point]
        if not finished:
            return 1
        return max(1, min(1000, int(CHUNK_CPU_S * finished / max(cpu_s, 1e-6))))
