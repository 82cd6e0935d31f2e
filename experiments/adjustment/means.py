"""Means a year of a stored study, plain and adjusted by what its runs drew.

Of each design by itself, and of each against the first one of its profile, year by year: designs
that share hosts draw much the same, so that the differences of the years are small already, and
what the one drew and the other did not is taken out in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.comparison.paired import METRICS, Metric
from experiments.results.parquet import batches
from experiments.results.sample import YEAR_S
from experiments.results.stored import places_of, read_columns
from experiments.statistics import Interval, mean
from experiments.statistics.adjusted import adjusted
from experiments.study.errors import StudyRefused

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

ADJUSTED: Final = (
    *METRICS,
    Metric("failovers_true", "failovers/year, true", 1.0, ""),
    Metric("failovers_false", "  false", 1.0, ""),
    Metric("name_empty_s", "name says nothing, s/year", 1.0, ""),
    Metric("name_wrong_s", "  leads to the wrong host", 1.0, ""),
    Metric("recovery_debt_s", "up without a stand-by, s/year", 1.0, ""),
)
"""What is adjusted: the metrics of comparisons, and more."""

_RUNS: Final = ("design", "profile", "replication", "status", "horizon_s")


@dataclass(frozen=True)
class AdjustedMean:
    """A mean a year of one design, or of its difference from another in the same years.

    Attributes:
        design, profile: whose.
        against: the design that is subtracted; empty for a design by itself.
        metric: of what.
        plain: the mean of the years, Hall's interval.
        adjusted: the same, with what was drawn taken out if that makes the years vary less.
        factor: how many times smaller their variance has become, 1 if not; None if nothing varies.
    """

    design: str
    profile: str
    against: str
    metric: Metric
    plain: Interval
    adjusted: Interval
    factor: float | None


@dataclass(frozen=True)
class _Years:
    """The finished years of one point: values a year by metric, and controls by name."""

    replications: NDArray[np.int64]
    values: dict[str, Floats]
    controls: dict[str, Floats]


def adjusted_means(directory: Path) -> list[AdjustedMean]:
    """All means of the complete study in ``directory``, point by point in the study's order.

    Metrics of which a point has seen nothing are left out. Raises StudyRefused for a study without
    control variates, as earlier versions wrote them.
    """
    if not (directory / "controls.parquet").is_file():
        raise StudyRefused(
            f"{directory}: does not say what its runs drew (there is no controls.parquet); run the "
            "study again"
        )
    metrics = [metric.column for metric in ADJUSTED]
    runs = read_columns(directory, "runs", [*_RUNS, *metrics])
    places = places_of(directory, "controls")
    found: list[AdjustedMean] = []
    for profile, under in runs.groupby("profile", sort=False):
        first: tuple[str, _Years] | None = None
        for design, of_point in under.groupby("design", sort=False):
            point = (str(design), str(profile))
            where = places.get(point)
            pieces = (
                batches(directory, "controls", ("replication", "control", "value"), *where)
                if where is not None
                else ()
            )
            years = _years(of_point[of_point["status"] == "ok"], pieces)
            found += _means(*point, "", years.values, list(years.controls.values()))
            if first is None:
                first = (point[0], years)
            else:
                found += _differences(point, years, *first)
    return found


def _years(runs: pd.DataFrame, pieces: Iterable[Any]) -> _Years:
    replications = runs["replication"].to_numpy(dtype=np.int64)
    per_year = YEAR_S / runs["horizon_s"].to_numpy(dtype=np.float64)
    values = {
        metric.column: runs[metric.column].to_numpy(dtype=np.float64) * per_year / metric.scale
        for metric in ADJUSTED
    }
    controls: dict[str, Floats] = {}
    for piece in pieces:
        rows = piece.to_pandas()
        numbers = rows["replication"].to_numpy(dtype=np.int64)
        # Replications ascend; a run that failed has no measurements, and its draws count nowhere.
        place = np.minimum(np.searchsorted(replications, numbers), max(replications.size - 1, 0))
        rows = rows.assign(place=place)[np.isin(numbers, replications)]
        for name, of_control in rows.groupby("control", sort=False):
            column = controls.setdefault(str(name), np.zeros(replications.size))
            column[of_control["place"]] = of_control["value"]
    return _Years(replications, values, dict(sorted(controls.items())))


def _differences(
    point: tuple[str, str], years: _Years, against: str, others: _Years
) -> list[AdjustedMean]:
    """The design of a point less another in the years that both have finished."""
    shared, here, there = np.intersect1d(
        years.replications, others.replications, assume_unique=True, return_indices=True
    )
    if not shared.size:
        return []
    values = {
        column: of_design[here] - others.values[column][there]
        for column, of_design in years.values.items()
    }
    # What both drew alike explains nothing of a difference by its sum, but by its two parts it may.
    controls = [column[here] for column in years.controls.values()]
    controls += [column[there] for column in others.controls.values()]
    return _means(*point, against, values, controls)


def _means(
    design: str,
    profile: str,
    against: str,
    values: dict[str, Floats],
    controls: Sequence[Floats],
) -> list[AdjustedMean]:
    found = []
    for metric in ADJUSTED:
        sample = values[metric.column]
        if not sample.any():
            continue
        matrix = np.column_stack(controls) if controls else np.zeros((sample.size, 0))
        left = adjusted(sample, matrix)
        before, after = float(sample.var()), float(left.var())
        if after >= before:
            # A few extreme years have taught weights that other years do not bear out.
            left, after = sample, before
        found.append(
            AdjustedMean(
                *(design, profile, against, metric),
                plain=mean(sample),
                adjusted=mean(left, events=int(np.count_nonzero(sample))),
                factor=before / after if after > 0 else None,
            )
        )
    return found
