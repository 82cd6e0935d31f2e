"""Collects the intervals of a world's lanes while it runs: a meter a lane, attached beforehand."""

from __future__ import annotations

from functools import partial

from experiments.building.world import World
from experiments.timeline.programs import consul_lanes, load_lanes, monitor_lanes, names_lanes
from experiments.timeline.readings import (
    LaneSource,
    host_lanes,
    sentinel_lane,
    store_lanes,
    user_lanes,
)
from models.sentinel.group import SentinelGroup
from models.sentinel.sentinel import Sentinel
from sim.metering import StateMeter
from sim.watch import Watch


class Collector:
    """``bars`` holds, lane by lane from top to bottom, the intervals (state, start ns, end ns)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kinds: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self._bars: dict[str, list[tuple[str, int, int]]] = {}
        self._meters: list[StateMeter[str]] = []
        upper = [*host_lanes(world), *store_lanes(world)]
        programs = (monitor_lanes, consul_lanes, names_lanes, load_lanes, user_lanes)
        lower = [source for lanes in programs for source in lanes(world)]
        self._upper = [source.lane for source in upper]
        self._lower = [source.lane for source in lower]
        for source in (*upper, *lower):
            self._follow(source)
        for group in world.sentinels:
            self._meet(group.members)
            # An operator may set up another one during the run.
            Watch(
                world.kernel,
                f"timeline/{group.path}",
                partial(_members, group),
                self._meet,
                initial=group.members,
            )

    def _meet(self, members: tuple[Sentinel, ...]) -> None:
        for sentinel in members:
            if sentinel.name not in self.kinds:
                self._follow(sentinel_lane(sentinel))

    def _follow(self, source: LaneSource) -> None:
        self.kinds[source.lane] = source.kind
        self.groups[source.lane] = source.group or source.lane
        self._bars[source.lane] = []
        path = f"timeline/{source.lane}"
        # The first reading is taken when the kernel next settles: at this very instant.
        meter = StateMeter(self.world.kernel, path, source.read, initial="")
        meter.listen(partial(self._held, source.lane))
        self._meters.append(meter)

    def _held(self, lane: str, state: str, start_ns: int, end_ns: int) -> None:
        bars = self._bars[lane]
        if bars and bars[-1][0] == state and bars[-1][2] == start_ns:
            start_ns = bars.pop()[1]
        bars.append((state, start_ns, end_ns))

    def close(self) -> None:
        """Finish the intervals that are open now."""
        for meter in self._meters:
            meter.close()

    @property
    def lanes(self) -> list[str]:
        """The lanes from top to bottom."""
        sentinels = [lane for lane, kind in self.kinds.items() if kind == "sentinel"]
        return [*self._upper, *sentinels, *self._lower]

    def bars(self, lane: str) -> list[tuple[str, int, int]]:
        """Return the intervals of a lane."""
        return self._bars[lane]


def _members(group: SentinelGroup) -> tuple[Sentinel, ...]:
    return group.members
