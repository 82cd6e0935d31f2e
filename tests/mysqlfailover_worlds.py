"""Small worlds for mysqlfailover: an admin host, and servers whose state a test turns by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from models.host import Host
from models.mysqlfailover.hooks import Hook, Hooks
from models.mysqlfailover.servers import ManagedServer
from models.mysqlfailover.spec import MysqlFailoverSpec
from models.mysqlfailover.tool import MysqlFailover
from models.process import Process
from sim.clock import from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.state import Entity, hidden, state
from sim.trace import Record, Trace


class FakeServer(Entity):
    """A mysqld of which a test sets what the tool may find; it notes the statements it is sent.

    ``holds``: the source UUIDs of which it has transactions; ``fetch_s``: how long it would take
    to get and apply what it lacks; ``named``: DNS knows it; ``relay_s``: how far its SQL thread is
    behind, None if stopped.
    """

    process: Final[Process]
    recovering: bool = state(False)
    named: bool = state(True)
    refuses_logins: bool = state(False)
    is_eligible: bool = state(True)
    master: ManagedServer | None = state(None)
    failover_console: str = state("")
    holds: tuple[str, ...] = state(())
    relay_s: float | None = state(0.0)
    fetch_s: float = state(0.0)
    running_slave: bool = state(False)
    statements: tuple[str, ...] = hidden(())

    def __init__(self, process: Process) -> None:
        super().__init__(process.kernel, f"{process.path}/server")
        self.process = process

    @property
    def address(self) -> str:
        """Its name."""
        return self.process.path

    @property
    def listening(self) -> bool:
        """Whether its port is open."""
        return self.process.alive and not self.recovering

    def relay_wait_ns(self) -> int | None:
        """How far the SQL thread is behind."""
        return None if self.relay_s is None else from_seconds(self.relay_s)

    def missing_sources(self, other: ManagedServer) -> int:
        """How many sources the other holds more of."""
        assert isinstance(other, FakeServer)
        return len({*other.holds} - {*self.holds})

    def fetch_from(self, other: ManagedServer) -> int:
        """Take over what the other holds, at once; say that it takes ``fetch_s``."""
        self._note("fetch", other.address)
        assert isinstance(other, FakeServer)
        self.master = other
        self.holds = tuple(sorted({*self.holds, *other.holds}))
        return from_seconds(self.fetch_s)

    def stop_slave(self) -> None:
        """STOP SLAVE."""
        self._note("stop")
        self.running_slave = False

    def change_master(self, master: ManagedServer) -> None:
        """CHANGE MASTER."""
        self._note("change", master.address)
        self.master = master

    def reset_slave_all(self) -> None:
        """RESET SLAVE ALL."""
        self._note("reset")
        self.master = None

    def start_slave(self) -> None:
        """START SLAVE."""
        self._note("start")
        self.running_slave = True

    def errant_sources(self, others: tuple[ManagedServer, ...]) -> int:
        """Sources that nobody else holds."""
        elsewhere = {
            source for one in others if isinstance(one, FakeServer) for source in one.holds
        }
        return len({*self.holds} - elsewhere)

    def _note(self, *words: str) -> None:
        self.statements = (*self.statements, " ".join(words))


class Script:
    """A hook that takes so long, ends with that code, and notes with what it was called."""

    def __init__(self, kernel: Kernel, name: str, lasts_s: float = 0.0, code: int = 0) -> None:
        self.kernel = kernel
        self.lasts_s = lasts_s
        self.code = code
        self.rank = kernel.claim_rank(f"script/{name}")
        self.calls: list[tuple[float, str, str]] = []

    def __call__(
        self, old: ManagedServer, new: ManagedServer | None, done: Callable[[int], object]
    ) -> None:
        """Begin; be done later."""
        now = self.kernel.now
        self.calls.append((to_seconds(now), old.address, "" if new is None else new.address))
        self.kernel.call_at(now + from_seconds(self.lasts_s), self.rank, lambda: done(self.code))


class FailoverWorld:
    """One or more tools on ``admins``, servers db01 (the master) and slaves, each on its host.

    ``site_of``: where hosts are not all in one place. ``hooks`` makes the scripts once the kernel
    is there. The tools are settled, so far into a cycle, unless ``settled`` is None.
    """

    def __init__(
        self,
        *,
        engine: Engine = "fast",
        seed: int = 1,
        slaves: int = 2,
        admins: tuple[str, ...] = ("admin01",),
        site_of: Mapping[str, str] | None = None,
        hooks: Callable[[Kernel], Mapping[str, Hook]] | None = None,
        settled: float | None = 0.0,
        supervisor_s: float | None = None,
        **options: object,
    ) -> None:
        self.kernel = kernel = Kernel(engine=engine, seed=seed)
        self.trace = Trace()
        names = [f"db{number:02}" for number in range(1, slaves + 2)]
        sites = {name: "dc" for name in (*admins, *names)} | dict(site_of or {})
        self.hosts = {name: Host(kernel, name, self.trace, 250_000) for name in sites}
        self.network = Network(kernel, sites, lambda *_: 100_000, lambda *_: Fixed(0.0))
        self.servers = {name: self._server(name) for name in names}
        first = self.servers["db01"]
        for name in names[1:]:
            self.servers[name].master = first
        spec = MysqlFailoverSpec.model_validate(
            {"master": "db01", "slaves": tuple(names[1:]), **options}
        )
        scripts = Hooks(**(hooks(kernel) if hooks else {}))
        supervisor = None if supervisor_s is None else Fixed(supervisor_s)
        self.tools = {}
        for admin in admins:
            process = Process(
                kernel,
                f"mysqlfailover@{admin}",
                self.hosts[admin],
                supervisor=supervisor,
                boot=Fixed(5.0),
            )
            self.tools[admin] = MysqlFailover(
                process,
                self.network,
                spec,
                self.servers,
                self.trace,
                scripts,
                resolves=lambda server: isinstance(server, FakeServer) and server.named,
            )
        for tool in self.tools.values():
            tool.process.start()
            if settled is not None:
                tool.settle(from_seconds(settled))
        kernel.settle()

    def _server(self, name: str) -> FakeServer:
        process = Process(
            self.kernel, f"mysql@{name}", self.hosts[name], supervisor=None, boot=Fixed(60.0)
        )
        process.start()
        return FakeServer(process)

    @property
    def tool(self) -> MysqlFailover:
        """The first tool."""
        return next(iter(self.tools.values()))

    def run(self, seconds: float) -> None:
        """Go on for that long."""
        self.kernel.run_until(self.kernel.now + from_seconds(seconds))

    def at(self, at_s: float, act: Callable[[], object], name: str = "") -> None:
        """Schedule something."""
        rank = self.kernel.claim_rank(f"test/{at_s}/{name}")
        self.kernel.call_at(from_seconds(at_s), rank, act)

    def cut(self, one: str, other: str, by: int = 1, *, refuse: bool = False) -> None:
        """Drop (or refuse) all packets between two hosts, both ways; ``by=-1``: heal."""
        for path in (self.network.path(one, other), self.network.path(other, one)):
            if refuse:
                path.refusing += by
            else:
                path.dropping += by

    def isolate(self, host: str, by: int = 1) -> None:
        """Cut a host off from all others."""
        for path in self.network.around(host):
            path.dropping += by

    def events(self, event: str) -> list[Record]:
        """The trace's records of one kind, in order."""
        return [record for record in self.trace.records if record.event == event]

    def time_of(self, event: str) -> float | None:
        """When that was traced first, s; None if never."""
        found = self.events(event)
        return to_seconds(found[0].time_ns) if found else None

    def phase(self) -> str:
        """The first tool's phase now."""
        return self.tool.phase

    def reason(self) -> str:
        """Why the tool has ended; empty if it has not."""
        found = self.events("exit")
        return str(dict(found[0].fields)["reason"]) if found else ""
