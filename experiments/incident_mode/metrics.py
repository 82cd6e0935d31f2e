"""What incident mode can estimate: columns of ``runs`` that add up over incidents."""

from __future__ import annotations

from typing import Final, NamedTuple

from experiments.loading.wording import did_you_mean


class Metric(NamedTuple):
    """A column of ``runs``, the word that asks for it, and its name and unit in a table.

    ``scale``: how many of the column's units are one of the table's.
    """

    column: str
    word: str
    label: str
    scale: float = 1.0


METRICS: Final = (
    Metric("downtime_s", "downtime", "downtime, min/year", 60.0),
    Metric("split_brain_s", "split-brain", "split brain, s/year"),
    Metric("writes_lost", "writes-lost", "acked writes lost/year"),
    Metric("failovers_true", "failovers-true", "failovers/year, true"),
    Metric("failovers_false", "failovers-false", "failovers/year, false"),
    Metric("failovers_missed", "failovers-missed", "failovers/year, missed"),
    Metric("pages", "pages", "pages/year"),
)
"""The first is estimated if nothing is said."""


def metric_of(word: str) -> Metric:
    """The metric that a word asks for; raises ValueError if there is none."""
    known = {metric.word: metric for metric in METRICS}
    if word not in known:
        hint = did_you_mean(word, list(known))
        raise ValueError(f"expected one of {', '.join(known)}; got '{word[:60]}'{hint}")
    return known[word]
