"""What the incidents of a study say about the sums of its runs: into which parts they fall.

The interval of a mean needs the single outages, and runs have only their sums. So each run's sum
is charged to its incidents, in proportion to what they had of it. The parts always add up to the
runs: the estimate is theirs, and the incidents give the interval its shape.

No incident is kept. Of each run there are the sums that an interval needs, which do not depend on
how the incidents were cut into pieces: each sum is formed incident by incident, in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.rare import Parts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = tuple[str, ...]

CLASSES_THAT_FAIL: Final = ("downtime_s", "split_brain_s")
"""The columns of the classes that come in outages: what a summary wants of the incidents."""

_WEIGHTS: Final[tuple[Columns, ...]] = (("downtime_s",), ("split_brain_s",), CLASSES_THAT_FAIL)


class Sums(NamedTuple):
    """Of each run, over its incidents that have any: how many, sum, sum of squares, the longest.

    All have shape (n,), one element a run; seconds.
    """

    events: Ints
    total: Floats
    squares: Floats
    longest: Floats


class Outages:
    """The incidents of some runs, as far as the intervals of these runs need them."""

    def __init__(self, numbers: Ints) -> None:
        """Begin without incidents; ``numbers`` are those of the runs, shape (n,), all different."""
        self.runs = int(numbers.size)
        self._order = np.argsort(numbers, kind="stable")
        self._sorted = numbers[self._order]
        self._sums = {columns: _no_sums(self.runs) for columns in _WEIGHTS}

    def add(self, of_run: Ints, seconds: dict[str, Floats]) -> None:
        """Take in further incidents: the number of each one's run, and its seconds by column.

        Those of other runs are left out.
        """
        place, known = self.places(of_run)
        for columns, sums in self._sums.items():
            weight = np.sum([seconds[name][known] for name in columns], axis=0)
            some = weight > 0
            run, weight = place[some], weight[some]
            # `add.at` goes from incident to incident; a run's sum of sums would round otherwise.
            np.add.at(sums.events, run, 1)
            np.add.at(sums.total, run, weight)
            np.add.at(sums.squares, run, weight * weight)
            np.maximum.at(sums.longest, run, weight)

    def places(self, of_run: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Where the runs of these numbers stand, of those that are here, and which are."""
        if not self.runs:
            return np.zeros(0, np.int64), np.zeros(of_run.size, bool)
        place = np.searchsorted(self._sorted, of_run).clip(max=self.runs - 1)
        known = self._sorted[place] == of_run
        return self._order[place[known]], known

    @classmethod
    def joined(cls, pieces: Sequence[Outages]) -> Outages:
        """Those of several sets of runs as one, run after run; no run may be in two of them."""
        numbers = [piece._numbers() for piece in pieces]
        found = cls(np.concatenate(numbers) if numbers else np.zeros(0, np.int64))
        for columns in _WEIGHTS if pieces else ():
            of_each = [piece._sums[columns] for piece in pieces]
            found._sums[columns] = Sums(*map(np.concatenate, zip(*of_each, strict=True)))
        return found

    def _numbers(self) -> Ints:
        numbers = np.empty_like(self._sorted)
        numbers[self._order] = self._sorted
        return numbers

    @property
    def count(self) -> int:
        """Incidents with downtime."""
        return int(self._sums["downtime_s",].events.sum())

    def parts(self, values: Floats, *columns: str) -> Parts:
        """The parts of ``values``, one value a run: all above 0, adding up to them.

        An incident's part is in proportion to the sum of its ``columns`` ("downtime_s",
        "split_brain_s"). The value of a run without such an incident is one part.
        """
        sums = self._sums[columns]
        split = (values > 0) & (sums.total > 0)
        whole = values[(values > 0) & (sums.total <= 0)]
        scale = values[split] / sums.total[split]
        longest = max(
            float((scale * sums.longest[split]).max(initial=0.0)), float(whole.max(initial=0.0))
        )
        if longest == 0.0:
            return Parts(0, 0.0, 0.0, 0.0)
        squares = float(np.sum((scale / longest) ** 2 * sums.squares[split]))
        return Parts(
            events=int(sums.events[split].sum()) + int(whole.size),
            total=float(values[split].sum() + whole.sum()),
            longest=longest,
            squares=squares + float(np.sum((whole / longest) ** 2)),
        )


def _no_sums(runs: int) -> Sums:
    return Sums(np.zeros(runs, np.int64), *(np.zeros(runs, np.float64) for _ in range(3)))
