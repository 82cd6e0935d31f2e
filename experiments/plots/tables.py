"""Tables that figures are drawn from, made of a study's summaries: one row a number.

Plain columns of numbers and text, so that they can be stored, filtered and joined like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments.plots.errors import NotDrawable
from experiments.results.render import share
from experiments.statistics import short_number

if TYPE_CHECKING:
    import pandas as pd

    from experiments.results import DesignSummary

METRICS = (
    *("design", "profile", "runs", "period", "metric"),
    *("estimate", "low", "high", "events", "thin", "p_any_high", "text"),
)
"""The columns of `metrics_table`."""


def metrics_table(summaries: Sequence[DesignSummary]) -> pd.DataFrame:
    """A row for each number of each summary, in their order.

    Columns: design, profile, runs (that finished), period ("year" or "run"), metric (as in
    `DesignSummary.numbers`, in the unit of its name), estimate, low and high (NaN where the sample
    gives no bound), events (NaN where the question has none), thin (bool: the mean is not to be
    quoted), p_any_high (NaN unless it was never seen), and the text that says all that.
    """
    import pandas as pd

    rows = [
        (
            *(one.design, one.profile, one.runs, one.period, metric),
            *(value.estimate, value.low, value.high, value.events, value.thin, value.p_any_high),
            value.text(share if metric == "availability" else short_number),
        )
        for one in summaries
        for metric, value in one.numbers.items()
    ]
    table = pd.DataFrame(rows, columns=list(METRICS))
    numbers = ("estimate", "low", "high", "events", "p_any_high")
    return table.astype({**dict.fromkeys(numbers, "float64"), "thin": "bool", "runs": "int64"})


def wide(metrics: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """For each design and profile, in order: its design, profile, and a row (dict) by metric name.

    Raises NotDrawable if a point lacks one of the ``names``.
    """
    found = []
    for (design, profile), rows in metrics.groupby(["design", "profile"], sort=False):
        by_name = {str(row["metric"]): row for row in rows.to_dict("records")}
        lacking = [name for name in names if name not in by_name]
        if lacking:
            raise NotDrawable(f"{design} under {profile} has no {', '.join(lacking)}")
        found.append({"design": str(design), "profile": str(profile), **by_name})
    return found


def swept_values(name: str) -> dict[str, str]:
    """The values of a point of a sweep by what is varied, from its name; empty if it is none.

    `down-after-milliseconds=5s, quorum=2` is two of them.
    """
    pairs = [part.partition("=") for part in re.split(r", (?=[^,=\s]+=)", name)]
    return {key: value for key, equals, value in pairs} if all(p[1] for p in pairs) else {}


def hosts_of(document: Mapping[str, Any]) -> dict[str, int]:
    """How many hosts each design of a study has, from its ``spec.json``."""
    designs = document["designs"]
    return {
        str(point["design"]): len(designs[point["design-spec"]]["hosts"])
        for point in document["points"]
    }
