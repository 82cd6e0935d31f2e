"""Puts the faults of a profile onto the targets of a design."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from experiments.design import DesignSpec
from experiments.profile import FaultSpec, ProfileSpec
from models.effects import effect_of, host_struck
from models.fault_targets import Targets
from models.process import Process
from sim.engine import Kernel
from sim.fault_sources import FaultSource, OccasionalSource, source_path
from sim.faults import FaultBoard
from sim.recorded_faults import RecordedFault, RecordedSource
from sim.repair import Crew


def plan_faults(
    kernel: Kernel,
    design: DesignSpec,
    profile: ProfileSpec,
    targets: Targets,
    board: FaultBoard,
    crew: Crew | None,
    recorded: Sequence[RecordedFault] | None = None,
    *,
    driven: bool = False,
) -> tuple[FaultSource, ...]:
    """Make the sources of all faults: drawn, or those ``recorded`` in an earlier run.

    Returns those with a law of up times, by cause and target; ``driven``: they wait to be told.
    Raises ValueError for a target the design lacks, and for a recorded fault that the profile could
    not have brought.
    """
    known = 0
    sources = []
    for cause in sorted(profile.faults):
        spec = profile.faults[cause]
        struck = targets_of(spec, design)
        if not struck:
            continue
        groups = [(cause, struck)] if spec.together else [(target, (target,)) for target in struck]
        repairer = crew if spec.repaired_by == "crew" else None
        for name, members in groups:
            effects = [
                (target, effect_of(cause, spec.fault, target, targets, spec.options))
                for target in members
            ]
            path, kind, lasts = source_path(cause, name), spec.fault, spec.lasts
            if recorded is not None:
                faults = [one for one in recorded if one.cause == cause and one.target in members]
                known += len(faults)
                again = RecordedSource(kernel, board, path, effects, faults, repairer)
                if spec.at_boot is None:
                    again.strike_on_time()
                else:
                    host_struck(kind, members[0], targets).at_boot(again.occasion)
            elif spec.every is not None:
                ends = (lasts, repairer)
                sources.append(
                    FaultSource(
                        *(kernel, board, path, cause, kind, effects, spec.every, *ends),
                        driven=driven,
                    )
                )
            elif spec.at_boot is not None:
                ((target, _),) = effects
                at_boots = OccasionalSource(
                    kernel, board, path, cause, kind, effects[0], spec.at_boot, lasts, repairer
                )
                host_struck(kind, target, targets).at_boot(at_boots.occasion)
    if recorded is not None and known != len(recorded):
        raise ValueError(f"{len(recorded) - known} recorded faults are of none of the profile's")
    return tuple(sources)


def targets_of(spec: FaultSpec, design: DesignSpec) -> tuple[str, ...]:
    """Return the names of what a fault strikes in a design, sorted (possibly nothing)."""
    if not isinstance(spec.on, str):
        return tuple(sorted(spec.on))
    match spec.on:
        case "hosts":
            found = sorted(design.hosts)
        case "redis-hosts":
            found = _redis_hosts(design)
        case "redis":
            found = [f"redis@{host}" for host in _redis_hosts(design)]
        case "sentinels":
            found = _placed(group.processes for group in design.sentinel.values())
        case "consul-agents":
            found = [f"consul@{host}" for host in sorted(design.hosts)] if design.consul else []
        case "applications":
            found = _placed(group.instances for group in design.applications.values())
        case "busy-hosts":
            found = sorted(name for name, host in design.hosts.items() if host.busy)
        case "mysql":
            found = _mysqlds(design)
        case "mysqlfailover":
            found = _placed([{name: tool.host for name, tool in design.mysqlfailover.items()}])
        case "stores":
            found = [*(f"redis@{host}" for host in _redis_hosts(design)), *_mysqlds(design)]
        case "names-hosts":
            found = list(design.names_hosts)
        case "consul-templates":
            found = [f"consul-template@{host}" for host in design.names_hosts]
        case "dnsmasqs":
            found = [f"dnsmasq@{host}" for host in design.names_hosts]
        case "site-paths":
            found = [f"{one}-{other}" for one, other in combinations(design.sites, 2)]
    return tuple(found)


def _redis_hosts(design: DesignSpec) -> list[str]:
    return sorted({host for group in design.redis.values() for host in group.hosts})


def _mysqlds(design: DesignSpec) -> list[str]:
    return sorted(f"mysql@{host}" for group in design.mysql.values() for host in group.hosts)


def _placed(groups: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted(f"{program}@{host}" for group in groups for program, host in group.items())


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
