"""A process: what runs on a host, dies, hangs, and is started again by a supervisor.

Model card. What: one Unix process with its sockets. From: POSIX signals and TCP as Linux does
them. A killed process's host answers with RST (*refused*); a stopped one (SIGSTOP) keeps its
sockets: connections are accepted and bytes queue in the kernel, to be read when it continues; a
host that is down or paused answers nothing (*silence*). Left out: threads, file descriptors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from models.host import Host
from sim.engine import Kernel, Occurrence
from sim.laws import Law
from sim.state import Entity, hidden, state


class Program(Protocol):
    """What a process runs; called on the turns of its life."""

    def started(self) -> None:
        """The process has started, with empty memory."""

    def stopped(self) -> None:
        """The process is gone; memory is lost, files remain."""

    def resumed(self, paused_ns: int) -> None:
        """It runs again after standing still for ``paused_ns``, memory and sockets intact."""


class Process(Entity):
    """``running``: it executes its own code now. ``incarnation`` counts its starts: a connection
    belongs to one incarnation of its peer.

    Faults that the program itself must act out are counted here, whether it runs or not.
    ``latent_faults``: what would keep it from working once it is promoted (a drifted
    configuration); ``latent_noticed`` is set by whoever sees it fail for that reason, and is
    cleared with the last of these faults. ``logins_refused``: it accepts connections and turns
    every new login down.
    """

    host: Final[Host]
    supervisor: Final[Law | None]
    boot: Final[Law]
    alive: bool = state(False)
    hung: int = hidden(0)
    running: bool = state(False)
    incarnation: int = state(0)
    latent_faults: int = hidden(0)
    latent_noticed: bool = state(False)
    logins_refused: int = state(0)
    enabled: bool = hidden(True)
    start_waits: bool = hidden(False)
    program: Program | None = hidden(None)
    inbox: tuple[Callable[[], object], ...] = hidden(())
    stood_still_at_ns: int = hidden(-1)
    start_rank: int = hidden(0)
    starting: Occurrence | None = hidden(None)

    def __init__(
        self, kernel: Kernel, path: str, host: Host, *, supervisor: Law | None, boot: Law
    ) -> None:
        super().__init__(kernel, path)
        self.host = host
        self.supervisor = supervisor
        self.boot = boot
        self.start_rank = kernel.claim_rank(f"{path}/start")
        host.power_listeners = (*host.power_listeners, self._power)
        host.pause_listeners = (*host.pause_listeners, self._machine_paused_or_resumed)

    @property
    def listening(self) -> bool:
        """Whether a TCP connection to it succeeds (also while hung)."""
        return self.alive and self.host.running

    @property
    def refuses(self) -> bool:
        """Whether a connection attempt is refused at once: no process, but a host that answers."""
        return not self.alive and self.host.running

    def start(self) -> None:
        """Start it now (no effect if it is alive, disabled or its host is down)."""
        self._forget_start()
        if self.alive or not self.enabled or self.host.down:
            return
        if self.host.paused:
            self.start_waits = True
            return
        self.alive = True
        self.incarnation += 1
        self._update()
        self._record("started")
        if self.program is not None:
            self.program.started()

    def used_in_earnest(self) -> None:
        """It has been promoted: a defect that nobody knew of shows now."""
        if self.latent_faults:
            self.latent_noticed = True

    def kill(self) -> None:
        """Crash it (kill -9); a supervisor, if there is one, starts it again after its delay."""
        if not self.alive:
            return
        self._die("killed")
        if self.supervisor is not None and self.enabled:
            self.start_after(self.supervisor)

    def stop(self) -> None:
        """Stop it for good, on purpose."""
        self.enabled = False
        self._forget_start()
        if self.alive:
            self._die("stopped")

    def start_after(self, law: Law) -> None:
        """Start it after a delay drawn from ``law``."""
        self._forget_start()
        drawn_ns = law.sample_ns(self.kernel.stream(self.path, "start"))
        wait_ns = round(drawn_ns * self.host.slow_factor)
        self.starting = self.kernel.call_at(self.kernel.now + wait_ns, self.start_rank, self.start)

    def hang(self) -> None:
        """Stop executing, keeping memory and sockets (SIGSTOP, a long GC, a swap storm)."""
        self.hung += 1
        self._update()
        self._stillness()

    def proceed(self) -> None:
        """Undo one ``hang``."""
        self.hung -= 1
        self._update()
        self._stillness()

    def deliver(self, handle: Callable[[], object]) -> None:
        """Hand over bytes that have arrived: now, when it runs again, or never (it is gone)."""
        if self.running:
            handle()
        elif self.alive and self.host.running:
            self.inbox = (*self.inbox, handle)

    def _die(self, how: str) -> None:
        self.alive = False
        self.hung = 0
        self._update()
        self.inbox = ()
        self.stood_still_at_ns = -1
        self._record(how)
        if self.program is not None:
            self.program.stopped()

    def _power(self, on: bool) -> None:
        if on:
            self.start_after(self.boot)
        else:
            self._forget_start()
            if self.alive:
                self._die("lost")

    def _machine_paused_or_resumed(self) -> None:
        self._update()
        self._stillness()
        if self.start_waits and not self.host.paused:
            self.start()

    def _update(self) -> None:
        """Bring ``running`` into line; a state of its own, because nearly every guard reads it."""
        self.running = self.alive and not self.hung and self.host.running

    def _stillness(self) -> None:
        """Note when it begins to stand still; on going on, let it read what has queued."""
        if not self.alive:
            return
        if not self.running:
            if self.stood_still_at_ns < 0:
                self.stood_still_at_ns = self.kernel.now
                self._record("hung")
            return
        if self.stood_still_at_ns < 0:
            return
        stood_still_ns = self.kernel.now - self.stood_still_at_ns
        self.stood_still_at_ns = -1
        self._record("resumed")
        queued, self.inbox = self.inbox, ()
        if self.program is not None:
            self.program.resumed(stood_still_ns)
        for handle in queued:
            handle()

    def _forget_start(self) -> None:
        self.start_waits = False
        if self.starting is not None:
            self.starting.cancel()
            self.starting = None

    def _record(self, event: str) -> None:
        self.host.trace.add(self.kernel.now, self.path, event)
