"""Naive, fast and audit give the same trace of a mysqlfailover world under a storm of faults."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.clock import from_seconds
from sim.engine import Engine
from sim.streams import Stream, Streams
from sim.trace import Record
from tests.mysqlfailover_worlds import FailoverWorld, FakeServer, Script

FAULTS_PER_RUN = 40
RUN_S = 2400.0
KINDS = (
    *("kill", "power", "hang", "pause", "cut", "refuse", "isolate", "slow"),
    *("recovering", "denied", "errant", "lag", "master"),
)


def _effect(world: FailoverWorld, kind: str, draw: Stream) -> tuple[Callable[[], object], ...]:
    """Return what begins and what ends one fault."""
    name = draw.choice(sorted(world.servers))
    server, admin = world.servers[name], draw.choice(sorted(world.tools))
    process = draw.choice((server.process, server.process, world.tools[admin].process))
    host = world.hosts[draw.choice(sorted(world.hosts))]
    other = world.servers[draw.choice(sorted(world.servers))]

    def put(target: object, field: str, value: object) -> Callable[[], object]:
        return lambda: setattr(target, field, value)

    def start_again() -> None:
        if not process.alive:
            process.start()

    def point(at: FakeServer | None) -> Callable[[], object]:
        return put(server, "master", None if at is server else at)

    effects: dict[str, tuple[Callable[[], object], ...]] = {
        "kill": (process.kill, start_again),
        "power": (host.power_off, host.power_on),
        "hang": (process.hang, lambda: process.proceed() if process.hung else None),
        "pause": (host.pause, host.resume),
        "cut": (lambda: world.cut(admin, name), lambda: world.cut(admin, name, -1)),
        "refuse": (
            lambda: world.cut(admin, name, refuse=True),
            lambda: world.cut(admin, name, -1, refuse=True),
        ),
        "isolate": (lambda: world.isolate(host.name), lambda: world.isolate(host.name, -1)),
        "slow": (put(host, "slow_factor", 7.0), put(host, "slow_factor", 1.0)),
        "recovering": (put(server, "recovering", True), put(server, "recovering", False)),
        "denied": (put(server, "refuses_logins", True), put(server, "refuses_logins", False)),
        "errant": (put(server, "holds", (name,)), put(server, "holds", ())),
        "lag": (put(server, "relay_s", 40.0), put(server, "relay_s", None)),
        "master": (point(other), point(world.servers["db01"])),
    }
    return effects[kind]


def storm(seed: int, engine: Engine, *, daemon: bool) -> list[Record]:
    """Return the trace of forty minutes with a fault a minute."""
    world = FailoverWorld(
        engine=engine,
        seed=seed,
        admins=("admin01", "admin02") if seed % 2 else ("admin01",),
        site_of={"db02": "far"} if seed % 3 else {},
        settled=None if seed % 4 == 0 else 2.0,
        supervisor_s=3.0,
        hooks=lambda kernel: {"exec_before": Script(kernel, "before", 7.0)},
        daemon=daemon,
        discover_slaves_login=seed % 5 == 0,
        pedantic=seed % 7 == 0,
        force=seed % 2 == 0,
        candidates=("db03",) if seed % 4 == 1 else (),
        tcp_syn_retries=3,
        tcp_retries2=8,
    )
    draw = Streams(seed, 0).stream("faults")
    for number in range(FAULTS_PER_RUN):
        begin, end = _effect(world, draw.choice(KINDS), draw)
        at_s = RUN_S * draw.uniform()
        lasts_s = draw.choice((0.4, 3.0, 12.0, 35.0, 150.0)) * (0.5 + draw.uniform())
        world.at(at_s, begin, f"begin {number}")
        world.at(at_s + lasts_s, end, f"end {number}")
    world.run(RUN_S + 300.0)
    return world.trace.records


@pytest.mark.parametrize("daemon", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_engines_agree(seed: int, daemon: bool) -> None:
    """If this fails, a tick that the fast engine sleeps through would have changed something."""
    fast = storm(seed, "fast", daemon=daemon)
    assert storm(seed, "naive", daemon=daemon) == fast
    assert storm(seed, "audit", daemon=daemon) == fast
    assert from_seconds(RUN_S) > fast[0].time_ns
    assert len(fast) > FAULTS_PER_RUN


def test_a_quiet_year_costs_nothing() -> None:
    """If this fails, the calm loop is simulated cycle by cycle, 1.7 million of them a year."""
    world = FailoverWorld()
    world.run(366 * 86_400.0)
    assert world.kernel.events < 10
    assert world.tool.phase == "calm"
