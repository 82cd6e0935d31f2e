"""How the service stands at a moment: the class of the second, the state of the names.

Source of the definitions: ``failures.md`` section 4. Each second has exactly one class, in the
priority split-brain > down > degraded > unprotected > good.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from experiments.building.parts import PUBLIC
from experiments.building.published_names import NameState, PublishedName
from experiments.building.stores import Store
from experiments.design.spec import DesignSpec
from models.application.application import Application
from models.application.pool import Pool, Server
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, computed

SecondClass = Literal["split-brain", "down", "degraded", "unprotected", "good"]

CLASSES: Final[tuple[SecondClass, ...]] = (
    "good",
    "unprotected",
    "degraded",
    "down",
    "split-brain",
)


class ServiceState(Entity):
    """Readings over a world's state, for meters; nothing here acts."""

    design: Final[DesignSpec]
    network: Final[Network]
    stores: Final[Mapping[str, Store]]
    applications: Final[Mapping[str, tuple[Application, ...]]]
    instances: Final[tuple[Application, ...]]
    pools: Final[Mapping[str, tuple[Pool, ...]]]
    """The pools of all instances, by store."""
    published: Final[tuple[PublishedName, ...]]

    def __init__(
        self,
        kernel: Kernel,
        design: DesignSpec,
        network: Network,
        stores: Mapping[str, Store],
        applications: Mapping[str, tuple[Application, ...]],
        published: tuple[PublishedName, ...],
    ) -> None:
        super().__init__(kernel, "service")
        self.design = design
        self.network = network
        self.stores = stores
        self.applications = applications
        self.instances = tuple(one for group in applications.values() for one in group)
        pools = [pool for one in self.instances for pool in one.pools]
        self.pools = {name: tuple(one for one in pools if one.store == name) for name in stores}
        self.published = published

    @computed
    def accepting(self) -> tuple[Server, ...]:
        """The masters of all stores that would acknowledge a write."""
        return tuple(server for store in self.stores.values() for server in store.accepting)

    @computed
    def split_written(self) -> bool:
        """Whether two masters of one store do acknowledge writes."""
        return any(len(_written(pools)) >= 2 for pools in self.pools.values())

    @computed
    def shares(self) -> Mapping[str, float]:
        """Of each application, the share of the requests that succeed; 0 while nobody can serve.

        Instances are asked at equal rates. One that is dead, or (public traffic) out of touch with
        its users, is asked nothing: the balancer in front has taken it out. One that hangs is still
        sent requests, and they fail.
        """
        shares = {name: self._share_of(group) for name, group in self.applications.items()}
        return MappingProxyType(shares)

    def _share_of(self, group: tuple[Application, ...]) -> float:
        serving = [one for one in group if self.is_asked(one)]
        if not serving:
            return 0.0
        return sum(one.success_share for one in serving) / len(serving)

    def is_asked(self, instance: Application) -> bool:
        """Whether requests are sent to it: it is alive, and in touch with its users."""
        if not instance.process.alive:
            return False
        public = instance.spec.traffic == "public"
        return not public or self.network.route(instance.process.host.name, PUBLIC).open

    @computed
    def success_share(self) -> float:
        """The share of all requests that succeed, an application counting by its instances."""
        shares = self.shares
        total = sum(shares[name] * len(group) for name, group in self.applications.items())
        return total / len(self.instances)

    @computed
    def protected(self) -> bool:
        """Whether the loss of any one host of a master or backend would be survived."""
        return all(store.protected for store in self.stores.values()) and all(
            _spare(group) for group in self.applications.values()
        )

    @property
    def failing(self) -> tuple[str, ...]:
        """The applications of which too few requests succeed: service is down."""
        specs = self.design.applications
        return tuple(name for name, share in self.shares.items() if share < specs[name].down_below)

    @computed
    def second(self) -> SecondClass:
        """The class of this second."""
        if any(len(store.accepting) >= 2 for store in self.stores.values()):
            return "split-brain"
        if self.failing:
            return "down"
        if self.success_share < 1.0 or any(one.holds_back for one in self.instances):
            return "degraded"
        return "good" if self.protected else "unprotected"

    @computed
    def names(self) -> frozenset[NameState]:
        """The states in which the published names are."""
        return frozenset(name.state for name in self.published)


def _written(pools: tuple[Pool, ...]) -> set[Server]:
    """Return the servers that acknowledge the writes of some pools."""
    return {server for pool in pools if (server := pool.writes_to) is not None}


def _spare(group: tuple[Application, ...]) -> bool:
    """Whether an application that others call could spare its strongest instance."""
    if not any(one.callers for one in group):
        return True
    running = [one for one in group if one.process.running]
    if len(running) < 2:
        return False
    capacity_per_s = group[0].spec.capacity
    if capacity_per_s is None:
        return True
    load_per_s = sum(one.load_per_s for one in group)
    return load_per_s <= capacity_per_s * (len(running) - 1) + 1e-9
