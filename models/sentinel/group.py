"""The Sentinels of one monitored master, and the Redis servers that they may come to know."""

from __future__ import annotations

from typing import Final

from models.process import Process
from models.sentinel import roster
from models.sentinel.instance import Instance
from models.sentinel.phases import draw_phases
from models.sentinel.sentinel import Sentinel
from models.sentinel.spec import SentinelSpec
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, hidden, state


class SentinelGroup(Entity):
    """``members`` are the Sentinels that have not been dismissed, ``ever`` all that were set up.

    ``instances`` are the Redis servers, by address.
    """

    members: tuple[Sentinel, ...] = state(())
    ever: tuple[Sentinel, ...] = hidden(())
    instances: dict[str, Instance] = hidden({})
    first_master: Final[str]

    def __init__(
        self, kernel: Kernel, name: str, instances: dict[str, Instance], first_master: str
    ) -> None:
        super().__init__(kernel, f"sentinel-group/{name}")
        self.first_master = first_master
        self.instances = instances

    def add(self, process: Process, spec: SentinelSpec, network: Network, master: str) -> Sentinel:
        """Set up a Sentinel that knows the master's address and nothing else."""
        stream = self.kernel.stream(process.path, "phases")
        phases = draw_phases(stream, self.kernel.now, spec, len(self.ever))
        sentinel = Sentinel(self.kernel, process, spec, network, self, master, phases)
        self.members = (*self.members, sentinel)
        self.ever = (*self.ever, sentinel)
        return sentinel

    def member(self, name: str) -> Sentinel:
        """Return the Sentinel called ``name``."""
        return next(member for member in self.ever if member.name == name)

    def dismiss(self, sentinel: Sentinel) -> None:
        """Stop a Sentinel for good; those that know it go on counting it."""
        sentinel.process.stop()
        sentinel.retire()
        self.members = tuple(member for member in self.members if member is not sentinel)

    def settle(self) -> None:
        """Know everything and be connected, as in the steady state."""
        for sentinel in self.members:
            master = self.instances[sentinel.master]
            for replica in master.info().replicas:
                roster.discover(sentinel, replica)
            for other in self.members:
                if other is not sentinel:
                    roster.meet(sentinel, other).link.settle()
            for view in sentinel.views:
                view.settle()
            for channel in sentinel.channels:
                channel.settle()
