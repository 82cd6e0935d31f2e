"""What holds a Sentinel up: it does one thing at a time, and writing its configuration blocks it.

Source: ``sentinel.md`` section 1 (config flush: 3 fsyncs in 7.0, 1 in 3.0/2.8) and section 5 (a
vote request leaves only after the candidate's own flush; the voter flushes twice before it
replies).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from models.process import Process
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, hidden


class Desk(Entity):
    """Sends and receives when the program is free. ``blocked(until_ns)`` hears of each flush."""

    process: Final[Process]
    network: Final[Network]
    fsyncs: Final[int]
    blocked: Final[Callable[[int], object]]
    busy_until_ns: int = hidden(0)
    rank: int = hidden(0)

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        network: Network,
        fsyncs: int,
        blocked: Callable[[int], object],
    ) -> None:
        super().__init__(kernel, f"{process.path}/desk")
        self.process = process
        self.network = network
        self.fsyncs = fsyncs
        self.blocked = blocked
        self.rank = kernel.claim_rank(self.path)

    def flush(self) -> None:
        """Write the configuration: the fsyncs block the whole program meanwhile."""
        start_ns = max(self.kernel.now, self.busy_until_ns)
        self.busy_until_ns = start_ns + self.fsyncs * self.process.host.fsync_ns
        self.blocked(self.busy_until_ns)

    def send(self, target_host: str, rank: int, deliver: Callable[[], object]) -> None:
        """Send a message as soon as the program is free."""
        here = self.process.host.name
        self._when_free(lambda: self.network.send(here, target_host, rank, deliver))

    def receive(self, handle: Callable[[], object]) -> None:
        """Process a message that has arrived, as soon as the program runs and is free."""
        self._when_free(lambda: self.process.deliver(handle))

    def say(self, speak: Callable[[], object]) -> None:
        """Let something be read by others as soon as the program is free, and never if it dies."""
        if self.kernel.now >= self.busy_until_ns:
            speak()
        else:
            self.receive(speak)

    def _when_free(self, act: Callable[[], object]) -> None:
        if self.kernel.now >= self.busy_until_ns:
            act()
        else:
            self.kernel.call_at(self.busy_until_ns, self.rank, act)
