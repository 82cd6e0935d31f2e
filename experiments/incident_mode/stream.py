"""Many incidents one after the other in one world, each begun as it is told to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from experiments.building.world import World, build_world
from experiments.design import DesignSpec
from experiments.incident_mode.chances import ALONE, CROWDED, Choice, Floats, Plan, drawn
from experiments.incident_mode.conditions import NotExact, check_conditions
from experiments.incident_mode.rest import state_at_rest
from experiments.profile import ProfileSpec
from experiments.recording.recorder import Recorder
from experiments.recording.rows import Point, run_row
from experiments.study.workers import run_has_ended
from sim.clock import YEAR_NS, to_seconds
from sim.engine import Kernel
from sim.streams import Stream

INCIDENTS: Final = 128
"""Incidents of a stream: a power of two, for which Sobol points are most even."""

_LONGEST_NS: Final = YEAR_NS // 12
"""An incident that has not come to rest by then is taken to be one that never does."""


@dataclass(frozen=True)
class StreamOrder:
    """Which stream to simulate; ``column`` of ``runs`` is what its incidents are valued by."""

    design: DesignSpec
    profile: ProfileSpec
    seed: int
    number: int
    window_ns: int
    column: str
    plan: Plan


class Incident(NamedTuple):
    """One incident: how it began, from which state at rest to which, how long, and its value.

    ``lasted_s`` counts from its first fault to the rest after it, or to the end of the window.
    ``surprises``: how far the durations that it drew lie from their means, by what was drawn, s
    (``sim/controls.py``). How it began was chosen, but no duration was.
    """

    before: str
    after: str
    choice: Choice
    lasted_s: float
    value: float
    surprises: Mapping[str, float]


def rates_per_s(world: World) -> Floats:
    """How often each source strikes, shape (sources,)."""
    return np.array([1.0 / source.every.mean_s for source in world.sources])


def driven_world(design: DesignSpec, profile: ProfileSpec, seed: int, number: int) -> World:
    """A new world whose faults wait to be told; raises NotExact where that would not be exact."""
    kernel = Kernel(seed=seed, replication=number)
    world = build_world(design, profile, kernel, traced=False, driven=True)
    check_conditions(world)
    return world


def simulate_stream(order: StreamOrder) -> list[Incident]:
    """The incidents of one stream; raises NotExact if one of them does not come to rest."""
    incidents = list(_Stream(order).incidents())
    run_has_ended()
    return incidents


def even_points(stream: Stream) -> Sequence[Sequence[float]]:
    """Evenly spread uniform numbers for the choices of a stream, in an order drawn at random.

    In their own order each second point is the mirror of the one before: how an incident begins
    would depend on how the last one did, and so on the state.
    """
    from scipy.stats.qmc import Sobol

    points: list[list[float]] = Sobol(4, rng=stream.between(0, 2**32)).random(INCIDENTS).tolist()
    return stream.shuffled(points)


class _Stream:
    """A world that is driven from incident to incident."""

    def __init__(self, order: StreamOrder) -> None:
        self.order = order
        self.world = driven_world(order.design, order.profile, order.seed, order.number)
        self.kernel = self.world.kernel
        self.recorder = Recorder(self.world)
        self.stream = self.kernel.stream("incident-mode")
        self.rates_per_s = rates_per_s(self.world)
        self.shares = self.rates_per_s / self.rates_per_s.sum()

    def incidents(self) -> Iterator[Incident]:
        """Yield all of them, in order."""
        self._come_to_rest(self.kernel.now)
        before, total = state_at_rest(self.world), self._total()
        drawn_before = self.kernel.controls.of_durations()
        for point in even_points(self.stream):
            self._run_on(self._gap_ns())
            start_ns = self.kernel.now
            choice = self.order.plan.choose(point)
            self._begin(choice)
            self._come_to_rest(start_ns)
            after, sum_now = state_at_rest(self.world), self._total()
            lasted_s = to_seconds(self.kernel.now - start_ns)
            drawn_now = self.kernel.controls.of_durations()
            surprises = {
                name: drawn_s - drawn_before.get(name, 0.0)
                for name, drawn_s in drawn_now.items()
                if drawn_s != drawn_before.get(name)
            }
            yield Incident(before, after, choice, lasted_s, sum_now - total, surprises)
            before, total, drawn_before = after, sum_now, drawn_now

    def _begin(self, choice: Choice) -> None:
        """Strike first, then as the choice says until the window ends."""
        window_ns, start_ns = self.order.window_ns, self.kernel.now
        self._strike(choice.first)
        at_ns = sorted(self.stream.between(0, window_ns) for _ in range(self._further(choice)))
        for number, offset_ns in enumerate(at_ns):
            self.kernel.run_until(start_ns + offset_ns)
            self._strike(choice.second if number == 0 else self._any_source())
        self.kernel.run_until(start_ns + window_ns)

    def _further(self, choice: Choice) -> int:
        """How many faults strike in the window after the first."""
        if choice.kind != CROWDED:
            return 0 if choice.kind == ALONE else 1
        expected = float(self.rates_per_s.sum()) * to_seconds(self.order.window_ns)
        # A Poisson number, given that it is 2 or more.
        number, chance = 2, math.exp(-expected) * expected**2 / 2
        left = self.stream.uniform() * (1.0 - math.exp(-expected) * (1.0 + expected)) - chance
        while left > 0 and chance > 0:
            number += 1
            chance *= expected / number
            left -= chance
        return number

    def _come_to_rest(self, start_ns: int) -> None:
        """Run until nothing is scheduled, while faults strike as nature sends them."""
        next_ns = self.kernel.now + self._gap_ns()
        while (due_ns := self.kernel.next_due_ns()) is not None:
            if self.kernel.now - start_ns > self.order.window_ns + _LONGEST_NS:
                raise NotExact(
                    "an incident does not come to rest within a month: something in the design "
                    "goes on for ever (Sentinels without a majority), or faults always overlap"
                )
            if due_ns >= next_ns:
                self._run_on(next_ns - self.kernel.now)
                self._strike(self._any_source())
                next_ns = self.kernel.now + self._gap_ns()
            else:
                self.kernel.step()

    def _run_on(self, for_ns: int) -> None:
        self.kernel.run_until(self.kernel.now + for_ns)

    def _gap_ns(self) -> int:
        """A time in which no source strikes, were they to strike independently."""
        wait_s = -math.log(self.stream.uniform()) / float(self.rates_per_s.sum())
        return int(wait_s * 1e9)

    def _any_source(self) -> int:
        """A source as nature chooses: by its rate."""
        return drawn(self.shares, self.stream.uniform())

    def _strike(self, number: int) -> None:
        """Strike a source, which does nothing if it is struck already: it does not wait then."""
        self.world.sources[number].strike()
        self.kernel.settle()

    def _total(self) -> float:
        """What has come together so far of the column."""
        if not self.kernel.now:
            return 0.0
        self.recorder.close()
        # Incidents of the recorder are not needed here, and would add up in memory.
        self.recorder.incidents.clear()
        return float(run_row(Point("", "", 0), self.recorder)[self.order.column])
