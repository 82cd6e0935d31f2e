"""Small Redis worlds for tests: servers on hosts of their own, and clients that a test turns."""

from __future__ import annotations

from collections.abc import Callable

from models.host import Host
from models.process import Process
from models.redis.history import Head, History
from models.redis.replication import Replication
from models.redis.server import RedisServer, WriteMeter
from models.redis.spec import RedisSpec
from sim.clock import from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.trace import Trace
from sim.watch import Watch
from tests.server_worlds import Clients, ServerWorld

RATE_PER_S = 100.0


class Acknowledged:
    """The writes that one server has acknowledged to its clients."""

    def __init__(self, server: RedisServer, clients: Clients) -> None:
        self.server, self.clients = server, clients
        self.count, self.rate_per_s, self.since_ns = 0.0, 0.0, 0
        path = f"test/{server.address}/acknowledged"
        Watch(server.kernel, path, self._accepted, self.change, initial=0.0)

    def _accepted(self) -> float:
        return self.clients.rate_per_s if self.server.accepts_writes else 0.0

    def change(self, rate_per_s: float) -> None:
        """Count what has come up to now, and go on at this rate."""
        now = self.server.kernel.now
        self.count += self.rate_per_s * to_seconds(now - self.since_ns)
        self.rate_per_s, self.since_ns = rate_per_s, now

    def up_to_now(self) -> float:
        """Return how many there are."""
        self.change(self.rate_per_s)
        return self.count


class RedisWorld(ServerWorld):
    """``count`` servers on r1, r2, ...; r1 is the master and has all the clients."""

    def __init__(
        self,
        count: int = 3,
        spec: RedisSpec | None = None,
        *,
        engine: Engine = "fast",
        seed: int = 1,
        delay_s: float = 50e-6,
        supervisor_s: float | None = 1.0,
        boot_s: float = 30.0,
    ) -> None:
        self.kernel = Kernel(engine=engine, seed=seed)
        self.trace = Trace()
        names = [f"r{number}" for number in range(1, count + 1)]
        hosts = {name: Host(self.kernel, name, self.trace, 250_000) for name in names}
        sites = dict.fromkeys(names, "dc")
        self.network = Network(
            self.kernel, sites, lambda *_: from_seconds(delay_s), lambda *_: Fixed(0.2)
        )
        self.history = History()
        self.servers: dict[str, RedisServer] = {}
        self.links: dict[str, Replication] = {}
        self.clients: dict[str, Clients] = {}
        supervisor = None if supervisor_s is None else Fixed(supervisor_s)
        for name, host in hosts.items():
            process = Process(
                self.kernel, f"redis@{name}", host, supervisor=supervisor, boot=Fixed(boot_s)
            )
            options = spec if spec is not None else RedisSpec(save="")
            self.servers[name] = server = RedisServer(
                self.kernel, process, options, self.history, self.network
            )
            if name != "r1":
                server.saved_role, server.saved_master = "slave", self.servers["r1"]
            self.links[name] = Replication(self.kernel, server)
            self.clients[name] = Clients(self.kernel, f"clients/{name}")
        self._settle()
        self.acknowledged = [
            Acknowledged(server, self.clients[name]) for name, server in self.servers.items()
        ]
        self.write("r1", RATE_PER_S)

    def _settle(self) -> None:
        for name, server in self.servers.items():
            server.group = tuple(self.servers.values())
            self.links[name].links = tuple(self.links.values())
            clients = self.clients[name]
            WriteMeter(server, lambda clients=clients: clients.rate_per_s)  # type: ignore[misc]
            server.process.start()
        for link in self.links.values():
            link.settle()

    def __getitem__(self, name: str) -> RedisServer:
        return self.servers[name]

    def do(self, call: Callable[[], object]) -> None:
        """Call, and let everybody react, as at the end of an event."""
        call()
        self.kernel.settle()

    def acked_writes(self) -> float:
        """Return how many writes were ever acknowledged."""
        return sum(one.up_to_now() for one in self.acknowledged)

    def held_writes(self) -> float:
        """Return how many different writes are in memory or on a disk somewhere."""
        seen: list[Head] = []
        held = 0.0
        for server in self.servers.values():
            head = server.holding()
            known = max((self.history.common(head, other) for other in seen), default=0.0)
            held += max(0.0, head.offset - known)
            seen.append(head)
        return held
