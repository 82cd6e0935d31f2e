"""How the load of a called application fell on its backends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from experiments.building.world import World
from models.application.application import Application
from sim.metering import Integral


class BackendLoad(NamedTuple):
    """The meters of one backend: requests that arrived, and seconds in which it had too many."""

    backend: Application
    requests: Integral
    overloaded_s: Integral


def backend_loads(world: World) -> tuple[BackendLoad, ...]:
    """Return meters for every instance that others call."""
    return tuple(_metered(world, one) for one in world.instances if one.callers)


def _metered(world: World, backend: Application) -> BackendLoad:
    path = f"meter/{backend.process.path}"

    def meter(what: str, read: Callable[[Application], float]) -> Integral:
        return Integral(world.kernel, f"{path}/{what}", partial(read, backend))

    return BackendLoad(
        backend,
        meter("requests", lambda one: one.load_per_s),
        meter("overload", lambda one: float(one.overloaded)),
    )
