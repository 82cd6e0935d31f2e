"""A world: a design under a profile, built and ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from experiments.building.applications import build_instances, connect
from experiments.building.consul_services import build_consul
from experiments.building.fault_plan import plan_faults
from experiments.building.mysql_store import MySqlStore
from experiments.building.names import Names, build_names
from experiments.building.parts import Ground
from experiments.building.people import ABOUT_THE_MASTER, employ
from experiments.building.published_names import published_names
from experiments.building.redis_store import RedisStore
from experiments.building.resolution import Directory
from experiments.building.service_state import ServiceState
from experiments.building.stores import Store
from experiments.building.swaps import PlannedSwaps
from experiments.design.spec import DesignSpec
from experiments.profile import ProfileSpec
from models.application.application import Application
from models.consul.cluster import ConsulCluster
from models.fault_targets import Targets
from models.host import Host
from models.operator import Operator
from models.process import Process
from models.sentinel.group import SentinelGroup
from sim.engine import Kernel
from sim.fault_sources import FaultSource
from sim.faults import FaultBoard
from sim.network import Network
from sim.recorded_faults import RecordedFault
from sim.repair import Crew
from sim.trace import Trace


@dataclass(frozen=True)
class World:
    """Everything that a run needs, wired; nothing has happened yet.

    ``stores`` holds all data stores by name, ``redis`` and ``mysql`` the same by their kind.
    ``sources`` bring the faults whose profile gives a law of up times.
    """

    kernel: Kernel
    trace: Trace
    hosts: dict[str, Host]
    processes: dict[str, Process]
    network: Network
    stores: dict[str, Store]
    redis: dict[str, RedisStore]
    mysql: dict[str, MySqlStore]
    consul: ConsulCluster | None
    names: Names | None
    applications: dict[str, tuple[Application, ...]]
    service: ServiceState
    board: FaultBoard
    targets: Targets
    crews: tuple[Crew, ...]
    sources: tuple[FaultSource, ...]
    operators: list[Operator] = field(default_factory=list)
    swaps: dict[str, PlannedSwaps] = field(default_factory=dict)

    @property
    def instances(self) -> tuple[Application, ...]:
        """The instances of all applications."""
        return self.service.instances

    @property
    def sentinels(self) -> tuple[SentinelGroup, ...]:
        """The groups of Sentinels."""
        groups = (store.sentinels for store in self.redis.values())
        return tuple(group for group in groups if group is not None)


def build_world(
    design: DesignSpec,
    profile: ProfileSpec,
    kernel: Kernel,
    *,
    traced: bool,
    faults: Sequence[RecordedFault] | None = None,
    driven: bool = False,
) -> World:
    """Build the world in its steady state; raises ValueError for a target that does not exist.

    With ``faults``, out of the record of a run, these strike and none is drawn; ``driven``: none
    strikes before its source is told to. The order of building is fixed and by name, so the order
    of a file's entries changes nothing.
    """
    ground = Ground.prepared(kernel, design, traced=traced)
    redis = {name: RedisStore(ground, name) for name in sorted(design.redis)}
    mysql = {name: MySqlStore(ground, name) for name in sorted(design.mysql)}
    stores: dict[str, Store] = {**redis, **mysql}
    applications = build_instances(ground)
    consul = build_consul(ground, redis, applications)
    for group in mysql.values():
        group.watch(ground, consul)
    names = _names(ground, consul)
    directory = Directory(design, ground.network, consul, names, applications)
    connect(ground, applications, stores, directory)
    published = published_names(kernel, design, stores, applications, directory)
    board = FaultBoard(kernel, ground.trace)
    targets = Targets(ground.hosts, ground.table.by_name, ground.network)
    crew, on_call = _people(kernel, profile, ground.trace)
    who = (targets, board, crew)
    sources = plan_faults(kernel, design, profile, *who, faults, driven=driven)
    world = World(
        kernel=kernel,
        trace=ground.trace,
        hosts=ground.hosts,
        processes=ground.table.by_name,
        network=ground.network,
        stores=stores,
        redis=redis,
        mysql=mysql,
        consul=consul,
        names=names,
        applications=applications,
        service=ServiceState(kernel, design, ground.network, stores, applications, published),
        board=board,
        targets=targets,
        crews=tuple(group for group in (crew, on_call) if group is not None),
        sources=sources,
    )
    employ(world, ground, on_call)
    kernel.settle()
    world.trace.records.clear()
    return world


def _names(ground: Ground, consul: ConsulCluster | None) -> Names | None:
    spec = ground.design.names
    if spec is None or consul is None:
        return None
    hosts = ground.design.hosts
    return build_names(
        ground.kernel,
        ground.trace,
        spec,
        ground.hosts,
        ground.table,
        consul,
        lambda host: hosts[host].address,
    )


def _people(kernel: Kernel, profile: ProfileSpec, trace: Trace) -> tuple[Crew | None, Crew | None]:
    """Return those who repair machines, and those on call who put programs right."""
    people = profile.people
    if people is None:
        return None, None
    who = (people.crew, people.acknowledge)
    fix_of = {cause: one.fix for cause, one in profile.faults.items() if one.fix is not None}
    repair = Crew(kernel, "crew", *who, people.fix, trace, fix_of)
    decisions = dict.fromkeys(ABOUT_THE_MASTER, people.manual_failover)
    on_call = Crew(kernel, "on-call", *who, people.restart, trace, decisions)
    return repair, on_call
