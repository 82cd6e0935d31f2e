"""A run followed event by event: how near it is to the worst, and what it has cost so far.

The *level* is how many faults stand at once, dormant ones too; it is 1 at least while the second is
not a good one (what was killed is not a fault any more, and may be missed). The higher it is, the
fewer things must still go wrong.
"""

from __future__ import annotations

from typing import Literal, Protocol

from experiments.building.world import World, build_world
from experiments.recording.recorder import Recorder
from experiments.simulation import RunOrder
from sim.engine import Kernel

Harm = Literal["down", "split-brain"]


class Walk(Protocol):
    """A run that can be split: every one with the same past is the same, bit for bit."""

    kernel: Kernel

    def level(self) -> int:
        """How near it is now, by its state."""

    def harm_s(self) -> float:
        """How long the harm has lasted so far, s."""


class WorldWalk:
    """A design under a profile; the harm is that a second is of the class ``harm``."""

    def __init__(self, order: RunOrder, harm: Harm) -> None:
        self.kernel = Kernel(seed=order.seed, replication=order.replication)
        self._world: World = build_world(order.design, order.profile, self.kernel, traced=False)
        self._recorder = Recorder(self._world)
        self._harm = harm

    def level(self) -> int:
        """See the module."""
        world = self._world
        return max(len(world.board.faults), int(world.service.second != "good"))

    def harm_s(self) -> float:
        """The seconds of the class so far."""
        self._recorder.classes.close()
        return self._recorder.seconds(self._harm)
