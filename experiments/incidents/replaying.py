"""An incident run again: the same run from its beginning, traced, up to a little after its end.

A run draws from streams that are keyed by seed and replication, so it comes out as it did in the
study, whatever it is asked to tell meanwhile. That is checked: the row of the incident must be the
stored one in every column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from experiments.incidents.errors import NotReproduced
from experiments.incidents.listing import find_incident
from experiments.incidents.stored_run import Rebuilt, faults_in, order_of, rebuilt
from experiments.recording.rows import Point, incident_rows, stage_rows
from experiments.simulation import RunOrder
from experiments.timeline.collector import Collector
from experiments.timeline.timeline import Timeline, tables_of
from sim.clock import NS_PER_S, from_seconds
from sim.recorded_faults import RecordedFault
from sim.trace import Record

if TYPE_CHECKING:
    from experiments.api.picture import Picture

AROUND_SHARE: Final = 0.05
LEAST_AROUND_NS: Final = 15 * NS_PER_S
"""What is told before and after the incident: a share of its length, or so much if that is more."""

HEAD: Final = f"{'time_s':>14}  {'entity':<24} event and its words"
"""The columns of a line of the trace."""


@dataclass(frozen=True, repr=False)
class Replay:
    """What happened in an incident.

    Attributes:
        incident: its row of the table ``incidents``; what came out again, which is what is stored.
        order: the run that it is of.
        stages: the seconds down by stage of the outage.
        faults: those that stood at some moment of it, in the order of their beginning.
        records: the trace from a little before until a little after it.
        timeline: the lanes and marks of that time.
        start_ns, end_ns: the incident, ns since the start of the run.
    """

    incident: dict[str, Any]
    order: RunOrder
    stages: dict[str, float]
    faults: tuple[RecordedFault, ...]
    records: tuple[Record, ...]
    timeline: Timeline
    start_ns: int
    end_ns: int

    def trace(self) -> str:
        """One line an event, with the heads of its columns; s since the start of the incident."""
        lines = (str(one._replace(time_ns=one.time_ns - self.start_ns)) for one in self.records)
        return "\n".join([HEAD, *lines])

    def figure(self) -> Picture:
        """The lanes of the incident, to be shown or saved."""
        from experiments.api.picture import Picture
        from experiments.plots.incident import incident_figure, incident_title

        drawn = incident_figure(self.incident, self.timeline)
        return Picture(drawn, incident_title(self.incident).replace("\n", " "))

    def _repr_markdown_(self) -> str:
        return self.post_mortem()

    def __repr__(self) -> str:
        return f"<replay of {self.incident['id']}: {len(self.records)} events>"

    def post_mortem(self) -> str:
        """What happened, to whom, why, and what everybody believed meanwhile: Markdown."""
        from experiments.incidents.post_mortem import post_mortem

        return post_mortem(self)


def replay(directory: Path | str, identity: str) -> Replay:
    """Run the run of an incident again, up to a little after its end.

    Args:
        directory: of a finished study.
        identity: the id of the incident, or the beginning of one that has no other.

    Raises:
        IncidentError: if there is no such study or incident, or this is another sengu.
        NotReproduced: if the incident comes out otherwise than it is stored.
    """
    place = Path(directory)
    stored = find_incident(place, identity)
    order = order_of(place, stored)
    again = rebuilt(order, traced=True)
    collector = Collector(again.world)
    begin_ns, end_ns = _around(stored, order.horizon_ns)
    again.kernel.run_until(end_ns)
    again.recorder.close()
    collector.close()
    point = Point(order.design_name, order.profile_name, order.replication)
    _require_same(stored, again, point)
    number = int(stored["incident"])
    incident = again.recorder.incidents[number]
    records = again.world.trace.records
    faults = [
        one
        for one in faults_in(records)
        if one.start_ns <= incident.end_ns
        and (one.end_ns is None or one.end_ns >= incident.start_ns)
    ]
    return Replay(
        incident=stored,
        order=order,
        stages={
            row["stage"]: row["downtime_s"]
            for row in stage_rows(point, again.recorder)
            if row["incident"] == number
        },
        faults=tuple(faults),
        records=tuple(one for one in records if begin_ns <= one.time_ns <= end_ns),
        timeline=tables_of(collector, begin_ns, end_ns, incident.start_ns),
        start_ns=incident.start_ns,
        end_ns=incident.end_ns,
    )


def _around(stored: Mapping[str, Any], horizon_ns: int) -> tuple[int, int]:
    """From when until when to tell, ns."""
    start_ns, end_ns = from_seconds(stored["start_s"]), from_seconds(stored["end_s"])
    around_ns = max(LEAST_AROUND_NS, round(AROUND_SHARE * (end_ns - start_ns)))
    return max(0, start_ns - around_ns), min(end_ns + around_ns, horizon_ns)


def _require_same(stored: Mapping[str, Any], again: Rebuilt, point: Point) -> None:
    """Raise NotReproduced, naming a column, unless the incident is the stored one."""
    rows = incident_rows(point, again.recorder)
    number = int(stored["incident"])
    found = rows[number] if number < len(rows) else {}
    for column, value in stored.items():
        if found.get(column) != value:
            raise NotReproduced(
                f"{stored['id']} came out otherwise: {column} is {found.get(column)} here and "
                f"{value} in the study"
            )
