"""Small worlds with names: Consul, consul-template, dnsmasq and the resolver on hosts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Interface
from types import SimpleNamespace
from typing import Literal

from experiments.building.names import Names, NamesSpec, build_names
from experiments.building.parts import ProcessTable
from models.consul.cluster import ConsulCluster
from models.consul.spec import CheckSpec, ConsulSpec, Era, HttpCheckSpec
from models.host import Host
from sim.clock import from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.state import Entity, state
from sim.trace import Record, Trace
from sim.watch import Watch

Health = Literal["passing", "warning", "critical", "hung"]
Role = Literal["master", "slave", "down", "hung"]
EXTERNAL = {"foo-db-master": "db01", "foo-db-slave": "db02"}


class FakeApplication(Entity):
    """What a test has an application answer."""

    health: Health = state("passing")


class FakeRedis(Entity):
    """A role that a test turns by hand."""

    role: Role = state("slave")


class NamesWorld:
    """Hosts with an agent each, the first ``servers`` of them servers, db01 and db02 beside them.

    ``services`` gives the hosts of each HTTP-checked service, ``redis`` those with a Redis under
    the check of three conditions, the first of them the master. The hosts a, b, c... have the
    addresses 192.0.2.11, .12, .13... in one /24; ``addresses`` overrides them.
    """

    def __init__(
        self,
        hosts: Sequence[str] = "abc",
        services: Mapping[str, Sequence[str]] | None = None,
        *,
        servers: int = 3,
        redis: Sequence[str] = (),
        names: Mapping[str, object] | None = None,
        era: Era = "2015",
        engine: Engine = "fast",
        seed: int = 1,
        addresses: Mapping[str, str] | None = None,
        boot_s: float = 20.0,
        supervisor_s: float = 1.0,
        fsync_ns: int = 250_000,
    ) -> None:
        self.kernel = Kernel(engine=engine, seed=seed)
        self.trace = Trace()
        everyone = (*hosts, "db01", "db02")
        self.hosts = {name: Host(self.kernel, name, self.trace, fsync_ns) for name in everyone}
        self.network = Network(
            self.kernel, dict.fromkeys(everyone, "dc"), lambda *_: 250_000, lambda *_: Fixed(0.2)
        )
        design = SimpleNamespace(
            hosts={name: SimpleNamespace(boot=Fixed(boot_s)) for name in everyone}
        )
        self.table = ProcessTable(self.kernel, design, self.hosts)  # type: ignore[arg-type]
        agents = {host: self.table.make("consul", host, Fixed(supervisor_s)) for host in hosts}
        self.spec = ConsulSpec(era=era, servers=tuple(hosts[:servers]), external_nodes=EXTERNAL)
        self.consul = ConsulCluster(self.kernel, self.trace, self.network, self.spec, agents)
        self.applications: dict[tuple[str, str], FakeApplication] = {}
        for service, places in (services or {}).items():
            for host in places:
                self._register(service, host)
        self.redis = {host: self._check_redis(host) for host in redis}
        if redis:
            self.redis[redis[0]].role = "master"
        for process in agents.values():
            process.start()
        self.consul.bootstrap()
        given = dict(addresses or {})
        for place, name in enumerate(hosts):
            given.setdefault(name, f"192.0.2.{11 + place}/24")
        self.names: Names = build_names(
            self.kernel,
            self.trace,
            spec_of(hosts, names or {}),
            self.hosts,
            self.table,
            self.consul,
            lambda host: IPv4Interface(given[host]) if host in given else None,
        )
        self.kernel.settle()
        self.trace.records.clear()

    def _register(self, service: str, host: str) -> None:
        application = FakeApplication(self.kernel, f"app/{service}/{host}")
        self.applications[service, host] = application
        check = HttpCheckSpec(name=service, interval=from_seconds(10), latency=from_seconds(0.01))
        self.consul.register_http_check(host, service, (), check, lambda: application.health)

    def _check_redis(self, host: str) -> FakeRedis:
        redis = FakeRedis(self.kernel, f"redis/{host}")
        check = CheckSpec(name="redis")
        self.consul.register_check(host, "foo-redis", ("master",), check, lambda: redis.role)
        return redis

    def run(self, seconds: float) -> None:
        """Go on for that long."""
        self.kernel.run_until(self.kernel.now + from_seconds(seconds))

    def isolate(self, host: str, by: int = 1) -> None:
        """Drop everything to and from a host (``by=-1``: heal)."""
        for path in self.network.around(host):
            path.dropping += by

    def process(self, name: str):
        """Return a process by name (``dnsmasq@a``)."""
        return self.table.by_name[name]

    def in_file(self, host: str) -> set[str]:
        """Return all names in the hosts file of a host."""
        return {name for _, names in self.names.files[host].lines for name in names}

    def events(self, event: str, entity: str = "") -> list[Record]:
        """The trace's records of one kind, in order."""
        return [
            record
            for record in self.trace.records
            if record.event == event and entity in record.entity
        ]

    def follow(self, read, label: str) -> list[tuple[float, object]]:
        """Return a list that fills with (seconds, reading) whenever the reading changes."""
        history: list[tuple[float, object]] = [(0.0, read())]
        Watch(
            self.kernel,
            f"test/{label}",
            read,
            lambda new: history.append((to_seconds(self.kernel.now), new)),
            initial=read(),
        )
        return history


def spec_of(hosts: Sequence[str], given: Mapping[str, object]) -> NamesSpec:
    """Return a spec as a file would give it, dnsmasq as a bare process unless stated."""
    blocks = {"hosts": list(hosts), "dnsmasq": {"init": "bare"}, **given}
    return NamesSpec.model_validate_json(json.dumps(blocks))
