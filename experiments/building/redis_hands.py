"""The runbooks of a Redis group."""

from __future__ import annotations

from typing import Final

from experiments.building.redis_store import RedisStore
from models.application.pool import Server
from models.redis.server import RedisServer
from models.sentinel.group import SentinelGroup
from sim.state import Entity, state
from sim.watch import Watch


class RedisHands(Entity):
    """``chosen`` is the master that a person made last; with Sentinels, theirs counts."""

    store: Final[RedisStore]
    chosen: RedisServer | None = state(None)
    planned: bool = state(False)

    def __init__(self, store: RedisStore) -> None:
        super().__init__(store.kernel, f"hands/{store.name}")
        self.store = store
        nobody: tuple[str, ...] = ()
        Watch(store.kernel, f"{self.path}/demoted", self._demoted, self._release, nobody)

    def _demoted(self) -> tuple[str, ...]:
        servers = self.store.servers.values()
        return tuple(one.address for one in servers if one.fenced and one.role == "slave")

    def _release(self, demoted: tuple[str, ...]) -> None:
        for address in demoted:
            self.store.servers[address].fence(False)

    def _replicas(self) -> list[RedisServer]:
        """Return the replicas that run, without those that are known not to work."""
        return [
            one
            for one in self.store.servers.values()
            if one.role == "slave" and one.process.running and not one.process.latent_noticed
        ]

    def candidate(self) -> Server | None:
        """Return the first replica that runs, the one in step first."""
        replicas = self._replicas()
        in_step = [one for one in replicas if self.store.links[one.address].flows]
        return next(iter([*in_step, *replicas]), None)

    def ready_to_swap(self) -> bool:
        """Whether one master serves and a replica receives its writes."""
        links = (self.store.links[one.address] for one in self._replicas())
        return len(self.store.accepting) == 1 and any(link.flows for link in links)

    def caught_up(self, server: Server) -> bool:
        """Whether its link still carries what the master sends."""
        return self.store.links[server.address].flows

    def ready_stand_by(self) -> None:
        """Nothing to do: the fence goes with the role."""

    def stop_writes(self) -> None:
        """Have the master refuse writes until it has been demoted."""
        for server in self.store.servers.values():
            if server.accepts_writes:
                server.fence(True)

    def resume_writes(self) -> None:
        """Have every fenced server accept writes again."""
        for server in self.store.servers.values():
            if server.fenced:
                server.fence(False)

    def promote(self, server: Server) -> None:
        """SENTINEL FAILOVER, or by hand SLAVEOF NO ONE at it and SLAVEOF it at the others.

        The check finds the new role by itself. Sentinels choose the replica; a SLAVEOF NO ONE
        behind their back would be undone (``deck.md`` 3.1, 10).
        """
        if self.store.sentinels is not None:
            self._ask_sentinels(self.store.sentinels)
            return
        master = self.store.servers[server.address]
        self.chosen = master
        master.fence(False)
        master.replicaof_no_one()
        for other in self.store.servers.values():
            if other is not master and other.process.running:
                other.replicaof(master)

    def _ask_sentinels(self, group: SentinelGroup) -> None:
        for sentinel in group.members:
            if sentinel.process.running and sentinel.failover.force():
                return

    def misnamed(self) -> bool:
        """Never: the check gives the name, and nobody else."""
        return False

    def make_serve(self) -> None:
        """Nothing to do."""

    def astray(self) -> tuple[str, ...]:
        """Return the other masters that run, when there are no Sentinels to demote them.

        While the chosen one does not run, another master is all there is, and is left alone.
        """
        if self.store.sentinels is not None or self.chosen is None:
            return ()
        if not self.chosen.process.running:
            return ()
        return tuple(
            one.address
            for one in self.store.servers.values()
            if one.process.running and one.role == "master" and one is not self.chosen
        )

    def put_right(self) -> None:
        """Make them replicas of the chosen master."""
        for address in self.astray():
            if self.chosen is not None:
                self.store.servers[address].replicaof(self.chosen)
