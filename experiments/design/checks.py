"""What must fit together across a design file; each error points at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from models.fault_options import LONGEST_DELAY_NS
from models.spec import AtPath
from sim.clock import NS_PER_S, YEAR_NS, format_duration

if TYPE_CHECKING:
    from experiments.design.spec import DesignSpec

LONGEST_FSYNC_NS: Final = 60 * NS_PER_S
SHORTEST_SWAPS_NS: Final = 60 * NS_PER_S
LONGEST_SWAPS_NS: Final = 100 * YEAR_NS
"""Chosen: beyond what anybody would build, and within what a year can be simulated with."""

Place = tuple[str | int, ...]


def check_design(design: DesignSpec) -> None:
    """Raise :class:`~models.spec.AtPath` for the first thing that does not fit."""
    _hosts_are_known(design)
    _names_tell_apart(design)
    _redis_fits(design)
    _mysql_fits(design)
    _services_fit(design)
    _applications_fit(design)
    _people_fit(design)
    _times_are_possible(design)


def _hosts_are_known(design: DesignSpec) -> None:
    for path, host in _placements(design):
        if host not in design.hosts:
            raise AtPath(path, f"unknown host '{host}'; the hosts are {listed(design.hosts)}")


def _placements(design: DesignSpec) -> Iterator[tuple[Place, str]]:
    for name, group in design.redis.items():
        yield ("redis", name, "master"), group.master
        for place, host in enumerate(group.replicas):
            yield ("redis", name, "replicas", place), host
    for name, watchers in design.sentinel.items():
        for process, host in watchers.processes.items():
            yield ("sentinel", name, "processes", process), host
    for name, servers in design.mysql.items():
        yield ("mysql", name, "master"), servers.master
        for place, host in enumerate(servers.slaves):
            yield ("mysql", name, "slaves", place), host
    for name, monitor in design.mysqlfailover.items():
        yield ("mysqlfailover", name, "host"), monitor.host
    for place, host in enumerate(design.names.hosts or () if design.names is not None else ()):
        yield ("names", "hosts", place), host
    if design.consul is not None:
        for place, host in enumerate(design.consul.servers):
            yield ("consul", "servers", place), host
    for name, application in design.applications.items():
        for instance, host in application.instances.items():
            yield ("applications", name, "instances", instance), host


def _names_tell_apart(design: DesignSpec) -> None:
    for name in design.hosts:
        if name in design.sites:
            raise AtPath(("hosts", name), f"a site is called '{name}' too; faults name both")
    if len(design.sites) > 1 and design.network.between_sites is None:
        raise AtPath(
            ("network",), f"between-sites is missing, and there are sites {listed(design.sites)}"
        )


def _redis_fits(design: DesignSpec) -> None:
    for name, group in design.redis.items():
        if group.master in group.replicas:
            raise AtPath(
                ("redis", name, "replicas"), f"'{group.master}' is the master and a replica"
            )
        if group.min_replicas_to_write > len(group.replicas):
            raise AtPath(
                ("redis", name, "min-replicas-to-write"),
                f"{group.min_replicas_to_write} replicas, and there are {len(group.replicas)}: "
                "no write could ever be accepted",
            )
        if len(set(group.replicas)) < len(group.replicas):
            raise AtPath(("redis", name, "replicas"), "a host is named twice")
        for host in group.replica_priorities:
            if host not in group.hosts:
                raise AtPath(
                    ("redis", name, "replica-priorities", host),
                    f"'{host}' has no Redis of the group",
                )
    for name, watchers in design.sentinel.items():
        if name not in design.redis:
            raise AtPath(
                ("sentinel", name),
                f"sentinel '{name}' monitors no redis; the redis is {listed(design.redis)}",
            )
        if watchers.quorum > len(watchers.processes):
            raise AtPath(
                ("sentinel", name, "quorum"),
                f"quorum {watchers.quorum} of sentinel '{name}' is above the number of "
                f"Sentinels, {len(watchers.processes)}: no failover could ever start",
            )
    moves = design.operator is not None and design.operator.move_sentinels is not None
    if moves and not design.sentinel:
        raise AtPath(("operator", "move-sentinels"), "there are no Sentinels to move")


def _mysql_fits(design: DesignSpec) -> None:
    for name, group in design.mysql.items():
        here: Place = ("mysql", name)
        if name in design.redis:
            raise AtPath(here, f"a redis is called '{name}' too; rename one of them")
        if len(set(group.hosts)) < len(group.hosts):
            raise AtPath((*here, "slaves"), "a host is named twice")
        if group.published is not None and design.consul is None:
            raise AtPath((*here, "published"), "names are published in Consul, and there is none")
    for name, monitor in design.mysqlfailover.items():
        tool: Place = ("mysqlfailover", name)
        watched = design.mysql.get(monitor.of)
        if watched is None:
            known = listed(design.mysql)
            raise AtPath((*tool, "of"), f"unknown mysql '{monitor.of}'; there is {known}")
        for key in ("slaves", "candidates"):
            for place, host in enumerate(getattr(monitor, key)):
                _is_a_server(host, watched.hosts, (*tool, key, place))
        _is_a_server(monitor.master, watched.hosts, (*tool, "master"))
        if (monitor.exec_before or monitor.exec_after) and watched.published is None:
            raise AtPath(tool, f"the scripts need the names of mysql '{monitor.of}': published")
        if watched.version == "5.7" and monitor.version in ("1.5.3", "1.6.2"):
            raise AtPath(
                (*tool, "version"),
                f"mysqlfailover {monitor.version} does not work with MySQL 5.7: BUG#22617526, "
                "mended in 1.6.3",
            )
        if not watched.gtid_mode:
            raise AtPath(
                (*tool, "of"), f"mysqlfailover needs gtid-mode: yes in mysql '{monitor.of}'"
            )


def _is_a_server(host: str, hosts: tuple[str, ...], place: Place) -> None:
    if host not in hosts:
        raise AtPath(place, f"'{host}' is no server of the group; they are {listed(hosts)}")


def _services_fit(design: DesignSpec) -> None:
    if design.names is not None and design.consul is None:
        raise AtPath(("names",), "names come from Consul, and there is no consul block")
    seen: dict[str, str] = {}
    if design.consul is not None:
        for node, host in design.consul.external_nodes.items():
            if host not in design.hosts:
                raise AtPath(
                    ("consul", "external-nodes", node),
                    f"unknown host '{host}'; the hosts are {listed(design.hosts)}",
                )
    for name, service in (design.consul.services if design.consul else {}).items():
        place = ("consul", "services", name, "of")
        if service.of not in design.redis and service.of not in design.applications:
            known = listed([*design.redis, *design.applications])
            raise AtPath(place, f"'{service.of}' is no redis and no application; there is {known}")
        if (service.check is not None) != (service.of in design.redis):
            right = "check (its script)" if service.of in design.redis else "http-check"
            raise AtPath(place, f"a service of '{service.of}' needs {right}")
        if service.of in seen:
            raise AtPath(place, f"'{service.of}' is the service {seen[service.of]} already")
        seen[service.of] = name


def _applications_fit(design: DesignSpec) -> None:
    for name, application in design.applications.items():
        here = ("applications", name)
        _called_by_address(design, name)
        if name in design.stores:
            raise AtPath(here, f"a data store is called '{name}' too; rename one of them")
        called = any(name in other.calls for other in design.applications.values())
        if not application.stores and not application.calls and not called:
            raise AtPath(here, f"application '{name}' needs stores or calls: it depends on nothing")
        for store, use in application.stores.items():
            place = (*here, "stores", store)
            if store not in design.stores:
                raise AtPath(
                    place, f"unknown data store '{store}'; there is {listed(design.stores)}"
                )
            if use.resolver == "system" and design.names is None:
                raise AtPath((*place, "resolver"), "resolver 'system' needs a names block")
            if use.resolver == "sentinel" and store not in design.sentinel:
                raise AtPath((*place, "resolver"), "resolver 'sentinel' needs a sentinel block")
            if use.lookup is None:
                _has_a_service(design, (*place, "resolver"), use.resolver, store)
        for callee, call in application.calls.items():
            place = (*here, "calls", callee)
            if callee not in design.applications or callee == name:
                others = [other for other in design.applications if other != name]
                raise AtPath(
                    place, f"no application '{callee}' to call; the others are {listed(others)}"
                )
            if call.resolver == "system" and design.names is None:
                raise AtPath((*place, "resolver"), "resolver 'system' needs a names block")
            if call.lookup is None:
                _has_a_service(design, (*place, "resolver"), call.resolver, callee)


def _called_by_address(design: DesignSpec, name: str) -> None:
    called = any(name in other.calls for other in design.applications.values())
    hosts = list(design.applications[name].instances.values())
    for instance, host in design.applications[name].instances.items():
        if called and hosts.count(host) > 1:
            raise AtPath(
                ("applications", name, "instances", instance),
                f"'{name}' is called by address, and '{host}' has two of its instances",
            )


def _people_fit(design: DesignSpec) -> None:
    operator = design.operator
    if operator is None:
        return
    named: list[tuple[Place, tuple[str, ...]]] = [(("promote-by-hand",), operator.promote_by_hand)]
    if operator.swaps is not None:
        named.append((("swaps", "stores"), operator.swaps.stores))
    for keys, stores in named:
        for place, store in enumerate(stores):
            if store not in design.stores:
                raise AtPath(
                    ("operator", *keys, place),
                    f"unknown data store '{store}'; there is {listed(design.stores)}",
                )


def _times_are_possible(design: DesignSpec) -> None:
    network, operator = design.network, design.operator
    bounded = [
        (("network", "within-site"), network.within_site, 0, LONGEST_DELAY_NS),
        (("network", "between-sites"), network.between_sites, 0, LONGEST_DELAY_NS),
        *((("hosts", n, "fsync"), h.fsync, 0, LONGEST_FSYNC_NS) for n, h in design.hosts.items()),
    ]
    if operator is not None and operator.swaps is not None:
        every = (("operator", "swaps", "every"), operator.swaps.every)
        bounded.append((*every, SHORTEST_SWAPS_NS, LONGEST_SWAPS_NS))
    for place, found, least, most in bounded:
        if found is not None and not least <= found <= most:
            within = f"{format_duration(least)} to {format_duration(most)}"
            raise AtPath(place, f"'{place[-1]}' is {within}, not {format_duration(found)}")


def _has_a_service(design: DesignSpec, place: Place, resolver: str, name: str) -> None:
    if resolver in ("consul", "system"):
        if design.consul is None:
            raise AtPath(place, f"resolver '{resolver}' needs a consul block")
        if design.service_of(name) is None:
            raise AtPath(place, f"consul has no service of '{name}'; add one, or say lookup")


def listed(names: Iterable[str]) -> str:
    """Return names as an error lists them."""
    return ", ".join(sorted(names)) or "none"
