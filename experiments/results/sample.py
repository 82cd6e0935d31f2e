"""The runs of one design under one profile, as far as the numbers of a summary need them.

A sample is made from Arrow tables that come piece by piece: the files of a study, chunks that have
just finished, or tables in memory. It holds some columns of the runs and, of everything else, sums
by run: a million years with twenty million incidents are some 300 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.results.outages import CLASSES_THAT_FAIL, Outages
from experiments.results.schema import CLASS_COLUMNS
from experiments.statistics import Interval, mean, rare_mean

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR_S: Final = 365.25 * 86_400.0
COUNTS_OF_WORK: Final = ("pages", "interventions", "hosts_rewrites", "dnsmasq_restarts")
SECONDS_IN_A_STATE: Final = (
    "split_brain_unserved_s",
    "name_empty_s",
    "name_wrong_s",
    "name_double_s",
    "recovery_debt_s",
)
_MEASURED: Final = (
    "horizon_s",
    "availability",
    *CLASS_COLUMNS.values(),
    "failovers_true",
    "failovers_false",
    "failovers_missed",
    "writes_lost",
    *COUNTS_OF_WORK,
    *SECONDS_IN_A_STATE,
)

NEEDED: Final = {
    "runs": ("replication", "status", *_MEASURED),
    "incidents": ("replication", *CLASSES_THAT_FAIL),
    "causes": ("replication", "cause", "downtime_s"),
}
"""The columns by table that a summary of one point is made from."""


class Sample:
    """The runs that finished, and how many did not.

    Attributes:
        failed: runs that did not finish; they count nowhere else.
        runs: runs that did.
        columns: measurements by the name of their column, shape (runs,).
        outages: their incidents.
        causes: seconds of downtime charged to each cause that began an incident, shape (runs,).
    """

    def __init__(
        self, failed: int, columns: dict[str, Floats], outages: Outages, causes: dict[str, Floats]
    ) -> None:
        self.failed = failed
        self.columns = columns
        self.outages = outages
        self.causes = causes

    @property
    def runs(self) -> int:
        """How many runs finished."""
        return self.outages.runs

    @cached_property
    def years(self) -> Floats:
        """The length of each run, Julian years."""
        return self.columns["horizon_s"] / YEAR_S

    @cached_property
    def period(self) -> str:
        """What a run is, for the text: "year" if it is one within 1 %, else "run"."""
        return "year" if bool(np.all(np.abs(self.years - 1.0) < 0.01)) else "run"

    @cached_property
    def longest_s(self) -> float | None:
        """The most seconds that any run was not good; None if all were good throughout.

        Where hardly an outage was seen, it stands for how long one lasts: had redundancy not
        held, the outage would have ended when all was good again.
        """
        not_good_s = self.columns["horizon_s"] - self.columns["good_s"]
        # A year of float seconds adds up to within a millisecond; that is not an outage.
        return float(not_good_s.max()) if not_good_s.max() >= 1e-3 else None

    @cached_property
    def per_s(self) -> float:
        """What a second adds to a number of seconds a year, at most."""
        return 1.0 / float(self.years.min())

    def per_year(self, column: str) -> Floats:
        """A column, per year of the run: shape (runs,)."""
        return self.columns[column] / self.years

    def mean_of_outages(
        self, values: Floats, *columns: str, largest: float, per_s: float
    ) -> Interval:
        """The mean of ``values``, one of each run, from the parts that outages make of it.

        ``columns``: the seconds of incidents that it is charged to. ``largest``: the greatest
        possible value; ``per_s``: what a second of an outage adds to one.
        """
        return rare_mean(
            values,
            self.outages.parts(values, *columns),
            longest=self._longest(per_s),
            largest=largest,
            period=self.period,
        )

    def mean_of_runs(
        self, values: Floats, *, largest: float | None = None, per_s: float | None = None
    ) -> Interval:
        """The mean of ``values`` that incidents do not tell apart: the value of a run is one part.

        Where most runs have some, they are no longer rare events, and only their scatter counts.
        """
        if 2 * np.count_nonzero(values) > values.size:
            return mean(values, largest=largest, period=self.period)
        longest = None if per_s is None else self._longest(per_s)
        return rare_mean(values, longest=longest, largest=largest, period=self.period)

    def _longest(self, per_s: float) -> float | None:
        return None if self.longest_s is None else self.longest_s * per_s

    @classmethod
    def joined(cls, pieces: Sequence[Sample]) -> Sample:
        """Several sets of runs as one, run after run; at least one set, of the same columns."""
        first = pieces[0]
        columns = {
            name: np.concatenate([piece.columns[name] for piece in pieces])
            for name in first.columns
        }
        causes = {
            name: np.concatenate([piece.causes.get(name, np.zeros(piece.runs)) for piece in pieces])
            for name in dict.fromkeys(name for piece in pieces for name in piece.causes)
        }
        failed = sum(piece.failed for piece in pieces)
        return cls(failed, columns, Outages.joined([piece.outages for piece in pieces]), causes)


def read_sample(
    runs: Iterable[Any],
    incidents: Iterable[Any],
    causes: Iterable[Any] = (),
    measured: Sequence[str] = _MEASURED,
) -> Sample:
    """Make a sample from Arrow tables, each iterable a stream of pieces in their order.

    ``measured``: the columns of the runs to keep; with fewer, fewer numbers can be made.
    """
    failed, numbers, columns = _read_runs(runs, measured)
    outages = Outages(numbers)
    for piece in incidents:
        seconds = {name: _numbers(piece[name], np.float64) for name in CLASSES_THAT_FAIL}
        outages.add(_numbers(piece["replication"], np.int64), seconds)
    charged: dict[str, Floats] = {}
    for piece in causes:
        _charge(charged, piece, outages)
    return Sample(failed, columns, outages, charged)


def _read_runs(
    pieces: Iterable[Any], measured: Sequence[str]
) -> tuple[int, Ints, dict[str, Floats]]:
    from pyarrow import compute

    failed = 0
    numbers: list[Ints] = []
    columns: dict[str, list[Floats]] = {name: [] for name in measured}
    for piece in pieces:
        finished = piece.filter(compute.equal(piece["status"], "ok"))
        failed += piece.num_rows - finished.num_rows
        numbers.append(_numbers(finished["replication"], np.int64))
        for name in measured:
            columns[name].append(_numbers(finished[name], np.float64))
    nothing = np.zeros(0, np.float64)
    joined = {}
    for name in measured:
        # Each is let go as soon as it is in one piece.
        found = columns.pop(name)
        joined[name] = np.concatenate(found) if found else nothing
    return failed, np.concatenate([np.zeros(0, np.int64), *numbers]), joined


def _numbers(column: Any, kind: Any) -> Any:
    """A column without missing values, as numpy has it."""
    return column.to_numpy().astype(kind, copy=False)


def _charge(charged: dict[str, Floats], piece: Any, outages: Outages) -> None:
    """Add what each cause has cost the runs."""
    coded = piece["cause"].combine_chunks().dictionary_encode()
    place, known = outages.places(_numbers(piece["replication"], np.int64))
    codes = _numbers(coded.indices, np.int64)[known]
    seconds = _numbers(piece["downtime_s"], np.float64)[known]
    for code, cause in enumerate(coded.dictionary.to_pylist()):
        of_cause = codes == code
        if of_cause.any():
            sums = charged.setdefault(cause, np.zeros(outages.runs))
            np.add.at(sums, place[of_cause], seconds[of_cause])
