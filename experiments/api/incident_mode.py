"""Incident mode from Python: what `sengu run --estimator incident` does, returning an object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from experiments.api.display import Shown
from experiments.api.planning import DesignLike, ProfileLike, study_of, whole_number
from experiments.incident_mode import IncidentStudy, Order, metric_of, run_incident_study
from experiments.incident_mode.render import CAPTION, render_incident_studies, row_of

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

_MOST_INCIDENTS = 10_000_000


class IncidentMeans(Shown):
    """Means a year of one metric, found one incident at a time.

    Attributes:
        studies: one for each design, in order; ``estimate.interval`` in the unit of the column.
    """

    def __init__(self, studies: Sequence[IncidentStudy]) -> None:
        self.studies = tuple(studies)

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each design.

        Columns: design, profile, metric (with its unit), estimate, low, high, standard_error (all
        in that unit), method, incidents, seen, effective, gathered_share, states, thin.
        """
        import pandas as pd

        rows = pd.DataFrame([row_of(study) for study in self.studies])
        return rows.astype(dict.fromkeys(("low", "high"), "float64"))

    def _tables(self) -> Iterable[Table | str]:
        return [render_incident_studies(self.studies), CAPTION]

    def __repr__(self) -> str:
        designs = ", ".join(study.order.design_name for study in self.studies)
        return f"<{self.studies[0].order.metric.word} of {designs}, one incident at a time>"


def incident_mode(
    designs: DesignLike | Sequence[DesignLike],
    under: ProfileLike,
    metric: str = "downtime",
    *,
    incidents: int = Order.incidents,
    seed: int = 0,
    workers: int = 1,
) -> IncidentMeans:
    """Simulate one incident at a time, those that decide a metric often, and weight them.

    Args:
        designs: one or several, by name, by path, or as objects.
        under: the profile.
        metric: downtime, split-brain, writes-lost, failovers-true, failovers-false,
            failovers-missed or pages.
        incidents: at least so many of each design.
        seed, workers: as for :func:`run`.

    Raises:
        SpecError: a design or profile that does not exist or is not sound.
        ValueError: an argument that cannot be used, or a design that cannot be simulated one
            incident at a time; says why.
    """
    from experiments.study.workers import processors

    study = study_of(designs, under, years=1, seed=seed, horizon="1y")
    size = (whole_number("incidents", incidents, 1, _MOST_INCIDENTS), metric_of(metric), study.seed)
    number = whole_number("workers", workers, 0, 1024) or processors()
    return IncidentMeans(
        [
            run_incident_study(
                Order(one.design_name, one.design, one.profile_name, one.profile, *size), number
            )
            for one in study.points
        ]
    )
