"""Where in the picture an event belongs that was logged by somebody without a lane of his own."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.building.world import World
from experiments.timeline.programs import CONSUL_LANE, NAMES_PREFIX, load_lane, names_host
from experiments.timeline.readings import host_lane, name_lane
from models.fault_targets import TargetNames


@dataclass(frozen=True)
class Places:
    """Lanes by what is told in the trace.

    ``of_checks``: by (host, check), the name that it publishes or the backend that it judges;
    ``of_nodes``: by external node, the name that it is; ``of_files``: by the consul-template that
    writes it; ``of_stores``: by store, its first server.
    """

    targets: TargetNames
    of_checks: dict[tuple[str, str], str]
    of_nodes: dict[str, str]
    of_files: dict[str, str]
    of_stores: dict[str, str]
    consul: str = CONSUL_LANE

    @classmethod
    def in_world(cls, world: World) -> Places:
        """Return the places of a world's events."""
        host = names_host(world)
        return cls(
            targets=world.targets.names,
            of_checks=_of_checks(world),
            of_nodes={
                one.name.partition(".node.")[0]: name_lane(one) for one in world.service.published
            },
            of_files={f"consul-template@{host}": NAMES_PREFIX + host} if host else {},
            of_stores={name: min(store.servers) for name, store in world.stores.items()},
        )

    def of_target(self, target: str) -> str:
        """Return the lane that shows a fault's target: a process, a host, a pair's first host."""
        if target in self.targets.processes:
            return target
        if target in self.targets.site_of:
            return host_lane(target)
        try:
            pair = self.targets.resolve(target, ("pair",)).names
        except ValueError:
            return ""
        return host_lane(min(self.targets.hosts_of(pair[0]), default=""))


def _of_checks(world: World) -> dict[tuple[str, str], str]:
    consul = world.service.design.consul
    places: dict[tuple[str, str], str] = {}
    for service in consul.services.values() if consul is not None else ():
        if service.check is not None:
            for name in world.service.published:
                if name.store.name == service.of:
                    for address in name.store.servers:
                        host = address.partition("@")[2]
                        places[host, service.check.check_id] = name_lane(name)
        elif service.http_check is not None:
            for one in world.applications[service.of]:
                places[one.process.host.name, service.http_check.check_id] = load_lane(one)
    return places
