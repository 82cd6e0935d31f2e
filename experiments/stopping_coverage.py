"""``python -m experiments.stopping_coverage``: intervals of studies that ended by precision.

A row is a law of yearly downtime of failures.md, section 3.2 (Poisson outages, lognormal or
exponential lengths), and the precision asked for. Its studies are drawn from their definition and
looked at as `experiments/study` looks, and the interval at the stop is the one that a summary then
prints. Exit code 1 if a row covers less than `LEAST` by more than its Monte Carlo error.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from experiments.coverage import CONFIDENCE, LEAST, LOG_SDS, SEED, lengths, uniforms
from experiments.statistics.rare import compound_bounds, unseen_factor
from experiments.statistics.stopping import FIRST_LOOK, LEAST_EVENTS, bound_share, look_sizes
from experiments.study.workers import map_in_order, process_pool, processors
from sim.streams import Streams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LAWS: Final = (
    (6.0, "exponential"),
    (6.0, "s = 0.9"),
    (6.0, "s = 1.4"),
    (2.0, "s = 1.4"),
    (2.0, "s = 1.94"),
    (0.2, "s = 1.4"),
    (0.02, "s = 1.94"),
)
"""Outages a year and the law of their length; failures.md, section 3.2, and one at either end."""
ERRORS: Final = (0.5, 0.2, 0.1, 0.05)
MOST_YEARS: Final = 20_000_000
"""A study that is not precise by then ends as it is, as with ``--max-years``."""
STUDIES: Final = 2_000
DRAWS_OF_A_ROW: Final = 2e8
DRAWS_AT_ONCE: Final = 4e6


class Asked(NamedTuple):
    """One question: ``per_year`` outages of mean length 1, known to ``error_share``."""

    per_year: float
    law: str
    error_share: float

    @property
    def least_years(self) -> float:
        """The years that it takes if all is known but the mean (failures.md, section 3.2)."""
        s = LOG_SDS[self.law]
        second_moment = math.exp(s * s) if s else 2.0
        return (1.96 / bound_share(self.error_share)) ** 2 * second_moment / self.per_year


class Stopped(NamedTuple):
    """What was measured of a question; shares of the studies, and the years at the stop.

    ``within``: whose estimate is off by no more than was asked for. ``bias_share``: the mean of the
    estimates, less the truth, as a share of it.
    """

    asked: Asked
    studies: int
    holds: float
    above: float
    below: float
    within: float
    bias_share: float
    median_years: float

    @property
    def error(self) -> float:
        """Monte Carlo error of ``holds``, one standard deviation at the nominal coverage."""
        return math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / self.studies)


class _Studies:
    """Some studies under way: of each, the sums that its interval needs."""

    def __init__(self, studies: int) -> None:
        self.count = np.zeros(studies, np.int64)
        self.total, self.squares, self.longest, self.of_years = np.zeros((4, studies))

    def add(self, which: Ints, asked: Asked, years: int, name: tuple[str, ...]) -> None:
        """Let the studies ``which`` run for so many years more; ``name`` keys what is drawn."""
        streams = Streams(SEED, 0)
        chances = uniforms(streams.stream(*name, "outages"), which.size)
        counts = poisson.ppf(chances, asked.per_year * years).astype(np.int64)
        number = int(counts.sum())
        outages = lengths(asked.law, uniforms(streams.stream(*name, "length"), number))
        of_study = np.repeat(np.arange(which.size), counts)
        places = uniforms(streams.stream(*name, "year"), number)
        year = of_study * years + (years * places).astype(np.int64)
        totals = np.bincount(year, weights=outages, minlength=which.size * years)
        longest = np.zeros(which.size)
        np.maximum.at(longest, of_study, outages)
        self.count[which] += counts
        self.total[which] += np.bincount(of_study, weights=outages, minlength=which.size)
        self.squares[which] += np.bincount(of_study, weights=outages**2, minlength=which.size)
        self.of_years[which] += (totals.reshape(which.size, years) ** 2).sum(axis=1)
        self.longest[which] = np.maximum(self.longest[which], longest)

    def bounds(self, which: Ints, years: int) -> tuple[Floats, Floats]:
        """What `rare_mean` says of each after ``years``, times the years."""
        total = self.total[which]
        scatter = (self.of_years[which] - total**2 / years) * years / (years - 1)
        squares = np.maximum(self.squares[which], scatter)
        unseen = self.longest[which] * unseen_factor(self.count[which].astype(np.float64))
        return compound_bounds(total, squares, unseen, CONFIDENCE)


def measure(asked: Asked, studies: int = STUDIES) -> Stopped:
    """Draw studies and let each run until it is precise enough."""
    per_study = 1.5 * asked.least_years * max(1.0, 2 * asked.per_year)
    studies = max(1, min(studies, int(DRAWS_OF_A_ROW / per_study)))
    state, active = _Studies(studies), np.arange(studies)
    found = np.full((4, studies), math.nan)
    before = 0
    for years in look_sizes(FIRST_LOOK, MOST_YEARS):
        size = (years - before) * max(1.0, 2 * asked.per_year)
        pieces = np.array_split(active, math.ceil(active.size * size / DRAWS_AT_ONCE))
        for number, piece in enumerate(pieces):
            name = (f"{asked.per_year:g}", asked.law, f"{asked.error_share:g}", str(years))
            state.add(piece, asked, years - before, (*name, str(number)))
        before = years
        seen = active[state.count[active] >= LEAST_EVENTS]
        low, high = state.bounds(seen, years)
        centre = state.total[seen]
        reach = np.maximum(high - centre, centre - low) / centre
        enough = (reach <= bound_share(asked.error_share)) | (years == MOST_YEARS)
        for row, values in enumerate((low / years, high / years, centre / years)):
            found[row, seen[enough]] = values[enough]
        found[3, seen[enough]] = years
        active = np.setdiff1d(active, seen[enough])
        if not active.size:
            break
    return _stopped(asked, found)


def _stopped(asked: Asked, found: Floats) -> Stopped:
    low, high, estimate, years = found
    truth = asked.per_year
    above, below = float(np.mean(low > truth)), float(np.mean(high < truth))
    return Stopped(
        asked,
        studies=low.size,
        holds=1 - above - below,
        above=above,
        below=below,
        within=float(np.mean(np.abs(estimate - truth) <= asked.error_share * truth)),
        bias_share=float(np.mean(estimate)) / truth - 1,
        median_years=float(np.median(years)),
    )


def grid() -> Iterator[Asked]:
    """All rows of the table."""
    for per_year, law in LAWS:
        for error_share in ERRORS:
            yield Asked(per_year, law, error_share)


def line(one: Stopped) -> str:
    """A row of the table."""
    asked = one.asked
    return (
        f"{asked.per_year:>6g}  {asked.law:<12}{100 * asked.error_share:>4g} %{one.studies:>8,}"
        f"{one.holds:>8.3f}{one.above:>7.3f}{one.below:>7.3f}{one.within:>8.3f}"
        f"{100 * one.bias_share:>+7.2f} %{one.median_years:>11,.0f}{asked.least_years:>11,.0f}"
    )


def main() -> int:
    """Measure all rows on all processors; returns the exit code."""
    with process_pool(processors()) as pool:
        found = list(map_in_order(pool, measure, grid()))
    print(
        "Studies that run until mean yearly downtime is known to a relative error: nominal "
        f"{100 * CONFIDENCE:g} % intervals at the stop.\nFirst look at {FIRST_LOOK} years, then "
        f"sqrt 2 times as many; at least {LEAST_EVENTS} outages. Seed {SEED}.\n"
        "holds: share of intervals that hold the truth; above, below: that lie above, below it; "
        "within: share of\nestimates within the error asked for; bias: mean of the estimates less "
        "the truth; years: median at the\nstop; least: (1.96 / g')^2 CV^2, the years that it takes "
        "if all is known but the mean.\n"
    )
    print(
        f"{'a year':>6}  {'law':<12}{'error':>6}{'studies':>8}{'holds':>8}{'above':>7}{'below':>7}"
        f"{'within':>8}{'bias':>9}{'years':>11}{'least':>11}"
    )
    print(*map(line, found), sep="\n")
    failed = [one for one in found if one.holds < LEAST - 2 * one.error]
    worst = min(found, key=lambda one: one.holds)
    print(f"\n{len(found)} rows; the lowest holds {worst.holds:.3f}: {worst.asked}")
    print(f"{len(failed)} below {LEAST}" + "".join(f"\n  {one.asked}" for one in failed))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
