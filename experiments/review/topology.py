"""What of a design a drawing shows: which program runs where, and who watches or copies whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from sim.clock import format_duration

if TYPE_CHECKING:
    from experiments.design import DesignSpec

Kind = Literal["redis", "mysql", "sentinel", "monitor", "consul", "application"]
Link = Literal["copies", "watches", "calls"]

KINDS: Final[dict[Kind, str]] = {
    "redis": "Redis",
    "mysql": "MySQL",
    "sentinel": "Redis Sentinel, which watches Redis and promotes the replica",
    "monitor": "mysqlfailover, which watches MySQL and promotes the slave",
    "consul": "Consul server, which keeps the published names",
    "application": "application",
}
LINKS: Final[dict[Link, str]] = {
    "copies": "copies its data to",
    "watches": "watches",
    "calls": "sends requests to",
}


class Program(NamedTuple):
    """A program on a host: its kind, and what the drawing says of it."""

    kind: Kind
    text: str


class Relation(NamedTuple):
    """What ``number`` programs on host ``source`` have to do with those of ``target``."""

    link: Link
    source: str
    target: str
    of: str
    number: int


class Topology(NamedTuple):
    """``programs`` by host; ``relations`` between different hosts; ``everywhere``: what is not
    drawn because each host has it; ``delay``: one way between two sites, in words.
    """

    sites: dict[str, list[str]]
    programs: dict[str, list[Program]]
    busy: frozenset[str]
    groups: list[list[str]]
    relations: list[Relation]
    paths: list[tuple[str, str]]
    delay: str
    everywhere: list[str]


def topology_of(design: DesignSpec) -> Topology:
    """What there is to draw of a design."""
    sites: dict[str, list[str]] = {}
    for name, host in design.hosts.items():
        sites.setdefault(host.site, []).append(name)
    between = design.network.between_sites
    stores = [*design.redis.values()]
    bases = [*design.mysql.values()]
    return Topology(
        sites=sites,
        programs={host: list(_programs(design, host)) for host in design.hosts},
        busy=frozenset(name for name, host in design.hosts.items() if host.busy),
        groups=[
            *([group.master, *group.replicas] for group in stores),
            *([group.master, *group.slaves] for group in bases),
        ],
        relations=_relations(design),
        paths=list(combinations(design.sites, 2)),
        delay=format_duration(between) if between is not None else "",
        everywhere=list(_everywhere(design)),
    )


def _programs(design: DesignSpec, host: str) -> Iterator[Program]:
    for name, redis in design.redis.items():
        if host in redis.hosts:
            role = "master" if host == redis.master else "replica"
            yield Program("redis", f"Redis {name}, {role}")
    for name, mysql in design.mysql.items():
        if host in mysql.hosts:
            role = "master" if host == mysql.master else "slave"
            yield Program("mysql", f"MySQL {name}, {role}")
    for name, group in design.sentinel.items():
        for process in sorted(one for one, place in group.processes.items() if place == host):
            yield Program("sentinel", f"Sentinel {process}, watches {name}")
    for monitor in design.mysqlfailover.values():
        if monitor.host == host:
            yield Program("monitor", f"mysqlfailover of {monitor.of}")
    if design.consul is not None and host in design.consul.servers:
        yield Program("consul", "Consul server")
    for name, application in design.applications.items():
        for instance in (one for one, place in application.instances.items() if place == host):
            yield Program("application", f"{name} ({instance})")


def _relations(design: DesignSpec) -> list[Relation]:
    found: Counter[tuple[Link, str, str, str]] = Counter()
    for name, redis in design.redis.items():
        found.update(("copies", redis.master, replica, name) for replica in redis.replicas)
    for name, mysql in design.mysql.items():
        found.update(("copies", mysql.master, slave, name) for slave in mysql.slaves)
    for name, group in design.sentinel.items():
        watched = design.redis[name].hosts
        found.update(
            ("watches", place, host, name) for place in group.processes.values() for host in watched
        )
    for monitor in design.mysqlfailover.values():
        watched = design.mysql[monitor.of].hosts
        found.update(("watches", monitor.host, host, monitor.of) for host in watched)
    return [Relation(*key, number) for key, number in found.items() if key[1] != key[2]]


def _everywhere(design: DesignSpec) -> Iterator[str]:
    if design.consul is not None:
        yield "a Consul agent on every host"
        for name, service in design.consul.services.items():
            check = service.check or service.http_check
            if check is not None:
                every = format_duration(check.interval)
                yield f"a check of {service.of} every {every}, which publishes the name {name}"
    if design.names is not None:
        where = "every host" if design.names.hosts is None else ", ".join(design.names.hosts)
        yield f"consul-template and dnsmasq on {where}"
    for name, application in design.applications.items():
        uses = [*application.stores]
        if uses:
            yield f"{name} writes to {' and '.join(uses)}"
        for called in application.calls:
            yield f"{name} calls {called}"


def in_words(topology: Topology) -> str:
    """The drawing for whoever cannot see it."""
    parts = []
    for site, hosts in topology.sites.items():
        for host in hosts:
            runs = "; ".join(program.text for program in topology.programs[host])
            parts.append(f"{host} at {site}: {runs or 'nothing of its own'}.")
    parts += [
        f"{one.source} {LINKS[one.link]} {one.target} ({one.of})." for one in topology.relations
    ]
    return " ".join(parts)
