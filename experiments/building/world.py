"""A world: a design under a profile, built and ready to run."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.building.fault_plan import plan_faults
from experiments.building.operations import Rejoiner, SentinelMover, mind_the_application
from experiments.building.parts import ProcessTable, build_hosts, build_network
from experiments.building.service_state import ServiceState
from experiments.building.services import (
    RedisService,
    build_applications,
    build_consul,
    build_sentinels,
    resolver_for,
)
from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from models.application import Application
from models.consul.cluster import ConsulCluster
from models.fault_targets import Targets
from models.host import Host
from models.process import Process
from models.sentinel.group import SentinelGroup
from sim.engine import Kernel
from sim.faults import FaultBoard
from sim.network import Network
from sim.repair import Crew
from sim.trace import Trace


@dataclass(frozen=True)
class World:
    """Everything that a run needs, wired; nothing has happened yet."""

    kernel: Kernel
    trace: Trace
    hosts: dict[str, Host]
    processes: dict[str, Process]
    network: Network
    redis: RedisService
    sentinels: SentinelGroup | None
    consul: ConsulCluster | None
    instances: tuple[Application, ...]
    service: ServiceState
    board: FaultBoard
    targets: Targets
    crews: tuple[Crew, ...]


def build_world(design: DesignSpec, profile: ProfileSpec, kernel: Kernel, *, traced: bool) -> World:
    """Build the world in its steady state; raises ValueError for a target that does not exist.

    The order of building is fixed and by name, so the order of a file's entries changes nothing.
    """
    trace = Trace(enabled=traced)
    hosts = build_hosts(kernel, trace, design)
    network = build_network(kernel, design)
    table = ProcessTable(kernel, design, hosts)
    redis = RedisService(kernel, design, network, table)
    redis.settle()
    sentinels = build_sentinels(kernel, design, network, table, redis)
    consul = build_consul(kernel, trace, design.consul, network, table, redis)
    instances = build_applications(
        kernel,
        design,
        network,
        table,
        redis,
        lambda host: resolver_for(design, host, redis, sentinels, consul, network),
    )
    service = ServiceState(kernel, design, network, redis, sentinels, consul, instances)
    board = FaultBoard(kernel, trace)
    targets = Targets(hosts, table.by_name, network)
    crew, on_call = _people(kernel, profile, trace)
    plan_faults(kernel, design, profile, targets, board, crew)
    world = World(
        kernel,
        trace,
        hosts,
        table.by_name,
        network,
        redis,
        sentinels,
        consul,
        instances,
        service,
        board,
        targets,
        tuple(group for group in (crew, on_call) if group is not None),
    )
    _employ(world, design, table, on_call)
    kernel.settle()
    trace.records.clear()
    return world


def _people(kernel: Kernel, profile: ProfileSpec, trace: Trace) -> tuple[Crew | None, Crew | None]:
    """Return those who repair machines, and those on call who restart programs."""
    people = profile.people
    if people is None:
        return None, None
    repair = Crew(kernel, "crew", people.crew, people.acknowledge, people.fix, trace)
    on_call = Crew(kernel, "on-call", people.crew, people.acknowledge, people.restart, trace)
    return repair, on_call


def _employ(world: World, design: DesignSpec, table: ProcessTable, on_call: Crew | None) -> None:
    """Give the world the operator of its design."""
    operator = design.operator
    if operator is None:
        return
    kernel, redis, sentinels = world.kernel, world.redis, world.sentinels
    move = operator.move_sentinels
    if move is not None and sentinels is not None:
        SentinelMover(kernel, design, move, sentinels, world.network, table, redis, world.trace)
    if on_call is None:
        return
    mind_the_application(kernel, operator, world.instances, on_call, world.trace)
    if sentinels is not None:
        Rejoiner(operator, redis, sentinels, on_call, world.trace)
