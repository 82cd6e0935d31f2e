"""One trial: a design to which nothing happens but the faults that were ordered.

Before the clock of the script starts, the world has been at rest for a while that is drawn anew
for each replication. Whatever is done periodically (PINGs, INFO, timers, checks) therefore stands
at a random point of its cycle when a fault strikes at its stated time, even in a design that says
how its Sentinels were started.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from experiments.building.service_state import SecondClass
from experiments.building.stores import Store
from experiments.building.world import World, build_world
from experiments.catalogue import load_profile
from experiments.design import DesignSpec
from experiments.fault_script import FaultCommand, parse_fault
from experiments.inject.servers_watched import ServerMeter
from experiments.profile import ProfileSpec
from experiments.recording.recorder import Recorder
from models.fault_targets import TargetNames
from models.sentinel.sentinel import Sentinel
from sim.clock import NS_PER_S, to_seconds
from sim.engine import Engine, Kernel

REST_NS: Final = 60 * NS_PER_S
"""The longest rest before the script: twice the longest period of the modelled systems (30 s)."""


@dataclass(frozen=True)
class TrialOrder:
    """What to try; times of faults and ``until_ns`` count from the start of the script."""

    design: DesignSpec
    faults: tuple[FaultCommand, ...]
    until_ns: int
    seed: int = 0
    replication: int = 0
    engine: Engine = "fast"

    @property
    def first_fault_ns(self) -> int:
        """When the first fault strikes, ns since the start of the script (0 without faults)."""
        return min((fault.at_ns for fault in self.faults), default=0)


@dataclass(frozen=True)
class Trial:
    """A world under a script. ``start_ns`` is the kernel's time at which the script starts."""

    order: TrialOrder
    world: World
    recorder: Recorder
    servers: dict[str, ServerMeter]
    start_ns: int
    classes: list[tuple[SecondClass, int, int]] = field(default_factory=list)

    @property
    def fault_ns(self) -> int:
        """The kernel's time of the first fault."""
        return self.start_ns + self.order.first_fault_ns

    @property
    def end_ns(self) -> int:
        """The kernel's time of the end."""
        return self.start_ns + self.order.until_ns

    @property
    def store(self) -> Store | None:
        """The store that the milestones follow: the first Redis group, or else the first store."""
        return next(iter([*self.world.redis.values(), *self.world.stores.values()]), None)

    @property
    def sentinels(self) -> tuple[Sentinel, ...]:
        """The Sentinels of that store."""
        group = next((one.sentinels for one in self.world.redis.values()), None)
        return group.members if group is not None else ()

    @property
    def old_master(self) -> str:
        """The address of the master that the design begins with."""
        return self.store.first_master.address if self.store is not None else ""

    def since_start_s(self, at_ns: int) -> float:
        """Return a kernel time as seconds since the start of the script."""
        return (at_ns - self.start_ns) / NS_PER_S

    def class_seconds(self) -> dict[SecondClass, float]:
        """Return how many seconds of the script had each class, s."""
        held: dict[SecondClass, float] = {}
        for second, start_ns, end_ns in self.classes:
            shown_ns = min(end_ns, self.end_ns) - max(start_ns, self.start_ns)
            if shown_ns > 0:
                held[second] = held.get(second, 0.0) + to_seconds(shown_ns)
        return held


Attach = Callable[[Trial], object]
"""Called with a trial that is built and has not begun: adds meters, or somebody who reacts."""


@cache
def no_faults() -> ProfileSpec:
    """Return the profile under which nothing goes wrong by itself."""
    return load_profile("no-faults")[1]


def names_of(design: DesignSpec) -> TargetNames:
    """Return what faults of a design's script may strike."""
    return build_world(design, no_faults(), Kernel(), traced=False).targets.names


def parse_script(design: DesignSpec, texts: tuple[str, ...]) -> tuple[FaultCommand, ...]:
    """Return the faults that texts order for a design; raises ValueError, one line, if wrong."""
    names = names_of(design)
    return tuple(parse_fault(text, names) for text in texts)


def run_trial(order: TrialOrder, *attach: Attach) -> Trial:
    """Run one trial to its end; raises ValueError for a fault whose target does not exist."""
    kernel = Kernel(engine=order.engine, seed=order.seed, replication=order.replication)
    world = build_world(order.design, no_faults(), kernel, traced=True)
    rest_ns = kernel.stream("inject", "rest").between(0, REST_NS)
    servers = {
        address: ServerMeter(kernel, server, world.instances)
        for store in world.stores.values()
        for address, server in store.servers.items()
    }
    trial = Trial(order, world, Recorder(world), servers, rest_ns)
    trial.recorder.classes.listen(
        lambda second, start_ns, end_ns: trial.classes.append((second, start_ns, end_ns))
    )
    for fault in order.faults:
        replace(fault, at_ns=rest_ns + fault.at_ns).schedule(world.board, world.targets)
    for call in attach:
        call(trial)
    kernel.run_until(trial.end_ns)
    trial.recorder.close()
    for meter in servers.values():
        meter.close()
    return trial
