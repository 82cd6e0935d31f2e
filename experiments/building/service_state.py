"""How the service stands at a moment: the class of the second, the state of the name.

Source of the definitions: ``failures.md`` section 4. Each second has exactly one class, in the
priority split-brain > down > degraded > unprotected > good.
"""

from __future__ import annotations

from typing import Final, Literal

from experiments.building.parts import PUBLIC
from experiments.building.services import RedisService, master_name
from experiments.design import DesignSpec
from models.application import Application
from models.consul.cluster import ConsulCluster
from models.redis.server import RedisServer
from models.sentinel.group import SentinelGroup
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, computed

SecondClass = Literal["split-brain", "down", "degraded", "unprotected", "good"]
NameState = Literal["right", "empty", "wrong", "double", "none"]

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
    redis: Final[RedisService]
    sentinels: Final[SentinelGroup | None]
    consul: Final[ConsulCluster | None]
    instances: Final[tuple[Application, ...]]

    def __init__(
        self,
        kernel: Kernel,
        design: DesignSpec,
        network: Network,
        redis: RedisService,
        sentinels: SentinelGroup | None,
        consul: ConsulCluster | None,
        instances: tuple[Application, ...],
    ) -> None:
        super().__init__(kernel, "service")
        self.design = design
        self.network = network
        self.redis = redis
        self.sentinels = sentinels
        self.consul = consul
        self.instances = instances

    @computed
    def accepting(self) -> tuple[RedisServer, ...]:
        """The servers that would acknowledge a write."""
        return tuple(server for server in self.redis.servers.values() if server.accepts_writes)

    @computed
    def written(self) -> frozenset[str]:
        """The servers that do acknowledge writes, by address."""
        targets = (instance.writes_to for instance in self.instances)
        return frozenset(server.address for server in targets if server is not None)

    @computed
    def success_share(self) -> float:
        """The share of attempted writes that succeed; 0 while no instance can serve anybody.

        Instances write at equal rates. One that is dead, or (public traffic) out of touch with
        its users, attempts nothing: the balancer in front has taken it out. One that hangs is still
        sent requests, and they fail.
        """
        serving = [instance for instance in self.instances if self._serves(instance)]
        if not serving:
            return 0.0
        return sum(instance.writes_to is not None for instance in serving) / len(serving)

    def _serves(self, instance: Application) -> bool:
        if not instance.process.alive:
            return False
        public = self.design.application.traffic == "public"
        return not public or self.network.route(instance.process.host.name, PUBLIC).open

    @computed
    def protected(self) -> bool:
        """Whether the loss of the master's host would be survived now.

        A replica on another host receives its writes, and enough Sentinels run on other hosts for
        the quorum and for a majority of all that are known.
        """
        if len(self.accepting) != 1:
            return False
        master = self.accepting[0]
        in_step = any(
            link.flows and link.server.master is master for link in self.redis.links.values()
        )
        return in_step and self._could_elect_without(master.process.host.name)

    def _could_elect_without(self, host: str) -> bool:
        if self.sentinels is None:
            return False
        left = [
            sentinel
            for sentinel in self.sentinels.members
            if sentinel.process.running and sentinel.process.host.name != host
        ]
        known = max((len(sentinel.peers) + 1 for sentinel in left), default=0)
        return bool(left) and len(left) >= max(known // 2 + 1, left[0].spec.quorum)

    @computed
    def second(self) -> SecondClass:
        """The class of this second."""
        if len(self.accepting) >= 2:
            return "split-brain"
        share = self.success_share
        if share < self.design.application.down_below:
            return "down"
        if share < 1.0:
            return "degraded"
        return "good" if self.protected else "unprotected"

    @computed
    def name(self) -> NameState:
        """What the published name says, seen from the first application host that runs."""
        if self.consul is None or self.design.consul is None:
            return "none"
        running = (app for app in self.instances if app.process.running)
        host = next(running, self.instances[0]).process.host.name
        answer = self.consul.dns.answer(master_name(self.design.consul), host)
        if not answer.addresses:
            return "empty"
        if len(answer.addresses) > 1:
            return "double"
        return "right" if self.redis.on_host(answer.addresses[0]).accepts_writes else "wrong"
