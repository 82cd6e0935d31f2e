"""The lanes of the programs between stores and users: monitors, Consul, hosts files, backends."""

from __future__ import annotations

from collections.abc import Callable

from experiments.building.names import Names
from experiments.building.world import World
from experiments.timeline.readings import LaneSource
from models.application.application import Application
from models.consul.cluster import ConsulCluster
from models.consul_template.template import render
from models.mysqlfailover.tool import MysqlFailover

CONSUL_LANE = "consul"
LOAD_PREFIX = "load on "
NAMES_PREFIX = "names on "


def monitor_lanes(world: World) -> list[LaneSource]:
    """Return the lanes of every mysqlfailover: its phase, and the mode in which it gives up."""
    return [
        LaneSource(tool.process.path, "monitor", _monitor(tool))
        for store in world.mysql.values()
        for tool in store.monitors
    ]


def consul_lanes(world: World) -> list[LaneSource]:
    """Return the lane of Consul, if there is one: does it lead, and does it miss members?"""
    if world.consul is None:
        return []
    return [LaneSource(CONSUL_LANE, "consul", _consul(world.consul))]


def names_lanes(world: World) -> list[LaneSource]:
    """Return the lane of the hosts file and dnsmasq of the first application's host."""
    host = names_host(world)
    if world.names is None or not host:
        return []
    return [LaneSource(NAMES_PREFIX + host, "names", _names(world.names, host))]


def names_host(world: World) -> str:
    """Return the first host of an application that has a hosts file of Consul's names, or ""."""
    if world.names is None:
        return ""
    hosts = (one.process.host.name for one in world.instances)
    return next((host for host in hosts if host in world.names.templates), "")


def load_lane(instance: Application) -> str:
    """Return the name of the lane of what the callers of an instance send it."""
    return LOAD_PREFIX + instance.process.path


def load_lanes(world: World) -> list[LaneSource]:
    """Return the lanes of the instances that others call: which share of the load they get."""
    return [
        LaneSource(load_lane(one), "load", _load(one), f"{LOAD_PREFIX}{one.name}")
        for one in world.instances
        if one.callers
    ]


def _monitor(tool: MysqlFailover) -> Callable[[], str]:
    def condition() -> str:
        if tool.process.alive and not tool.process.running:
            return "frozen"
        # In mode fail it watches, and ends at the next failure of the master.
        if tool.phase == "calm" and tool.mode == "fail":
            return "mode fail"
        return tool.phase

    return condition


def _consul(cluster: ConsulCluster) -> Callable[[], str]:
    def condition() -> str:
        if cluster.leader is None:
            return "no leader"
        failed = any(node.serf == "critical" for node in cluster.catalogue.nodes)
        return "members failed" if failed else "leader"

    return condition


def _names(names: Names, host: str) -> Callable[[], str]:
    template, dnsmasq, file = names.templates[host], names.dnsmasqs[host], names.files[host]

    def condition() -> str:
        if not dnsmasq.process.running:
            return "no dnsmasq"
        view = template.view
        wanted = render(view.nodes(), view.services(), template.datacenter)
        return "current" if file.lines == wanted else "stale"

    return condition


def _load(instance: Application) -> Callable[[], str]:
    def share() -> str:
        if instance.overloaded:
            return "overloaded"
        offered_per_s = sum(
            call.spec.request_rate for call in instance.callers if call.process.running
        )
        if not instance.load_per_s:
            return "none"
        return "all" if instance.load_per_s > 0.999 * offered_per_s else "some"

    return share
