"""The stages of outages add up to the time down, to the nanosecond, over ten thousand years.

A run whose stages do not add up fails (:func:`experiments.recording.rows.stage_rows`). Here the
sums are taken once more, from the tables on disk: of each incident and of each run.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from experiments.engines import shipped_design, shipped_profile
from experiments.results.stored import read_columns
from experiments.study import Execution, Study, StudyPoint, run_study
from experiments.validation.report import Fact, Report
from sim.clock import to_seconds

YEARS: Final = {
    "deck-redis": 2000,
    "deck-redis-never-moved": 4000,
    "sentinel-2-hosts": 20,
    "sentinel-3-hosts": 30,
    "deck-mysql": 2000,
    "deck-names": 1300,
    "deck-full": 200,
    "deck-full-third-site": 150,
    "deck-full-quiet-admin": 150,
    "deck-full-manual": 150,
}
"""Simulated years by design: ten thousand, most of them of designs whose years are cheap.

The layouts of the measurements have no supervisors: what is killed stays dead, and Sentinels try
all year, at fifty times the cost.
"""

PROFILE: Final = "cloud-2015"
_INCIDENT: Final = ["replication", "incident"]


def validate_stages(*, share: float = 1.0, workers: int = 1) -> list[Report]:
    """Simulate all designs, each for a ``share`` of its `YEARS`; one report."""
    facts = [
        _fact(design, max(1, round(share * years)), workers) for design, years in YEARS.items()
    ]
    total = sum(max(1, round(share * years)) for years in YEARS.values())
    return [Report(f"Stages against time down, {total:,} years under {PROFILE}", facts=facts)]


def _fact(design: str, years: int, workers: int) -> Fact:
    point = StudyPoint(design, shipped_design(design), PROFILE, shipped_profile(PROFILE))
    with TemporaryDirectory(prefix="sengu-stages-") as place:
        result = run_study(Study((point,), years), Execution(workers), directory=Path(place))
        runs = read_columns(Path(place), "runs", ["replication", "downtime_s"])
        incidents = read_columns(Path(place), "incidents", [*_INCIDENT, "downtime_s"])
        stages = read_columns(Path(place), "stages", [*_INCIDENT, "downtime_ns"])
    of_incident = stages.groupby(_INCIDENT)["downtime_ns"].sum()
    of_run = stages.groupby("replication")["downtime_ns"].sum()
    off = _off(incidents.set_index(_INCIDENT), of_incident)
    off += _off(runs.set_index("replication"), of_run)
    down = int((incidents["downtime_s"] > 0).sum())
    return Fact(
        f"{design}: {years:,} years, {down:,} incidents with time down, {len(stages):,} stages: "
        f"{off:,} incidents or years off, {result.failed} runs failed",
        off == 0 and result.failed == 0,
    )


def _off(rows: pd.DataFrame, sums_ns: pd.Series[int]) -> int:
    """How many rows have another time down than the sum of their stages."""
    summed_s = sums_ns.reindex(rows.index, fill_value=0).map(to_seconds)
    return int((rows["downtime_s"].astype(float) != summed_s).sum())
