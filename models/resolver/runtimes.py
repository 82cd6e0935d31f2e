"""What a program goes by, which may be an old answer: the habits of runtimes.

Source: ``consul.md`` section 8.2. ``libc``: a lookup at each connect. ``pool``: a lookup when a
connection breaks, which at that moment is the same. ``go``: the hosts file as it was up to 5 s
ago, all its lines, no rule 9 for IPv4. ``jvm``: an answer is kept for 30 s, a failure for 10 s.
``nginx``: looked up at start and at reload only; all addresses are servers of its own round robin
(nginx's documentation of ``upstream``), so each has the same share. Programs are taken to look
up more often than their answers expire.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from models.process import Process
from models.resolver.nscd import remember
from models.resolver.system import NOT_FOUND, NameAnswer, SystemResolver
from sim.clock import NS_PER_S
from sim.grid import Regular
from sim.state import Entity, computed, state
from sim.ticker import Ticker
from sim.watch import Watch

Runtime = Literal["libc", "go", "jvm", "nginx", "pool"]

# consul.md section 8.2: read in Go's source; the JVM's documented networkaddress.cache defaults.
GO_HOSTS_NS: Final = 5 * NS_PER_S
JVM_POSITIVE_NS: Final = 30 * NS_PER_S
JVM_NEGATIVE_NS: Final = 10 * NS_PER_S


class CachedName(Entity):
    """A name as one process knows it; this one asks each time (``libc``, ``pool``)."""

    process: Final[Process]
    resolver: Final[SystemResolver]
    name: Final[str]

    def __init__(self, process: Process, resolver: SystemResolver, name: str, runtime: str) -> None:
        super().__init__(process.kernel, f"{process.path}/{runtime}/{name}")
        self.process = process
        self.resolver = resolver
        self.name = name
        remember(resolver, name)

    @computed
    def answer(self) -> NameAnswer:
        """What a new connection goes by now. Pure, and readable in guards."""
        return self.resolver.answer(self.name)


class GoName(CachedName):
    """``file``: what the hosts file said when it was last looked at."""

    ticker: Final[Ticker]
    file: tuple[str, ...] = state(())

    def __init__(self, process: Process, resolver: SystemResolver, name: str) -> None:
        super().__init__(process, resolver, name, "go")
        self.file = self._line_now()
        self.ticker = _ticker(self, GO_HOSTS_NS, self._matters, self._look)
        _at_start(self, self._started)

    @property
    def answer(self) -> NameAnswer:
        """All lines of the file in turn, else what the name server says; nothing is sorted."""
        return self.resolver.merged(self.name, self.file, sorts=False)

    def _line_now(self) -> tuple[str, ...]:
        return self.resolver.lines_of(self.name)

    def _matters(self) -> bool:
        return self.process.running and self._line_now() != self.file

    def _look(self) -> None:
        if self._matters():
            self.file = self._line_now()

    def _started(self, _: int) -> None:
        self.file = self._line_now()
        self.ticker.regrid(Regular(self.kernel.now + GO_HOSTS_NS, GO_HOSTS_NS))


class JvmName(CachedName):
    """``kept``: the answer in InetAddress's cache; its shares are averages over many refreshes."""

    ticker: Final[Ticker]
    kept: NameAnswer = state(NOT_FOUND)

    def __init__(self, process: Process, resolver: SystemResolver, name: str) -> None:
        super().__init__(process, resolver, name, "jvm")
        self.kept = self._fresh()
        self.ticker = _ticker(self, self._lifetime_ns, self._matters, self._look)
        _at_start(self, self._refresh)

    @property
    def answer(self) -> NameAnswer:
        """What the cache holds; a kept failure takes no time."""
        return self.kept

    @property
    def _lifetime_ns(self) -> int:
        return JVM_POSITIVE_NS if self.kept.status == "found" else JVM_NEGATIVE_NS

    def _fresh(self) -> NameAnswer:
        return self.resolver.answer(self.name)._replace(wait_ns=0)

    def _matters(self) -> bool:
        return self.process.running and self._fresh() != self.kept

    def _look(self) -> None:
        if self._matters():
            self._refresh()

    def _refresh(self, _: int = 0) -> None:
        self.kept = self._fresh()
        self.ticker.regrid(Regular(self.kernel.now + self._lifetime_ns, self._lifetime_ns))


class NginxName(CachedName):
    """``kept``: what the name meant at the last start or reload."""

    kept: NameAnswer = state(NOT_FOUND)

    def __init__(self, process: Process, resolver: SystemResolver, name: str) -> None:
        super().__init__(process, resolver, name, "nginx")
        self.reload()
        _at_start(self, lambda _: self.reload())

    @property
    def answer(self) -> NameAnswer:
        """What the configuration in use holds."""
        return self.kept

    def reload(self) -> None:
        """Look the name up again, as start and ``nginx -s reload`` do."""
        found = self.resolver.answer(self.name)
        count = len(found.addresses)
        self.kept = found._replace(shares=(1.0 / count,) * count if count else (), wait_ns=0)


def cached_name(
    process: Process, resolver: SystemResolver, name: str, runtime: Runtime
) -> CachedName:
    """Return ``name`` as ``process`` knows it, which runs on the resolver's host.

    Called once for each (process, name, runtime), while the world is built.
    """
    match runtime:
        case "go":
            return GoName(process, resolver, name)
        case "jvm":
            return JvmName(process, resolver, name)
        case "nginx":
            return NginxName(process, resolver, name)
    return CachedName(process, resolver, name, runtime)


def _ticker(
    entity: CachedName, period_ns: int, guard: Callable[[], bool], act: Callable[[], None]
) -> Ticker:
    """Look each ``period_ns``; a program that ran before the world began is amid a period."""
    kernel = entity.kernel
    phase_ns = kernel.now + kernel.stream(entity.path, "phase").between(0, period_ns)
    return Ticker(kernel, f"{entity.path}/expiry", Regular(phase_ns, period_ns), guard, act)


def _at_start(entity: CachedName, call: Callable[[int], object]) -> None:
    """Have ``call`` called when the process starts again, with empty memory."""
    process = entity.process
    Watch(
        entity.kernel,
        f"{entity.path}/start",
        lambda: process.incarnation,
        call,
        initial=process.incarnation,
    )
