"""Naive, fast and audit give the same trace of a Consul world under a storm of faults."""

from __future__ import annotations

import pytest

from models.consul.spec import Era
from sim.clock import from_seconds
from sim.engine import Engine
from sim.streams import Stream, Streams
from sim.trace import Record
from tests.consul_worlds import ConsulWorld, Role

HOSTS = "abcde"
ROLES: tuple[Role, ...] = ("master", "slave", "down", "hung")
FAULTS_PER_RUN = 60
RUN_S = 600.0


def _fault(world: ConsulWorld, draw: Stream, at_s: float) -> None:
    """Script one fault and its end."""
    host = draw.choice(HOSTS)
    length_s = draw.choice((0.3, 2.0, 8.0, 25.0, 60.0)) * (0.5 + draw.uniform())
    kind = draw.choice(("kill", "power", "hang", "pause", "isolate", "cut", "role", "reload"))
    other = draw.choice([name for name in HOSTS if name != host])
    process, machine = world.processes[host], world.hosts[host]
    redis = world.redis[draw.choice(sorted(world.redis))]
    role = draw.choice(ROLES)
    path = world.network.path(host, other)

    def cut(by: int) -> None:
        path.dropping += by

    starts = {
        "kill": process.kill,
        "power": machine.power_off,
        "hang": process.hang,
        "pause": machine.pause,
        "isolate": lambda: world.isolate(host),
        "cut": lambda: cut(1),
        "role": lambda: setattr(redis, "role", role),
        "reload": world.cluster.agents[host].reload,
    }
    ends = {
        "power": machine.power_on,
        "hang": process.proceed,
        "pause": machine.resume,
        "isolate": lambda: world.isolate(host, -1),
        "cut": lambda: cut(-1),
    }
    kernel = world.kernel
    rank = kernel.claim_rank(f"fault/{at_s}")
    kernel.call_at(from_seconds(at_s), rank, starts[kind])
    if kind in ends:
        kernel.call_at(from_seconds(at_s + length_s), rank, ends[kind])


def storm(seed: int, engine: Engine, era: Era) -> list[Record]:
    """Return the trace of ten minutes with a fault each ten seconds."""
    world = ConsulWorld(HOSTS, 3, era=era, engine=engine, seed=seed, redis="cde", boot_s=5.0)
    draw = Streams(seed, 0).stream("faults")
    for _ in range(FAULTS_PER_RUN):
        _fault(world, draw, RUN_S * draw.uniform())
    if seed % 3 == 0:
        slow = world.hosts[draw.choice(HOSTS[:3])]
        slow.added_fsync_ns = from_seconds(2.0)
    world.run(RUN_S + 200.0)
    return world.trace.records


@pytest.mark.parametrize("era", ["2015", "new"])
@pytest.mark.parametrize("seed", range(20))
def test_engines_agree(seed: int, era: Era) -> None:
    """If this fails, a guard of the Consul model is too narrow or an act changes too much."""
    fast = storm(seed, "fast", era)
    assert storm(seed, "naive", era) == fast
    assert storm(seed, "audit", era) == fast
    assert len(fast) > 2 * FAULTS_PER_RUN


def test_quiet_costs_nothing() -> None:
    """If this fails, something of the Consul model ticks in a world where nothing happens."""
    world = ConsulWorld(HOSTS, 3, redis="cd")
    world.run(200.0)
    so_far = world.kernel.events
    world.run(365 * 86400.0)
    assert world.kernel.events == so_far


def test_lasting_damage_costs_nothing() -> None:
    """If this fails, something ticks for as long as something stays broken."""
    world = ConsulWorld(HOSTS, 3, redis="cd")
    for process in (world.processes["a"], world.processes["b"]):
        process.stop()
    world.redis["c"].role = "hung"
    world.run(3600.0)
    so_far = world.kernel.events
    world.run(100 * 86400.0)
    assert world.kernel.events - so_far < 5
