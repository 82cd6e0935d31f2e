"""Follows a run and keeps what its tables will say: seconds by class and stage, incidents."""

from __future__ import annotations

from dataclasses import dataclass, field

from experiments.building.published_names import NameState
from experiments.building.service_state import SecondClass
from experiments.building.stages import OutageStage
from experiments.building.world import World
from experiments.recording.debt import RecoveryDebt
from experiments.recording.failovers import FailoverCounter
from experiments.recording.loads import backend_loads
from experiments.stages import Stage
from sim.clock import to_seconds
from sim.faults import Fault
from sim.metering import Integral, StateMeter
from sim.state import Entity, state
from sim.watch import Watch


@dataclass
class Incident:
    """From the first fault out of the nominal state until the world is nominal again."""

    start_ns: int
    cause: str
    target: str
    writes_lost_before: float
    true_before: int
    false_before: int
    end_ns: int = 0
    faults: int = 0
    writes_lost: float = 0.0
    failovers_true: int = 0
    failovers_false: int = 0
    seconds_ns: dict[SecondClass, int] = field(default_factory=dict)
    stages_ns: dict[Stage, int] = field(default_factory=dict)


class FaultCount(Entity):
    """How many faults have begun, observable."""

    begun: int = state(0)


class Recorder:
    """Meters of one world; read them after :meth:`close`."""

    def __init__(self, world: World) -> None:
        self.world = world
        kernel, service = world.kernel, world.service
        stage = OutageStage(kernel, service, world.swaps)
        self.failovers = FailoverCounter(world, stage.master_replaced)
        self.split_brains = 0
        self.incidents: list[Incident] = []
        self.open: Incident | None = None
        at_first: SecondClass = "good"
        self.classes = StateMeter(kernel, "meter/class", lambda: service.second, at_first)
        self.classes.listen(self._class_held)
        not_down: Stage | None = None
        self.stages = StateMeter(kernel, "meter/stage", stage.now, not_down)
        self.stages.listen(self._stage_held)
        self.names = StateMeter(kernel, "meter/name", lambda: service.names, service.names)
        self.written = StateMeter(
            kernel, "meter/written", lambda: service.split_written, initial=False
        )
        self.unserved = StateMeter(
            kernel,
            "meter/split-unserved",
            lambda: service.second == "split-brain" and bool(service.failing),
            initial=False,
        )
        self.success = Integral(kernel, "meter/success", lambda: service.success_share)
        self.loads = backend_loads(world)
        self.owing = RecoveryDebt(kernel)
        Watch(kernel, "meter/second", lambda: service.second, self._turned, initial=at_first)
        self.debt = StateMeter(kernel, "meter/debt", lambda: self.owing.owed, initial=False)
        self.acked = Integral(kernel, "meter/acked", self._acked_per_s)
        self.counts = FaultCount(kernel, "meter/faults")
        Watch(kernel, "meter/nominal", self._standing, self._changed, initial=(True, 0))
        world.board.listen(self._fault)

    def close(self) -> None:
        """Finish what is open at the end of the run."""
        for store in self.world.stores.values():
            store.close()
        for meter in (self.names, self.written, self.unserved, self.debt):
            meter.close()
        self._close_incident_meters()
        self._end_incident()

    def _acked_per_s(self) -> float:
        return sum(
            pool.spec.write_rate
            for instance in self.world.instances
            for pool in instance.pools
            if pool.writes_to is not None
        )

    # Incidents -------------------------------------------------------------------------------

    def _standing(self) -> tuple[bool, int]:
        """Also the number of faults: one that is over at once must not leave an incident open."""
        return self._nominal(), self.counts.begun

    def _turned(self, second: SecondClass) -> None:
        self.owing.turn(second)
        self.split_brains += second == "split-brain"

    def _nominal(self) -> bool:
        """No fault is active, and users are served as they should be.

        A design that has lost its redundancy (*unprotected*) is nominal in this sense: it may stay
        so for good, and the incident is over for the users.
        """
        service = self.world.service
        return self.world.board.active == 0 and service.second in ("good", "unprotected")

    def _fault(self, fault: Fault, began: bool) -> None:
        if not began:
            return
        self.counts.begun += 1
        if self.open is None:
            self._begin_incident(fault.cause, fault.target)
        assert self.open is not None
        self.open.faults += 1

    def _close_incident_meters(self) -> None:
        self.classes.close()
        self.stages.close()

    def _begin_incident(self, cause: str, target: str) -> None:
        self._close_incident_meters()
        self.open = Incident(
            self.world.kernel.now,
            cause,
            target,
            self.writes_lost,
            self.failovers.true,
            self.failovers.false,
        )

    def _changed(self, standing: tuple[bool, int]) -> None:
        nominal, _ = standing
        if nominal:
            self._end_incident()
        elif self.open is None:
            # A swap, or an old fault's late consequence (a returned master's check, a stale name).
            swapped = [name for name, one in self.world.swaps.items() if one.hands.planned]
            self._begin_incident(*(("planned-swap", swapped[0]) if swapped else ("aftermath", "-")))

    def _end_incident(self) -> None:
        if self.open is None:
            return
        self._close_incident_meters()
        incident, self.open = self.open, None
        incident.end_ns = self.world.kernel.now
        incident.writes_lost = self.writes_lost - incident.writes_lost_before
        incident.failovers_true = self.failovers.true - incident.true_before
        incident.failovers_false = self.failovers.false - incident.false_before
        self.incidents.append(incident)

    def _class_held(self, second: SecondClass, start_ns: int, end_ns: int) -> None:
        if self.open is not None:
            held = self.open.seconds_ns
            held[second] = held.get(second, 0) + end_ns - start_ns

    def _stage_held(self, stage: Stage | None, start_ns: int, end_ns: int) -> None:
        if self.open is not None and stage is not None:
            held = self.open.stages_ns
            held[stage] = held.get(stage, 0) + end_ns - start_ns

    # Rows ------------------------------------------------------------------------------------

    @property
    def writes_lost(self) -> float:
        """Acknowledged writes that are absent from what survives."""
        return sum(store.lost for store in self.world.stores.values())

    def name_seconds(self, state: NameState) -> float:
        """Return how long any published name was in a state, s."""
        held = (held_ns for states, held_ns in self.names.totals_ns.items() if state in states)
        return to_seconds(sum(held))

    def seconds(self, second: SecondClass) -> float:
        """Return how long this class held, s."""
        return to_seconds(self.classes.totals_ns.get(second, 0))
