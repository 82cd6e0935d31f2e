"""How an incident begins: the choices, how likely nature makes each, and how likely we do.

An incident begins with one fault. What happens in its *window*, a short time after that, decides
whether it becomes a rare one: there either strikes no further fault (*alone*), one (*joined*) or
more (*crowded*). Nature nearly always leaves it alone; here the three kinds, the first fault and
the second are chosen with chances of our own, and each incident is weighted by how much more likely
nature is to make its choice. After the window faults come as nature sends them.

The chances of our own are those that make the estimate vary least: chance of nature times root mean
square of what was found (Neyman's allocation), learnt from a pilot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALONE, JOINED, CROWDED = range(3)
KINDS: Final = 3

_FURTHER_FAULTS: Final = 0.05
"""Chosen: the faults to be expected in a window. Long enough for most failovers and repairs to be
hit, and short enough for two more to be one in a thousand. With incidents enough it changes how
much is gained, and not what is estimated; so do the shares below."""

_NATURAL_SHARE: Final = 0.3
"""How much of every plan is as nature has it, so that no weight exceeds its inverse (a defensive
mixture: T. Hesterberg, "Weighted average importance sampling and defensive mixture distributions",
Technometrics 37 (1995) 185-194)."""

_WIDE_SHARE: Final = 0.1
"""How much of a plan goes on looking everywhere, whatever the pilot has taught."""

_WIDE_KINDS: Final = (0.5, 0.4, 0.1)
"""Chosen: alone, joined and crowded where a plan looks everywhere."""


def window_ns_of(rates_per_s: Floats) -> int:
    """The length of a window, ns, for sources that strike so often each."""
    return round(_FURTHER_FAULTS / float(rates_per_s.sum()) * 1e9)


class Choice(NamedTuple):
    """How an incident begins: kind, first fault, and second in the window (0 if alone).

    Faults are named by the place of their source. In a crowded window ``second`` is the earliest.
    """

    kind: int
    first: int
    second: int


class Choices(NamedTuple):
    """Many choices as columns, each of shape (incidents,)."""

    kinds: Ints
    firsts: Ints
    seconds: Ints

    @classmethod
    def of(cls, choices: Sequence[Choice]) -> Choices:
        """The choices as columns."""
        return cls(*np.array(choices, dtype=np.int64).reshape(-1, 3).T)


class Proposal(NamedTuple):
    """Chances of kinds, of first faults by kind, and of second faults.

    Shapes: (3,), (3, n) and (n,) for n sources; each row adds up to 1.
    """

    kinds: Floats
    firsts: Floats
    seconds: Floats

    @property
    def beginnings(self) -> Floats:
        """How likely each kind and first fault is, shape (3, n)."""
        return self.kinds[:, None] * self.firsts

    def of(self, choices: Choices) -> Floats:
        """How likely each choice is, shape (choices,)."""
        kinds, firsts, seconds = choices
        further = np.where(kinds == ALONE, 1.0, self.seconds[seconds])
        found: Floats = self.kinds[kinds] * self.firsts[kinds, firsts] * further
        return found

    def choose(self, uniforms: Sequence[float]) -> Choice:
        """The choice that three uniform numbers make."""
        kind = drawn(self.kinds, uniforms[0])
        first = drawn(self.firsts[kind], uniforms[1])
        second = 0 if kind == ALONE else drawn(self.seconds, uniforms[2])
        return Choice(kind, first, second)


def drawn(chances: Floats, uniform: float) -> int:
    """The place that a uniform number chooses among ``chances``, which add up to 1."""
    place = int(chances.cumsum().searchsorted(uniform, side="right"))
    if place < chances.size:
        return place
    # The sum is short of 1 by rounding; the last possible choice takes what is left.
    return int(np.flatnonzero(chances)[-1])


def natural(rates_per_s: Floats, window_s: float) -> Proposal:
    """The chances that nature gives: faults by their rates, a Poisson number of further ones."""
    total_per_s = float(rates_per_s.sum())
    expected = total_per_s * window_s
    none = float(np.exp(-expected))
    kinds = np.array([none, expected * none, 1.0 - none - expected * none])
    faults = rates_per_s / total_per_s
    return Proposal(kinds, np.tile(faults, (KINDS, 1)), faults)


def wide(nature: Proposal) -> Proposal:
    """Chances that look everywhere: rare kinds often, and every fault, be it ever so rare."""
    size = nature.seconds.size
    return Proposal(
        np.array(_WIDE_KINDS),
        (nature.firsts + 1.0 / size) / 2,
        (nature.seconds + 1.0 / size) / 2,
    )


def learnt(nature: Proposal, choices: Choices, weights: Floats, values: Floats) -> Proposal:
    """The chances that a pilot's incidents teach; where all values are 0, those that look wide.

    ``weights``: nature's chance of each choice over that with which it was made.
    """
    kind, first, second = choices
    squares = weights * values**2
    size = nature.seconds.size
    # Sums of weighted squares are (chance x mean square) already; Neyman wants chance x root mean
    # square, which is the root of (chance x (chance x mean square)).
    kinds = np.sqrt(np.bincount(kind, squares, KINDS) * nature.kinds)
    firsts = [
        np.sqrt(np.bincount(first[kind == one], squares[kind == one], size) * chances)
        for one, chances in enumerate(nature.firsts)
    ]
    further = kind != ALONE
    seconds = np.sqrt(np.bincount(second[further], squares[further], size) * nature.seconds)
    other = wide(nature)
    return Proposal(
        _to_one(kinds, other.kinds),
        np.array([_to_one(*rows) for rows in zip(firsts, other.firsts, strict=True)]),
        _to_one(seconds, other.seconds),
    )


def _to_one(found: Floats, other: Floats) -> Floats:
    """What was found, made to add up to 1; the other chances where nothing was."""
    total = float(found.sum())
    return found / total if total else other


class Plan(NamedTuple):
    """A mixture of proposals: each incident's choice is made by one of them, with its share."""

    proposals: tuple[Proposal, ...]
    shares: tuple[float, ...]

    @property
    def beginnings(self) -> Floats:
        """How likely each kind and first fault is, shape (3, n)."""
        parts = zip(self.proposals, self.shares, strict=True)
        found: Floats = np.sum([share * one.beginnings for one, share in parts], axis=0)
        return found

    def of(self, choices: Choices) -> Floats:
        """How likely each choice is, shape (choices,)."""
        parts = zip(self.proposals, self.shares, strict=True)
        found: Floats = np.sum([share * proposal.of(choices) for proposal, share in parts], axis=0)
        return found

    def choose(self, uniforms: Sequence[float]) -> Choice:
        """The choice that four uniform numbers make."""
        chosen = drawn(np.array(self.shares), uniforms[0])
        return self.proposals[chosen].choose(uniforms[1:])


def pilot_plan(nature: Proposal) -> Plan:
    """How a pilot chooses, which knows nothing yet."""
    return Plan((nature, wide(nature)), (0.5, 0.5))


def main_plan(nature: Proposal, taught: Proposal) -> Plan:
    """How to choose when a pilot has taught where the values are."""
    shares = (_NATURAL_SHARE, _WIDE_SHARE, 1.0 - _NATURAL_SHARE - _WIDE_SHARE)
    return Plan((nature, wide(nature), taught), shares)
