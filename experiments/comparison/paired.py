"""Paired comparison: what changing the design changes in the same year.

Replication k of two designs meets the same faults wherever they share hosts, because every draw is
keyed by what it is drawn for. So the difference is taken year by year, and its interval is that of
the mean of the differences (Hall's, ``experiments/statistics/means.py``), which is shorter than
two intervals side by side by as much as the years have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.results.summary import YEAR_S
from experiments.statistics import Interval, mean, proportion, rare_mean

if TYPE_CHECKING:
    from experiments.results import DesignSummary, Tables

Floats = NDArray[np.float64]


class Metric(NamedTuple):
    """A column of ``runs`` in which less is better: its name in the table, and its unit's size.

    ``number``: what a summary calls its mean, whose interval knows the outages and not only the
    years; empty if it has none.
    """

    column: str
    label: str
    scale: float
    number: str


METRICS: Final = (
    Metric("downtime_s", "downtime, min/year", 60.0, "downtime_minutes_per_year"),
    Metric("split_brain_s", "split brain, s/year", 1.0, "split_brain_s_per_year"),
    Metric("split_brain_unserved_s", "  split, unserved, s/year", 1.0, ""),
    Metric("split_brain_written_s", "  both written to, s/year", 1.0, ""),
    Metric("writes_lost", "acked writes lost/year", 1.0, "writes_lost_per_year"),
    Metric("pages", "pages/year", 1.0, "pages_per_year"),
    Metric("interventions", "interventions/year", 1.0, "interventions_per_year"),
)

NEEDED: Final = (
    *("design", "profile", "replication", "status", "horizon_s"),
    *(metric.column for metric in METRICS),
)
"""The columns of ``runs`` that rankings are made from."""


@dataclass(frozen=True)
class Standing:
    """One design by one metric under one profile.

    ``difference`` is this design's value less the best design's, in the same years (None for the
    best itself); ``p_better``: the share of years in which the best design did strictly better
    than this one. ``sure``: the interval of the difference lies above 0. ``rank`` counts from 1.
    ``pairing_factor``: how many times smaller the variance of the difference is than with years
    that the two do not share (None for the best, and where nothing varies).
    """

    design: str
    rank: int
    value: Interval
    difference: Interval | None
    p_better: Interval | None
    pairing_factor: float | None = None

    @property
    def sure(self) -> bool:
        """Whether the best design is better than this one beyond the sampling error."""
        low = self.difference.low if self.difference is not None else None
        return low is not None and low > 0


@dataclass(frozen=True)
class Ranking:
    """The designs by one metric under one profile, the best first; ``runs`` pairs of runs."""

    profile: str
    metric: Metric
    runs: int
    standings: tuple[Standing, ...]


def rankings(tables: Tables, summaries: Sequence[DesignSummary] = ()) -> list[Ranking]:
    """Return the ranking of all designs for each profile and metric.

    A replication counts if every design finished it. With the ``summaries`` of the study, a
    design's own number is theirs, with its interval; the order is that of the paired years. Raises
    ValueError if no replication was finished by all.
    """
    numbers = {(one.design, one.profile): one.numbers for one in summaries}
    found = []
    for profile, ordered in tables.runs.groupby("profile", sort=False):
        designs = list(dict.fromkeys(ordered["design"]))
        runs = ordered[ordered["status"] == "ok"]
        for metric in METRICS:
            values = runs.assign(value=runs[metric.column] * YEAR_S / runs["horizon_s"])
            table = values.pivot(index="replication", columns="design", values="value").dropna()
            if table.empty or len(table.columns) < len(designs):
                raise ValueError(f"no replication under {profile} was finished by every design")
            columns = {
                str(design): table[design].to_numpy(dtype=np.float64) / metric.scale
                for design in designs
            }
            known = {
                design: numbers[design, str(profile)][metric.number]
                for design in columns
                if metric.number in numbers.get((design, str(profile)), {})
            }
            found.append(Ranking(str(profile), metric, len(table), _standings(columns, known)))
    return found


def _standings(values: Mapping[str, Floats], known: Mapping[str, Interval]) -> tuple[Standing, ...]:
    order = sorted(values, key=lambda design: (float(values[design].mean()), design))
    best = values[order[0]]
    return tuple(
        Standing(
            design,
            rank,
            known[design] if design in known else rare_mean(values[design]),
            mean(values[design] - best) if rank > 1 else None,
            proportion(int((best < values[design]).sum()), len(best)) if rank > 1 else None,
            _pairing(values[design], best) if rank > 1 else None,
        )
        for rank, design in enumerate(order, start=1)
    )


def _pairing(values: Floats, best: Floats) -> float | None:
    """Var(A) + Var(B) over Var(A - B); None if years are too few or the difference is constant."""
    if len(values) < 2:
        return None
    paired = float(np.var(values - best, ddof=1))
    apart = float(np.var(values, ddof=1) + np.var(best, ddof=1))
    return apart / paired if paired > 0 else None


def flips(found: Sequence[Ranking]) -> list[str]:
    """Return a sentence for each metric whose best design changes with the profile for sure.

    That is, under each of two profiles its best design is better than the other's beyond the
    sampling error. A difference that either sample leaves open is no flip.
    """
    sentences = []
    for metric in METRICS:
        of_metric = [one for one in found if one.metric == metric]
        for one, other in combinations(of_metric, 2):
            best, others_best = one.standings[0].design, other.standings[0].design
            if best != others_best and _surely(one, others_best) and _surely(other, best):
                sentences.append(
                    f"{metric.label.strip()}: {best} under {one.profile}, "
                    f"{others_best} under {other.profile}"
                )
    return sentences


def _surely(ranking: Ranking, worse: str) -> bool:
    """Whether the best design of a ranking is better than ``worse`` for sure."""
    return any(place.design == worse and place.sure for place in ranking.standings)
