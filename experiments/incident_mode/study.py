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
from experiments.incident_mode.chances import Choice, Floats, Proposal, natural, pilot, tuned
from experiments.incident_mode.chances import window_of as window_ns_of
from experiments.incident_mode.estimate import Estimate, Nature, Stream, yearly_mean
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
    nature = Nature(chances, float(rates.sum()), state_at_rest(world))
    first = max(2, round(_PILOT_SHARE * order.streams))
    parts = (range(first), range(first, order.streams))
    wide = pilot(chances)

    with _mapping(workers) as map_over:

        def simulated(part: range, proposal: Proposal) -> list[list[Incident]]:
            orders = [_stream(order, number, window_ns, proposal) for number in part]
            found = []
            for incidents in map_over(simulate_stream, orders):
                progress(len(incidents))
                found.append(incidents)
            return found

        scouts = simulated(parts[0], wide)
        choices = [one.choice for stream in scouts for one in stream]
        values = np.array([one.value for stream in scouts for one in stream])
        better = tuned(chances, choices, _weights(choices, chances, [(wide, 1.0)]), values)
        found = [scouts, simulated(parts[1], better)]
    mixture = [(wide, first / order.streams), (better, 1 - first / order.streams)]
    streams = [
        Stream(incidents, list(_weights([one.choice for one in incidents], chances, mixture)), part)
        for part, of_part in enumerate(found)
        for incidents in of_part
    ]
    states = {one.before for stream in streams for one in stream.incidents}
    return IncidentStudy(order, yearly_mean(streams, nature), order.simulated, len(states))


def _stream(order: Order, number: int, window_ns: int, proposal: Proposal) -> StreamOrder:
    asked = (order.design, order.profile, order.seed, number, window_ns, order.metric.column)
    return StreamOrder(*asked, proposal)


def _weights(
    choices: Sequence[Choice], nature: Proposal, mixture: Sequence[tuple[Proposal, float]]
) -> Floats:
    """Nature's chance of each choice over that of a mixture of proposals with these shares."""
    return np.array(
        [
            nature.of(one) / sum(share * proposal.of(one) for proposal, share in mixture)
            for one in choices
        ]
    )


@contextmanager
def _mapping(workers: int) -> Iterator[Map]:
    """Map over orders here, or in processes; results come in order either way."""
    if workers == 1:
        yield map
        return
    with process_pool(workers) as pool:
        yield pool.map
