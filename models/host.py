"""A host: a machine that can stop, pause and slow down, taking everything on it along.

Model card. What: a server or virtual machine with its kernel and disk. From: general behaviour of
Linux hosts; fsync times from ``sentinel.md`` (0.25 ms on the measured disk). Left out: CPU load
as such (a slow host is a factor on the time its processes take), memory, disk space.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.engine import Kernel
from sim.state import Entity, hidden, state
from sim.trace import Trace


class Host(Entity):
    """Faults are counted, so that two overlapping ones end one by one.

    ``down``: powered off; memory is lost, nothing answers (silence). ``paused``: the whole
    machine stands still (live migration, hypervisor stall): silence, but memory and connections
    survive. ``slow_factor`` multiplies the time that work on it takes; ``added_fsync_ns`` is what
    a stalled disk adds to each fsync. ``running``: it executes and answers packets.
    ``resolv_conf_lost``: how many faults have overwritten resolv.conf; above 0, the resolver asks
    whatever servers the overwriter put there and not 127.0.0.1.
    """

    name: Final[str]
    trace: Final[Trace]
    down: int = state(0)
    paused: int = state(0)
    running: bool = state(True)
    slow_factor: float = state(1.0)
    resolv_conf_lost: int = state(0)
    base_fsync_ns: int = hidden(0)
    added_fsync_ns: int = hidden(0)
    power_listeners: tuple[Callable[[bool], object], ...] = hidden(())
    pause_listeners: tuple[Callable[[], object], ...] = hidden(())

    def __init__(self, kernel: Kernel, name: str, trace: Trace, fsync_ns: int) -> None:
        super().__init__(kernel, f"host/{name}")
        self.name = name
        self.trace = trace
        self.base_fsync_ns = fsync_ns

    @property
    def fsync_ns(self) -> int:
        """How long one fsync takes now."""
        return self.base_fsync_ns + self.added_fsync_ns

    def power_off(self) -> None:
        """Go down; every process on it dies with its memory."""
        self.down += 1
        self.running = False
        if self.down == 1:
            self._record("down")
            for listener in self.power_listeners:
                listener(False)

    def power_on(self) -> None:
        """Undo one ``power_off``; with the last one the machine boots."""
        self.down -= 1
        self.running = not (self.down or self.paused)
        if self.down == 0:
            self._record("up")
            for listener in self.power_listeners:
                listener(True)

    def at_boot(self, call: Callable[[], object]) -> None:
        """Have ``call`` called at each boot: whenever the power has come back."""
        self.power_listeners = (*self.power_listeners, lambda on: call() if on else None)

    def pause(self) -> None:
        """Stand still, keeping memory."""
        self.paused += 1
        self.running = False
        if self.paused == 1:
            self._record("paused")
            for listener in self.pause_listeners:
                listener()

    def resume(self) -> None:
        """Undo one ``pause``."""
        self.paused -= 1
        self.running = not (self.down or self.paused)
        if self.paused == 0:
            self._record("resumed")
            for listener in self.pause_listeners:
                listener()

    def _record(self, event: str) -> None:
        self.trace.add(self.kernel.now, self.path, event)
