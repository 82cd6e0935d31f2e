"""The results of many points of one study as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.results.sample import YEAR_S
from experiments.sensitivity.one_at_a_time import MEASURES

if TYPE_CHECKING:
    from experiments.study import StudyResult

Floats = NDArray[np.float64]


def results_of(result: StudyResult, metric: str, points: int) -> tuple[Floats, Floats]:
    """The mean a year of each point, in their order, and its standard error; shape (points,).

    NaN where no run has finished; the standard error of a single run is unknown: 0.
    """
    _, column, scale = MEASURES[metric]
    runs = result.tables.runs
    order = list(dict.fromkeys(runs["design"]))
    if len(order) != points:
        raise ValueError(f"{len(order)} points in the study, {points} expected")
    finished = runs[runs["status"] == "ok"]
    years = finished["horizon_s"].astype(float) / YEAR_S
    yearly = finished.assign(value=finished[column].astype(float) / scale / years)
    grouped = yearly.groupby("design")["value"]
    means = grouped.mean().reindex(order).to_numpy(dtype=np.float64)
    errors = grouped.sem().reindex(order).fillna(0.0).to_numpy(dtype=np.float64)
    return np.asarray(means, np.float64), np.asarray(errors, np.float64)
