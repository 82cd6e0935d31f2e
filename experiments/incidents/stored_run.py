"""The run of an incident, out of the study on disk, to be run once more in just the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from experiments.building.world import World, build_world
from experiments.incidents.errors import IncidentError
from experiments.recording.recorder import Recorder
from experiments.simulation import RunOrder
from sim.engine import Kernel
from sim.recorded_faults import RecordedFault
from sim.trace import Record


def order_of(directory: Path, incident: Mapping[str, Any]) -> RunOrder:
    """The run that the incident is of.

    Raises IncidentError if the directory holds no study, or one that this sengu would run
    otherwise: by its version, its source, or because somebody has edited ``spec.json``.
    """
    from experiments.study import StudyRefused
    from experiments.study.directory import read_document
    from experiments.study.document import study_from

    try:
        study = study_from(read_document(directory), directory)
    except StudyRefused as error:
        raise IncidentError(f"the incident cannot be run again: {error}") from None
    names = [(point.design_name, point.profile_name) for point in study.points]
    point = (str(incident["design"]), str(incident["profile"]))
    if point not in names:
        raise IncidentError(f"{directory}: spec.json has no {point[0]} under {point[1]}")
    return study.order(names.index(point), int(incident["replication"]))


class Rebuilt(NamedTuple):
    """A world that is built and has not begun, with its recorder."""

    world: World
    recorder: Recorder

    @property
    def kernel(self) -> Kernel:
        """The kernel of the world."""
        return self.world.kernel


def rebuilt(
    order: RunOrder, *, traced: bool, faults: Sequence[RecordedFault] | None = None
) -> Rebuilt:
    """Build the world of a run again; with ``faults`` these strike, and none is drawn."""
    kernel = Kernel(engine=order.engine, seed=order.seed, replication=order.replication)
    world = build_world(order.design, order.profile, kernel, traced=traced, faults=faults)
    return Rebuilt(world, Recorder(world))


def faults_in(records: Sequence[Record]) -> tuple[RecordedFault, ...]:
    """The faults of a trace in the order of their beginning; ends that it lacks are None."""
    begun: dict[int, RecordedFault] = {}
    for record in records:
        if record.event not in ("fault-begin", "fault-end"):
            continue
        words: dict[str, Any] = dict(record.fields)
        number = int(words["fault"])
        if record.event == "fault-begin":
            what = (str(words["cause"]), str(words["kind"]), str(words["target"]))
            begun[number] = RecordedFault(number, *what, record.time_ns, None)
        else:
            begun[number] = begun[number]._replace(end_ns=record.time_ns)
    return tuple(begun.values())
