"""The rows of a run's tables (columns: ``experiments/results/schema.py``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from experiments.building.world import World
from experiments.recording.recorder import Incident, Recorder
from experiments.results.schema import incident_id
from experiments.stages import STAGES
from sim.clock import to_seconds

Row = dict[str, Any]


class Point(NamedTuple):
    """What identifies a run."""

    design: str
    profile: str
    replication: int

    def columns(self) -> Row:
        """Return the columns that open every table."""
        return {"design": self.design, "profile": self.profile, "replication": self.replication}


def run_row(point: Point, recorder: Recorder) -> Row:
    """Return the row of ``runs``; the recorder must be closed."""
    world = recorder.world
    kernel = world.kernel
    horizon_s = to_seconds(kernel.now)
    pools = [pool for instance in world.instances for pool in instance.pools]
    buffers = [pool.buffer for pool in pools if pool.buffer is not None]
    return {
        **point.columns(),
        "status": "ok",
        "error": "",
        "horizon_s": horizon_s,
        "availability": min(1.0, recorder.success.total() / horizon_s),
        "good_s": recorder.seconds("good"),
        "unprotected_s": recorder.seconds("unprotected"),
        "degraded_s": recorder.seconds("degraded"),
        "downtime_s": recorder.seconds("down"),
        "split_brain_s": recorder.seconds("split-brain"),
        "split_brain_unserved_s": to_seconds(recorder.unserved.totals_ns.get(True, 0)),
        "split_brain_written_s": to_seconds(recorder.written.totals_ns.get(True, 0)),
        "failovers_true": recorder.failovers.true,
        "failovers_false": recorder.failovers.false,
        "failovers_missed": recorder.failovers.missed,
        "swaps": sum(swaps.done for swaps in world.swaps.values()),
        "swaps_skipped": sum(swaps.skipped for swaps in world.swaps.values()),
        "swaps_wrong": sum(swaps.wrong for swaps in world.swaps.values()),
        "split_brains": recorder.split_brains,
        "writes_acked": recorder.acked.total(),
        "writes_lost": recorder.writes_lost,
        "name_empty_s": recorder.name_seconds("empty"),
        "name_wrong_s": recorder.name_seconds("wrong"),
        "name_double_s": recorder.name_seconds("double"),
        "recovery_debt_s": to_seconds(recorder.debt.totals_ns.get(True, 0)),
        "pages": sum(crew.pages for crew in world.crews),
        "interventions": _interventions(world),
        "hosts_rewrites": world.names.rewrites if world.names is not None else 0,
        "dnsmasq_restarts": world.names.dnsmasq_restarts if world.names is not None else 0,
        "requests_saved": sum(buffer.saved for buffer in buffers),
        "requests_failed_late": sum(buffer.failed_late for buffer in buffers),
        "requests_waited_s": sum(buffer.waited_s for buffer in buffers),
        "faults": recorder.counts.begun,
        "incidents": len(recorder.incidents),
        "kernel_events": kernel.events,
    }


def _interventions(world: World) -> int:
    by_crews: int = sum(crew.fixes for crew in world.crews)
    return by_crews + sum(operator.acts for operator in world.operators)


def load_rows(point: Point, recorder: Recorder) -> list[Row]:
    """Return the rows of ``loads``: the backends of every application that is called, by name."""
    arrived = {load.backend: load.requests.total() for load in recorder.loads}
    totals: dict[str, float] = {}
    for backend, requests in arrived.items():
        totals[backend.name] = totals.get(backend.name, 0.0) + requests
    return [
        {
            **point.columns(),
            "application": load.backend.name,
            "backend": load.backend.process.path,
            "requests": arrived[load.backend],
            "share": arrived[load.backend] / max(totals[load.backend.name], 1e-9),
            "overloaded_s": load.overloaded_s.total(),
        }
        for load in recorder.loads
    ]


def incident_rows(point: Point, recorder: Recorder) -> list[Row]:
    """Return the rows of ``incidents``, in order of time."""
    return [_incident(point, n, incident) for n, incident in enumerate(recorder.incidents)]


def _incident(point: Point, number: int, incident: Incident) -> Row:
    held = incident.seconds_ns
    return {
        **point.columns(),
        "incident": number,
        "id": incident_id(*point, number),
        "start_s": to_seconds(incident.start_ns),
        "end_s": to_seconds(incident.end_ns),
        "duration_s": to_seconds(incident.end_ns - incident.start_ns),
        "cause": incident.cause,
        "target": incident.target,
        "faults": incident.faults,
        "downtime_s": to_seconds(held.get("down", 0)),
        "split_brain_s": to_seconds(held.get("split-brain", 0)),
        "degraded_s": to_seconds(held.get("degraded", 0)),
        "unprotected_s": to_seconds(held.get("unprotected", 0)),
        "writes_lost": incident.writes_lost,
        "failovers_true": incident.failovers_true,
        "failovers_false": incident.failovers_false,
    }


def cause_rows(point: Point, recorder: Recorder) -> list[Row]:
    """Return the rows of ``causes``: seconds charged to the first fault of each incident."""
    sums: dict[str, Row] = {}
    for incident in recorder.incidents:
        fresh = {"cause": incident.cause, "downtime_s": 0.0, "split_brain_s": 0.0, "incidents": 0}
        row = sums.setdefault(incident.cause, {**point.columns(), **fresh})
        row["downtime_s"] += to_seconds(incident.seconds_ns.get("down", 0))
        row["split_brain_s"] += to_seconds(incident.seconds_ns.get("split-brain", 0))
        row["incidents"] += 1
    return [sums[cause] for cause in sorted(sums)]


def control_rows(point: Point, recorder: Recorder) -> list[Row]:
    """Return the rows of ``controls``, by name."""
    kernel = recorder.world.kernel
    values = kernel.controls.values(kernel.now)
    return [{**point.columns(), "control": name, "value": one} for name, one in values.items()]


def stage_rows(point: Point, recorder: Recorder) -> list[Row]:
    """Return the rows of ``stages``: the seconds down of each incident, by stage.

    They add up to the seconds down of the incident and of the run, to the nanosecond; raises
    AssertionError if they do not.
    """
    rows: list[Row] = []
    for number, incident in enumerate(recorder.incidents):
        held = incident.stages_ns
        _check_sum(f"incident {number}", held.values(), incident.seconds_ns.get("down", 0))
        rows += [
            {
                **point.columns(),
                "incident": number,
                "stage": stage,
                "downtime_ns": held[stage],
                "downtime_s": to_seconds(held[stage]),
            }
            for stage in STAGES
            if stage in held
        ]
    down_ns = recorder.classes.totals_ns.get("down", 0)
    _check_sum("the run", (row["downtime_ns"] for row in rows), down_ns)
    return rows


def _check_sum(what: str, parts_ns: Iterable[int], whole_ns: int) -> None:
    found_ns = sum(parts_ns)
    if found_ns != whole_ns:
        raise AssertionError(f"{what}: stages of {found_ns} ns, downtime of {whole_ns} ns")
