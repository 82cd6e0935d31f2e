"""Under what conditions one incident at a time is exact, and what says that they do not hold.

Between two incidents nothing may happen that an incident does not begin: then the world at rest is
told by its state alone, and the time to the next fault by the rates of the laws. So every law of up
times is exponential (no other forgets when it struck last), and there are no planned swaps, which
come by the calendar. That an incident comes to rest at all shows when it is simulated.
"""

from __future__ import annotations

from experiments.building.world import World
from sim.laws import Exponential


class NotExact(ValueError):
    """The design under its profile cannot be simulated one incident at a time; says why."""


def check_conditions(world: World) -> None:
    """Raises NotExact unless every fault comes by an exponential law, and nothing by a calendar."""
    if not world.sources:
        raise NotExact("no fault of the profile strikes anything in the design")
    for source in world.sources:
        if not isinstance(source.every, Exponential):
            law = type(source.every).__name__.lower()
            raise NotExact(
                f"{source.path.removeprefix('fault/')}: its law ({law}) remembers when it struck "
                "last; only exponential ones forget"
            )
    if world.swaps:
        raise NotExact(f"planned swaps of {', '.join(sorted(world.swaps))} come by the calendar")
