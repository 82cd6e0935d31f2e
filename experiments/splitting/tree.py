"""A root and its branches: one run from its beginning, and other futures of it where it came near.

RESTART (M. and J. Villén-Altamirano, "RESTART: a method for accelerating rare event simulations",
ITC-13, 1991): whenever a run reaches a higher level it is split into several, and each but the
first is given up when it falls below the level at which it was born. What comes together at a level
is divided by how many there are of it, so the mean stays what it is and varies less.

A world of closures and a heap cannot be copied, but it can be lived through again: a branch is the
same run up to an event, told by its number, and draws other random numbers from there. That costs
the past once more. Where things are mostly right a past is short, as quiet time costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from experiments.splitting.walk import Walk


class Fork(NamedTuple):
    """Where a branch leaves the run that it is split from: after so many events, as which."""

    events: int
    number: int


class Branch(NamedTuple):
    """All forks on the way to it, and the level below which it is given up (the root: 0)."""

    forks: tuple[Fork, ...] = ()
    born_at: int = 0


@dataclass
class Tree:
    """What a root and its branches came to.

    Attributes:
        harm_s: of all of them, weighted; its mean over roots is that of plain runs.
        own_s: that of the root alone, which is a plain run.
        reached: how often any of them came to level 1, 2, ...
        branches: how many there were, the root included.
    """

    harm_s: float = 0.0
    own_s: float = 0.0
    reached: list[int] = field(default_factory=list)
    branches: int = 0


class Splits:
    """Into how many a run is split on reaching level 1, 2, ...; beyond them it is no more."""

    def __init__(self, by_level: Sequence[int]) -> None:
        self.by_level = tuple(by_level)
        self.top = len(self.by_level)
        self.weights = [1.0 / whole for whole in accumulate((1, *by_level), int.__mul__)]
        self._numbers_before = list(accumulate((0, *by_level)))

    def branches(self, forks: tuple[Fork, ...], events: int, level: int) -> list[Branch]:
        """The further branches of a run that reaches ``level`` now."""
        before = self._numbers_before[level - 1]
        return [
            Branch((*forks, Fork(events, before + number)), level)
            for number in range(1, self.by_level[level - 1])
        ]


def grow(begin: Callable[[], Walk], splits: Splits, horizon_ns: int) -> Tree:
    """Follow a root and all its branches up to ``horizon_ns``; ``begin`` builds the run anew."""
    tree = Tree(reached=[0] * splits.top)
    waiting = [Branch()]
    while waiting:
        branch = waiting.pop()
        tree.branches += 1
        _Follower(begin(), branch, splits, tree, waiting).follow(horizon_ns)
    return tree


class _Follower:
    """Follows one branch from its birth to its end."""

    def __init__(
        self, walk: Walk, branch: Branch, splits: Splits, tree: Tree, waiting: list[Branch]
    ) -> None:
        self.walk = walk
        self.branch = branch
        self.splits = splits
        self.tree = tree
        self.waiting = waiting
        self._live_again()
        self.level = branch.born_at
        self.counted_s = walk.harm_s()

    def _live_again(self) -> None:
        """Go the way up to where the branch leaves it."""
        kernel = self.walk.kernel
        for events, number in self.branch.forks:
            while kernel.events < events:
                kernel.step()
            kernel.branch(number)

    def follow(self, horizon_ns: int) -> None:
        """Go on until it is given up, or to the end."""
        kernel = self.walk.kernel
        while True:
            level = min(self.walk.level(), self.splits.top)
            if level != self.level:
                self._turn(level)
                if level < self.branch.born_at:
                    return
            due_ns = kernel.next_due_ns()
            if due_ns is None or due_ns >= horizon_ns:
                break
            kernel.step()
        kernel.run_until(horizon_ns)
        self._count()

    def _turn(self, level: int) -> None:
        self._count()
        for reached in range(self.level + 1, level + 1):
            self.tree.reached[reached - 1] += 1
            self.waiting += self.splits.branches(
                self.branch.forks, self.walk.kernel.events, reached
            )
        self.level = level

    def _count(self) -> None:
        """Add what has come together since it was last counted, at the present level."""
        total_s = self.walk.harm_s()
        self.tree.harm_s += (total_s - self.counted_s) * self.splits.weights[self.level]
        if not self.branch.forks:
            self.tree.own_s += total_s - self.counted_s
        self.counted_s = total_s
