"""Redis, Sentinel, Consul and the application of a world, and what couples them.

The couplings of the design live here and nowhere else: the check that asks the local Redis for
its role, the name that leads clients to a host, the Sentinels' view of a server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from experiments.building.monitored import MonitoredRedis
from experiments.building.parts import ProcessTable
from experiments.design import ConsulClusterSpec, DesignSpec
from models.application import Application, Resolution
from models.consul.cluster import ConsulCluster
from models.consul.deck_check import RoleProbe
from models.redis.good_replicas import count_good_replicas
from models.redis.history import History
from models.redis.replication import Replication
from models.redis.server import RedisServer, WriteMeter
from models.sentinel.group import SentinelGroup
from sim.engine import Kernel
from sim.network import Network
from sim.trace import Trace


class RedisService:
    """The servers of the group, by address, with their links."""

    def __init__(
        self, kernel: Kernel, design: DesignSpec, network: Network, table: ProcessTable
    ) -> None:
        spec = design.group
        self.history = History()
        self.servers: dict[str, RedisServer] = {}
        for host in sorted((spec.master, *spec.replicas)):
            process = table.make("redis", host, spec.restart)
            server = RedisServer(kernel, process, spec, self.history, network)
            self.servers[server.address] = server
        self.first_master = self.servers[f"redis@{spec.master}"]
        for server in self.servers.values():
            if server is not self.first_master:
                server.saved_role, server.saved_master = "slave", self.first_master
        self.links = {
            address: Replication(kernel, server) for address, server in self.servers.items()
        }
        self.monitored: dict[str, MonitoredRedis] = {}
        for address, server in self.servers.items():
            self.monitored[address] = MonitoredRedis(
                kernel, server, self.links[address], self.monitored
            )
            server.group = tuple(self.servers.values())
            self.links[address].links = tuple(self.links.values())
        for server in self.servers.values():
            count_good_replicas(server, tuple(self.links.values()))

    def on_host(self, host: str) -> RedisServer:
        """Return the server on a host."""
        return self.servers[f"redis@{host}"]

    def settle(self) -> None:
        """Start everything, replicas in step with the master."""
        for server in self.servers.values():
            server.process.start()
        for link in self.links.values():
            link.settle()


def build_sentinels(
    kernel: Kernel, design: DesignSpec, network: Network, table: ProcessTable, redis: RedisService
) -> SentinelGroup | None:
    """Return the Sentinels, started and settled; None if the design has none."""
    spec = design.watchers
    if spec is None:
        return None
    name = next(iter(design.sentinel))
    first = redis.first_master.address
    group = SentinelGroup(kernel, name, dict(redis.monitored), first)
    for program in sorted(spec.processes):
        process = table.make(program, spec.processes[program], spec.restart)
        process.start()
        group.add(process, spec, network, first)
    group.settle()
    return group


def build_consul(
    kernel: Kernel,
    trace: Trace,
    spec: ConsulClusterSpec | None,
    network: Network,
    table: ProcessTable,
    redis: RedisService,
) -> ConsulCluster | None:
    """Return the Consul cluster with an agent on each host and a check on each Redis host."""
    if spec is None:
        return None
    agents = {host: table.make("consul", host, spec.restart) for host in table.hosts}
    cluster = ConsulCluster(kernel, trace, network, spec, agents)
    for server in redis.servers.values():
        cluster.register_service(server.process.host.name, spec.service, _role_probe(server))
    for process in agents.values():
        process.start()
    cluster.bootstrap()
    return cluster


def _role_probe(server: RedisServer) -> RoleProbe:
    """``redis-cli info | grep role`` on the server's own host."""

    def probe() -> Literal["master", "slave", "down", "hung"]:
        if not server.process.alive:
            return "down"
        if not server.process.running:
            return "hung"
        return server.role

    return probe


def master_name(spec: ConsulClusterSpec) -> str:
    """Return the name under which clients look the master up."""
    tags = ".".join(spec.service.tags[:1])
    prefix = f"{tags}." if tags else ""
    return f"{prefix}{spec.service.name}.service.{spec.datacenter}.consul"


def resolver_for(
    design: DesignSpec,
    host: str,
    redis: RedisService,
    sentinels: SentinelGroup | None,
    consul: ConsulCluster | None,
    network: Network,
) -> Callable[[], Resolution]:
    """Return how the application on ``host`` finds the master."""
    if design.application.resolver == "fixed":
        fixed = Resolution((redis.first_master,), checks_role=False)
        return lambda: fixed
    if design.application.resolver == "consul":
        assert consul is not None and design.consul is not None
        name = master_name(design.consul)

        def by_name() -> Resolution:
            answer = consul.dns.answer(name, host)
            return Resolution(tuple(redis.on_host(h) for h in answer.addresses), False)

        return by_name

    def by_sentinel() -> Resolution:
        assert sentinels is not None
        for sentinel in sentinels.members:
            route = network.route(host, sentinel.process.host.name)
            if sentinel.process.running and route.tcp:
                return Resolution((redis.servers[sentinel.answer],), checks_role=True)
        return Resolution((), checks_role=True)

    return by_sentinel


def build_applications(
    kernel: Kernel,
    design: DesignSpec,
    network: Network,
    table: ProcessTable,
    redis: RedisService,
    resolver: Callable[[str], Callable[[], Resolution]],
) -> tuple[Application, ...]:
    """Return the instances, started and connected to the master; their writes are metered."""
    spec = design.application
    made = []
    for program in sorted(spec.instances):
        host = spec.instances[program]
        process = table.make(program, host, spec.restart)
        application = Application(kernel, process, spec, network, resolver(host))
        process.start()
        application.settle(redis.first_master)
        made.append(application)
    instances = tuple(made)
    for server in redis.servers.values():
        WriteMeter(server, _offered(server, instances))
    return instances


def _offered(server: RedisServer, instances: tuple[Application, ...]) -> Callable[[], float]:
    def offered_per_s() -> float:
        return sum(app.spec.write_rate for app in instances if app.writes_to is server)

    return offered_per_s
