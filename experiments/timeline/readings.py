"""What state each lane of the picture is in, read from a world (names: ``style.LOOKS``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from experiments.building.parts import PUBLIC
from experiments.building.published_names import PublishedName
from experiments.building.world import World
from models.application.application import Application
from models.application.pool import Pool
from models.host import Host
from models.redis.server import RedisServer
from models.sentinel.sentinel import Sentinel

CLASS_LANE = "class of second"
NAME_PREFIX = "name "


def name_lane(published: PublishedName) -> str:
    """Return the lane of a published name: without the domain, which all have in common."""
    return NAME_PREFIX + published.name.partition(".service.")[0].partition(".node.")[0]


class LaneSource(NamedTuple):
    """A lane: its name, its kind in ``LOOKS``, and how its state is read."""

    lane: str
    kind: str
    read: Callable[[], str]


def host_lane(name: str) -> str:
    """Return the name of the lane of a host."""
    return f"host {name}"


def lanes_of(world: World) -> list[LaneSource]:
    """Return the lanes of a world, top to bottom, without those of Sentinels."""
    lanes = [
        LaneSource(host_lane(name), "host", _host(world, host))
        for name, host in world.hosts.items()
        if name != PUBLIC
    ]
    lanes += [
        LaneSource(address, "process", _redis(server))
        for store in world.redis.values()
        for address, server in store.servers.items()
    ]
    return lanes


def lower_lanes_of(world: World) -> list[LaneSource]:
    """Return the lanes that stand below those of the Sentinels: name, applications, class."""
    service = world.service
    lanes = [
        LaneSource(name_lane(published), "name", partial(_state_of, published))
        for published in service.published
    ]
    lanes += [
        LaneSource(one.process.path, "application", _application(world, one))
        for one in world.instances
    ]
    return [*lanes, LaneSource(CLASS_LANE, "class", lambda: service.second)]


def sentinel_lane(sentinel: Sentinel) -> LaneSource:
    """Return the lane of a Sentinel: what it thinks of the master."""

    def opinion() -> str:
        if not sentinel.process.running:
            return "down"
        if sentinel.tilt:
            return "tilt"
        if sentinel.failing_over:
            return "failover"
        if sentinel.odown:
            return "odown"
        return "sdown" if sentinel.master_sdown else "ok"

    return LaneSource(sentinel.name, "sentinel", opinion)


def _host(world: World, host: Host) -> Callable[[], str]:
    others = [name for name in world.hosts if name not in (host.name, PUBLIC)]
    routes = [world.network.route(host.name, other) for other in others]

    def condition() -> str:
        if host.down:
            return "down"
        if host.paused:
            return "frozen"
        closed = sum(not route.open for route in routes)
        if not closed:
            return "up"
        return "isolated" if closed == len(routes) else "cut"

    return condition


def _redis(server: RedisServer) -> Callable[[], str]:
    def condition() -> str:
        if not server.process.alive:
            return "down"
        if not server.process.running:
            return "frozen"
        return "loading" if server.loading else server.role

    return condition


def _application(world: World, instance: Application) -> Callable[[], str]:
    def condition() -> str:
        if instance.success_share < 1.0:
            return "failing"
        return "stale" if any(_stale(world, pool) for pool in instance.pools) else "ok"

    return condition


def _stale(world: World, pool: Pool) -> bool:
    """Whether writes reach a master whom most Sentinels have replaced: they will be lost."""
    store, server = world.redis.get(pool.store), pool.writes_to
    if store is None or store.sentinels is None or server is None:
        return False
    running = [one.answer for one in store.sentinels.members if one.process.running]
    return 2 * running.count(server.address) < len(running)


def _state_of(published: PublishedName) -> str:
    return published.state
