"""A pool of persistent connections from one instance to the master of a data store.

Modelled as one connection with a write rate. The name is resolved when there is no connection and
never otherwise (``consul.md`` section 8.2: "pools: only when the connection breaks"). An error
reply (READONLY, LOADING, NOREPLICAS; MySQL's read_only) leaves the connection open; so the pool
stays with a demoted master until CLIENT KILL, a crash or an operator breaks it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from models.application.buffer import Buffer, Need
from models.application.spec import StoreUseSpec
from models.process import Process
from sim.alarm import Alarm
from sim.engine import Kernel
from sim.grid import Regular
from sim.network import Network, Route
from sim.state import Entity, computed, hidden, state
from sim.ticker import Ticker
from sim.watch import Watch


class Server(Protocol):
    """A data store as a client sees it."""

    @property
    def address(self) -> str:
        """Its name."""

    @property
    def process(self) -> Process:
        """Its process."""

    @property
    def listening(self) -> bool:
        """Whether its port is open (a process that is alive may still be recovering)."""

    @property
    def refuses_logins(self) -> bool:
        """Whether it connects, and says no (too many connections)."""

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
    """What asking for the master brings.

    ``servers``, with the probability of each to be the first address (equal if ``shares`` is
    empty); whether each is asked for its ROLE before it is used; and how long it takes to learn
    that there is no answer, ns.
    """

    servers: tuple[Server, ...] = ()
    checks_role: bool = False
    shares: tuple[float, ...] = ()
    wait_ns: int = 0


class Outlook(NamedTuple):
    """How attempts to connect go now, at best, and how long one that fails takes, ns."""

    succeeds: bool
    takes_ns: int


class Pool(Entity):
    """``server`` is where its connections lead, None while it has none."""

    store: Final[str]
    process: Final[Process]
    spec: Final[StoreUseSpec]
    network: Final[Network]
    resolve: Final[Callable[[], Resolution]]
    stalled: Final[Alarm]
    retry: Final[Ticker]
    buffer: Final[Buffer | None]
    server: Server | None = state(None)
    incarnation: int = state(0)
    disconnections_seen: int = state(0)
    attempts: int = hidden(0)

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        store: str,
        spec: StoreUseSpec,
        network: Network,
        resolve: Callable[[], Resolution],
    ) -> None:
        super().__init__(kernel, f"{process.path}/{store}")
        self.store = store
        self.process = process
        self.spec = spec
        self.network = network
        self.resolve = resolve
        self.stalled = Alarm(kernel, f"{self.path}/read-timeout")
        phase_ns = kernel.stream(self.path, "retry").between(0, spec.retry_interval)
        grid = Regular(phase_ns, spec.retry_interval)
        self.retry = Ticker(kernel, f"{self.path}/retry", grid, self._worth_trying, self._try)
        self.buffer = (
            Buffer(kernel, self.path, spec.buffer, spec.write_rate, self._need)
            if spec.buffer is not None
            else None
        )
        Watch(kernel, f"{self.path}/outlook", lambda: self.outlook, self._pace, Outlook(False, 0))
        Watch(kernel, f"{self.path}/broken", lambda: self.broken, self._break, initial=False)
        Watch(kernel, f"{self.path}/silence", lambda: self.silent, self._silence, initial=False)

    # What its users and the meters see ---------------------------------------------------------

    @computed
    def writes_to(self) -> Server | None:
        """The server that acknowledges its writes now, or None."""
        server = self.attempts_at
        return server if server is not None and server.accepts_writes else None

    @computed
    def attempts_at(self) -> Server | None:
        """The server that its writes reach now, whatever becomes of them, or None."""
        return self.server if self.server is not None and self._answered(self.server) else None

    @property
    def serves(self) -> bool:
        """Whether a request does not fail now: it is acknowledged, or still waits in the buffer."""
        return self.writes_to is not None or self.holds_back

    @property
    def holds_back(self) -> bool:
        """Whether requests wait in the buffer, and none of them fails yet."""
        return self.buffer is not None and self.buffer.holds

    def _need(self) -> Need:
        if not self.process.running:
            return "still"
        return "served" if self.writes_to is not None else "unserved"

    def _route(self, server: Server) -> Route:
        return self.network.route(self.process.host.name, server.process.host.name)

    def _same(self, server: Server) -> bool:
        return (
            server.process.incarnation == self.incarnation
            and server.disconnections == self.disconnections_seen
        )

    def _answered(self, server: Server) -> bool:
        return (
            self.process.running
            and server.process.running
            and self._same(server)
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
        return reachable and not (server.process.alive and self._same(server))

    # Connecting ------------------------------------------------------------------------------

    def _chance(self, server: Server, checks_role: bool) -> Outlook:
        """Tell how connecting to ``server`` now would end."""
        at_once, in_silence = Outlook(False, 0), Outlook(False, self.spec.connect_timeout)
        if not (self._route(server).tcp and server.process.host.running):
            here, there = self.process.host.name, server.process.host.name
            return at_once if self.network.refuses(here, there) else in_silence
        if not server.process.alive or not server.listening or server.refuses_logins:
            return at_once
        if checks_role:
            if not server.process.running:
                return in_silence
            return Outlook(server.is_master, 0)
        return Outlook(True, 0)

    @computed
    def resolution(self) -> Resolution:
        """What asking for the master brings now."""
        return self.resolve()

    @computed
    def outlook(self) -> Outlook:
        """How attempts go now, at best."""
        if self.server is not None or not self.process.running:
            return Outlook(False, 0)
        resolution = self.resolution
        chances = [self._chance(server, resolution.checks_role) for server in resolution.servers]
        return max(chances, default=Outlook(False, resolution.wait_ns))

    def _worth_trying(self) -> bool:
        return self.outlook.succeeds

    def _try(self) -> None:
        """Resolve, take the first address, connect."""
        if not self._worth_trying():
            return
        resolution = self.resolution
        server = self._first_of(resolution)
        chance = self._chance(server, resolution.checks_role)
        if chance.succeeds:
            self._connect(server)
        elif chance.takes_ns:
            next_ns = self.kernel.now + chance.takes_ns + self.spec.retry_interval
            self.retry.regrid(Regular(next_ns, self.spec.retry_interval))

    def _first_of(self, resolution: Resolution) -> Server:
        draw = self.kernel.stream(self.path, "choice").uniform_at(self.attempts)
        self.attempts += 1
        count = len(resolution.servers)
        for server, share in zip(resolution.servers, resolution.shares, strict=False):
            draw -= share
            if draw < 0:
                return server
        return resolution.servers[-1 if resolution.shares else int(draw * count)]

    def _connect(self, server: Server) -> None:
        self.server = server
        self.incarnation = server.process.incarnation
        self.disconnections_seen = server.disconnections
        self._record("connected", server=server.address)

    def _pace(self, outlook: Outlook) -> None:
        """An attempt that ends in silence takes its time; the one in progress ends first."""
        period_ns = self.spec.retry_interval
        if not outlook.succeeds:
            period_ns += outlook.takes_ns
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

    def settle(self, server: Server) -> None:
        """Be connected, as in the steady state."""
        self._connect(server)

    def _record(self, event: str, **fields: object) -> None:
        self.process.host.trace.add(self.kernel.now, self.process.path, event, **fields)
