"""What the operator of a world does: move Sentinels after a failover, restart a stuck pool."""

from __future__ import annotations

from experiments.building.parts import ProcessTable
from experiments.design import DesignSpec
from models.application import Application
from models.operator import MoveSpec, Operator, OperatorSpec
from models.sentinel.group import SentinelGroup
from models.sentinel.sentinel import Sentinel
from sim.engine import Kernel
from sim.network import Network
from sim.repair import Crew
from sim.trace import Trace
from sim.watch import Watch


class SentinelMover:
    """Moves a Sentinel from the new master's host to the other, as slide 39 of the talk asks.

    The counts are 1 on the master's host and 2 on the slave's. After a failover one Sentinel on
    the new master's host is stopped and another is set up on the old master's host: a new process
    with a new run id. Without SENTINEL RESET the others go on counting the stopped one.
    """

    def __init__(
        self,
        kernel: Kernel,
        design: DesignSpec,
        spec: MoveSpec,
        group: SentinelGroup,
        network: Network,
        table: ProcessTable,
        trace: Trace,
    ) -> None:
        self.design = design
        self.spec = spec
        self.group = group
        self.network = network
        self.table = table
        self.moved = 0
        self.hands = Operator(kernel, "sentinel-mover", trace)
        Watch(kernel, "operator/sentinel-mover/sees", self._wrong_host, self._plan, initial="")

    def _living(self) -> list[Sentinel]:
        return [sentinel for sentinel in self.group.members if sentinel.process.running]

    def _wrong_host(self) -> str:
        """Return the master's host if all running Sentinels agree on it and it has too many."""
        living = self._living()
        masters = {sentinel.answer for sentinel in living}
        if len(masters) != 1:
            return ""
        host = masters.pop().partition("@")[2]
        here = sum(sentinel.process.host.name == host for sentinel in living)
        return host if here > len(living) - here else ""

    def _plan(self, host: str) -> None:
        if host:
            self.hands.do_after(self.spec.after, self._move)

    def _move(self) -> None:
        host = self._wrong_host()
        others = sorted({*self.design.group.replicas, self.design.group.master} - {host})
        targets = [name for name in others if not self.table.hosts[name].down]
        if not host:
            return
        if not targets:
            # Nowhere to put it yet: look again when that host is back, not sooner.
            self.hands.do_after(self.spec.after, self._move)
            return
        self._relocate(host, targets[0])

    def _relocate(self, host: str, target: str) -> None:
        leaving = next(s for s in self._living() if s.process.host.name == host)
        master = leaving.answer
        self.group.dismiss(leaving)
        self.moved += 1
        watchers = self.design.watchers
        assert watchers is not None
        process = self.table.make(f"moved{self.moved}", target, watchers.restart)
        process.start()
        made = self.group.add(process, watchers, self.network, master)
        self.hands.record("sentinel-moved", stopped=leaving.name, started=made.name)
        if self.spec.reset:
            for sentinel in self._living():
                sentinel.reset()


def mind_the_application(
    kernel: Kernel, spec: OperatorSpec, instances: tuple[Application, ...], crew: Crew, trace: Trace
) -> None:
    """Have the crew restart the connections of an instance that has failed for too long."""
    for instance in instances:
        hands = Operator(kernel, instance.process.path, trace)
        _mind_one(hands, spec, instance, crew)


def _mind_one(hands: Operator, spec: OperatorSpec, instance: Application, crew: Crew) -> None:
    job = f"stuck/{instance.process.path}"

    def stuck() -> bool:
        return (
            instance.process.running
            and instance.server is not None
            and instance.server.process.running
            and instance.writes_to is None
        )

    def reconnect() -> None:
        if stuck():
            hands.record("reconnects", application=instance.process.path)
            instance.disconnect("operator")

    def call() -> None:
        if job not in crew.open_jobs:
            crew.call(job, reconnect)

    hands.mind(stuck, spec.alert_after, call)
