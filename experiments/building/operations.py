"""What the operator of a world does: move Sentinels, rejoin a second master, free a stuck pool."""

from __future__ import annotations

from functools import partial
from typing import Final

from experiments.building.hands import Hands
from experiments.building.parts import Ground, ProcessTable
from experiments.building.redis_store import RedisStore
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

    def _move(self) -> bool:
        host = self._wrong_host()
        others = [name for name in self.store.spec.hosts if name != host]
        targets = [name for name in others if not self.table.hosts[name].down]
        if not host:
            return False
        if not targets:
            # Nowhere to put it yet: look again when that host is back, not sooner.
            self.hands.do_after(self.spec.after, self._move)
            return False
        self._relocate(host, targets[0])
        return True

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

    kind: Final = "rejoin"

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
        self.job = f"{self.kind}/{store.name}"
        self.hands = Operator(crew.kernel, f"rejoiner/{store.name}", trace)
        over = partial(crew.withdraw, self.job)
        self.hands.mind(self._two_masters, spec.alert_after, self._call, over)

    def _masters(self) -> list[RedisServer]:
        servers = self.store.servers.values()
        return [server for server in servers if server.process.running and server.role == "master"]

    def _two_masters(self) -> bool:
        return len(self._masters()) > 1

    def _call(self) -> bool:
        if self._two_masters() and self.job not in self.crew.open_jobs:
            self.crew.call(self.job, self._rejoin, wanted=self._two_masters)
        return False

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
    spec: OperatorSpec, pools: tuple[Pool, ...], hands: Hands, crew: Crew, trace: Trace
) -> None:
    """Have the crew look when clients of a store have failed for too long, whatever the reason.

    One page a store: whoever comes sees to it that the master has its name and may write, and
    restarts the connections of all instances that are stuck.
    """
    name = hands.store.name
    by_hand = name in spec.promote_by_hand
    operator = Operator(crew.kernel, f"clients/{name}", trace)
    job = f"stuck/{name}"
    patience = Fixed(to_seconds(spec.alert_after))

    def failing() -> bool:
        if hands.planned or (by_hand and not hands.store.accepting):
            return False  # Somebody is at it, or is called to promote.
        return any(pool.process.running and pool.writes_to is None for pool in pools)

    def reconnect() -> None:
        if failing():
            hands.make_serve()
            for pool in pools:
                if _is_stuck(pool, hands):
                    operator.record("reconnects", application=pool.process.path, store=name)
                    pool.disconnect("operator")
            # It may not have helped (a path that is cut), and then nothing changes that would call.
            operator.do_after(patience, call)

    def call() -> bool:
        if failing() and job not in crew.open_jobs:
            crew.call(job, reconnect, wanted=failing)
        return False

    operator.mind(failing, spec.alert_after, call, partial(crew.withdraw, job))


def _is_stuck(pool: Pool, hands: Hands) -> bool:
    """Whether a pool fails for a reason that somebody at its host, or at the names, can mend."""
    if not pool.process.running or pool.writes_to is not None:
        return False
    if pool.server is not None and pool.server.process.running:
        return True
    return bool(hands.store.accepting) and hands.misnamed()
