"""An incident study: a pilot that learns where the metric comes from, and the main part.

Both parts count: an incident's weight is nature's chance of its choice over the chance with which
the study as a whole has made it (the balance heuristic of multiple importance sampling: E. Veach
and L. Guibas, "Optimally combining sampling techniques", SIGGRAPH 1995).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.design import DesignSpec
from experiments.incident_mode.chances import (
    Choice,
    Plan,
    Proposal,
    learnt,
    main_plan,
    natural,
    pilot_plan,
)
from experiments.incident_mode.chances import window_of as window_ns_of
from experiments.incident_mode.estimate import Estimate, Nature, Stream, outlooks, yearly_mean
from experiments.incident_mode.metrics import METRICS, Metric
from experiments.incident_mode.rest import state_at_rest
from experiments.incident_mode.stream import (
    INCIDENTS,
    Incident,
    StreamOrder,
    rates_per_s,
    simulate_stream,
    world_at_rest,
)
from experiments.profile import ProfileSpec
from experiments.study.workers import process_pool
from sim.clock import to_seconds

_FEWEST_STREAMS: Final = 8
_PILOT_SHARE: Final = 0.25

Map = Callable[
    [Callable[[StreamOrder], list[Incident]], Iterable[StreamOrder]], Iterable[list[Incident]]
]


@dataclass(frozen=True)
class Order:
    """What to estimate: a metric of a design under a profile, from at least so many incidents."""

    design_name: str
    design: DesignSpec
    profile_name: str
    profile: ProfileSpec
    incidents: int = 20_000
    metric: Metric = METRICS[0]
    seed: int = 0

    @property
    def streams(self) -> int:
        """How many streams that takes: whole ones, and enough to tell the error from."""
        return max(_FEWEST_STREAMS, -(-self.incidents // INCIDENTS))

    @property
    def simulated(self) -> int:
        """How many incidents are simulated."""
        return self.streams * INCIDENTS


@dataclass(frozen=True)
class IncidentStudy:
    """A finished study: its order, the estimate, its incidents, and the states at rest it met."""

    order: Order
    estimate: Estimate
    incidents: int
    states: int


def run_incident_study(
    order: Order, workers: int = 1, progress: Callable[[int], object] = lambda incidents: None
) -> IncidentStudy:
    """Carry it out; ``progress`` hears of incidents that have finished.

    The result depends on the order alone. Raises NotExact where incident mode is not exact.
    """
    world = world_at_rest(order.design, order.profile, order.seed, 0)
    rates = rates_per_s(world)
    window_ns = window_ns_of(rates)
    chances = natural(rates, to_seconds(window_ns))
    plan = pilot_plan(chances)
    nature = Nature(chances, float(rates.sum()), state_at_rest(world), plan.beginnings)
    first = max(2, round(_PILOT_SHARE * order.streams))
    parts = (range(first), range(first, order.streams))

    with _mapping(workers) as map_over:

        def simulated(part: range, plan: Plan) -> list[list[Incident]]:
            found = []
            orders = [_stream(order, number, window_ns, plan) for number in part]
            for incidents in map_over(simulate_stream, orders):
                progress(len(incidents))
                found.append(incidents)
            return found

        scouts = simulated(parts[0], plan)
        better = main_plan(chances, _taught(scouts, nature, plan))
        found = [scouts, simulated(parts[1], better)]
    share = first / order.streams

    def weight(choice: Choice) -> float:
        return chances.of(choice) / (share * plan.of(choice) + (1 - share) * better.of(choice))

    streams = [
        Stream(incidents, [weight(one.choice) for one in incidents], part)
        for part, of_part in enumerate(found)
        for incidents in of_part
    ]
    made = share * plan.beginnings + (1 - share) * better.beginnings
    nature = nature._replace(made=made)
    states = {one.before for stream in streams for one in stream.incidents}
    return IncidentStudy(order, yearly_mean(streams, nature), order.simulated, len(states))


def _taught(scouts: Sequence[Sequence[Incident]], nature: Nature, plan: Plan) -> Proposal:
    """The chances that the pilot teaches.

    What an incident is worth is its own value, and what the state to which it leads lets expect of
    a year: an unnoticed fault brings nothing and makes the next one a long outage.
    """
    chances = nature.chances
    weights = [[chances.of(one.choice) / plan.of(one.choice) for one in part] for part in scouts]
    streams = [Stream(*both, 0) for both in zip(scouts, weights, strict=True)]
    expected = outlooks(streams, nature)
    incidents = [one for stream in scouts for one in stream]
    worths = [one.value + expected[one.after] - expected[one.before] for one in incidents]
    choices = [one.choice for one in incidents]
    return learnt(chances, choices, np.concatenate(weights), np.array(worths))


def _stream(order: Order, number: int, window_ns: int, plan: Plan) -> StreamOrder:
    asked = (order.design, order.profile, order.seed, number, window_ns, order.metric.column)
    return StreamOrder(*asked, plan)


@contextmanager
def _mapping(workers: int) -> Iterator[Map]:
    """Map over orders here, or in processes; results come in order either way."""
    if workers == 1:
        yield map
        return
    with process_pool(workers) as pool:
        yield pool.map
