"""One value varied at a time: what it would change in the designs and in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.statistics import Interval

if TYPE_CHECKING:
    from experiments.results import DesignSummary


@dataclass(frozen=True)
class Swing:
    """A path of the spec set to one value: what comes out for each point.

    ``end`` is "low" or "high"; ``value`` is the text that was given; ``summaries`` are of the same
    points and years as the page's own.
    """

    path: str
    end: str
    value: str
    summaries: tuple[DesignSummary, ...]

    def downtime(self, design: str, profile: str) -> Interval | None:
        """Minutes down a year of a point, if runs of it finished."""
        for one in self.summaries:
            if (one.design, one.profile) == (design, profile):
                return one.numbers.get("downtime_minutes_per_year")
        return None


def read_swing(text: str) -> tuple[str, tuple[str, str]]:
    """The path and the two values of ``PATH=low,high``; raises ValueError for anything else."""
    path, sign, values = text.partition("=")
    ends = [value.strip() for value in values.split(",")]
    if not sign or not path.strip() or len(ends) != 2 or not all(ends):
        raise ValueError(f"expected PATH=low,high, got '{text[:60]}'")
    return path.strip(), (ends[0], ends[1])


def best_changes(swings: Sequence[Swing], best: str, profile: str) -> list[Swing]:
    """The swings under which another design than ``best`` has the least downtime."""
    found = []
    for swing in swings:
        values = {
            one.design: one.numbers["downtime_minutes_per_year"].estimate
            for one in swing.summaries
            if one.profile == profile and one.numbers
        }
        if values and min(values, key=lambda name: (values[name], name)) != best:
            found.append(swing)
    return found
