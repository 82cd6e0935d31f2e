"""A Redis group with the Sentinels that watch it, as one data store of a world."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Literal

from experiments.building.monitored import MonitoredRedis
from experiments.building.parts import Ground, ProcessTable
from experiments.design.parts import RedisGroupSpec, SentinelGroupSpec
from experiments.stages import Stage
from models.application.pool import Server
from models.redis.good_replicas import count_good_replicas
from models.redis.history import History
from models.redis.replication import Replication
from models.redis.server import RedisServer, WriteMeter
from models.sentinel.group import SentinelGroup
from models.sentinel.sentinel import Sentinel
from models.sentinel.timers import HELLO_NS
from sim.clock import NS_PER_S
from sim.network import Network
from sim.state import Entity, computed


class RedisStore(Entity):
    """The servers of a group by address, with their links and their Sentinels (or none).

    ``by_hand``: people promote a replica when the master fails.
    """

    name: Final[str]
    by_hand: Final[bool]
    spec: Final[RedisGroupSpec]
    watchers: Final[SentinelGroupSpec | None]
    history: Final[History]
    servers: Final[dict[str, RedisServer]]
    links: Final[dict[str, Replication]]
    first_master: Final[RedisServer]
    sentinels: Final[SentinelGroup | None]

    def __init__(self, ground: Ground, name: str) -> None:
        """Build the group in its steady state: replicas in step, Sentinels acquainted."""
        kernel, network, table = ground.kernel, ground.network, ground.table
        super().__init__(kernel, f"store/{name}")
        self.name = name
        self.by_hand = ground.by_hand(name)
        self.spec = spec = ground.design.redis[name]
        self.watchers = ground.design.sentinel.get(name)
        self.history = History()
        self.servers = {}
        for host in spec.hosts:
            process = table.make("redis", host, spec.restart)
            options = spec.server_on(host)
            server = RedisServer(kernel, process, options, self.history, network)
            self.servers[server.address] = server
        self.first_master = self.servers[f"redis@{spec.master}"]
        for server in self.servers.values():
            if server is not self.first_master:
                server.saved_role, server.saved_master = "slave", self.first_master
        self.links = {
            address: Replication(kernel, server) for address, server in self.servers.items()
        }
        monitored = self._monitored()
        self._settle()
        self.sentinels = self._watched_by(monitored, network, table)

    def _monitored(self) -> dict[str, MonitoredRedis]:
        monitored: dict[str, MonitoredRedis] = {}
        for address, server in self.servers.items():
            link = self.links[address]
            monitored[address] = MonitoredRedis(self.kernel, server, link, monitored)
            server.group = tuple(self.servers.values())
            link.links = tuple(self.links.values())
        for server in self.servers.values():
            count_good_replicas(server, tuple(self.links.values()))
        return monitored

    def _settle(self) -> None:
        for server in self.servers.values():
            server.process.start()
        for link in self.links.values():
            link.settle()

    def _watched_by(
        self, monitored: dict[str, MonitoredRedis], network: Network, table: ProcessTable
    ) -> SentinelGroup | None:
        spec = self.watchers
        if spec is None:
            return None
        first = self.first_master.address
        group = SentinelGroup(self.kernel, self.name, {**monitored}, first)
        for program in sorted(spec.processes):
            process = table.make(program, spec.processes[program], spec.restart)
            process.start()
            group.add(process, spec, network, first)
        group.settle()
        for server in self.servers.values():
            server.hellos_per_s = len(group.members) * NS_PER_S / HELLO_NS
        return group

    def server_on(self, host: str) -> RedisServer | None:
        """Return the server on a host, if there is one."""
        return self.servers.get(f"redis@{host}")

    def role_on(self, host: str) -> Literal["master", "slave", "down", "hung"]:
        """``redis-cli info | grep role`` on a host."""
        server = self.servers[f"redis@{host}"]
        if not server.process.alive:
            return "down"
        return server.role if server.process.running else "hung"

    def meter_writes(self, offered_per_s: Callable[[Server], float]) -> None:
        """Have each server's data set grow with what its clients write."""
        for server in self.servers.values():
            WriteMeter(server, partial(offered_per_s, server))

    # As a data store -------------------------------------------------------------------------

    @computed
    def accepting(self) -> tuple[Server, ...]:
        """The servers that would acknowledge a write."""
        return tuple(server for server in self.servers.values() if server.accepts_writes)

    @computed
    def protected(self) -> bool:
        """Whether the loss of the master's host would be survived now.

        A replica on another host receives its writes, and enough Sentinels run on other hosts for
        the quorum and for a majority of all that are known; or people are there to promote it.
        """
        if len(self.accepting) != 1:
            return False
        master = self.accepting[0]
        in_step = any(link.flows and link.server.master is master for link in self.links.values())
        return in_step and self._could_elect_without(master.process.host.name)

    def _could_elect_without(self, host: str) -> bool:
        if self.sentinels is None:
            return self.by_hand
        left = [
            sentinel
            for sentinel in self.sentinels.members
            if sentinel.process.running and sentinel.process.host.name != host
        ]
        known = max((len(sentinel.peers) + 1 for sentinel in left), default=0)
        return bool(left) and len(left) >= max(known // 2 + 1, left[0].spec.quorum)

    @property
    def awaits(self) -> Stage:
        """While nobody accepts writes: how far its Sentinels are; the one that is furthest counts.

        A Sentinel that stands still counts: it goes on. One that is dead is restarted, and counts
        then. A running master that does not accept writes answers their PINGs.
        """
        if not any(_could_replace(server) for server in self.servers.values()):
            return "no-spare"
        sentinels = self.sentinels.members if self.sentinels is not None else ()
        alive = [one for one in sentinels if one.process.alive]
        stages = {one.failover.stage for one in alive}
        if stages - {"none", "wait-start"}:
            return "promote"
        if not any(_could_win(one) for one in alive):
            return "repair"
        if "wait-start" in stages or any(one.odown for one in alive):
            return "elect"
        if any(one.master_sdown for one in alive):
            return "agree"
        stands = any(one.process.running and one.is_master for one in self.servers.values())
        return "repair" if stands else "detect"

    @property
    def lost(self) -> float:
        """Acknowledged writes that are lost so far."""
        return self.history.lost

    @property
    def detection_ns(self) -> int:
        """down-after, if there are Sentinels."""
        return self.watchers.down_after_milliseconds if self.watchers is not None else 0

    @property
    def masters(self) -> frozenset[str]:
        """The servers in the role of master."""
        return frozenset(one.address for one in self.servers.values() if one.role == "master")

    def when_roles_change(self, listener: Callable[[], object]) -> None:
        """Call ``listener`` after each change of role."""
        for server in self.servers.values():
            server.role_listeners = (*server.role_listeners, listener)

    def promoted(self, address: str) -> bool:
        """Whether that master is alive and its configuration says master."""
        server = self.servers[address]
        return server.process.alive and server.saved_role == "master"

    def close(self) -> None:
        """Nothing is left to be counted."""


def _could_replace(server: RedisServer) -> bool:
    """Whether it is a replica that runs, not one that is known not to work."""
    process = server.process
    wanted = server.spec.replica_priority > 0
    return wanted and server.role == "slave" and process.running and not process.latent_noticed


def _could_win(sentinel: Sentinel) -> bool:
    """Whether the Sentinels that it reaches are enough to agree and to elect it."""
    here = sentinel.process.host.name
    voices = 1 + sum(
        peer.peer.process.alive and sentinel.network.route(here, peer.peer.process.host.name).open
        for peer in sentinel.peers
    )
    known = len(sentinel.peers) + 1
    return voices >= max(known // 2 + 1, sentinel.spec.quorum)
