"""Naive, fast and audit give the same trace of a mysqlfailover world under a storm of faults."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.mysqlfailover.tool import MysqlFailover
from sim.clock import from_seconds, to_seconds
from sim.engine import Engine
from sim.streams import Stream, Streams
from sim.trace import Record
from sim.watch import Watch
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


def storm(seed: int, engine: Engine, *, daemon: bool, slaves: int = 2) -> list[Record]:
    """Return the trace of forty minutes with a fault a minute.

    A single slave is cut off for most of that time, so that the tool looks for it in vain.
    """
    world = FailoverWorld(
        engine=engine,
        seed=seed,
        slaves=slaves,
        admins=("admin01", "admin02") if seed % 2 else ("admin01",),
        site_of={"db02": "far"} if seed % 3 else {},
        settled=None if seed % 4 == 0 else 2.0,
        supervisor_s=3.0,
        hooks=lambda kernel: {"exec_before": Script(kernel, "before", 7.0)},
        daemon=daemon,
        discover_slaves_login=seed % 5 == 0,
        pedantic=seed % 7 == 0,
        force=seed % 2 == 0,
        candidates=("db03",) if seed % 4 == 1 and slaves > 1 else (),
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
    if slaves == 1:
        for begin_s in (100.0, 900.0, 1700.0):
            world.at(begin_s, lambda: world.isolate("db02"), f"lost {begin_s}")
            world.at(begin_s + 500.7, lambda: world.isolate("db02", -1), f"found {begin_s}")
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


@pytest.mark.parametrize("daemon", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_engines_agree_on_a_lost_slave(seed: int, daemon: bool) -> None:
    """If this fails, the tool is elsewhere in its search for a slave than it would be by steps."""
    fast = storm(seed, "fast", daemon=daemon, slaves=1)
    assert storm(seed, "naive", daemon=daemon, slaves=1) == fast
    assert storm(seed, "audit", daemon=daemon, slaves=1) == fast


@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize("daemon", [False, True])
def test_a_lost_slave_is_found_as_by_steps(
    far: bool, daemon: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, a search that was slept through ends elsewhere than one that was not."""

    def found_at_s(back_s: float) -> list[float]:
        world = FailoverWorld(
            slaves=1,
            site_of={"db02": "far"} if far else {},
            daemon=daemon,
            interval="60s",
            tcp_syn_retries=3,
            tcp_retries2=5,
        )
        link = world.tool.link(world.servers["db02"])
        seen_s: list[float] = []
        Watch(
            world.kernel,
            "seen",
            lambda: link.incarnation,
            lambda _: seen_s.append(to_seconds(world.kernel.now)),
            initial=link.incarnation,
        )
        world.at(1.0, lambda: world.isolate("db02"), "lost")
        world.at(back_s, lambda: world.isolate("db02", -1), "found")
        world.run(back_s + 200.0)
        return seen_s

    backs_s = [600.0 + 0.7 * number for number in range(130)]
    slept = [found_at_s(back_s) for back_s in backs_s]
    assert all(len(seen_s) == 2 for seen_s in slept)
    monkeypatch.setattr(MysqlFailover, "is_lost", lambda tool, slave: False)
    assert [found_at_s(back_s) for back_s in backs_s] == slept


def test_a_year_without_its_slave_costs_nothing() -> None:
    """If this fails, each search for a slave that is gone is simulated, one in 22 s."""
    world = FailoverWorld(slaves=1)
    world.at(60.0, lambda: world.isolate("db02"), "lost")
    world.run(366 * 86_400.0)
    assert world.kernel.events < 1000
    assert world.tool.phase == "calm"


def test_a_quiet_year_costs_nothing() -> None:
    """If this fails, the calm loop is simulated cycle by cycle, 1.7 million of them a year."""
    world = FailoverWorld()
    world.run(366 * 86_400.0)
    assert world.kernel.events < 10
    assert world.tool.phase == "calm"
