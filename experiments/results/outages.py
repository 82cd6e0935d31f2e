"""What the incidents of a study say about the sums of its runs: into which parts they fall.

The interval of a mean needs the single outages, and runs have only their sums. So each run's sum
is charged to its incidents, in proportion to what they had of it. The parts always add up to the
runs: the estimate is theirs, and the incidents give the interval its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.statistics import Interval, mean, rare_mean

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


class Outages:
    """The incidents of one design under one profile, by the run that they fell into.

    Attributes:
        period: what a run is, for the text: "year" or "run".
        count: incidents with downtime.
        longest_s: the most seconds that any run was not good; None if all were good throughout.
            Where hardly an outage was seen, it stands for how long one lasts: had redundancy not
            held, the outage would have ended when all was good again.
    """

    def __init__(self, runs: pd.DataFrame, incidents: pd.DataFrame, period: str) -> None:
        """Sort the incidents into the runs; those of other runs are left out."""
        numbers = runs["replication"].to_numpy(dtype=np.int64)
        order = np.argsort(numbers)
        of_incidents = incidents["replication"].to_numpy(dtype=np.int64)
        place = np.searchsorted(numbers[order], of_incidents).clip(max=numbers.size - 1)
        self._run = order[place]
        known = numbers[self._run] == of_incidents
        self._run = self._run[known]
        self._seconds = {
            name: incidents[name].to_numpy(dtype=np.float64)[known]
            for name in ("downtime_s", "split_brain_s")
        }
        self.period = period
        self.count = int((self._seconds["downtime_s"] > 0).sum())
        not_good = runs["horizon_s"].to_numpy(np.float64) - runs["good_s"].to_numpy(np.float64)
        # A year of float seconds adds up to within a millisecond; that is not an outage.
        self.longest_s = float(not_good.max()) if not_good.max() >= 1e-3 else None

    def parts(self, values: Floats, *columns: str) -> Floats:
        """The parts of `values`, one of each run: shape (k,), all above 0, adding up to them.

        An incident's part is in proportion to the sum of its `columns` ("downtime_s",
        "split_brain_s"). The value of a run without such an incident is one part.
        """
        weight = np.sum([self._seconds[name] for name in columns], axis=0)
        of_run = np.bincount(self._run, weights=weight, minlength=values.size)
        charged = (weight > 0) & (values[self._run] > 0)
        run = self._run[charged]
        whole = values[(values > 0) & (of_run <= 0)]
        found: Floats = np.concatenate((values[run] * (weight[charged] / of_run[run]), whole))
        return found[found > 0]

    def mean(self, values: Floats, *columns: str, largest: float, per_s: float) -> Interval:
        """The mean of `values`, one of each run, from the parts that `parts` finds.

        `largest`: the greatest possible value; `per_s`: what a second of an outage adds to one.
        """
        return rare_mean(
            values,
            self.parts(values, *columns),
            longest=self._longest(per_s),
            largest=largest,
            period=self.period,
        )

    def mean_of_runs(
        self, values: Floats, *, largest: float | None = None, per_s: float | None = None
    ) -> Interval:
        """The mean of `values` that incidents do not tell apart: the value of a run is one part.

        Where most runs have some, they are no longer rare events, and only their scatter counts.
        """
        if 2 * np.count_nonzero(values) > values.size:
            return mean(values, largest=largest, period=self.period)
        longest = None if per_s is None else self._longest(per_s)
        return rare_mean(values, longest=longest, largest=largest, period=self.period)

    def _longest(self, per_s: float) -> float | None:
        return None if self.longest_s is None else self.longest_s * per_s
