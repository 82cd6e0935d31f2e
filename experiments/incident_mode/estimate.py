"""From weighted incidents to a mean a year, with its interval.

A world at rest in a state waits for a fault, has an incident, and is at rest again, maybe in
another state. So the states are a Markov chain, and what comes together in a year is the time spent
in each state times what its incidents bring. The mean of a state's incidents is taken in strata (by
kind and first fault) whose chances are known: how often each was simulated then adds no error of
its own. The states' time over the year is the integral of a matrix exponential (C. Van Loan,
"Computing integrals involving the matrix exponential", IEEE Trans. Autom. Control 23 (1978)
395-404).

The error is a jackknife over streams, which are independent: each in turn is left out, and how much
the estimate moves is its share of the error.

Two things are approximate, both by about the length of an incident over a year: that the year's
last incident counts whole, and that the time to the next incident is exponential with its
incident's length added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.incident_mode.chances import KINDS, Floats, Proposal
from experiments.incident_mode.stream import Incident
from experiments.statistics import Interval
from experiments.statistics.interval import THIN_EVENTS
from experiments.statistics.rare import compound_bounds, unseen_factor
from sim.clock import YEAR_NS, to_seconds

Ints = NDArray[np.int64]

_METHOD: Final = "weighted incidents (Fay-Feuer), jackknife over streams"
_FEWEST_EXPECTED: Final = 5.0
"""Strata of which fewer incidents than this are expected are taken together. Expected and not
found: were those taken together of which few were found, a stratum would have its chance when it
comes often and less when it comes seldom, and so too little on average."""

_MOST_GATHERED: Final = 0.5

_YEAR_S: Final = to_seconds(YEAR_NS)


class Nature(NamedTuple):
    """What is known beforehand.

    Nature's chances, faults per second of all sources, the state at first, and the chances with
    which kinds and first faults were made, shape (3, n) for n sources.
    """

    chances: Proposal
    rate_per_s: float
    first_state: str
    made: Floats


class Stream(NamedTuple):
    """The incidents of one stream, their weights, and the part of the study that it belongs to."""

    incidents: Sequence[Incident]
    weights: Sequence[float]
    part: int


@dataclass(frozen=True)
class Estimate:
    """A mean a year and how it is known.

    Attributes:
        interval: of the mean, in the unit of the column a year; ``n`` counts incidents, ``events``
            those in which something was seen.
        standard_error: of the mean, in the same unit.
        effective: how many incidents that bear the same would say as much.
        gathered_share: how much of a year's incidents begin in ways of which fewer than five were
            to be expected in their state, and were taken together.
    """

    interval: Interval
    standard_error: float
    effective: float
    gathered_share: float


def yearly_mean(streams: Sequence[Stream], nature: Nature) -> Estimate:
    """The mean of a year that begins at rest in the first state.

    The bounds are Fay and Feuer's for a weighted sum, with the jackknife's variance and room for
    one weighty incident not yet seen (``experiments/statistics/rare.py``). ``thin`` if it rests on
    fewer than 30 effective incidents, or if more than half of the year's incidents are gathered:
    then too few were simulated for so many states, and neither the mean nor its bounds hold.
    Measured on ``deck-full`` under ``cloud-2015``, downtime 350: 4,096 incidents, 80 % gathered,
    gave 230 to 380 min/year with a standard error of 16; 20,096, 40 % gathered, 344 and 348.

    Where nothing was seen there is no upper bound, as incidents were sought where there are none.
    Raises ValueError for a part of fewer than two streams, which says nothing of its error.
    """
    table = _Table(streams, nature)
    parts = table.parts_of_mean()
    seen = int(np.count_nonzero(parts))
    if not seen:
        nothing = Interval(0.0, 0.0, None, "never seen: no bound", parts.size, 0)
        return Estimate(nothing, 0.0, 0.0, table.gathered_share)
    error = _jackknife(table, np.array([stream.part for stream in streams]))
    effective = float(parts.sum() ** 2 / (parts**2).sum())
    unseen = float(parts.max() * unseen_factor(np.array(effective)))
    low, high = _bounds(float(parts.sum()), error**2, unseen)
    thin = effective < THIN_EVENTS or table.gathered_share > _MOST_GATHERED
    interval = Interval(float(parts.sum()), low, high, _METHOD, parts.size, seen, thin)
    return Estimate(interval, error, effective, table.gathered_share)


def outlooks(streams: Sequence[Stream], nature: Nature) -> dict[str, float]:
    """What a year that begins at rest in each state brings, as far as the incidents tell."""
    table = _Table(streams, nature)
    return dict(zip(table.names, table.means(table.all_streams).tolist(), strict=True))


def _bounds(estimate: float, variance: float, unseen: float) -> tuple[float, float]:
    whole, squares, more = (np.array([value]) for value in (estimate, variance, unseen))
    lows, highs = compound_bounds(whole, squares, more, 0.95)
    return float(lows[0]), float(highs[0])


def _jackknife(table: _Table, parts: Ints) -> float:
    """The standard error: streams vary within their part."""
    variance = 0.0
    for part in np.unique(parts):
        (members,) = np.nonzero(parts == part)
        size = members.size
        if size < 2:
            raise ValueError(f"part {part} has {size} streams; an error needs two")
        without = []
        for member in members:
            # The others of its part stand for it, so that the parts keep their shares.
            kept = np.where(parts == part, size / (size - 1), 1.0)
            kept[member] = 0.0
            without.append(float(table.means(kept)[0]))
        spread = np.array(without) - np.mean(without)
        variance += (size - 1) / size * float((spread**2).sum())
    return math.sqrt(variance)


class _Table:
    """All incidents as columns, from which a mean is found for any weights of the streams."""

    def __init__(self, streams: Sequence[Stream], nature: Nature) -> None:
        incidents = [one for stream in streams for one in stream.incidents]
        names = {nature.first_state: 0}
        for one in incidents:
            names.setdefault(one.before, len(names))
            names.setdefault(one.after, len(names))
        self.names = tuple(names)
        self.states = len(names)
        self.rest_s = 1.0 / nature.rate_per_s
        self.before = np.array([names[one.before] for one in incidents])
        self.after = np.array([names[one.after] for one in incidents])
        self.values = np.array([one.value for one in incidents])
        self.lasted_s = np.array([one.lasted_s for one in incidents])
        self.weights = np.array([weight for stream in streams for weight in stream.weights])
        sizes = [len(stream.incidents) for stream in streams]
        self.stream = np.repeat(np.arange(len(streams)), sizes)
        self.stratum, self.chances = self._strata(incidents, nature)

    def _strata(self, incidents: Sequence[Incident], nature: Nature) -> tuple[Ints, Floats]:
        """The stratum of each incident, counted through all states, and every stratum's chance.

        The first of a state takes in those of which few are expected. Chances: shape (states, 1 +
        kinds x sources).
        """
        sources = nature.chances.seconds.size
        kinds_and_firsts = nature.chances.beginnings.ravel()
        counts = np.bincount(self.before, minlength=self.states)
        few = counts[:, None] * nature.made.ravel() < _FEWEST_EXPECTED
        chances = np.where(few, 0.0, kinds_and_firsts)
        gathered = np.where(few, kinds_and_firsts, 0.0).sum(axis=1)
        own = np.array([one.choice.kind * sources + one.choice.first for one in incidents])
        places = np.where(few[self.before, own], 0, own + 1)
        return (
            self.before * (KINDS * sources + 1) + places,
            np.column_stack([gathered, chances]),
        )

    @property
    def all_streams(self) -> Floats:
        """Each stream counted once."""
        return np.ones(int(self.stream.max()) + 1)

    def means(self, kept: Floats) -> Floats:
        """Means of years from each state, with the incidents of a stream counted ``kept`` times."""
        value, visits = self._values_and_visits(self._factors(kept))
        found: Floats = visits @ value
        return found

    def parts_of_mean(self) -> Floats:
        """What each incident stands for in the mean from the first state: they add up to it."""
        factors = self._factors(self.all_streams)
        _, visits = self._values_and_visits(factors)
        found: Floats = visits[0, self.before] * factors * self.values
        return found

    @property
    def gathered_share(self) -> float:
        """How much of a year's incidents are of gathered strata."""
        _, visits = self._values_and_visits(self._factors(self.all_streams))
        return float(visits[0] @ self.chances[:, 0] / visits[0].sum())

    def _values_and_visits(self, factors: Floats) -> tuple[Floats, Floats]:
        """What an incident brings in each state, and how many begin there in a year from each."""
        value = _sums(self.before, factors * self.values, self.states)
        lasted_s = _sums(self.before, factors * self.lasted_s, self.states)
        moves = np.zeros((self.states, self.states))
        np.add.at(moves, (self.before, self.after), factors)
        left = moves.sum(axis=1)
        # A state out of which nothing was seen is left as it is and brings nothing.
        np.fill_diagonal(moves, np.where(left > 0, moves.diagonal(), 1.0))
        moves /= moves.sum(axis=1, keepdims=True)
        return value, _visits(1.0 / (self.rest_s + lasted_s), moves)

    def _factors(self, kept: Floats) -> Floats:
        """What share of its state's incidents each stands for: in each state they add up to 1."""
        weights = self.weights * kept[self.stream]
        total = _sums(self.stratum, weights, self.chances.size)
        chances = np.where(total > 0, self.chances.ravel(), 0.0).reshape(self.chances.shape)
        # The chance of strata that are empty here is spread over those that are not.
        whole = chances.sum(axis=1, keepdims=True)
        chances = np.divide(chances, whole, out=np.zeros_like(chances), where=whole > 0)
        share = np.divide(chances.ravel(), total, out=np.zeros(self.chances.size), where=total > 0)
        factors: Floats = weights * share[self.stratum]
        return factors


def _sums(places: Ints, weights: Floats, size: int) -> Floats:
    """The sums of the weights at each of ``size`` places."""
    return np.bincount(places, weights, size).astype(np.float64)


def _visits(rates_per_s: Floats, moves: Floats) -> Floats:
    """How many incidents begin in each state (columns) in a year from each state (rows)."""
    from scipy.linalg import expm

    states = rates_per_s.size
    block = np.zeros((2 * states, 2 * states))
    block[:states, :states] = rates_per_s[:, None] * (moves - np.eye(states))
    block[:states, states:] = np.diag(rates_per_s)
    found: Floats = expm(block * _YEAR_S)[:states, states:]
    return found
