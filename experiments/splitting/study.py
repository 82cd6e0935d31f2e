"""A splitting study: independent roots, each with its branches, and the mean a year that they give.

The roots are years as ``sengu run`` simulates them, bit for bit, so every study checks itself: what
the trees say less what their roots say alone is 0 on average. The interval of the mean is that of a
mean over years (``experiments/statistics/rare.py``), a tree in place of a year.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from experiments.design import DesignSpec
from experiments.incident_mode.metrics import METRICS, Metric
from experiments.profile import ProfileSpec
from experiments.simulation import RunOrder
from experiments.splitting.tree import Splits, Tree, grow
from experiments.splitting.walk import Harm, WorldWalk
from experiments.statistics import Interval
from experiments.statistics.interval import THIN_EVENTS
from experiments.statistics.rare import rare_mean
from experiments.study import Study
from experiments.study.workers import map_in_order, process_pool, run_has_ended
from sim.clock import YEAR_NS, to_seconds

HARMS: Final[dict[str, Harm]] = {"downtime_s": "down", "split_brain_s": "split-brain"}
"""What can be split for: the class of seconds behind a column of ``runs``."""

SPLITS: Final = (1, 8, 8)
"""Chosen: what is wrong alone is had for nothing by waiting, two and three at once are not."""

MOST_BRANCHES: Final = 100_000
"""Chosen: a run that goes through all levels once has as many; more are a slip of the hand."""

_ROUNDING_SHARE: Final = 1e-9
"""Chosen, far above the last bit, to which thirds of a second do not add up to it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SplittingOrder:
    """What to estimate: seconds of harm of a design under a profile, from so many roots.

    ``splits``: into how many a run is split when one, two, ... things are wrong at once.
    """

    design_name: str
    design: DesignSpec
    profile_name: str
    profile: ProfileSpec
    roots: int = 100
    horizon_ns: int = YEAR_NS
    splits: tuple[int, ...] = SPLITS
    metric: Metric = METRICS[0]
    seed: int = 0

    @property
    def label(self) -> str:
        """The metric with its unit, a year or a run of another length."""
        whole = self.horizon_ns == YEAR_NS
        return self.metric.label if whole else self.metric.label.replace("/year", "/run")


@dataclass(frozen=True)
class SplittingStudy:
    """A finished study.

    Attributes:
        order: what was asked.
        interval: the mean of a run of the horizon, in the unit of the metric's column.
        standard_error: of that mean.
        effective: how many trees that bear the same would say as much (Kish's effective sample
            size of the trees' totals).
        own_mean_s: the mean of the roots alone, which are plain runs.
        z: how many of its standard errors the difference of the two means is from 0, tree by
            tree; 0 where no tree differs from its root.
        reached: how often a run or a branch came to level 1, 2, ...
        branches: how many runs and branches were followed.
    """

    order: SplittingOrder
    interval: Interval
    standard_error: float
    effective: float
    own_mean_s: float
    z: float
    reached: tuple[int, ...]
    branches: int


def orders_of(study: Study, splits: tuple[int, ...], metric: Metric) -> list[SplittingOrder]:
    """An order for each point of a study, with its years as roots."""
    return [
        SplittingOrder(
            one.design_name,
            one.design,
            one.profile_name,
            one.profile,
            roots=study.replications,
            horizon_ns=study.horizon_ns,
            splits=splits,
            metric=metric,
            seed=study.seed,
        )
        for one in study.points
    ]


def run_splitting_study(
    order: SplittingOrder, workers: int = 1, progress: Callable[[int], object] = lambda roots: None
) -> SplittingStudy:
    """Carry it out; ``progress`` hears of roots that have finished. Depends on the order alone."""
    task = partial(_tree, order)
    if workers == 1:
        return _study(order, _heard(map(task, range(order.roots)), progress))
    with process_pool(workers) as pool:
        return _study(order, _heard(map_in_order(pool, task, range(order.roots)), progress))


def check_splits(splits: Sequence[int]) -> None:
    """Raises ValueError unless they are numbers from 1 up that do not multiply beyond reason."""
    if not splits or min(splits) < 1 or math.prod(splits) > MOST_BRANCHES:
        raise ValueError(
            "splits: expected whole numbers from 1 up, for example 1,8,8, with a product of at "
            f"most {MOST_BRANCHES:,}"
        )


def _tree(order: SplittingOrder, root: int) -> Tree:
    run = RunOrder(
        order.design_name,
        order.design,
        order.profile_name,
        order.profile,
        seed=order.seed,
        replication=root,
    )
    begin = partial(WorldWalk, run, HARMS[order.metric.column])
    tree = grow(begin, Splits(order.splits), order.horizon_ns)
    run_has_ended()
    return tree


def _heard(trees: Iterable[Tree], progress: Callable[[int], object]) -> list[Tree]:
    found = []
    for tree in trees:
        found.append(tree)
        progress(1)
    return found


def _study(order: SplittingOrder, trees: Sequence[Tree]) -> SplittingStudy:
    harms_s = np.array([tree.harm_s for tree in trees])
    own_s = np.array([tree.own_s for tree in trees])
    squares = float((harms_s**2).sum())
    effective = float(harms_s.sum()) ** 2 / squares if squares else 0.0
    whole = order.horizon_ns == YEAR_NS
    interval = rare_mean(
        harms_s, largest=to_seconds(order.horizon_ns), period="year" if whole else "run"
    )
    return SplittingStudy(
        order,
        replace(interval, thin=bool(squares) and effective < THIN_EVENTS),
        _error(harms_s),
        effective,
        float(own_s.mean()),
        _z(harms_s - own_s, _ROUNDING_SHARE * float(own_s.max())),
        tuple(map(sum, zip(*(tree.reached for tree in trees), strict=True))),
        sum(tree.branches for tree in trees),
    )


def _error(values: Floats) -> float:
    return float(values.std(ddof=1)) / math.sqrt(values.size) if values.size > 1 else math.inf


def _z(differences: Floats, rounding: float) -> float:
    """How many errors the mean is from 0; differences within ``rounding`` are none."""
    if np.abs(differences).max() <= rounding:
        return 0.0
    error = _error(differences)
    return float(differences.mean()) / error if error else math.inf
