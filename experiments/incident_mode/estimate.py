"""From weighted incidents to a mean a year, with its interval.

A world at rest in a state waits for a fault, has an incident, and is at rest again, maybe in
another state. So the states are a Markov chain, and what comes together in a year is the time spent
in each state times what its incidents bring. The mean of a state's incidents is taken in strata (by
kind and first fault) whose chances are known: how often each was simulated then adds no error of
its own. The states' time over the year is the integral of a matrix exponential (C. Van Loan,
"Computing integrals involving the matrix exponential", IEEE Trans. Autom. Control 23 (1978)
395-404).

The interval is a jackknife over streams, which are independent: each in turn is left out, and how
much the estimate moves is its share of the error.

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
from sim.clock import YEAR_NS, to_seconds

Ints = NDArray[np.int64]

_METHOD: Final = "weighted incidents, jackknife over streams, t"
_THIN_STRATUM: Final = 5
"""Strata with fewer incidents than this are taken together: a mean of one or two is no mean."""

_YEAR_S: Final = to_seconds(YEAR_NS)


class Nature(NamedTuple):
    """What is known beforehand: chances, faults per second of all sources, the state at first."""

    chances: Proposal
    rate_per_s: float
    first_state: str


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
        effective: how many incidents of equal weight would say as much of the mean's parts.
    """

    interval: Interval
    standard_error: float
    effective: float


def yearly_mean(streams: Sequence[Stream], nature: Nature) -> Estimate:
    """The mean of a year that begins at rest in the first state.

    ``thin`` if fewer than 30 effective incidents bore the value; where it was never seen there is
    no upper bound, as rare incidents were sought where they were not. Raises ValueError for parts
    of fewer than two streams, which say nothing of their error.
    """
    table = _Table(streams, nature)
    everything = table.mean(np.ones(len(streams)))
    error, freedom = _jackknife(table, np.array([stream.part for stream in streams]))
    bearing = table.weights * np.abs(table.values)
    seen = int(np.count_nonzero(table.values))
    effective = float(bearing.sum() ** 2 / (bearing**2).sum()) if seen else 0.0
    return Estimate(
        _interval(everything, error, freedom, table.values, seen, effective), error, effective
    )


def _interval(
    estimate: float, error: float, freedom: int, values: Floats, seen: int, effective: float
) -> Interval:
    if not seen:
        return Interval(0.0, 0.0, None, "never seen: no bound", values.size, 0)
    from scipy.stats import t

    reach = float(t.ppf(0.975, freedom)) * error
    low = max(0.0, estimate - reach)
    thin = effective < THIN_EVENTS
    return Interval(estimate, low, estimate + reach, _METHOD, values.size, seen, thin)


def _jackknife(table: _Table, parts: Ints) -> tuple[float, int]:
    """The standard error and its degrees of freedom: streams vary within their part."""
    variance, freedom = 0.0, 0
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
            without.append(table.mean(kept))
        spread = np.array(without) - np.mean(without)
        variance += (size - 1) / size * float((spread**2).sum())
        freedom += size - 1
    return math.sqrt(variance), freedom


class _Table:
    """All incidents as columns, from which a mean is found for any weights of the streams."""

    def __init__(self, streams: Sequence[Stream], nature: Nature) -> None:
        incidents = [one for stream in streams for one in stream.incidents]
        names = {nature.first_state: 0}
        for one in incidents:
            names.setdefault(one.before, len(names))
            names.setdefault(one.after, len(names))
        self.states = len(names)
        self.rest_s = 1.0 / nature.rate_per_s
        self.before = np.array([names[one.before] for one in incidents])
        self.after = np.array([names[one.after] for one in incidents])
        self.values = np.array([one.value for one in incidents])
        self.lasted_s = np.array([one.lasted_s for one in incidents])
        self.weights = np.array([weight for stream in streams for weight in stream.weights])
        sizes = [len(stream.incidents) for stream in streams]
        self.stream = np.repeat(np.arange(len(streams)), sizes)
        self.stratum, self.chances = self._strata(incidents, nature.chances)

    def _strata(self, incidents: Sequence[Incident], chances: Proposal) -> tuple[Ints, Floats]:
        """The stratum of each incident, counted through all states, and every stratum's chance.

        The first of a state takes in its thin ones, and those of which none was simulated.
        """
        sources = chances.seconds.size
        each = KINDS * sources + 1
        own = np.array([one.choice.kind * sources + one.choice.first + 1 for one in incidents])
        places = self.before * each + own
        counts = np.bincount(places, minlength=self.states * each)
        thin = counts < _THIN_STRATUM
        share = np.concatenate([[0.0], (chances.kinds[:, None] * chances.firsts).ravel()])
        of_strata = np.tile(share, (self.states, 1))
        gathered = np.where(thin.reshape(of_strata.shape), of_strata, 0.0)
        of_strata -= gathered
        of_strata[:, 0] = gathered.sum(axis=1)
        places = np.where(thin[places], self.before * each, places)
        return places, of_strata

    def mean(self, kept: Floats) -> float:
        """The mean of a year, with the incidents of each stream counted ``kept`` times."""
        weights = self.weights * kept[self.stream]
        factors = self._factors(weights)
        value = _sums(self.before, factors * self.values, self.states)
        lasted_s = _sums(self.before, factors * self.lasted_s, self.states)
        moves = np.zeros((self.states, self.states))
        np.add.at(moves, (self.before, self.after), factors)
        left = moves.sum(axis=1)
        # A state out of which nothing was seen is taken to be as the first one.
        unseen = left <= 0
        value[unseen], lasted_s[unseen], moves[unseen] = value[0], lasted_s[0], moves[0]
        moves /= moves.sum(axis=1, keepdims=True)
        rates_per_s = 1.0 / (self.rest_s + lasted_s)
        return _over_a_year(rates_per_s, moves, value)

    def _factors(self, weights: Floats) -> Floats:
        """What share of its state's incidents each stands for: in each state they add up to 1."""
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


def _over_a_year(rates_per_s: Floats, moves: Floats, value: Floats) -> float:
    from scipy.linalg import expm

    states = rates_per_s.size
    block = np.zeros((states + 1, states + 1))
    block[:states, :states] = rates_per_s[:, None] * (moves - np.eye(states))
    block[:states, states] = rates_per_s * value
    return float(expm(block * _YEAR_S)[0, states])
