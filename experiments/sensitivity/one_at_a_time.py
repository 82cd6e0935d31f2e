"""One value at a time, from its low to its high end, all in the same years: what each would change.

The design as it is stands first; then each path twice. Nothing is said of two values together.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from experiments.plots.parts import SENSITIVITY
from experiments.results.sample import YEAR_S
from experiments.results.whole import written_whole
from experiments.sensitivity.ranges import Range
from experiments.statistics import mean

if TYPE_CHECKING:
    import pandas as pd

    from experiments.study import StudyResult

AS_IT_IS: Final = "as it is"

MEASURES: Final = {
    "downtime": ("downtime_minutes_per_year", "downtime_s", 60.0),
    "split-brain": ("split_brain_s_per_year", "split_brain_s", 1.0),
    "writes-lost": ("writes_lost_per_year", "writes_lost", 1.0),
    "false-failovers": ("failovers_false_per_year", "failovers_false", 1.0),
    "missed-failovers": ("failovers_missed_per_year", "failovers_missed", 1.0),
    "pages": ("pages_per_year", "pages", 1.0),
}
"""Metrics by the words for them: the number of a summary, its column of ``runs``, and its unit."""


def names(ranges: Sequence[Range]) -> list[tuple[str, str | None]]:
    """The points: their names, and what each sets (None: nothing)."""
    ends = [
        (f"{one.path}={value}", f"{one.path}={value}")
        for one in ranges
        for value in (one.low, one.high)
    ]
    return [(AS_IT_IS, None), *ends]


def sensitivities(result: StudyResult, ranges: Sequence[Range], metric: str) -> pd.DataFrame:
    """A row a path: what ``plot_tornado`` wants, and the differences to the design as it is.

    Columns: parameter, low, high, metric, base, at_low, at_high, the bounds of these (at_low_low,
    ...), then low_less_base, high_less_base and their bounds: means and 95 % intervals of the
    differences in the same years. A path of which an end did not finish a run is left out.
    """
    import pandas as pd

    number, column, scale = MEASURES[metric]
    summaries = {one.design: one.numbers for one in result.summaries()}
    runs = result.tables.runs
    runs = runs[runs["status"] == "ok"]
    years = runs["horizon_s"].astype(float) / YEAR_S
    yearly = runs.assign(value=runs[column].astype(float) / scale / years)
    table = yearly.pivot(index="replication", columns="design", values="value")
    rows = []
    for one in ranges:
        row: dict[str, object] = {"parameter": one.path, "low": one.low, "high": one.high}
        row |= {"metric": number, "base": summaries[AS_IT_IS][number].estimate}
        for end, value in (("low", one.low), ("high", one.high)):
            name = f"{one.path}={value}"
            found = summaries.get(name, {}).get(number)
            if found is None:
                break
            both = table[[AS_IT_IS, name]].dropna().to_numpy(dtype=np.float64)
            less = mean(both[:, 1] - both[:, 0])
            row |= {f"at_{end}": found.estimate}
            row |= {f"at_{end}_low": found.low, f"at_{end}_high": found.high}
            row |= {f"{end}_less_base": less.estimate}
            row |= {f"{end}_less_base_low": less.low, f"{end}_less_base_high": less.high}
        else:
            rows.append(row)
    return pd.DataFrame(rows)


def keep(table: pd.DataFrame, directory: Path, name: str = SENSITIVITY) -> None:
    """Write the table beside those of its study, where ``sengu plot tornado`` finds it."""
    with written_whole(directory / name) as path:
        table.to_csv(path, index=False)
