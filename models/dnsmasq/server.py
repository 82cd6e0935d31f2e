"""dnsmasq on one host: what it answers, and the hole that each restart makes.

Model card: ``docs/models/dnsmasq.md``. Programs: dnsmasq 2.66 and 2.90. Source: ``consul.md``
section 7. The hosts file is read at start and at SIGHUP only. Several lines of one name are
answered together, rotated by one from query to query. Names under ``.consul`` go to the agent on
the same host, whose answers have TTL 0 and pass as they are. Every other name goes to the
cloud's own servers, which know none of the names of a world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, Protocol

from models.dnsmasq.spec import (
    GAPS,
    START_LIMIT_BURST,
    START_LIMIT_INTERVAL_NS,
    STOP_TIMEOUT_NS,
    DnsmasqSpec,
)
from models.process import Process
from sim.engine import Occurrence
from sim.state import Entity, hidden, state
from sim.trace import Trace

Status = Literal["noerror", "empty", "nxdomain", "servfail", "refused", "timeout"]


class UpstreamAnswer(Protocol):
    """What the agent on the host answers; ``addresses`` are all, in no particular order."""

    @property
    def status(self) -> Status:
        """The DNS status; ``refused`` and ``timeout``: no answer, at once and never."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses: names of hosts."""


class Hosts(Protocol):
    """The file that it reads."""

    @property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """The addresses of each name in small letters, from the top of the file."""


class Reply(NamedTuple):
    """``addresses`` are all. They come ``rotated`` from query to query, or ``shuffled`` by the
    agent, of which at most ``limit`` are in one answer.
    """

    status: Status
    addresses: tuple[str, ...] = ()
    order: Literal["rotated", "shuffled"] = "rotated"
    limit: int = 0


class Dnsmasq(Entity):
    """The program of one process. ``loaded`` is the hosts file as it has read it.

    ``upstream(name)`` is what the agent answers, ``limit`` how many addresses it puts into an
    answer (0: all). ``restarts`` counts the restarts that were asked for.
    """

    process: Final[Process]
    trace: Final[Trace]
    spec: Final[DnsmasqSpec]
    hosts: Final[Hosts]
    upstream: Final[Callable[[str], UpstreamAnswer]]
    limit: Final[int]
    rank: Final[int]
    loaded: Mapping[str, tuple[str, ...]] | None = state(None)
    restarts: int = hidden(0)
    ended: Callable[[int], None] | None = hidden(None)
    pending: Occurrence | None = hidden(None)
    stopping: bool = hidden(False)
    window_ns: int = hidden(-1)
    window_starts: int = hidden(0)

    def __init__(
        self,
        process: Process,
        trace: Trace,
        spec: DnsmasqSpec,
        hosts: Hosts,
        upstream: Callable[[str], UpstreamAnswer],
        limit: int,
    ) -> None:
        kernel = process.kernel
        super().__init__(kernel, f"{process.path}/server")
        self.process = process
        self.trace = trace
        self.spec = spec
        self.hosts = hosts
        self.upstream = upstream
        self.limit = limit
        self.rank = kernel.claim_rank(self.path)
        process.program = self
        process.host.power_listeners = (*process.host.power_listeners, self._power)

    # Queries ---------------------------------------------------------------------------------

    def answer(self, name: str) -> Reply:
        """Return what a query from this host brings now. Pure, and readable in guards."""
        if not self.process.running:
            return Reply("refused" if self.process.refuses else "timeout")
        plain = name.lower().rstrip(".")
        known = (self.loaded or {}).get(plain)
        if known:
            return Reply("noerror", known)
        if not plain.endswith(".consul"):
            return Reply("nxdomain")
        found = self.upstream(plain)
        # It asks over a socket that is not connected, so that it does not hear of a closed port:
        # the client waits as for silence.
        status: Status = "timeout" if found.status == "refused" else found.status
        return Reply(status, found.addresses, "shuffled", self.limit)

    # Restarts --------------------------------------------------------------------------------

    def reload(self) -> None:
        """SIGHUP: read the file again; no query is lost (no effect if it does not run)."""
        if self.process.running:
            self.loaded = self.hosts.by_name

    def restart(self, ended: Callable[[int], None]) -> None:
        """``service dnsmasq restart``; ``ended`` gets its exit code, unless the host dies.

        One at a time: a second one while the first is under way takes its place.
        """
        self._forget()
        self.restarts += 1
        self.ended = ended
        if self.process.alive and not self.process.running:
            self.stopping = True
            self._after(STOP_TIMEOUT_NS[self.spec.init], self._stop)
        else:
            self._stop()

    def _stop(self) -> None:
        """The old process ends, of itself or killed; the port is closed from here on."""
        self.pending, self.stopping = None, False
        if self.process.alive:
            self.process.stop()
            # Stopped by hand, and yet to be started at the next boot.
            self.process.enabled = True
        if self.spec.init == "systemd" and not self._may_start():
            self.trace.add(self.kernel.now, self.process.path, "start-limit-hit")
            self._end(1)
            return
        gap = GAPS[self.spec.init]
        drawn_ns = gap.sample_ns(self.kernel.stream(self.path, "restart"))
        self._after(round(drawn_ns * self.process.host.slow_factor), self._start)

    def _may_start(self) -> bool:
        """Whether systemd's limit lets one more start pass; windows follow one another."""
        now = self.kernel.now
        if self.window_ns < 0 or now - self.window_ns > START_LIMIT_INTERVAL_NS:
            return True
        return self.window_starts < START_LIMIT_BURST

    def _start(self) -> None:
        self.pending = None
        self.process.start()
        self._end(0)

    def _end(self, code: int) -> None:
        ended, self.ended = self.ended, None
        if ended is not None:
            ended(code)

    def _after(self, wait_ns: int, call: Callable[[], object]) -> None:
        self.pending = self.kernel.call_at(self.kernel.now + wait_ns, self.rank, call)

    def _forget(self) -> None:
        self.ended, self.stopping = None, False
        if self.pending is not None:
            self.pending.cancel()
            self.pending = None

    def _power(self, on: bool) -> None:
        """The machine goes down, and a restart under way with it; systemd forgets its counts."""
        if not on:
            self._forget()
            self.window_ns = -1

    # The life of the process -----------------------------------------------------------------

    def started(self) -> None:
        """Read the hosts file."""
        now = self.kernel.now
        if self.window_ns < 0 or now - self.window_ns > START_LIMIT_INTERVAL_NS:
            self.window_ns, self.window_starts = now, 0
        self.window_starts += 1
        self.loaded = self.hosts.by_name

    def stopped(self) -> None:
        """Forget what was read; a restart that has waited for this end goes on."""
        self.loaded = None
        if self.stopping and not self.process.host.down:
            if self.pending is not None:
                self.pending.cancel()
            self._stop()

    def resumed(self, paused_ns: int) -> None:
        """Go on after a standstill: a TERM that has waited is obeyed now."""
        if self.stopping:
            if self.pending is not None:
                self.pending.cancel()
            self._stop()
