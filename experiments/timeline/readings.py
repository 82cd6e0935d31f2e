"""What state each lane of the picture is in, read from a world (names: ``style.LOOKS``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from experiments.building.parts import PUBLIC
from experiments.building.world import World
from models.application import Application
from models.host import Host
from models.redis.server import RedisServer
from models.sentinel.sentinel import Sentinel

CLASS_LANE = "class of second"
NAME_LANE = "DNS name"


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
        for address, server in world.redis.servers.items()
    ]
    return lanes


def lower_lanes_of(world: World) -> list[LaneSource]:
    """Return the lanes that stand below those of the Sentinels: name, applications, class."""
    service = world.service
    lanes = [LaneSource(NAME_LANE, "name", lambda: service.name)] if world.consul else []
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
    group = world.sentinels

    def condition() -> str:
        server = instance.writes_to
        if server is None:
            return "failing"
        running = [one.answer for one in group.members if one.process.running] if group else []
        # Writes that reach a master whom most Sentinels have replaced will be lost.
        return "stale" if 2 * running.count(server.address) < len(running) else "ok"

    return condition
