"""Designs against each other, as an object: the rankings, and what changes with the profile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from experiments.api.display import Shown
from experiments.comparison.paired import NEEDED, Ranking, rankings
from experiments.comparison.render import flips_in_words, render_rankings

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from experiments.study import StudyResult


class Comparison(Shown):
    """Designs ranked by what they lose, with the differences taken in the same years.

    Attributes:
        rankings: one for each profile and metric, the best design first.
    """

    def __init__(self, found: list[Ranking]) -> None:
        self.rankings = found

    @classmethod
    def of(cls, stored: StudyResult) -> Comparison:
        """The comparison of all designs of a study; raises ValueError if there is only one."""
        found = rankings(stored.only("runs", NEEDED), stored.summaries())
        if any(len(one.standings) < 2 for one in found):
            raise ValueError("a comparison needs two designs")
        return cls(found)

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each design, metric and profile.

        Columns: profile, metric, rank, design, estimate (a year), more_than_best, low, high (mean
        and 95 % interval of the difference to the best in the same years, missing for the best),
        sure (the interval lies above 0).
        """
        import pandas as pd

        rows = [
            {
                "profile": ranking.profile,
                "metric": ranking.metric.label.strip(),
                "rank": place.rank,
                "design": place.design,
                "estimate": place.value.estimate,
                "more_than_best": place.difference.estimate if place.difference else None,
                "low": place.difference.low if place.difference else None,
                "high": place.difference.high if place.difference else None,
                "sure": place.sure,
            }
            for ranking in self.rankings
            for place in ranking.standings
        ]
        numbers = ("estimate", "more_than_best", "low", "high")
        return pd.DataFrame(rows).astype(dict.fromkeys(numbers, "float64"))

    def _tables(self) -> Iterable[Table | str]:
        profiles = dict.fromkeys(one.profile for one in self.rankings)
        words = flips_in_words(self.rankings)
        return [
            *(render_rankings(self.rankings, profile) for profile in profiles),
            *([words] if words else []),
        ]

    def __repr__(self) -> str:
        designs = dict.fromkeys(place.design for one in self.rankings for place in one.standings)
        return f"<comparison of {', '.join(designs)}>"
