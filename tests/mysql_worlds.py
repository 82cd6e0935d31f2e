"""Small MySQL worlds for tests: servers on hosts of their own, and clients that a test turns."""

from __future__ import annotations

from models.host import Host
from models.mysql.group import MySqlGroup
from models.mysql.ledger import Ledger
from models.mysql.server import MySqlServer
from models.mysql.spec import MySqlSpec
from models.mysql.writes import WriteMeter
from models.process import Process
from sim.clock import to_seconds
from sim.engine import Engine, Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.tcp import SYNS_DOUBLING_NS
from sim.trace import Record, Trace
from tests.server_worlds import Clients, ServerWorld

IO_LAG_S = 0.1
SQL_LAG_S = 0.5
RATE_PER_S = 100.0


def a_spec(**options: object) -> MySqlSpec:
    """Return a spec with fixed lags, so that a test can say what is lost, and ``options``."""
    lags: dict[str, object] = {
        "gtid_mode": True,
        "io_thread_lag": Fixed(IO_LAG_S),
        "sql_thread_lag": Fixed(SQL_LAG_S),
        "crash_recovery": Fixed(40.0),
        "unsynced_binlog": Fixed(10.0),
    }
    return MySqlSpec.model_validate({**lags, **options})


def semi_sync(**options: object) -> MySqlSpec:
    """Return a spec with both plugins on."""
    both = {"rpl_semi_sync_master_enabled": True, "rpl_semi_sync_slave_enabled": True}
    return a_spec(**{**both, **options})


class MySqlWorld(ServerWorld):
    """``count`` servers on db01, db02, ...; db01 is the master and has all the clients."""

    def __init__(
        self,
        count: int = 2,
        spec: MySqlSpec | None = None,
        *,
        specs: dict[str, MySqlSpec] | None = None,
        engine: Engine = "fast",
        seed: int = 1,
        supervisor_s: float | None = 1.0,
        boot_s: float = 60.0,
    ) -> None:
        self.kernel = Kernel(engine=engine, seed=seed)
        self.trace = Trace()
        names = [f"db{number:02d}" for number in range(1, count + 1)]
        self.hosts = {name: Host(self.kernel, name, self.trace, 250_000) for name in names}
        self.network = Network(
            self.kernel,
            dict.fromkeys(names, "dc"),
            lambda *_: 250_000,
            lambda *_: Fixed(0.2),
            SYNS_DOUBLING_NS,
        )
        supervisor = None if supervisor_s is None else Fixed(supervisor_s)
        self.ledger = Ledger(self.kernel)
        self.servers: dict[str, MySqlServer] = {}
        self.clients: dict[str, Clients] = {}
        for name, host in self.hosts.items():
            process = Process(
                self.kernel, f"mysql@{name}", host, supervisor=supervisor, boot=Fixed(boot_s)
            )
            chosen = (specs or {}).get(name) or spec or a_spec()
            server = MySqlServer(self.kernel, process, chosen, self.ledger, self.network)
            self.servers[name] = server
            self.clients[name] = Clients(self.kernel, f"clients/{name}")
        self.group = MySqlGroup(tuple(self.servers.values()))
        self.group.settle(self.servers["db01"])
        for name, server in self.servers.items():
            clients = self.clients[name]
            WriteMeter(server, lambda clients=clients: clients.rate_per_s)  # type: ignore[misc]
        self.clients["db01"].rate_per_s = RATE_PER_S
        self.kernel.settle()

    def __getitem__(self, name: str) -> MySqlServer:
        return self.servers[name]

    @property
    def now_s(self) -> float:
        """The present time, s."""
        return to_seconds(self.kernel.now)

    def do(self, *calls: object) -> None:
        """Call each, and let everybody react, as at the end of an event."""
        for call in calls:
            call()  # type: ignore[operator]
        self.kernel.settle()

    def is_open(self, name: str) -> bool:
        """Whether a server's port is open now."""
        return self[name].listening

    def accepts(self, name: str) -> bool:
        """Whether a server acknowledges writes now."""
        return self[name].accepts_writes

    def promote(self, name: str) -> None:
        """Do what mysqlfailover does in the end, with every other slave led to the new master."""
        new = self[name]
        for server in self.servers.values():
            if server is not new and server.master is not None and server.listening:
                server.change_master(new)
        new.reset_slave_all()
        for server in self.servers.values():
            server.start_slave()
        self.kernel.settle()

    def events(self, event: str, name: str | None = None) -> list[Record]:
        """The trace's records of one kind (and one server), in order."""
        return [
            record
            for record in self.trace.records
            if record.event == event and name in (None, record.entity.partition("@")[2])
        ]

    def told_lost(self) -> int:
        """The writes that the trace has reported as lost so far."""
        return sum(int(str(dict(r.fields)["count"])) for r in self.events("writes-lost"))
