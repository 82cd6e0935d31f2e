"""What state each lane of the picture is in, read from a world (names: ``style.LOOKS``).

Lanes of hosts, stores, Sentinels and users; those of the programs around them are in
``programs.py``.
"""

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
from models.mysql.server import MySqlServer
from models.redis.server import RedisServer
from models.sentinel.sentinel import Sentinel

CLASS_LANE = "class of second"
NAME_PREFIX = "name "


def name_lane(published: PublishedName) -> str:
    """Return the lane of a published name: without the domain, which all have in common."""
    return NAME_PREFIX + published.name.partition(".service.")[0].partition(".node.")[0]


class LaneSource(NamedTuple):
    """A lane: its name, its kind in ``LOOKS``, and how its state is read.

    Lanes of one ``group`` are shown together or not at all.
    """

    lane: str
    kind: str
    read: Callable[[], str]
    group: str = ""


def host_lane(name: str) -> str:
    """Return the name of the lane of a host."""
    return f"host {name}"


def host_lanes(world: World) -> list[LaneSource]:
    """Return the lanes of the machines."""
    return [
        LaneSource(host_lane(name), "host", _host(world, host))
        for name, host in world.hosts.items()
        if name != PUBLIC
    ]


def store_lanes(world: World) -> list[LaneSource]:
    """Return the lanes of the servers of all stores."""
    redis = [
        LaneSource(address, "process", _redis(server), name)
        for name, store in world.redis.items()
        for address, server in store.servers.items()
    ]
    mysql = [
        LaneSource(address, "process", _mysql(server), name)
        for name, group in world.mysql.items()
        for address, server in group.servers.items()
    ]
    return [*redis, *mysql]


def user_lanes(world: World) -> list[LaneSource]:
    """Return the lanes of what users get: the published names, applications, the class."""
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
        if closed:
            return "isolated" if closed == len(routes) else "cut"
        return "slow" if host.slow_factor > 1.0 else "up"

    return condition


def _redis(server: RedisServer) -> Callable[[], str]:
    def condition() -> str:
        if not server.process.alive:
            return "down"
        if not server.process.running:
            return "frozen"
        return "loading" if server.loading else server.role

    return condition


def _mysql(server: MySqlServer) -> Callable[[], str]:
    def condition() -> str:
        if not server.process.alive:
            return "down"
        if not server.process.running:
            return "frozen"
        if server.recovery.running:
            return "recovering"
        # A slave is read-only as a rule; a master that is lets nobody write.
        return "read-only" if server.is_master and server.read_only else server.role

    return condition


def _application(world: World, instance: Application) -> Callable[[], str]:
    def condition() -> str:
        if instance.success_share < 1.0:
            return "failing"
        return "stale" if any(_stale(world, pool) for pool in instance.pools) else "ok"

    return condition


def _stale(world: World, pool: Pool) -> bool:
    """Whether writes reach a master that has been replaced: they will be lost.

    A Redis that most Sentinels no longer name; a MySQL server whose line is not the one that
    survives.
    """
    server = pool.writes_to
    if server is None:
        return False
    if pool.store in world.mysql:
        return not world.mysql[pool.store].promoted(server.address)
    store = world.redis.get(pool.store)
    if store is None or store.sentinels is None:
        return False
    running = [one.answer for one in store.sentinels.members if one.process.running]
    return 2 * running.count(server.address) < len(running)


def _state_of(published: PublishedName) -> str:
    return published.state
