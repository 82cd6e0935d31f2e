"""What the page is made from: a study's summaries, its comparison, its worst incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.comparison.paired import NEEDED, Ranking, rankings
from experiments.results import DesignSummary, Tables
from experiments.results.stages import downtime_by_stage
from experiments.review.shown_incidents import ShownIncident, shown_incidents

if TYPE_CHECKING:
    import pandas as pd

    from experiments.review.swings import Swing
    from experiments.study import Study, StudyResult


@dataclass(frozen=True)
class Material:
    """Everything that the page shows.

    Attributes:
        study: what was run.
        failed: runs that did not finish.
        summaries: the numbers of each point, with their intervals.
        rankings: the designs against each other; empty if there is one, or nothing to pair.
        runs: rows of the table ``runs`` (design, profile, horizon_s, downtime_s, ...).
        stages: minutes down by stage: design, profile, stage, downtime_min_per_year.
        incidents: those to show, with their timelines.
        swings: what varying one value does; empty if nothing was varied.
        command: the line that reproduces the page.
    """

    study: Study
    failed: int
    summaries: tuple[DesignSummary, ...]
    rankings: tuple[Ranking, ...]
    runs: pd.DataFrame
    stages: pd.DataFrame
    incidents: tuple[ShownIncident, ...]
    swings: tuple[Swing, ...]
    command: str

    @property
    def designs(self) -> tuple[str, ...]:
        """Their names, in the order asked for."""
        return tuple(dict.fromkeys(point.design_name for point in self.study.points))

    @property
    def profiles(self) -> tuple[str, ...]:
        """Their names, in the order asked for."""
        return tuple(dict.fromkeys(point.profile_name for point in self.study.points))

    def summary(self, design: str, profile: str) -> DesignSummary:
        """The summary of a point; raises KeyError if no run of it is in the study."""
        for one in self.summaries:
            if (one.design, one.profile) == (design, profile):
                return one
        raise KeyError(f"{design} under {profile}")

    def under(self, profile: str) -> list[DesignSummary]:
        """The summaries under a profile."""
        return [one for one in self.summaries if one.profile == profile]

    def ranking(self, profile: str, column: str) -> Ranking | None:
        """The ranking by a column of ``runs`` under a profile, if designs were compared."""
        for one in self.rankings:
            if (one.profile, one.metric.column) == (profile, column):
                return one
        return None


def gathered(
    study: Study,
    result: StudyResult,
    *,
    incidents_each: int = 2,
    swings: Sequence[Swing] = (),
    command: str = "",
) -> Material:
    """Bring together what the page shows; runs the shown incidents again, each up to its end.

    ``incidents_each``: how many of each point, the most downtime first; that with the most
    seconds of split brain is added if it is none of these.
    """
    columns = tuple(dict.fromkeys((*NEEDED, "availability", "split_brain_s")))
    tables = result.only("runs", columns)
    summaries = tuple(result.summaries())
    return Material(
        study=study,
        failed=result.failed,
        summaries=summaries,
        rankings=_rankings(study, tables, summaries),
        runs=tables.runs,
        stages=downtime_by_stage(result.directory),
        incidents=shown_incidents(study, result, incidents_each),
        swings=tuple(swings),
        command=command,
    )


def _rankings(
    study: Study, tables: Tables, summaries: Sequence[DesignSummary]
) -> tuple[Ranking, ...]:
    if len({point.design_name for point in study.points}) < 2:
        return ()
    try:
        return tuple(rankings(tables, summaries))
    except ValueError:
        # Every pair of runs has one that failed: the page says so by having no comparison.
        return ()
