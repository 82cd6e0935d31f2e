"""Who tells an application where its stores and backends are: names, Sentinels, a fixed address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from experiments.building.consul_services import service_name
from experiments.building.redis_store import RedisStore
from experiments.building.stores import Store
from experiments.design.spec import DesignSpec
from models.application.application import Application
from models.application.call import Addressed
from models.application.pool import Resolution, Server
from models.application.spec import CallSpec, Runtime, StoreUseSpec
from models.process import Process
from sim.network import Network

if TYPE_CHECKING:
    from experiments.building.names import Names
    from models.consul.cluster import ConsulCluster


class Answer(NamedTuple):
    """What looking a name up brings: hosts, how likely each comes first, and the wait if none."""

    hosts: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    wait_ns: int = 0


class Directory:
    """The ways of a world to find things, by the resolver that a design names."""

    def __init__(
        self,
        design: DesignSpec,
        network: Network,
        consul: ConsulCluster | None,
        names: Names | None,
        applications: Mapping[str, tuple[Application, ...]],
    ) -> None:
        self.design = design
        self.network = network
        self.consul = consul
        self.names = names
        self.applications = applications

    def name_of(self, target: str, lookup: str | None) -> str:
        """Return the name under which a store or an application is looked up."""
        if lookup is not None:
            return lookup
        service = self.design.service_of(target)
        assert service is not None and self.design.consul is not None
        return service_name(self.design.consul, service)

    def look_up(
        self, resolver: str, name: str, process: Process, runtime: Runtime = "libc"
    ) -> Callable[[], Answer]:
        """Return how a program looks ``name`` up, or goes by what it has looked up before."""
        if resolver == "consul":
            return self._by_consul(name, process.host.name)
        assert self.names is not None
        held = self.names.cached(process, name, runtime)

        def by_library() -> Answer:
            answer = held.answer
            return Answer(answer.addresses, answer.shares, answer.wait_ns)

        return by_library

    def _by_consul(self, name: str, host: str) -> Callable[[], Answer]:
        assert self.consul is not None
        dns = self.consul.dns

        def ask() -> Answer:
            found = dns.answer(name, host).addresses
            return Answer(found, (1 / len(found),) * len(found) if found else ())

        return ask

    # Stores ----------------------------------------------------------------------------------

    def resolver(
        self, store: Store, use: StoreUseSpec, process: Process
    ) -> Callable[[], Resolution]:
        """Return how an instance finds the master of a store."""
        if use.resolver == "fixed":
            fixed = Resolution((store.first_master,))
            return lambda: fixed
        if use.resolver == "sentinel":
            assert isinstance(store, RedisStore)
            return self._by_sentinel(store, process.host.name)
        look_up = self.look_up(use.resolver, self.name_of(store.name, use.lookup), process)

        def by_name() -> Resolution:
            answer = look_up()
            servers: list[Server] = []
            shares = []
            for address, share in zip(answer.hosts, answer.shares, strict=True):
                server = store.server_on(address)
                if server is not None:
                    servers.append(server)
                    shares.append(share)
            return Resolution(tuple(servers), shares=tuple(shares), wait_ns=answer.wait_ns)

        return by_name

    def _by_sentinel(self, store: RedisStore, host: str) -> Callable[[], Resolution]:
        def by_sentinel() -> Resolution:
            for sentinel in store.sentinels.members if store.sentinels else ():
                route = self.network.route(host, sentinel.process.host.name)
                if sentinel.process.running and route.tcp:
                    return Resolution((store.servers[sentinel.answer],), checks_role=True)
            return Resolution(checks_role=True)

        return by_sentinel

    # Backends --------------------------------------------------------------------------------

    def backends(
        self, callee: str, call: CallSpec, process: Process
    ) -> Callable[[], tuple[Addressed, ...]]:
        """Return how a program finds the instances of another application."""
        name = self.name_of(callee, call.lookup)
        answer = self.look_up(call.resolver, name, process, call.runtime)
        by_host = {one.process.host.name: one for one in self.applications[callee]}

        def found() -> tuple[Addressed, ...]:
            hosts, shares, _ = answer()
            pairs = zip(hosts, shares, strict=True)
            return tuple(Addressed(by_host[h], share) for h, share in pairs if h in by_host)

        return found
