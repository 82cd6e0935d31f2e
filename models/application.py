"""The application: instances on web hosts that write to Redis and find it by name.

Model card: ``docs/models/application.md``. What: a pool of persistent connections per instance,
as one connection with a write rate. It resolves the name when it has no connection and never
otherwise (``consul.md`` section 8.2: "pools: only when the connection breaks"). An error reply
(READONLY, LOADING, NOREPLICAS) leaves the connection open; so the pool stays with a demoted
master until CLIENT KILL, a crash or an operator breaks it. Left out: single requests, retries of
one request, load.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, Literal, NamedTuple, Protocol

from pydantic import Field

from models.process import Process
from models.spec import Name, PerSecond, PositiveDuration, StrictModel
from sim.alarm import Alarm
from sim.engine import Kernel
from sim.grid import Regular
from sim.network import Network, Route
from sim.state import Entity, hidden, state
from sim.ticker import Ticker
from sim.watch import Watch


class ApplicationSpec(StrictModel):
    """The application. ``instances``: name -> host. ``resolver``: who says where the master is.

    ``traffic: public`` counts an instance only while its host is in touch with the public network
    (a host that is cut off serves nobody); ``internal`` writes whenever it runs. The time-outs
    have no defaults: they differ from client to client, and the outcome hangs on them.
    """

    kind: ClassVar[str] = "application"
    instances: dict[Name, Name] = Field(min_length=1)
    resolver: Literal["consul", "sentinel", "fixed"]
    traffic: Literal["public", "internal"] = "public"
    write_rate: PerSecond = Field(gt=0)
    connect_timeout: PositiveDuration
    read_timeout: PositiveDuration
    retry_interval: PositiveDuration


class Server(Protocol):
    """A data store as a client sees it."""

    @property
    def address(self) -> str:
        """Its name."""

    @property
    def process(self) -> Process:
        """Its process."""

    @property
    def accepts_writes(self) -> bool:
        """Whether a write that reaches it is acknowledged."""

    @property
    def disconnections(self) -> int:
        """How often it has dropped its clients."""

    @property
    def is_master(self) -> bool:
        """Whether it says that it is the master (ROLE)."""


class Resolution(NamedTuple):
    """What asking for the master brings: servers, and whether each is asked for its ROLE first."""

    servers: tuple[Server, ...]
    checks_role: bool


Attempt = Literal["succeeds", "fails-at-once", "times-out"]


class Application(Entity):
    """One instance. ``server`` is where its connections lead, None while it has none."""

    process: Final[Process]
    spec: Final[ApplicationSpec]
    network: Final[Network]
    resolve: Final[Callable[[], Resolution]]
    stalled: Final[Alarm]
    retry: Final[Ticker]
    server: Server | None = state(None)
    incarnation: int = state(0)
    disconnections_seen: int = state(0)
    attempts: int = hidden(0)

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        spec: ApplicationSpec,
        network: Network,
        resolve: Callable[[], Resolution],
    ) -> None:
        super().__init__(kernel, f"{process.path}/application")
        self.process = process
        self.spec = spec
        self.network = network
        self.resolve = resolve
        self.stalled = Alarm(kernel, f"{self.path}/read-timeout")
        phase_ns = kernel.stream(self.path, "retry").between(0, spec.retry_interval)
        grid = Regular(phase_ns, spec.retry_interval)
        self.retry = Ticker(kernel, f"{self.path}/retry", grid, self._worth_trying, self._try)
        at_first: Attempt = "fails-at-once"
        Watch(kernel, f"{self.path}/outlook", self._outlook, self._pace, at_first)
        Watch(kernel, f"{self.path}/broken", lambda: self.broken, self._break, initial=False)
        Watch(kernel, f"{self.path}/silence", lambda: self.silent, self._silence, initial=False)
        process.program = self

    # What its users and the meters see ---------------------------------------------------------

    @property
    def writes_to(self) -> Server | None:
        """The server that acknowledges its writes now, or None."""
        server = self.server
        if server is None or not self._answered(server) or not server.accepts_writes:
            return None
        return server

    def _route(self, server: Server) -> Route:
        return self.network.route(self.process.host.name, server.process.host.name)

    def _answered(self, server: Server) -> bool:
        return (
            self.process.running
            and server.process.running
            and server.process.incarnation == self.incarnation
            and server.disconnections == self.disconnections_seen
            and self._route(server).tcp
        )

    @property
    def silent(self) -> bool:
        """Whether it waits for an answer that does not come."""
        server = self.server
        return (
            server is not None
            and self.process.running
            and not (server.process.running and self._route(server).tcp)
        )

    @property
    def broken(self) -> bool:
        """Whether it knows that its connection is gone: closed or reset, or no answer in time."""
        server = self.server
        if server is None or not self.process.running:
            return False
        if self.stalled.due:
            return True
        reachable = self._route(server).tcp and server.process.host.running
        same = (
            server.process.alive
            and server.process.incarnation == self.incarnation
            and server.disconnections == self.disconnections_seen
        )
        return reachable and not same

    # Connecting ------------------------------------------------------------------------------

    def _chance(self, server: Server, checks_role: bool) -> Attempt:
        """Tell how connecting to ``server`` now would end."""
        route = self._route(server)
        if not (route.tcp and server.process.host.running):
            here, there = self.process.host.name, server.process.host.name
            return "fails-at-once" if self.network.refuses(here, there) else "times-out"
        if not server.process.alive:
            return "fails-at-once"
        if checks_role:
            if not server.process.running:
                return "times-out"
            return "succeeds" if server.is_master else "fails-at-once"
        return "succeeds"

    def _outlook(self) -> Attempt:
        """Tell how attempts go now, at best."""
        if self.server is not None or not self.process.running:
            return "fails-at-once"
        resolution = self.resolve()
        chances = {self._chance(server, resolution.checks_role) for server in resolution.servers}
        if "succeeds" in chances:
            return "succeeds"
        return "times-out" if "times-out" in chances else "fails-at-once"

    def _worth_trying(self) -> bool:
        return self._outlook() == "succeeds"

    def _try(self) -> None:
        """Resolve, take one of the answers at random, connect."""
        if not self._worth_trying():
            return
        resolution = self.resolve()
        draw = self.kernel.stream(self.path, "choice").uniform_at(self.attempts)
        self.attempts += 1
        server = resolution.servers[int(draw * len(resolution.servers))]
        chance = self._chance(server, resolution.checks_role)
        if chance == "succeeds":
            self._connect(server)
        elif chance == "times-out":
            next_ns = self.kernel.now + self.spec.connect_timeout + self.spec.retry_interval
            self.retry.regrid(Regular(next_ns, self.spec.retry_interval))

    def _connect(self, server: Server) -> None:
        self.server = server
        self.incarnation = server.process.incarnation
        self.disconnections_seen = server.disconnections
        self._record("connected", server=server.address)

    def _pace(self, outlook: Attempt) -> None:
        """An attempt that times out takes its time; the one in progress ends first."""
        period_ns = self.spec.retry_interval
        if outlook == "times-out":
            period_ns += self.spec.connect_timeout
        self.retry.regrid(Regular(self.retry.grid.after(self.kernel.now), period_ns))

    # Losing it -------------------------------------------------------------------------------

    def _break(self, broken: bool) -> None:
        if broken:
            self.disconnect("timeout" if self.stalled.due else "closed")

    def _silence(self, silent: bool) -> None:
        if silent:
            self.stalled.arm(self.kernel.now + self.spec.read_timeout)
        else:
            self.stalled.disarm()

    def disconnect(self, reason: str) -> None:
        """Drop the connection and look for the master again after the retry interval."""
        self.stalled.disarm()
        if self.server is not None:
            self._record("disconnected", server=self.server.address, reason=reason)
        self.server = None
        next_ns = self.kernel.now + self.spec.retry_interval
        self.retry.regrid(Regular(next_ns, self.spec.retry_interval))

    # Life ------------------------------------------------------------------------------------

    def settle(self, server: Server) -> None:
        """Be connected, as in the steady state."""
        self._connect(server)

    def started(self) -> None:
        """Start without connections."""

    def stopped(self) -> None:
        """Lose all connections."""
        self.disconnect("stopped")

    def resumed(self, paused_ns: int) -> None:
        """Connections have survived the pause, or turn out broken."""

    def _record(self, event: str, **fields: object) -> None:
        self.process.host.trace.add(self.kernel.now, self.process.path, event, **fields)
