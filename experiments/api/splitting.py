"""Splitting from Python: what `sengu run --estimator splitting` does, returning an object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from experiments.api.display import Shown
from experiments.api.planning import DesignLike, ProfileLike, study_of, whole_number
from experiments.incident_mode import metric_of
from experiments.splitting import (
    HARMS,
    SPLITS,
    SplittingOrder,
    SplittingStudy,
    check_splits,
    orders_of,
    run_splitting_study,
)
from experiments.splitting.render import CAPTION, render_splitting_studies, row_of

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


class SplitMeans(Shown):
    """Means a run of seconds of harm, by years that are split where they come near it.

    Attributes:
        studies: one for each design, in order; ``interval`` in the unit of the metric's column.
    """

    def __init__(self, studies: Sequence[SplittingStudy]) -> None:
        self.studies = tuple(studies)

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each design.

        Columns: design, profile, metric (with its unit), estimate, low, high, standard_error (all
        in that unit), method, splits, roots, branches, reached (how often each level was come to),
        effective, runs_alone (the mean of the roots, in that unit), z, thin.
        """
        import pandas as pd

        rows = pd.DataFrame([row_of(study) for study in self.studies])
        return rows.astype(dict.fromkeys(("low", "high"), "float64"))

    def _tables(self) -> Iterable[Table | str]:
        return [render_splitting_studies(self.studies), CAPTION]

    def __repr__(self) -> str:
        designs = ", ".join(study.order.design_name for study in self.studies)
        return f"<{self.studies[0].order.metric.word} of {designs}, years that are split>"


def splitting(
    designs: DesignLike | Sequence[DesignLike],
    under: ProfileLike,
    metric: str = "downtime",
    *,
    years: int = SplittingOrder.roots,
    splits: Sequence[int] = SPLITS,
    horizon: str = "1y",
    seed: int = 0,
    workers: int = 1,
) -> SplitMeans:
    """Simulate years that are split where several faults stand at once, and weight the branches.

    Args:
        designs: one or several, by name, by path, or as objects.
        under: the profile.
        metric: downtime or split-brain.
        years: how many roots of each design; without their branches they are the years of
            :func:`run`.
        splits: into how many a year is split when one, two, ... things are wrong at once; whole
            numbers from 1 up.
        horizon, seed, workers: as for :func:`run`.

    Raises:
        SpecError: a design or profile that does not exist or is not sound.
        ValueError: an argument that cannot be used; says why.
    """
    from experiments.study.workers import processors

    study = study_of(designs, under, years=years, seed=seed, horizon=horizon)
    asked = metric_of(metric)
    if asked.column not in HARMS:
        raise ValueError(f"metric: splitting estimates downtime or split-brain, not {metric}")
    if isinstance(splits, str | int):
        raise ValueError(f"splits: expected numbers, for example [1, 8, 8], not {splits!r}")
    by_level = tuple(whole_number("splits", number, 1) for number in splits)
    check_splits(by_level)
    number = whole_number("workers", workers, 0, 1024) or processors()
    orders = orders_of(study, by_level, asked)
    return SplitMeans([run_splitting_study(order, number) for order in orders])
