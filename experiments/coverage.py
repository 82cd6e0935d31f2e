"""``make coverage``: how often the interval of yearly downtime holds the truth, over a grid.

A cell is an unavailability, a mean length of outages, a law of that length and a number of years.
Its samples are drawn from their definition (Poisson outages, spread over the years, each with its
length), put through the interval of `experiments/statistics/rare.py` with nothing else known than
that a year has no more downtime than a year, and beside it through Hall's (`means.py`), which it
replaced. Exit code 1 if a cell covers less than `LEAST` by more than its Monte Carlo error.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import poisson, t

from experiments.results.summary import MINUTES_PER_YEAR
from experiments.statistics.means import inverse_cubic, never_seen
from experiments.statistics.rare import compound_bounds, unseen_factor
from experiments.study.workers import map_in_order, process_pool, processors
from sim.streams import Stream, Streams

Floats = NDArray[np.float64]

SEED: Final = 20_261_124
CONFIDENCE: Final = 0.95
LEAST: Final = 0.94
"""A cell that covers less has failed; nominal is `CONFIDENCE`."""

UNAVAILABILITIES: Final = tuple(10.0**-k for k in range(2, 9))
MEAN_OUTAGES_MIN: Final = {"15 s": 0.25, "10 min": 10.0, "1 h": 60.0, "4 h": 240.0}
"""A failover; a restart; by hand; by hand and with a journey."""
MOST_PER_YEAR: Final = 30.0
"""More outages a year are not what such a design does, and any interval holds for them."""
YEARS: Final = (30, 100, 1_000, 10_000)
LOG_SDS: Final = {"exponential": 0.0, "s = 0.9": 0.9, "s = 1.4": 1.4, "s = 1.94": 1.94}
"""Laws of the length of outages: exponential, or lognormal with this deviation of the logarithm."""

MIXED: Final = "1 in 100 by hand"
"""A law beyond the assumption: a failover of 15 s (s = 0.5), but one in 100 is ended by a person
after 2 h (medians; s = 1.253, the repairs of hardware in failures.md, section 1.2)."""

SAMPLES: Final = 4_000
DRAWS_OF_A_CELL: Final = 4e8
DRAWS_AT_ONCE: Final = 4e6


class Cell(NamedTuple):
    """One question: ``per_year`` outages of ``mean_min`` minutes, in ``years`` years."""

    unavailability: float
    outage: str
    years: int
    law: str

    @property
    def mean_min(self) -> float:
        """Mean length of an outage, minutes."""
        return MEAN_OUTAGES_MIN[self.outage]

    @property
    def per_year(self) -> float:
        """Outages a year."""
        return self.unavailability * MINUTES_PER_YEAR / self.mean_min


class Covered(NamedTuple):
    """What was measured of a cell: shares of samples, and widths in units of the true mean.

    ``hall``: the share that Hall's interval holds. ``above``, ``below``: where the interval lies
    above, below the truth. ``width``: median of (high - low) / truth, over the samples in which an
    outage was seen; NaN if none was. ``zeros``: the share of samples without an outage.
    """

    cell: Cell
    samples: int
    holds: float
    above: float
    below: float
    hall: float
    width: float
    zeros: float

    @property
    def error(self) -> float:
        """Monte Carlo error of ``holds``, one standard deviation at the nominal coverage."""
        return math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / self.samples)


def grid() -> Iterator[Cell]:
    """All cells with no more than `MOST_PER_YEAR` outages a year."""
    for unavailability in UNAVAILABILITIES:
        for outage in MEAN_OUTAGES_MIN:
            for years in YEARS:
                cells = [Cell(unavailability, outage, years, law) for law in LOG_SDS]
                if cells[0].per_year <= MOST_PER_YEAR:
                    yield from cells


def uniforms(stream: Stream, count: int) -> Floats:
    """`count` numbers in (0, 1) that belong to a stream's key, for more draws than it is made for.

    The same on every machine: SHAKE-256 of the key, in 52 bits, the middle of each cell.
    """
    digest = hashlib.shake_256(stream.key).digest(8 * count)
    cells = (np.frombuffer(digest, dtype="<u8") >> np.uint64(12)).astype(np.float64)
    return (cells + 0.5) * 2.0**-52


def lengths(law: str, quantiles: Floats) -> Floats:
    """Lengths of outages with mean 1 at these quantiles of `law`."""
    if law == MIXED:
        return _mixed(quantiles)
    s = LOG_SDS[law]
    found: Floats = np.exp(s * ndtri(quantiles) - s * s / 2) if s else -np.log(quantiles)
    return found


def _mixed(quantiles: Floats) -> Floats:
    by_hand = quantiles >= 0.99
    within = np.where(by_hand, (quantiles - 0.99) / 0.01, quantiles / 0.99)
    # Of 52 bits, the lowest quantile by hand may be 0.
    z = ndtri(np.maximum(within, 2.0**-53))
    found: Floats = np.where(by_hand, 7200.0 * np.exp(1.253 * z), 15.0 * np.exp(0.5 * z))
    return found / (0.01 * 7200.0 * math.exp(1.253**2 / 2) + 0.99 * 15.0 * math.exp(0.5**2 / 2))


class Samples(NamedTuple):
    """Drawn samples, m of them: the outages of each, their lengths, the downtime of each year.

    ``counts``: shape (m,). ``parts``: all lengths in minutes, one sample's after the other's.
    ``totals``: shape (m, years), minutes.
    """

    counts: NDArray[np.int64]
    parts: Floats
    totals: Floats


def draw(cell: Cell, samples: int, batch: int = 0) -> Samples:
    """Samples of a cell, keyed by the cell and the number of the batch."""
    streams = Streams(SEED, batch)
    name = (f"{cell.unavailability:g}", cell.outage, str(cell.years), cell.law)
    expected = cell.per_year * cell.years
    chances = uniforms(streams.stream(*name, "outages"), samples)
    counts: NDArray[np.int64] = poisson.ppf(chances, expected).astype(np.int64)
    outages = int(counts.sum())
    parts = cell.mean_min * lengths(cell.law, uniforms(streams.stream(*name, "length"), outages))
    year = (cell.years * uniforms(streams.stream(*name, "year"), outages)).astype(np.int64)
    year += np.repeat(np.arange(samples) * cell.years, counts)
    totals = np.bincount(year, weights=parts, minlength=samples * cell.years).astype(np.float64)
    return Samples(counts, parts, totals.reshape(samples, cell.years))


def measure(cell: Cell, samples: int = SAMPLES) -> Covered:
    """The coverage of a cell from `samples` samples, fewer where these are too many draws."""
    size = max(cell.years, cell.per_year * cell.years)
    samples = min(samples, int(DRAWS_OF_A_CELL / size))
    at_once = max(1, int(DRAWS_AT_ONCE / size))
    truth = cell.per_year * cell.mean_min
    above, below, hall, zeros, widths = 0, 0, 0, 0, []
    for batch, first in enumerate(range(0, samples, at_once)):
        drawn = draw(cell, min(at_once, samples - first), batch)
        low, high = bounds(drawn, cell.years)
        above += int((low > truth).sum())
        below += int((high < truth).sum())
        low_of_hall, high_of_hall = hall_bounds(drawn, cell.years)
        hall += int(((low_of_hall <= truth) & (truth <= high_of_hall)).sum())
        seen = drawn.counts > 0
        zeros += int((~seen).sum())
        widths.append((high - low)[seen] / truth)
    found = np.concatenate(widths)
    return Covered(
        cell,
        samples,
        holds=1 - (above + below) / samples,
        above=above / samples,
        below=below / samples,
        hall=hall / samples,
        width=float(np.median(found)) if found.size else math.nan,
        zeros=zeros / samples,
    )


def _high_of_zeros(years: int) -> float:
    return never_seen(years, CONFIDENCE, largest=MINUTES_PER_YEAR).high or 0.0


def bounds(drawn: Samples, years: int) -> tuple[Floats, Floats]:
    """What `rare_mean` says of each sample, for all of them at once (a test compares the two)."""
    sample = np.repeat(np.arange(drawn.counts.size), drawn.counts)
    squares = np.bincount(sample, weights=drawn.parts**2, minlength=drawn.counts.size)
    squares = np.maximum(squares, years * drawn.totals.var(axis=1, ddof=1))
    seen = drawn.counts > 0
    starts = (np.cumsum(drawn.counts) - drawn.counts)[seen]
    unseen = np.maximum.reduceat(drawn.parts, starts) if starts.size else np.zeros(0)
    unseen = unseen * unseen_factor(drawn.counts[seen].astype(np.float64))
    low, high = np.zeros(seen.size), np.full(seen.size, _high_of_zeros(years))
    low[seen], high[seen] = compound_bounds(
        drawn.totals[seen].sum(axis=1), squares[seen], unseen, CONFIDENCE
    )
    high[seen] = np.minimum(high[seen] / years, MINUTES_PER_YEAR)
    return low / years, high


def hall_bounds(drawn: Samples, years: int) -> tuple[Floats, Floats]:
    """What `mean` says of each sample; no bounds where all years are equal and not zero."""
    centre = drawn.totals.mean(axis=1)
    off = drawn.totals - centre[:, None]
    spread = np.sqrt((off**2).sum(axis=1) / (years - 1))
    seen = spread > 0
    scale = np.where(seen, spread, 1.0)
    third = (off**3).sum(axis=1) * years / ((years - 1) * (years - 2))
    reach = float(t.ppf((1 + CONFIDENCE) / 2, years - 1))
    error = spread / math.sqrt(years)
    low = centre - inverse_cubic(reach, third / scale**3, years) * error
    high = centre - inverse_cubic(-reach, third / scale**3, years) * error
    return np.where(seen, low, 0.0), np.where(seen, high, _high_of_zeros(years))


def table(found: Sequence[Covered]) -> Iterator[str]:
    """The lines of the table: a row for each cell but for the laws, which stand side by side."""
    laws = list(LOG_SDS)
    yield f"{'':40}" + "".join(f"{law:^28}" for law in laws).rstrip()
    heads = f"{'holds':>7}{'above':>6}{'below':>6}{'width':>9}"
    yield f"{'unavail.':>8}{'outage':>8}{'a year':>9}{'years':>7}{'zeros':>8}" + heads * len(laws)
    for first in range(0, len(found), len(laws)):
        row = found[first : first + len(laws)]
        cell = row[0].cell
        yield (
            f"{cell.unavailability:>8.0e}{cell.outage:>8}{cell.per_year:>9.2g}{cell.years:>7}"
            f"{row[0].zeros:>8.3f}"
        ) + "".join(
            f"{one.holds:>7.3f}{one.above:>6.3f}{one.below:>6.3f}"
            + (f"{one.width:>9.3g}" if math.isfinite(one.width) else f"{'-':>9}")
            for one in row
        )


def lowest(found: Sequence[Covered]) -> Iterator[str]:
    """The lines of the short table: the lowest coverage of each law and number of years."""
    yield f"{'law':<12}" + "".join(f"{f'n = {years:,}':^18}" for years in YEARS).rstrip()
    yield f"{'':<12}" + (f"{'gamma':>9}{'Hall':>7}  " * len(YEARS)).rstrip()
    for law in LOG_SDS:
        line = f"{law:<12}"
        for years in YEARS:
            cells = [one for one in found if (one.cell.law, one.cell.years) == (law, years)]
            line += f"{min(c.holds for c in cells):>9.3f}{min(c.hall for c in cells):>7.3f}  "
        yield line.rstrip()


def beyond() -> Iterator[str]:
    """The lines on what the interval does not hold, by the outages expected in 1,000 years."""
    yield f"The length of outages is {MIXED}: a failover of 15 s, or 2 h."
    for power in range(2, 7):
        cell = Cell(10.0**-power, "1 h", 1_000, MIXED)
        found = measure(cell)
        outages = cell.per_year * cell.years
        yield (
            f"{outages:>8,.0f} outages expected, {outages / 100:>7,.1f} by hand: "
            f"holds {found.holds:.3f}, Hall's {found.hall:.3f}"
        )


def main() -> int:
    """Measure all cells on all processors; returns the exit code."""
    with process_pool(processors()) as pool:
        found = list(map_in_order(pool, measure, grid()))
    print(
        f"Nominal {100 * CONFIDENCE:g} % intervals of mean yearly downtime: Poisson outages a year,"
        " lengths exponential or\nlognormal (s: deviation of the logarithm). Seed "
        f"{SEED}, {min(one.samples for one in found):,} to {SAMPLES:,} samples a cell, Monte Carlo "
        f"error {min(one.error for one in found):.4f} to {max(one.error for one in found):.4f}.\n"
        "a year: outages. zeros: share of samples without any (of the first law). holds: share of "
        "intervals that hold\nthe true mean; above, below: that lie above, below it. width: median "
        "of (high - low) / true mean, of the\nsamples with an outage.\n"
    )
    print(*table(found), sep="\n")
    print("\nThe lowest in each, and of Hall's interval over the years, on the same samples:\n")
    print(*lowest(found), sep="\n")
    print("\nBeyond the assumption, which no sample can check:\n")
    print(*beyond(), sep="\n")
    failed = [one for one in found if one.holds < LEAST - 2 * one.error]
    worst = min(found, key=lambda one: one.holds)
    print(f"\n{len(found)} cells; the lowest holds {worst.holds:.4f}: {worst.cell}")
    print(f"{len(failed)} below {LEAST}" + "".join(f"\n  {one.cell}" for one in failed))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
