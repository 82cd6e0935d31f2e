"""One run: a design under a profile for a horizon, under one replication number."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import NamedTuple

from experiments.building.world import build_world
from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from experiments.recording.recorder import Recorder
from experiments.recording.rows import (
    Point,
    Row,
    cause_rows,
    control_rows,
    incident_rows,
    load_rows,
    run_row,
    stage_rows,
)
from sim.clock import YEAR_NS
from sim.engine import Engine, Kernel
from sim.trace import Record


@dataclass(frozen=True)
class RunOrder:
    """What to simulate. ``horizon_ns`` is one year unless said otherwise."""

    design_name: str
    design: DesignSpec
    profile_name: str
    profile: ProfileSpec
    seed: int = 0
    replication: int = 0
    horizon_ns: int = YEAR_NS
    engine: Engine = "fast"


class RunRecord(NamedTuple):
    """The rows of one run by table, and its trace if it was asked for."""

    rows: dict[str, list[Row]]
    trace: list[Record]

    @property
    def run(self) -> Row:
        """Its row of ``runs``."""
        return self.rows["runs"][0]


def simulate(order: RunOrder, *, traced: bool = False) -> RunRecord:
    """Run one world; raises what the model raises."""
    kernel = Kernel(engine=order.engine, seed=order.seed, replication=order.replication)
    world = build_world(order.design, order.profile, kernel, traced=traced)
    recorder = Recorder(world)
    kernel.run_until(order.horizon_ns)
    recorder.close()
    point = Point(order.design_name, order.profile_name, order.replication)
    rows = {
        "runs": [run_row(point, recorder)],
        "incidents": incident_rows(point, recorder),
        "causes": cause_rows(point, recorder),
        "loads": load_rows(point, recorder),
        "stages": stage_rows(point, recorder),
        "controls": control_rows(point, recorder),
    }
    return RunRecord(rows, world.trace.records)


def simulate_safely(order: RunOrder) -> RunRecord:
    """Run one world; a failure becomes a row of status "failed" with its traceback."""
    try:
        return simulate(order)
    except Exception:
        point = Point(order.design_name, order.profile_name, order.replication)
        row = {**point.columns(), "status": "failed", "error": f"run: {traceback.format_exc()}"}
        return RunRecord({"runs": [row]}, [])
