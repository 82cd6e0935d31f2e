"""Puts the faults of a profile onto the targets of a design."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from experiments.design import DesignSpec
from experiments.profile import FaultSpec, ProfileSpec
from models.effects import effect_of
from models.fault_targets import Targets
from models.process import Process
from sim.engine import Kernel
from sim.fault_sources import FaultSource, source_path
from sim.faults import FaultBoard
from sim.repair import Crew


def plan_faults(
    kernel: Kernel,
    design: DesignSpec,
    profile: ProfileSpec,
    targets: Targets,
    board: FaultBoard,
    crew: Crew | None,
) -> None:
    """Make the sources of all drawn faults; raises ValueError for a target the design lacks."""
    for cause in sorted(profile.faults):
        spec = profile.faults[cause]
        struck = targets_of(spec, design)
        if not struck:
            continue
        groups = [(cause, struck)] if spec.together else [(target, (target,)) for target in struck]
        for name, members in groups:
            effects = [
                (target, effect_of(cause, spec.fault, target, targets, spec.options))
                for target in members
            ]
            helper = crew if spec.repaired_by == "crew" else None
            path = source_path(cause, name)
            FaultSource(
                kernel, board, path, cause, spec.fault, effects, spec.every, spec.lasts, helper
            )


def targets_of(spec: FaultSpec, design: DesignSpec) -> tuple[str, ...]:
    """Return the names of what a fault strikes in a design, sorted (possibly nothing)."""
    if not isinstance(spec.on, str):
        return tuple(sorted(spec.on))
    redis_hosts = sorted({design.group.master, *design.group.replicas})
    watchers = design.watchers
    match spec.on:
        case "hosts":
            found = sorted(design.hosts)
        case "redis-hosts":
            found = redis_hosts
        case "redis":
            found = [f"redis@{host}" for host in redis_hosts]
        case "sentinels":
            placed = watchers.processes if watchers else {}
            found = sorted(f"{program}@{host}" for program, host in placed.items())
        case "consul-agents":
            found = [f"consul@{host}" for host in sorted(design.hosts)] if design.consul else []
        case "applications":
            placed = design.application.instances
            found = sorted(f"{program}@{host}" for program, host in placed.items())
        case "site-paths":
            found = [f"{one}-{other}" for one, other in combinations(design.sites, 2)]
    return tuple(found)


def killed_for_good(
    design: DesignSpec, profile: ProfileSpec, processes: Mapping[str, Process]
) -> dict[str, list[str]]:
    """Return, by cause, the processes that a kill leaves dead: they have no supervisor."""
    found = {}
    for cause, spec in sorted(profile.faults.items()):
        struck = targets_of(spec, design) if spec.fault == "kill" else ()
        lost = [name for name in struck if processes[name].supervisor is None]
        if lost:
            found[cause] = lost
    return found
