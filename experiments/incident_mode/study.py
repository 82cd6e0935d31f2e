"""An incident study: a pilot that learns where the metric comes from, and the main part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from experiments.design import DesignSpec
from experiments.incident_mode.chances import (
    Choices,
    Plan,
    Proposal,
    learnt,
    main_plan,
    natural,
    pilot_plan,
    window_ns_of,
)
from experiments.incident_mode.estimate import Estimate, least_varying, yearly_mean
from experiments.incident_mode.metrics import METRICS, Metric
from experiments.incident_mode.stream import (
    INCIDENTS,
    Incident,
    StreamOrder,
    driven_world,
    rates_per_s,
    simulate_stream,
)
from experiments.incident_mode.table import Nature, Stream, Table
from experiments.profile import ProfileSpec
from experiments.study.workers import map_in_order, process_pool
from sim.clock import to_seconds

_FEWEST_STREAMS: Final = 16
"""Chosen: with fewer the jackknife hardly knows the error."""

_PILOT_SHARE: Final = 0.25
"""Chosen: how much of a study learns for the rest; the pilot counts too, so little is lost."""

Map = Callable[
    [Callable[[StreamOrder], list[Incident]], Iterable[StreamOrder]], Iterable[list[Incident]]
]


@dataclass(frozen=True)
class Order:
    """What to estimate: a metric of a design under a profile, from at least so many incidents.

    20,000 are enough for the fifty states of ``deck-full``, and cost minutes on two cores.
    """

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
    world = driven_world(order.design, order.profile, order.seed, 0)
    rates = rates_per_s(world)
    window_ns = window_ns_of(rates)
    chances = natural(rates, to_seconds(window_ns))
    nature = Nature(chances, float(rates.sum()))
    first = max(2, round(_PILOT_SHARE * order.streams))

    with _mapping(workers) as map_over:

        def simulated(numbers: range, plan: Plan, part: int) -> list[Stream]:
            found = []
            orders = [_stream(order, number, window_ns, plan) for number in numbers]
            for incidents in map_over(simulate_stream, orders):
                progress(len(incidents))
                found.append(Stream(incidents, part))
            return found

        plans = [pilot_plan(chances)]
        streams = simulated(range(first), plans[0], 0)
        plans.append(main_plan(chances, _taught(streams, nature, plans[0])))
        streams += simulated(range(first, order.streams), plans[1], 1)
    states = {one.before for stream in streams for one in stream.incidents}
    estimate = yearly_mean(streams, nature, plans)
    return IncidentStudy(order, estimate, order.simulated, len(states))


def _taught(scouts: Sequence[Stream], nature: Nature, plan: Plan) -> Proposal:
    """The chances that the pilot teaches.

    What an incident is worth is its own value, less what its draws explain, and what the state to
    which it leads lets expect of a year: an unnoticed fault brings nothing and makes the next one a
    long outage.
    """
    table, _ = least_varying(Table(scouts, nature, [plan]), least_worth=0.0)
    expected = table.means(table.all_streams)
    worths = table.values + expected[table.after] - expected[table.before]
    choices = Choices.of([one.choice for stream in scouts for one in stream.incidents])
    return learnt(nature.chances, choices, table.weights, worths)


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
        yield partial(map_in_order, pool)
