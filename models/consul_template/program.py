"""consul-template on one host: blocking queries, rendering, and a command that blocks the loop.

Model card: ``docs/models/consul_template.md``. Programs: v0.10.0 and v0.39.1. Source: ``consul.md``
section 6. Each dependency of the template (the nodes, the services, each service's instances) is
a query of its own, which is why the failure of a host makes two renders: the first answer starts
the command, the others, which one commit has woken and which come with it, pile up behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Final, Literal

from models.consul_template.quiescence import Quiescence
from models.consul_template.retry import ATTEMPTS, RETRY_NS, backoff_ns
from models.consul_template.spec import ConsulTemplateSpec
from models.consul_template.template import render
from models.consul_template.view import CatalogueView, Command, Entries, Write
from models.process import Process
from sim.clock import NS_PER_MS, NS_PER_S
from sim.engine import Occurrence
from sim.grid import Regular
from sim.state import Entity, computed, hidden, state
from sim.ticker import Ticker
from sim.trace import Trace
from sim.watch import Watch

COMMAND_TIMEOUT_NS: Final = 30 * NS_PER_S
# 0.39: from one fetch of a view to the next (consul.md section 6).
_REFETCH_NS: Final = 100 * NS_PER_MS
_REFETCH_SPREAD_NS: Final = 20 * NS_PER_MS
# Exit codes: 15 of 0.10 read in source, 14 of new seen in consul-template issue 2045 (section 6).
_COMMAND_FAILED: Final = {"0.10": 15, "0.39": 14}

Phase = Literal["asking", "retrying"]
Word = tuple[Literal["off", "answered", "error", "silent"], tuple[str, ...]]

NODES: Final = "nodes"
SERVICES: Final = "services"
_NOTHING_SEEN: Final[Mapping[str, Entries]] = MappingProxyType({})
_NOTHING_FETCHED: Final[Mapping[str, int]] = MappingProxyType({})


# All hosts of a world ask the same, at nearly the same time.
@lru_cache(maxsize=256)
def _answers(nodes: Entries, services: tuple[tuple[str, Entries], ...]) -> Mapping[str, Entries]:
    """Return what each query brings, by its name."""
    found: dict[str, Entries] = {NODES: nodes, SERVICES: tuple((name, "") for name, _ in services)}
    found |= {f"service/{name}": instances for name, instances in services}
    return MappingProxyType(found)


class ConsulTemplate(Entity):
    """The program of one process.

    ``seen``: the last answer of each query, by its name; empty until it has come. ``coming``: the
    queries whose answer is under way. ``asked``: when its queries were asked. ``busy``: the command
    runs. ``rewrites`` counts the files written since the world began.
    """

    process: Final[Process]
    trace: Final[Trace]
    spec: Final[ConsulTemplateSpec]
    datacenter: Final[str]
    view: Final[CatalogueView]
    write: Final[Write]
    command: Final[Command]
    retry: Final[Ticker]
    quiescence: Final[Quiescence | None]
    rank: Final[int]
    phase: Phase = state("asking")
    seen: Mapping[str, Entries] = state(_NOTHING_SEEN)
    asked: int = state(0)
    coming: tuple[str, ...] = hidden(())
    rewrites: int = hidden(0)
    busy: bool = hidden(False)
    stale: bool = hidden(False)
    attempts: int = hidden(0)
    round_of_queries: int = hidden(0)
    fetched_ns: Mapping[str, int] = hidden(_NOTHING_FETCHED)
    rendering: Occurrence | None = hidden(None)
    timeout: Occurrence | None = hidden(None)
    missed: tuple[Callable[[], object], ...] = hidden(())

    def __init__(
        self,
        process: Process,
        trace: Trace,
        spec: ConsulTemplateSpec,
        datacenter: str,
        view: CatalogueView,
        write: Write,
        command: Command,
    ) -> None:
        kernel = process.kernel
        super().__init__(kernel, f"{process.path}/runner")
        self.process = process
        self.trace = trace
        self.spec = spec
        self.datacenter = datacenter
        self.view = view
        self.write = write
        self.command = command
        self.quiescence = Quiescence(spec.wait, spec.version) if spec.wait is not None else None
        self.rank = kernel.claim_rank(self.path)
        process.program = self
        self.asked = view.ask()
        self.retry = Ticker(
            kernel, f"{self.path}/retry", Regular(0, RETRY_NS), self._retry_matters, self._retry
        )
        off: Word = ("off", ())
        Watch(kernel, f"{self.path}/queries", self._word, self._hear, initial=off)

    # The queries -----------------------------------------------------------------------------

    @computed
    def _current(self) -> Mapping[str, Entries]:
        """What each query would bring now, by its name."""
        return _answers(self.view.nodes(), self.view.services())

    @computed
    def _differing(self) -> tuple[str, ...]:
        """The queries that would bring something else than their last answer."""
        seen = self.seen
        return tuple(name for name, value in self._current.items() if seen.get(name) != value)

    def _word(self) -> Word:
        """Return how the blocking queries fare, and which of them have something new."""
        if not self.process.running or self.phase != "asking":
            return "off", ()
        standing = self.view.standing(self.asked)
        return standing, self._differing if standing == "answered" else ()

    def _hear(self, word: Word) -> None:
        standing, differing = word
        if standing == "answered":
            self.attempts, self.asked = 0, self.view.ask()
            news = tuple(name for name in differing if name not in self.coming)
            if news:
                self._fetch(news)
        elif standing == "error":
            self._record("query-failed")
            self.coming = ()
            self.round_of_queries += 1
            self._retry_later()

    def _fetch(self, names: tuple[str, ...]) -> None:
        """Have the answers of some queries come in, one after the other, after one delay."""
        self.coming = (*self.coming, *names)
        asked_in = self.round_of_queries
        stream = self.kernel.stream(self.path, "fetch")
        drawn_ns = self.spec.fetch_delay.sample_ns(stream)
        come_ns = self.kernel.now + round(drawn_ns * self.process.host.slow_factor)
        last_ns = self.fetched_ns
        together: dict[int, list[str]] = {}
        for name in names:
            at_ns = come_ns
            if self.spec.version != "0.10" and name in last_ns:
                gap_ns = _REFETCH_NS + stream.between(0, _REFETCH_SPREAD_NS)
                at_ns = max(at_ns, last_ns[name] + gap_ns)
            together.setdefault(at_ns, []).append(name)
        for at_ns, group in together.items():
            self._at(at_ns, partial(self._receive_all, tuple(group), asked_in))

    def _receive_all(self, names: tuple[str, ...], asked_in: int) -> None:
        for name in names:
            # The first may start a command that ends the program.
            if self.process.alive:
                self._receive(name, asked_in)

    def _receive(self, name: str, asked_in: int) -> None:
        if asked_in != self.round_of_queries:
            return
        self.coming = tuple(other for other in self.coming if other != name)
        if self.view.standing(self.asked) != "answered":
            return
        current = self._current
        self.fetched_ns = {**self.fetched_ns, name: self.kernel.now}
        seen = self.seen
        if name in current and seen.get(name) != current[name]:
            kept = {other: value for other, value in seen.items() if other in current}
            self.seen = MappingProxyType(kept | {name: current[name]})
            self._data_came()

    # Errors ----------------------------------------------------------------------------------

    def _retry_later(self) -> None:
        self.phase = "retrying"
        now = self.kernel.now
        if self.spec.version == "0.10":
            self.retry.regrid(Regular(now + RETRY_NS, RETRY_NS))
        elif self.attempts == ATTEMPTS:
            self._exit("consul", 1)
        else:
            self._at(now + backoff_ns(self.attempts), self._back_off)
            self.attempts += 1

    def _retry_matters(self) -> bool:
        return (
            self.spec.version == "0.10"
            and self.phase == "retrying"
            and self.process.running
            and self._asking_now_brings() != "error"
        )

    def _asking_now_brings(self) -> str:
        return self.view.standing(self.view.ask())

    def _retry(self) -> None:
        if self._retry_matters():
            self._ask_again()

    def _ask_again(self) -> None:
        self.phase, self.asked = "asking", self.view.ask()

    def _back_off(self) -> None:
        if self.phase != "retrying":
            return
        if self._asking_now_brings() == "error":
            self._retry_later()
        else:
            self._ask_again()

    # Rendering -------------------------------------------------------------------------------

    def _data_came(self) -> None:
        if self.quiescence is None:
            self._render()
            return
        self._forget_rendering()
        at_ns = self.quiescence.due_ns(self.kernel.now)
        self.rendering = self._at(at_ns, self._render)

    def _render(self) -> None:
        """Write the file if it differs, and run the command; wait while the command runs."""
        self._forget_rendering()
        if self.busy:
            self.stale = True
            return
        seen = self.seen
        queries = {name: f"service/{name}" for name, _ in seen.get(SERVICES, ())}
        if not {NODES, SERVICES, *queries.values()} <= seen.keys():
            return
        if self.quiescence is not None:
            self.quiescence.rendered(self.kernel.now)
        services = tuple((name, seen[query]) for name, query in queries.items())
        if self.write(render(seen[NODES], services, self.datacenter)):
            self.rewrites += 1
            self._record("rendered")
            self._run_command()

    def _run_command(self) -> None:
        self.busy = True
        life, number = self.process.incarnation, self.rewrites

        def ended(code: int) -> None:
            if self._is_same_run(life, number):
                self._do(lambda: self._command_ended(code))

        def timed_out() -> None:
            if self._is_same_run(life, number):
                self._exit("command-timeout", _COMMAND_FAILED[self.spec.version])

        self.timeout = self._at(self.kernel.now + COMMAND_TIMEOUT_NS, timed_out)
        self.command(ended)

    def _is_same_run(self, life: int, number: int) -> bool:
        """Whether the command that was started then is still the one that is waited for."""
        alive = self.process.alive and self.process.incarnation == life
        return alive and self.busy and self.rewrites == number

    def _command_ended(self, code: int) -> None:
        self.busy = False
        self._forget_timeout()
        if code:
            self._exit("command-failed", _COMMAND_FAILED[self.spec.version])
        elif self.stale:
            self.stale = False
            self._render()

    def _exit(self, reason: str, code: int) -> None:
        """End, as after a fatal error; a supervisor, if there is one, starts it again."""
        self._record("exit", reason=reason, code=code)
        self.process.kill()

    # The life of the process -----------------------------------------------------------------

    def settle(self) -> None:
        """Be in the steady state at the present instant: all seen, all rendered, nothing run."""
        self._forget()
        current = self._current
        self.seen = current
        self.write(render(self.view.nodes(), self.view.services(), self.datacenter))

    def started(self) -> None:
        """Ask everything; nothing is rendered before every query has been answered once."""
        self._forget()
        if self.quiescence is not None:
            self.quiescence.rendered(self.kernel.now)

    def stopped(self) -> None:
        """Forget all but the file, which stays."""
        self._forget()

    def resumed(self, paused_ns: int) -> None:
        """Go on after a standstill with what fell due meanwhile."""
        missed, self.missed = self.missed, ()
        for call in missed:
            call()

    def _forget(self) -> None:
        self._forget_rendering()
        self._forget_timeout()
        self._ask_again()
        self.seen, self.coming = _NOTHING_SEEN, ()
        self.busy, self.stale, self.attempts = False, False, 0
        self.fetched_ns, self.missed = _NOTHING_FETCHED, ()

    def _forget_rendering(self) -> None:
        if self.rendering is not None:
            self.rendering.cancel()
            self.rendering = None

    def _forget_timeout(self) -> None:
        if self.timeout is not None:
            self.timeout.cancel()
            self.timeout = None

    def _at(self, at_ns: int, call: Callable[[], Any]) -> Occurrence:
        """Have this life of the process do something at a moment, or when it runs again."""
        life = self.process.incarnation

        def due() -> None:
            if self.process.alive and self.process.incarnation == life:
                self._do(call)

        return self.kernel.call_at(at_ns, self.rank, due)

    def _do(self, call: Callable[[], Any]) -> None:
        if self.process.running:
            call()
        else:
            self.missed = (*self.missed, call)

    def _record(self, event: str, **fields: object) -> None:
        self.trace.add(self.kernel.now, self.process.path, event, **fields)
