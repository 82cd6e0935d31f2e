"""Weighted incidents as columns, and what they say of a year.

A world at rest in a state waits for a fault, has an incident, and is at rest again, maybe in
another state. So the states are a Markov chain, and what comes together in a year is how many
incidents begin in each state times what they bring.

The mean of a state's incidents is taken in strata (by kind and first fault) whose chances are
known: how often each was simulated then adds no error of its own. How often states are visited in a
year is the integral of a matrix exponential (C. Van Loan, "Computing integrals involving the matrix
exponential", IEEE Trans. Autom. Control 23 (1978) 395-404).

An incident's weight is nature's chance of its choice over the chance with which the study has made
it in that state, pilot and main part together (the balance heuristic of multiple importance
sampling: E. Veach and L. Guibas, "Optimally combining sampling techniques", SIGGRAPH 1995). In that
state, because the parts do not visit states alike: weighted by the parts' sizes, the mean of
the tests' toy is 7 % too low, and no number of incidents mends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Final, NamedTuple

import numpy as np

from experiments.incident_mode.chances import KINDS, Choices, Floats, Ints, Plan, Proposal
from experiments.incident_mode.stream import Incident
from experiments.statistics.adjusted import FOLDS, adjusted
from sim.clock import YEAR_NS, to_seconds

_FEWEST_EXPECTED: Final = 5.0
"""Strata of which fewer incidents than this are expected are taken together. Expected and not
found: were those taken together of which few were found, a stratum would have its chance when it
comes often and less when it comes seldom, and so too little on average."""

_YEAR_S: Final = to_seconds(YEAR_NS)


class Nature(NamedTuple):
    """Nature's chances, and the faults per second of all sources together."""

    chances: Proposal
    rate_per_s: float


class Stream(NamedTuple):
    """The incidents of one stream, and the part of the study that it belongs to."""

    incidents: Sequence[Incident]
    part: int


class Table:
    """All incidents of a study, from which means are found for any weights of its streams.

    ``plans``: how each part of it chose. The first state is that in which the first stream began.
    """

    def __init__(self, streams: Sequence[Stream], nature: Nature, plans: Sequence[Plan]) -> None:
        incidents = [one for stream in streams for one in stream.incidents]
        names: dict[str, int] = {}
        for one in incidents:
            names.setdefault(one.before, len(names))
            names.setdefault(one.after, len(names))
        self.states = len(names)
        self.rest_s = 1.0 / nature.rate_per_s
        self.before = np.array([names[one.before] for one in incidents])
        self.after = np.array([names[one.after] for one in incidents])
        self.values = np.array([one.value for one in incidents])
        self.surprises = _columns([one.surprises for one in incidents])
        self.lasted_s = np.array([one.lasted_s for one in incidents])
        self.parts = np.array([stream.part for stream in streams])
        sizes = [len(stream.incidents) for stream in streams]
        self.stream = np.repeat(np.arange(len(streams)), sizes)
        places = self.before * len(plans) + self.parts[self.stream]
        counts = np.bincount(places, minlength=self.states * len(plans))
        by_part = counts.reshape(self.states, len(plans)).astype(np.float64)
        choices = Choices.of([one.choice for one in incidents])
        self.weights = nature.chances.of(choices) / self._made(choices, by_part, plans)
        self.stratum, self.chances = self._strata(choices, by_part, nature, plans)

    def _made(self, choices: Choices, by_part: Floats, plans: Sequence[Plan]) -> Floats:
        """The chance with which the study has made each choice in its state."""
        shares = (by_part / np.maximum(by_part.sum(axis=1, keepdims=True), 1.0))[self.before]
        made = [shares[:, part] * plan.of(choices) for part, plan in enumerate(plans)]
        found: Floats = np.sum(made, axis=0)
        return found

    def _strata(
        self, choices: Choices, by_part: Floats, nature: Nature, plans: Sequence[Plan]
    ) -> tuple[Ints, Floats]:
        """The stratum of each incident, counted through all states, and every stratum's chance.

        The first of a state takes in those of which few are expected. Chances: shape (states, 1 +
        kinds x sources).
        """
        sources = nature.chances.seconds.size
        kinds_and_firsts = nature.chances.beginnings.ravel()
        expected = by_part @ np.array([plan.beginnings.ravel() for plan in plans])
        few = expected < _FEWEST_EXPECTED
        chances = np.where(few, 0.0, kinds_and_firsts)
        gathered = np.where(few, kinds_and_firsts, 0.0).sum(axis=1)
        own = choices.kinds * sources + choices.firsts
        places = np.where(few[self.before, own], 0, own + 1)
        return (
            self.before * (KINDS * sources + 1) + places,
            np.column_stack([gathered, chances]),
        )

    @property
    def all_streams(self) -> Floats:
        """Each stream counted once."""
        return np.ones(self.parts.size)

    def means(self, kept: Floats) -> Floats:
        """Means of years from each state, with the incidents of a stream counted ``kept`` times."""
        value, visits = self._values_and_visits(self._factors(kept))
        found: Floats = visits @ value
        return found

    def yearly(self) -> Floats:
        """How often an incident like each comes in a year from the first state."""
        factors = self._factors(self.all_streams)
        _, visits = self._values_and_visits(factors)
        found: Floats = visits[0, self.before] * factors
        return found

    def parts_of_mean(self) -> Floats:
        """What each incident stands for in the mean from the first state: they add up to it."""
        found: Floats = self.yearly() * self.values
        return found

    def less_surprises(self) -> Table:
        """The same incidents, their values less what the durations that they drew explain.

        Surprises are 0 on average in every stratum, whatever was chosen, and what is subtracted
        from the incidents of a stream is learnt from the streams of other folds. So no mean changes
        by more than of the order of one over the incidents (a long repair also makes fewer of them
        a year).
        """
        yearly = self.yearly()
        left = adjusted(yearly * self.values, yearly[:, None] * self.surprises, self.stream % FOLDS)
        table = copy(self)
        table.values = np.divide(left, yearly, out=self.values.copy(), where=yearly > 0)
        return table

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


def _columns(rows: Sequence[Mapping[str, float]]) -> Floats:
    """A column for each name of the rows, by name, 0 where a row has none."""
    import pandas as pd

    found: Floats = pd.DataFrame(rows).sort_index(axis=1).fillna(0.0).to_numpy(np.float64)
    return found


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
