"""A study that ends when it is precise enough: what is asked for, and what each look has found.

All points stop together, at the first look at which every metric asked for is precise enough in
every point: paired comparisons want the same years of each. What a look sees are the results of
replications 0 to n - 1, at sizes n that were fixed beforehand, so the end of a study depends
neither on workers, nor on chunks, nor on interruptions; a limit of time alone moves it, to an
earlier look. The rule and how well it holds: :mod:`experiments.statistics.stopping`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from experiments.results.numbers import (
    downtime_minutes,
    recovery_debt_s,
    split_brain_s,
    unavailability,
    writes_lost,
)
from experiments.results.sample import Sample
from experiments.statistics import Interval
from experiments.statistics.stopping import (
    FIRST_LOOK,
    bound_share,
    look_sizes,
    needed,
    reach_share,
)

STOPPABLE: Final[Mapping[str, Callable[[Sample], Interval]]] = {
    "downtime": downtime_minutes,
    "split-brain": split_brain_s,
    "writes-lost": writes_lost,
    "availability": unavailability,
    "recovery-debt": recovery_debt_s,
}
"""Metrics that a study can stop by. That of availability is 1 - availability: of the availability
itself, every study of a good design knows five digits."""

MEASURED: Final = (
    *("horizon_s", "good_s", "availability", "downtime_s", "split_brain_s", "writes_lost"),
    "recovery_debt_s",
)
"""The columns of the runs that these metrics are made from."""


@dataclass(frozen=True)
class Precision:
    """What a study is to know before it ends.

    Attributes:
        error_share: the relative error that the estimates may have, such as 0.05.
        metrics: of which metrics, names in `STOPPABLE`.
        first_look: replications before the first look.

    Raises ValueError for what nobody can stop by.
    """

    error_share: float
    metrics: tuple[str, ...] = ("downtime",)
    first_look: int = FIRST_LOOK

    def __post_init__(self) -> None:
        unknown = [name for name in self.metrics if name not in STOPPABLE]
        if unknown or not self.metrics:
            known = ", ".join(STOPPABLE)
            raise ValueError(f"expected one of {known}; got '{', '.join(unknown)}'")
        if not 0 < self.error_share < 1:
            raise ValueError(f"must lie between 0 % and 100 %, not {100 * self.error_share:g} %")
        if self.first_look < FIRST_LOOK:
            raise ValueError(f"needs at least {FIRST_LOOK} years before the first look")

    def looks(self, most: int) -> Iterator[int]:
        """The numbers of replications to look at, the last of them ``most``."""
        return look_sizes(min(self.first_look, most), most)

    def to_document(self) -> dict[str, Any]:
        """As ``spec.json`` has it."""
        return {
            "error": self.error_share,
            "metrics": list(self.metrics),
            "first-look": self.first_look,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Precision:
        """What `to_document` has written; raises as the class, and KeyError or TypeError."""
        return cls(document["error"], tuple(document["metrics"]), document["first-look"])


class Reach(NamedTuple):
    """How far the interval of a metric reaches from its estimate in a point; inf: unknown.

    ``share`` is relative to the estimate. ``events``: what was seen of it, None: not counted.
    """

    design: str
    profile: str
    metric: str
    share: float
    events: int | None


@dataclass(frozen=True)
class Look:
    """What was known after ``years`` replications of each point."""

    years: int
    reaches: tuple[Reach, ...]

    def worst(self) -> Reach:
        """The metric that is known least, the first of them."""
        return max(self.reaches, key=lambda one: one.share)

    def is_enough(self, precision: Precision) -> bool:
        """Whether all metrics are as precise as was asked for."""
        return self.worst().share <= bound_share(precision.error_share)

    def needed(self, precision: Precision) -> int | None:
        """How many replications that will take, as far as one can tell; None: nobody knows."""
        return needed(self.years, self.worst().share, precision.error_share)

    def to_document(self) -> dict[str, Any]:
        """For ``complete.json``; what is unknown is null."""
        reaches = [
            {**one._asdict(), "share": one.share if math.isfinite(one.share) else None}
            for one in self.reaches
        ]
        return {"years": self.years, "reaches": reaches}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Look:
        """What `to_document` has written; raises KeyError or TypeError."""
        found = (
            Reach(**{**one, "share": math.inf if one["share"] is None else one["share"]})
            for one in document["reaches"]
        )
        return cls(document["years"], tuple(found))


def look_at(
    years: int, names: Sequence[tuple[str, str]], samples: Sequence[Sample], precision: Precision
) -> Look:
    """What the samples of all points say; ``names``: design and profile of each."""
    found = []
    for (design, profile), sample in zip(names, samples, strict=True):
        for metric in precision.metrics:
            if not sample.runs:
                found.append(Reach(design, profile, metric, math.inf, None))
                continue
            interval = STOPPABLE[metric](sample)
            found.append(Reach(design, profile, metric, reach_share(interval), interval.events))
    return Look(years, tuple(found))


@dataclass(frozen=True)
class Stopping:
    """How a study that was to end by precision has ended: all looks, the last one at its end.

    ``limit`` says what ended it if it is not as precise as was asked for: "years" or "time".
    """

    precision: Precision
    looks: tuple[Look, ...]
    limit: str = ""

    @property
    def reached(self) -> bool:
        """Whether it is as precise as was asked for."""
        return not self.limit

    def to_document(self) -> dict[str, Any]:
        """For ``complete.json``."""
        return {
            "precision": self.precision.to_document(),
            "reached": self.reached,
            "limit": self.limit,
            "looks": [look.to_document() for look in self.looks],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Stopping:
        """What `to_document` has written; raises ValueError, KeyError or TypeError."""
        precision = Precision.from_document(document["precision"])
        looks = tuple(map(Look.from_document, document["looks"]))
        return cls(precision, looks, document["limit"])
