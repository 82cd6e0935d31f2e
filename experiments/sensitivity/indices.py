"""Values varied together over their ranges: Morris's screening and Sobol's shares, by SALib.

Points come in blocks that belong together: a trajectory of Morris, or a base sample of Sobol with
its exchanges. SALib knows no missing results, so a block with a point of which no run has finished
is left out as a whole, and counted. All points are simulated in the same years, so what the years
do to all of them cancels; what it does to some is noise, and :attr:`Indices.noise_share` says how
much of the spread of the results it may be.

Sources: Morris, Technometrics 33 (1991); Campolongo et al., Environmental Modelling & Software 22
(2007) for mu_star; Saltelli et al., Computer Physics Communications 181 (2010) for the estimators
of S1 and ST. Intervals are SALib's, by resampling, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.ranges import Range

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Method = Literal["morris", "sobol"]

LEVELS: Final = 4
"""Morris's grid; the usual choice, with steps of 2/3 of the range (Morris 1991, section 3)."""

LEAST_BLOCKS: Final = 4
"""Fewer say nothing; an interval by resampling needs a few to draw from."""


class NotInstalled(Exception):
    """SALib is not there; the message says how to get it."""


@dataclass(frozen=True)
class Indices:
    """What a method says of each value.

    Attributes:
        table: a row a path, in the order given. Morris: mu_star (mean size of the effect of a step
            across the range, in the metric's unit), its half interval mu_star_conf, and sigma
            (spread of the effects: interactions, or an effect that is not straight). Sobol: S1
            (share of the spread that goes with it alone), ST (with all that it takes part in), and
            their half intervals.
        blocks: how many blocks of points; ``left_out``: those with a point that failed.
        noise_share: the mean squared standard error of a point over the variance of all points.
    """

    table: pd.DataFrame
    blocks: int
    left_out: int
    noise_share: float


def sample(method: Method, ranges: Sequence[Range], blocks: int, seed: int) -> Floats:
    """Points of the unit cube, shape (blocks * block_size, paths); raises NotInstalled."""
    _require_salib()
    problem = _problem(ranges)
    if method == "morris":
        from SALib.sample import morris

        found = morris.sample(problem, blocks, num_levels=LEVELS, seed=seed)
    else:
        from SALib.sample import sobol

        found = sobol.sample(problem, blocks, calc_second_order=False, seed=seed)
    return np.asarray(found, dtype=np.float64)


def block_size(method: Method, paths: int) -> int:
    """How many points belong together."""
    return paths + (1 if method == "morris" else 2)


def analyse(
    method: Method,
    ranges: Sequence[Range],
    points: Floats,
    results: Floats,
    errors: Floats,
    seed: int,
) -> Indices:
    """Indices of the results of points.

    Args:
        method, ranges, seed: as for `sample`.
        points: what `sample` gave, shape (n, paths).
        results: the metric at each, shape (n,); NaN where no run has finished.
        errors: the standard error of each result, shape (n,).

    Raises ValueError if fewer than `LEAST_BLOCKS` blocks are whole, or all results are equal.
    """
    size = block_size(method, len(ranges))
    whole = np.isfinite(results).reshape(-1, size).all(axis=1)
    kept = np.repeat(whole, size)
    blocks, left = int(whole.sum()), int((~whole).sum())
    if blocks < LEAST_BLOCKS:
        raise ValueError(
            f"only {blocks} of {whole.size} samples have finished; nothing can be said"
        )
    values = results[kept]
    spread = float(np.var(values))
    if spread == 0.0:
        raise ValueError("all points came out equal: none of the values matters, or years are few")
    noise = float(np.mean(errors[kept] ** 2)) / spread
    found = _analysed(method, ranges, points[kept], values, seed)
    return Indices(found, blocks, left, noise)


def _analysed(
    method: Method, ranges: Sequence[Range], points: Floats, values: Floats, seed: int
) -> pd.DataFrame:
    import pandas as pd

    problem = _problem(ranges)
    if method == "morris":
        from SALib.analyze import morris

        found = morris.analyze(problem, points, values, num_levels=LEVELS, seed=seed)
        columns = ["mu_star", "mu_star_conf", "sigma"]
    else:
        from SALib.analyze import sobol

        found = sobol.analyze(problem, values, calc_second_order=False, seed=seed)
        columns = ["S1", "S1_conf", "ST", "ST_conf"]
    rows: dict[str, Any] = {"parameter": [one.path for one in ranges]}
    rows |= {"low": [one.low for one in ranges], "high": [one.high for one in ranges]}
    rows |= {name: np.asarray(found[name], dtype=np.float64) for name in columns}
    return pd.DataFrame(rows)


def _problem(ranges: Sequence[Range]) -> dict[str, Any]:
    paths = [one.path for one in ranges]
    return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


def _require_salib() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise NotInstalled(
            "SALib is not installed here; pip install 'sengu[sensitivity]' brings it"
        ) from None
