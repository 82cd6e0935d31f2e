"""Continuous-time Markov chains small enough to be solved: the exact answers without a formula.

A chain is explored from its first state by a function that gives the rates out of any state.
Transient answers are by uniformization: the chain is observed at the ticks of a Poisson process of
rate q, and probabilities of the number of ticks weight the powers of the jump matrix.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags, identity
from scipy.sparse.linalg import splu
from scipy.stats import poisson

S = TypeVar("S", bound=Hashable)
Vector = NDArray[np.float64]

_NEGLIGIBLE: Final = 1e-15
"""Probability of more ticks than are summed over."""


class Chain(Generic[S]):
    """States in the order of exploration (the first is the start) and the rates between them."""

    def __init__(
        self,
        start: S,
        rates: Callable[[S], Iterable[tuple[float, S]]],
        *,
        until: Callable[[S], bool] = lambda _: False,
    ) -> None:
        """Explore; a state for which ``until`` is true is absorbing."""
        self.states = [start]
        place = {start: 0}
        entries: list[tuple[float, int, int]] = []
        waiting = deque([start])
        while waiting:
            state = waiting.popleft()
            for rate, following in () if until(state) else rates(state):
                if following not in place:
                    place[following] = len(self.states)
                    self.states.append(following)
                    waiting.append(following)
                entries.append((rate, place[state], place[following]))
        self.transitions = len({(row, column) for _, row, column in entries})
        values, rows, columns = zip(*entries, strict=True)
        size = len(self.states)
        out: Any = csr_matrix((values, (rows, columns)), shape=(size, size))
        self._generator: Any = out - diags(np.asarray(out.sum(axis=1)).ravel())

    def where(self, condition: Callable[[S], bool]) -> Vector:
        """Return 1 for the states that meet the condition, 0 for the others."""
        return np.array([float(condition(state)) for state in self.states])

    def values(self, value: Callable[[S], float]) -> Vector:
        """Return a value of each state."""
        return np.array([value(state) for state in self.states], dtype=np.float64)

    def stationary(self) -> Vector:
        """Return the long-run probabilities of an irreducible chain."""
        system = self._generator.T.tolil()
        system[0, :] = 1.0
        right = np.zeros(len(self.states))
        right[0] = 1.0
        solution: Vector = splu(csc_matrix(system)).solve(right)
        return solution

    def variance_rate(self, values: Vector) -> float:
        """Return the variance of the time integral of ``values`` over a long time, over that time.

        By the deviation of the chain from its long run: Q g = mean - values.
        """
        law = self.stationary()
        centred = values - float(law @ values)
        system = self._generator.tolil()
        system[0, :] = law
        right = -centred
        right[0] = 0.0
        return 2 * float((law * centred) @ splu(csc_matrix(system)).solve(right))

    def transient(self, time: float) -> tuple[Vector, Vector]:
        """Return the probabilities at ``time``, and the expected time in each state until then."""
        rate = 1.02 * float(-self._generator.diagonal().min())
        jumps: Any = (identity(len(self.states)) + self._generator / rate).T.tocsr()
        ticks = int(poisson.isf(_NEGLIGIBLE, rate * time)) + 1
        counts = np.arange(ticks + 1)
        at_weights = poisson.pmf(counts, rate * time)
        until_weights = poisson.sf(counts, rate * time) / rate
        now = np.zeros(len(self.states))
        now[0] = 1.0
        at, until = np.zeros_like(now), np.zeros_like(now)
        for at_weight, until_weight in zip(at_weights, until_weights, strict=True):
            at += at_weight * now
            until += until_weight * now
            now = jumps @ now
        return at, until

    def absorption(self) -> tuple[Vector, Vector]:
        """Return the expected time in each state before absorption, and where that ends."""
        absorbing = np.asarray(self._generator.diagonal()) == 0
        inner, last = np.flatnonzero(~absorbing), np.flatnonzero(absorbing)
        start = np.zeros(len(inner))
        start[0] = 1.0
        times = splu(csc_matrix(-self._generator[inner][:, inner].T)).solve(start)
        spent, ends = np.zeros(len(self.states)), np.zeros(len(self.states))
        spent[inner] = times
        ends[last] = times @ self._generator[inner][:, last]
        return spent, ends
