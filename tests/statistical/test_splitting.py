"""Splitting against exact answers, against plain runs, and what branches have in common."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy.stats import kstest

from experiments.engines import shipped_design, shipped_profile
from experiments.incident_mode import metric_of
from experiments.simulation import RunOrder, simulate
from experiments.splitting import SplittingOrder, run_splitting_study
from experiments.splitting.study import _z
from experiments.splitting.tree import Splits, Tree, grow
from experiments.splitting.walk import WorldWalk
from experiments.validation.exact.parts import (
    Outages,
    Unit,
    board_of,
    exponential_h,
    hours,
    wear,
)
from experiments.validation.exact.row import mean_of
from experiments.validation.exact.splitting import Units, UnitsWalk, down_h, model_of
from sim.clock import YEAR_NS, to_seconds
from sim.engine import Kernel
from sim.laws import Fixed, Law, Replay, Weibull

UNITS = Units(3, 20.0, (5, 10))
LIFE_H = 10.0
HORIZON_H = 40.0


class WornWalk(UnitsWalk):
    """Three units whose lives are short or long (Weibull, shape 0.7): a law with a memory."""

    def __init__(self, replication: int) -> None:
        self.kernel = Kernel(seed=20261130, replication=replication)
        self._board = board_of(self.kernel)
        every = Weibull.from_mean_shape(LIFE_H * 3600, 0.7)
        for number in range(3):
            unit = Unit(self.kernel, f"unit/{number}")
            lasts = exponential_h(1.0)
            wear(self.kernel, self._board, unit.path, unit.effect(), every, lasts=lasts)
        self._outages = Outages(self.kernel, "system", lambda: self._board.active < 3)


def worn_tree(replication: int, *splits: int) -> Tree:
    """The tree of one root of such units."""
    return grow(partial(WornWalk, replication), Splits(splits), hours(HORIZON_H))


def test_what_is_rare_comes_often_and_its_mean_is_exact() -> None:
    """A branch that is not weighted, or is followed after it has fallen, would count too much."""
    tree_h = model_of(UNITS).sample(100)[:, 0]
    mean_h, error_h = mean_of(tree_h)
    assert abs(mean_h - down_h(UNITS)) < 3.5 * error_h
    plain_h = model_of(UNITS._replace(splits=(1, 1))).sample(600, seed=1)[:, 0]
    assert np.mean(tree_h > 0) > 5 * np.mean(plain_h > 0)
    assert float(tree_h.var()) < float(plain_h.var()) / 2


def test_lives_that_remember_are_split_like_others() -> None:
    """A branch that forgot how long a unit has lived would see other lives."""
    plain_h = np.array([worn_tree(number, 1).harm_s for number in range(1000, 4000)])
    split = [worn_tree(number, 3, 6) for number in range(150)]
    (plain, plain_error), (mean, error) = (
        mean_of(values) for values in (plain_h, np.array([tree.harm_s for tree in split]))
    )
    assert abs(plain - mean) < 3.5 * float(np.hypot(plain_error, error))
    assert [sum(tree.reached[level] for tree in split) > 150 for level in (0, 1)] == [True, True]


def test_a_root_is_the_run_that_it_would_be_alone() -> None:
    """Branches that disturbed it would make every check against plain runs one against itself."""
    alone = [worn_tree(number, 1).harm_s for number in range(60)]
    assert [worn_tree(number, 2, 3).own_s for number in range(60)] == alone
    assert any(alone)


@pytest.mark.parametrize("waited_h", [0.2, 3.0])
def test_a_life_drawn_again_is_one_that_has_lasted_so_long(waited_h: float) -> None:
    """Lives drawn anew from their beginning would be too long for units that have aged."""
    law = Weibull.from_mean_shape(LIFE_H * 3600, 2.0)
    left_s = []
    for replication in range(2500):
        kernel = Kernel(seed=5, replication=replication)
        struck: list[int] = []
        unit = Unit(kernel, "unit")
        board = board_of(kernel)
        # The first life began before the run; the second begins when the first fault is over.
        wear(kernel, board, unit.path, unit.effect(), law, lasts=Fixed(0.0))
        board.listen(lambda fault, began, to=struck: to.append(fault.start_ns) if began else None)
        while not struck:
            kernel.step()
        born_ns = kernel.now
        kernel.run_until(born_ns + hours(waited_h))
        if len(struck) == 1:
            kernel.branch(1)
            while len(struck) == 1:
                kernel.step()
            left_s.append(to_seconds(struck[1] - born_ns))
    since_s = waited_h * 3600
    survived = 1 - law.cdf(since_s)
    assert len(left_s) > 2000 * survived
    found = kstest(left_s, lambda x: (np.vectorize(law.cdf)(x) - law.cdf(since_s)) / survived)
    assert found.pvalue > 1e-3


@pytest.mark.parametrize("law", [Fixed(3600.0), Replay((3600.0, 7200.0))])
def test_a_life_without_chance_has_one_future(law: Law) -> None:
    """A trace would skip a value, or a fixed time begin again."""
    found = set()
    for number in (0, 1, 2):
        kernel = Kernel(seed=0)
        unit, board = Unit(kernel, "unit"), board_of(kernel)
        wear(kernel, board, unit.path, unit.effect(), law, lasts=Fixed(60.0))
        struck: list[int] = []
        board.listen(lambda fault, began, to=struck: to.append(fault.start_ns) if began else None)
        # The first life began before the run, nobody knows when: one may be drawn again.
        kernel.run_until(hours(1.5))
        if number:
            kernel.branch(number)
        kernel.run_until(hours(6.0))
        found.add(tuple(struck))
    assert len(found) == 1


def test_a_design_is_split_and_nothing_depends_on_the_workers() -> None:
    """A study whose bits depend on who simulated it could not be held against another."""
    design, profile = shipped_design("deck-redis"), shipped_profile("clean-lab")
    names = ("deck-redis", design, "clean-lab", profile)
    study = run_splitting_study(order := SplittingOrder(*names, roots=4, splits=(3, 2), seed=3))
    assert study == run_splitting_study(order, workers=2)
    assert study.branches > 2 * study.order.roots and study.reached[0] > study.reached[1] >= 0
    rows = [simulate(RunOrder(*names, seed=3, replication=number)).run for number in range(4)]
    own_s = np.mean([row["downtime_s"] for row in rows])
    assert study.own_mean_s == pytest.approx(own_s, rel=1e-12)


def test_the_level_is_what_is_wrong_at_once_and_falls_when_it_is_over() -> None:
    """A level that stays up splits years at faults that have nothing to do with harm."""
    names = ("deck-full", shipped_design("deck-full"), "cloud-2015", shipped_profile("cloud-2015"))
    walk = WorldWalk(RunOrder(*names), "down")
    turns = [walk.level()]
    while walk.kernel.now < YEAR_NS // 6:
        walk.kernel.step()
        if walk.level() != turns[-1]:
            turns.append(walk.level())
    assert turns.count(0) > 20
    begun = len(walk._world.board.faults)
    sources = {source.path: source for source in walk._world.sources}
    for path in ("fault/pause/a01", "fault/pause/b01"):
        sources[path].strike()
        walk.kernel.settle()
    assert walk.level() == begun + 2


def test_a_mean_of_few_trees_is_not_told() -> None:
    """Two lucky branches would pass for a result."""
    order = SplittingOrder(
        "deck-redis",
        shipped_design("deck-redis"),
        "no-faults",
        shipped_profile("no-faults"),
        roots=40,
        horizon_ns=YEAR_NS // 12,
        metric=metric_of("split-brain"),
    )
    nothing = run_splitting_study(order)
    assert nothing.interval.estimate == nothing.effective == nothing.z == 0
    assert nothing.interval.p_any_high is not None and nothing.branches == 40
    few = SplittingOrder(
        "deck-redis",
        shipped_design("deck-redis"),
        "clean-lab",
        shipped_profile("clean-lab"),
        roots=5,
        splits=(1,),
    )
    assert run_splitting_study(few).interval.thin


def test_a_difference_of_rounding_is_none() -> None:
    """Thirds that do not add up would be a difference of many errors, or a division by 0."""
    assert _z(np.array([1e-16, 1e-16]), 1e-9) == 0
    assert _z(np.array([3.0, 3.0]), 1e-9) == np.inf
    assert _z(np.array([1.0, 3.0]), 1e-9) == pytest.approx(2.0)
