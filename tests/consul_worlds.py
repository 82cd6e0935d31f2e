"""Small Consul worlds for tests: hosts, a network, agents, and a Redis whose role a test sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from models.consul.check import Check
from models.consul.cluster import ConsulCluster
from models.consul.spec import CheckSpec, ConsulSpec, Era
from models.host import Host
from models.process import Process
from sim.clock import from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.state import Entity, state
from sim.trace import Record, Trace
from sim.watch import Watch

Role = Literal["master", "slave", "down", "hung"]


class FakeRedis(Entity):
    """A role that a test turns by hand."""

    role: Role = state("slave")


class ConsulWorld:
    """``hosts`` named a, b, ...; the first ``servers`` of them run servers."""

    def __init__(
        self,
        hosts: Sequence[str],
        servers: int,
        *,
        era: Era = "2015",
        multiplier: int | None = None,
        engine: Engine = "fast",
        seed: int = 1,
        redis: Sequence[str] = (),
        check: CheckSpec | None = None,
        boot_s: float = 20.0,
        supervisor_s: float = 1.0,
    ) -> None:
        self.kernel = Kernel(engine=engine, seed=seed)
        self.trace = Trace()
        self.hosts = {name: Host(self.kernel, name, self.trace, 250_000) for name in hosts}
        self.network = Network(
            self.kernel, dict.fromkeys(hosts, "dc"), lambda *_: 250_000, lambda *_: Fixed(0.2)
        )
        self.processes = {
            name: Process(
                self.kernel,
                f"consul@{name}",
                host,
                supervisor=Fixed(supervisor_s),
                boot=Fixed(boot_s),
            )
            for name, host in self.hosts.items()
        }
        self.spec = ConsulSpec(era=era, servers=tuple(hosts[:servers]), raft_multiplier=multiplier)
        self.cluster = ConsulCluster(
            self.kernel, self.trace, self.network, self.spec, self.processes
        )
        self.redis = {name: FakeRedis(self.kernel, f"redis/{name}") for name in redis}
        self.checks = {name: self._check(name, check) for name in redis}
        if self.redis:
            next(iter(self.redis.values())).role = "master"
        for process in self.processes.values():
            process.start()
        self.cluster.bootstrap()
        self.history: list[tuple[int, tuple[str, ...]]] = [(0, self.listed())]
        if redis:
            Watch(self.kernel, "test/listed", self.listed, self._note, initial=self.listed())
        self.kernel.settle()

    def _check(self, host: str, spec: CheckSpec | None) -> Check:
        redis = self.redis[host]
        return self.cluster.register_check(
            host, "foo-redis", ("master",), spec or CheckSpec(name="redis"), lambda: redis.role
        )

    def _note(self, listed: tuple[str, ...]) -> None:
        self.history.append((self.kernel.now, listed))

    def run(self, seconds: float) -> None:
        """Go on for that long."""
        self.kernel.run_until(self.kernel.now + from_seconds(seconds))

    def isolate(self, host: str, by: int = 1) -> None:
        """Drop everything to and from a host (``by=-1``: heal)."""
        for path in self.network.around(host):
            path.dropping += by

    def listed(self) -> tuple[str, ...]:
        """Who is listed under the Redis name."""
        return self.cluster.listed("foo-redis")

    def listed_s(self, since_ns: int) -> dict[tuple[str, ...], float]:
        """Return for how many seconds each set of hosts has been listed since then."""
        seconds: dict[tuple[str, ...], float] = {}
        ends = [at for at, _ in self.history[1:]] + [self.kernel.now]
        for (start, listed), end in zip(self.history, ends, strict=True):
            held_ns = max(0, end - max(start, since_ns))
            seconds[listed] = seconds.get(listed, 0.0) + to_seconds(held_ns)
        return seconds

    def events(self, event: str) -> list[Record]:
        """The trace's records of one kind, in order."""
        return [record for record in self.trace.records if record.event == event]
