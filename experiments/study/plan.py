"""What a study runs, and how it is cut into chunks.

The size of a chunk is found while running: at first one run, then as many as take about a second
of CPU by the mean of the runs of the same point so far. How a study is cut shows in no result.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from experiments.simulation import RunOrder
from experiments.study.precision import Precision
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
    """Replications 0 to ``replications - 1`` of each point, each ``horizon_ns`` long.

    With a ``precision``, these are the most, and the study ends at the first look that suffices.
    """

    points: tuple[StudyPoint, ...]
    replications: int
    seed: int = 0
    horizon_ns: int = YEAR_NS
    engine: Engine = "fast"
    precision: Precision | None = None

    @property
    def runs(self) -> int:
        """The number of runs, at most."""
        return len(self.points) * self.replications

    def stages(self) -> Iterator[int]:
        """The replications of each point at which the study may end, the last of them all."""
        if self.precision is None:
            return iter((self.replications,))
        return self.precision.looks(self.replications)

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

    @property
    def replications(self) -> range:
        """The numbers of its runs."""
        return range(self.first, self.last + 1)


class ChunkQueue:
    """Cuts what is left of a study, chunk by chunk.

    First a chunk of each point whose cost nobody knows, so that soon the whole can be estimated;
    then in the order of the tables.

    Args:
        study: what to cut.
        fixed_runs: the size of each chunk; None: it is found from what runs cost.
        kept: chunks that are there already, none overlapping another, with their CPU times, s.

    Raises ValueError for a size below 1.
    """

    def __init__(
        self, study: Study, fixed_runs: int | None = None, kept: Mapping[Chunk, float] | None = None
    ) -> None:
        if fixed_runs is not None and fixed_runs < 1:
            raise ValueError(f"a chunk has at least 1 run, not {fixed_runs}")
        self.study = study
        self.fixed_runs = fixed_runs
        self.cpu_s = [0.0] * len(study.points)
        self.finished = [0] * len(study.points)
        for chunk, cpu_s in (kept or {}).items():
            self.learn(chunk, cpu_s)
        self._gaps = _gaps(study, kept or {})
        points = range(len(study.points))
        self._unknown = deque(p for p in points if self._gaps[p] and not self.finished[p])
        self._open = deque(points)

    def next(self) -> Chunk | None:
        """The next chunk, or None if all have been handed out."""
        if self._unknown:
            return self._cut(self._unknown.popleft())
        while self._open:
            if self._gaps[self._open[0]]:
                return self._cut(self._open[0])
            self._open.popleft()
        return None

    def learn(self, chunk: Chunk, cpu_s: float) -> None:
        """Take note of what a finished chunk has cost."""
        self.cpu_s[chunk.point] += cpu_s
        self.finished[chunk.point] += chunk.runs

    def cpu_left_s(self, replications: int | None = None) -> float | None:
        """CPU time of the runs that have not finished, s; None if the cost of no run is known.

        ``replications``: how many each point is to have; None: those of the study. A point of
        which no run has finished is taken to cost what the others do.
        """
        if not (known := sum(self.finished)):
            return None
        usual_s = sum(self.cpu_s) / known
        aim = self.study.replications if replications is None else replications
        left_s = 0.0
        for finished, cpu_s in zip(self.finished, self.cpu_s, strict=True):
            each_s = cpu_s / finished if finished else usual_s
            left_s += max(aim - finished, 0) * each_s
        return left_s

    def _cut(self, point: int) -> Chunk:
        gap = self._gaps[point].popleft()
        last = min(gap.first + self._size(point) - 1, gap.last)
        if last < gap.last:
            self._gaps[point].appendleft(Chunk(point, last + 1, gap.last))
        return Chunk(point, gap.first, last)

    def _size(self, point: int) -> int:
        if self.fixed_runs is not None:
            return self.fixed_runs
        finished, cpu_s = self.finished[point], self.cpu_s[point]
        if not finished:
            return 1
        return max(1, min(1000, int(CHUNK_CPU_S * finished / max(cpu_s, 1e-6))))


def _gaps(study: Study, kept: Iterable[Chunk]) -> list[deque[Chunk]]:
    """What of each point is not kept, in order."""
    gaps: list[deque[Chunk]] = [deque() for _ in study.points]
    ends = [0] * len(study.points)
    for chunk in sorted(kept):
        if ends[chunk.point] < chunk.first:
            gaps[chunk.point].append(Chunk(chunk.point, ends[chunk.point], chunk.first - 1))
        ends[chunk.point] = chunk.last + 1
    for point, end in enumerate(ends):
        if end < study.replications:
            gaps[point].append(Chunk(point, end, study.replications - 1))
    return gaps
