"""Which incidents the page shows, and their timelines: those runs are run once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from experiments.results.stored import read_columns

if TYPE_CHECKING:
    import pandas as pd

    from experiments.study import Study, StudyResult
    from experiments.timeline.timeline import Timeline

_COLUMNS: Final = (
    "design",
    "profile",
    "replication",
    "id",
    "start_s",
    "end_s",
    "cause",
    "target",
    "faults",
    "downtime_s",
    "split_brain_s",
    "writes_lost",
    "failovers_true",
    "failovers_false",
)
_BEFORE_S: Final = 20.0
_BEFORE_SHARE: Final = 0.05
"""What is shown before the first fault, at least, and as a share of the harm: all was well."""

_AFTER_SHARE: Final = 0.06
"""What is shown after the harm has ended, of the time from the first fault until then."""


@dataclass(frozen=True)
class ShownIncident:
    """An incident and its timeline.

    ``why`` says what it is the worst in; ``harm_end_s``: when the last second ended that was
    neither good nor unprotected. Times are s since the start of the run.
    """

    design: str
    profile: str
    id: str
    why: str
    cause: str
    target: str
    faults: int
    replication: int
    start_s: float
    end_s: float
    harm_end_s: float
    downtime_s: float
    split_brain_s: float
    writes_lost: float
    failovers_true: int
    failovers_false: int
    timeline: Timeline


def shown_incidents(study: Study, result: StudyResult, each: int) -> tuple[ShownIncident, ...]:
    """The worst incidents of each point, ``each`` by downtime and one by split brain."""
    rows = read_columns(result.directory, "incidents", _COLUMNS)
    found = []
    for number, point in enumerate(study.points):
        here = (rows["design"] == point.design_name) & (rows["profile"] == point.profile_name)
        for why, row in _worst(rows[here], each):
            found.append(_shown(study, number, why, row))
    return tuple(found)


def _worst(rows: pd.DataFrame, each: int) -> list[tuple[str, dict[str, Any]]]:
    chosen: dict[str, tuple[str, dict[str, Any]]] = {}
    for column, words, number in (
        ("downtime_s", "downtime", each),
        ("split_brain_s", "split brain", 1),
    ):
        harmful = rows[rows[column] > 0]
        order = harmful.sort_values([column, "id"], ascending=[False, True], kind="stable")
        rows_found = cast("list[dict[str, Any]]", order.head(number).to_dict("records"))
        for place, row in enumerate(rows_found, start=1):
            which = "the most" if place == 1 else f"number {place} by"
            chosen.setdefault(str(row["id"]), (f"{which} {words}", row))
    return list(chosen.values())


def _shown(study: Study, point: int, why: str, row: dict[str, Any]) -> ShownIncident:
    from experiments.timeline.timeline import timeline_of

    facts = {name: row[name] for name in _COLUMNS}
    start_s, end_s = float(row["start_s"]), float(row["end_s"])
    order = study.order(point, int(row["replication"]))
    horizon_s = order.horizon_ns / 1e9
    last_s = min(end_s + max(_BEFORE_S, _AFTER_SHARE * (end_s - start_s)), horizon_s)
    harm_s = float(row["downtime_s"] + row["split_brain_s"])
    first_s = max(0.0, start_s - max(_BEFORE_S, _BEFORE_SHARE * harm_s))
    timeline = timeline_of(order, first_s, last_s)
    bars = timeline.intervals
    harmed = bars[
        (bars["kind"] == "class") & bars["state"].isin(("down", "split-brain", "degraded"))
    ]
    harm_end_s = float(harmed["end_s"].max()) if len(harmed) else end_s
    return ShownIncident(why=why, harm_end_s=harm_end_s, timeline=timeline, **facts)
