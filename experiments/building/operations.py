"""What the operator of a world does: move Sentinels, rejoin a second master, free a stuck pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from experiments.building.hands import Hands
from experiments.building.parts import Ground, ProcessTable
from experiments.building.redis_store import RedisStore
from models.application.application import Application
from models.application.pool import Pool
from models.operator import MoveSpec, Operator, OperatorSpec
from models.redis.server import RedisServer
from models.sentinel.group import SentinelGroup
from models.sentinel.sentinel import Sentinel
from sim.clock import to_seconds
from sim.laws import Fixed
from sim.network import Network
from sim.repair import Crew
from sim.state import Entity, hidden, state
from sim.trace import Trace
from sim.watch import Watch


class SentinelMover(Entity):
    """Moves a Sentinel from the new master's host to the other, as slide 39 of the talk asks.

    The counts are 1 on the master's host and 2 on the slave's. After a failover one Sentinel on
    the new master's host is stopped and another is set up on the old master's host: a new process
    with a new run id. Without SENTINEL RESET the others go on counting the stopped one. A RESET
    also forgets a Redis that is not attached at that moment, which then comes back as a second
    master that no Sentinel knows; so the operator resets once all of them follow the master.
    """

    spec: Final[MoveSpec]
    store: Final[RedisStore]
    group: Final[SentinelGroup]
    network: Final[Network]
    table: Final[ProcessTable]
    hands: Final[Operator]
    moved: int = hidden(0)
    reset_wanted: bool = state(False)

    def __init__(
        self,
        ground: Ground,
        spec: MoveSpec,
        store: RedisStore,
        group: SentinelGroup,
    ) -> None:
        kernel = ground.kernel
        super().__init__(kernel, f"operator/sentinel-mover/{store.name}")
        self.spec = spec
        self.store = store
        self.group = group
        self.network = ground.network
        self.table = ground.table
        self.hands = Operator(kernel, f"sentinel-mover/{store.name}", ground.trace)
        Watch(kernel, f"{self.path}/sees", self._wrong_host, self._plan, initial="")
        Watch(kernel, f"{self.path}/may-reset", self._may_reset, self._reset, initial=False)

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
        others = [name for name in self.store.spec.hosts if name != host]
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
        watchers = self.store.watchers
        assert watchers is not None
        program = f"{self.store.name}-moved{self.moved}"
        process = self.table.make(program, target, watchers.restart)
        process.start()
        made = self.group.add(process, watchers, self.network, master)
        self.hands.record("sentinel-moved", stopped=leaving.name, started=made.name)
        self.reset_wanted = self.spec.reset
        if self._wrong_host() == host:
            self.hands.do_after(self.spec.after, self._move)

    def _may_reset(self) -> bool:
        return (
            self.reset_wanted
            and all(
                link.up or (link.server.role == "master" and not link.server.master)
                for link in self.store.links.values()
            )
            and sum(server.role == "master" for server in self.store.servers.values()) == 1
        )

    def _reset(self, may_reset: bool) -> None:
        if may_reset:
            self.reset_wanted = False
            for sentinel in self._living():
                sentinel.reset()


class Rejoiner:
    """Makes a second master a replica again by hand, when no Sentinel does it."""

    def __init__(
        self,
        spec: OperatorSpec,
        store: RedisStore,
        group: SentinelGroup,
        crew: Crew,
        trace: Trace,
    ) -> None:
        self.patience = Fixed(to_seconds(spec.alert_after))
        self.store = store
        self.group = group
        self.crew = crew
        self.job = f"rejoin/{store.name}"
        self.hands = Operator(crew.kernel, f"rejoiner/{store.name}", trace)
        self.hands.mind(self._two_masters, spec.alert_after, self._call)

    def _masters(self) -> list[RedisServer]:
        servers = self.store.servers.values()
        return [server for server in servers if server.process.running and server.role == "master"]

    def _two_masters(self) -> bool:
        return len(self._masters()) > 1

    def _call(self) -> None:
        if self._two_masters() and self.job not in self.crew.open_jobs:
            self.crew.call(self.job, self._rejoin)

    def _rejoin(self) -> None:
        """SLAVEOF, sent to every master but the one that all Sentinels name, once they agree."""
        answers = {sentinel.answer for sentinel in self.group.members if sentinel.process.running}
        if len(answers) != 1:
            self.hands.record("cannot-rejoin", reason="the Sentinels disagree")
            self.hands.do_after(self.patience, self._call)
            return
        master = self.store.servers[answers.pop()]
        for server in self._masters():
            if server is not master:
                self.hands.record("rejoins", server=server.address, master=master.address)
                server.replicaof(master)


def mind_the_application(
    spec: OperatorSpec,
    instances: tuple[Application, ...],
    runbooks: Mapping[str, Hands],
    crew: Crew,
    trace: Trace,
) -> None:
    """Have the crew look after an instance that has failed for too long.

    They see to it that the master has its name and may write, and restart the connections.
    """
    for instance in instances:
        for pool in instance.pools:
            operator = Operator(crew.kernel, pool.path, trace)
            _mind_one(operator, spec, pool, runbooks[pool.store], crew)


def _mind_one(operator: Operator, spec: OperatorSpec, pool: Pool, hands: Hands, crew: Crew) -> None:
    job = f"stuck/{pool.path}"
    patience = Fixed(to_seconds(spec.alert_after))

    def stuck() -> bool:
        if hands.planned or not pool.process.running or pool.writes_to is not None:
            return False
        if pool.server is not None and pool.server.process.running:
            return True
        return bool(hands.store.accepting) and hands.misnamed()

    def reconnect() -> None:
        if stuck():
            operator.record("reconnects", application=pool.process.path, store=pool.store)
            hands.make_serve()
            pool.disconnect("operator")
            # It may not have helped (no Consul leader), and then nothing changes that would call.
            operator.do_after(patience, call)

    def call() -> None:
        if stuck() and job not in crew.open_jobs:
            crew.call(job, reconnect)

    operator.mind(stuck, spec.alert_after, call)
