"""Whole worlds with people on call, under faults that a test orders."""

from __future__ import annotations

from dataclasses import replace

from experiments.building.world import World, build_world
from experiments.catalogue import load_design, load_profile
from experiments.inject.trial import parse_script
from experiments.profile import PeopleSpec
from experiments.recording.recorder import Recorder
from sim.clock import from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.laws import Fixed

ACKNOWLEDGE_S, RESTART_S, FAILOVER_S, FIX_S = 60.0, 120.0, 300.0, 600.0
PEOPLE = PeopleSpec(
    crew=2,
    acknowledge=Fixed(ACKNOWLEDGE_S),
    fix=Fixed(FIX_S),
    restart=Fixed(RESTART_S),
    manual_failover=Fixed(FAILOVER_S),
    source="round figures, so that a test can add them up",
)


class PeopleWorld:
    """A shipped design with changes, and nothing that goes wrong but ``faults``."""

    def __init__(
        self,
        design: str,
        *sets: str,
        faults: tuple[str, ...] = (),
        on_call: bool = True,
        replication: int = 0,
        engine: Engine = "fast",
    ) -> None:
        _, spec = load_design(design, sets)
        _, calm = load_profile("no-faults")
        kernel = Kernel(engine=engine, replication=replication)
        profile = calm.model_copy(update={"people": PEOPLE if on_call else None})
        self.world: World = build_world(spec, profile, kernel, traced=True)
        self.recorder = Recorder(self.world)
        for fault in parse_script(spec, faults):
            replace(fault).schedule(self.world.board, self.world.targets)

    def run_until(self, at_s: float) -> None:
        self.world.kernel.run_until(from_seconds(at_s))

    def close(self) -> Recorder:
        self.recorder.close()
        return self.recorder

    def log(self, event: str, entity: str = "") -> list[tuple[float, dict[str, object]]]:
        """The events of that name, as (time s, fields), of entities whose name begins so."""
        return [
            (to_seconds(record.time_ns), dict(record.fields))
            for record in self.world.trace.records
            if record.event == event and record.entity.startswith(entity)
        ]

    def story(self) -> list[str]:
        return [str(record) for record in self.world.trace.records]
