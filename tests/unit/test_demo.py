"""The sentences of the demo: which design has more, in the years that both have finished."""

from __future__ import annotations

import pandas as pd

from experiments.demo import DESIGNS, what_they_say


def runs(extra_s: float) -> pd.DataFrame:
    """Twelve years of two designs; the second is down longer by so much, in nine of them."""
    rows = []
    for year in range(12):
        for design, more_s in zip(DESIGNS, (0.0, extra_s if year < 9 else 0.0), strict=True):
            rows.append(
                {"design": design, "replication": year, "status": "ok"}
                | {"downtime_s": 600.0 * (1 + year) + more_s}
                | {"failovers_false": 3, "split_brain_s": 5.0 + year}
            )
    # A year that only the first design finished.
    rows.append({**rows[0], "replication": 12, "downtime_s": 1e9})
    rows.append({**rows[1], "replication": 12, "status": "failed"})
    return pd.DataFrame(rows)


def test_what_differs_is_said_with_how_sure_it_is() -> None:
    """A year that one design lacks, or the years' own spread, would decide the answer."""
    downtime, failovers, _ = what_they_say(runs(extra_s=3000.0))
    assert f"{DESIGNS[0]} has 65 minutes" in downtime and f"{DESIGNS[1]} 102" in downtime
    assert "paired year by year, -37.5 [" in downtime
    assert "3 failovers" in failovers


def test_what_is_equal_cannot_be_told() -> None:
    """A sentence would name a difference that there is not."""
    downtime, *_ = what_they_say(runs(extra_s=0.0))
    assert downtime.endswith("cannot be told from so few years.")
