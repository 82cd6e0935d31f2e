"""Small worlds with one instance of an application and stores that a test turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from models.application.application import Application
from models.application.pool import Pool, Resolution, Server
from models.application.spec import ApplicationSpec, StoreUseSpec
from models.host import Host
from models.process import Process
from sim.clock import from_seconds, to_seconds
from sim.engine import Engine, Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.state import Entity, state
from sim.trace import Trace

RETRY_S, CONNECT_S, READ_S, RATE_PER_S = 1.0, 3.0, 4.0, 10.0
DELAY_NS = 250_000


class FakeServer(Entity):
    """A server of which a test says what it answers."""

    address: Final[str]
    process: Final[Process]
    accepts: bool = state(True)
    is_master: bool = state(True)
    recovering: bool = state(False)
    refuses_logins: bool = state(False)
    disconnections: int = state(0)

    def __init__(self, process: Process) -> None:
        super().__init__(process.kernel, f"{process.path}/fake")
        self.address = process.path
        self.process = process

    @property
    def listening(self) -> bool:
        return self.process.listening and not self.recovering

    @property
    def accepts_writes(self) -> bool:
        return self.process.running and self.accepts


class Names(Entity):
    """What looking the master up brings."""

    answer: Resolution = state(Resolution())


class PoolWorld:
    """An instance on ``web``; servers on ``db1``, ``db2``, ...; the name leads to the first."""

    def __init__(
        self,
        servers: int = 2,
        *,
        engine: Engine = "fast",
        seed: int = 1,
        options: Mapping[str, object] | None = None,
    ) -> None:
        self.kernel = Kernel(engine=engine, seed=seed)
        self.trace = Trace()
        names = ["web", *(f"db{number}" for number in range(1, servers + 1))]
        self.hosts = {name: Host(self.kernel, name, self.trace, DELAY_NS) for name in names}
        self.network = Network(
            self.kernel, dict.fromkeys(names, "dc"), lambda *_: DELAY_NS, lambda *_: Fixed(0.0)
        )
        self.servers = [FakeServer(self._process(name)) for name in names[1:]]
        self.names = Names(self.kernel, "names")
        self.lookups = 0
        plain = {
            "resolver": "fixed",
            "write_rate": RATE_PER_S,
            "connect_timeout": from_seconds(CONNECT_S),
            "read_timeout": from_seconds(READ_S),
            "retry_interval": from_seconds(RETRY_S),
        }
        spec = StoreUseSpec.model_validate({**plain, **(options or {})})
        process = self._process("web")
        whole = ApplicationSpec.model_validate({"instances": {"web": "web"}, "stores": {"s": spec}})
        self.application = Application(self.kernel, "web", process, whole)
        self.pool = Pool(self.kernel, process, "s", spec, self.network, self._resolve)
        self.application.pools = (self.pool,)
        self.leads_to(self.servers[0])
        self.pool.settle(self.servers[0])
        self.kernel.settle()
        self.trace.records.clear()

    def _process(self, host: str) -> Process:
        process = Process(
            self.kernel,
            f"program@{host}",
            self.hosts[host],
            supervisor=None,
            boot=Fixed(0.0),
        )
        process.start()
        return process

    def _resolve(self) -> Resolution:
        self.lookups += 1
        return self.names.answer

    def leads_to(self, *servers: Server, shares: tuple[float, ...] = (), **more: object) -> None:
        """Have the name lead there."""
        self.names.answer = Resolution(servers, shares=shares)._replace(**more)  # type: ignore[arg-type]

    def at(self, at_s: float, call: Callable[[], object]) -> None:
        """Have ``call`` called at a time."""
        rank = self.kernel.claim_rank(f"test/{at_s}")
        self.kernel.call_at(from_seconds(at_s), rank, call)

    def run_until(self, at_s: float) -> None:
        self.kernel.run_until(from_seconds(at_s))

    def events(self, event: str) -> list[tuple[float, dict[str, object]]]:
        """The events of that name, as (time s, fields)."""
        return [
            (to_seconds(record.time_ns), dict(record.fields))
            for record in self.trace.records
            if record.event == event
        ]
