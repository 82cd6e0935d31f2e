"""Naive, fast and audit give the same trace of a world with names under a storm of faults."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from models.consul.hooks import HooksSpec, deregister_master_db, register_master_db
from models.consul.spec import Era
from models.resolver.runtimes import Runtime
from sim.clock import from_seconds
from sim.engine import Engine
from sim.streams import Stream, Streams
from sim.trace import Record
from sim.watch import Watch
from tests.names_worlds import Health, NamesWorld

HOSTS = "abcd"
HEALTHS: tuple[Health, ...] = ("passing", "warning", "critical", "hung")
RUNTIMES: tuple[Runtime, ...] = ("libc", "go", "jvm", "nginx", "pool")
NAMES = ("foo-db-master", "foo-app.service.dc1.consul", "foo-db-master.node.dc1.consul")
FAULTS_PER_RUN = 50
RUN_S = 300.0

SPECS: tuple[Mapping[str, object], ...] = (
    {"dnsmasq": {"init": "bare", "restart": "2s"}, "consul-template": {"restart": "3s"}},
    {
        "dnsmasq": {"init": "sysv-debian"},
        "consul-template": {"wait": {"min": "2s", "max": "8s"}},
        "resolver": {"nscd": "yes", "multi": "yes"},
    },
    {
        "dnsmasq": {"init": "systemd", "restart": "1s"},
        "consul-template": {"version": "0.39", "wait": {"min": "1s"}, "restart": "5s"},
        "resolver": {"hosts": "dns"},
    },
    {
        "dnsmasq": {"init": "systemd"},
        "consul-template": {"version": "0.39", "restart": "5s"},
        "resolver": {"nscd": "yes", "hosts": "dns"},
    },
)


def _fault(world: NamesWorld, draw: Stream, at_s: float) -> None:
    """Script one fault and its end."""
    host = draw.choice(HOSTS)
    length_s = draw.choice((0.02, 0.3, 2.0, 8.0, 40.0)) * (0.5 + draw.uniform())
    kind = draw.choice(
        ("kill", "hang", "power", "pause", "isolate", "health", "hooks", "resolv", "reload")
    )
    program = draw.choice(("consul", "dnsmasq", "consul-template"))
    process, machine = world.process(f"{program}@{host}"), world.hosts[host]
    application = world.applications[draw.choice(sorted(world.applications))]
    health, typo = draw.choice(HEALTHS), draw.uniform() < 0.3
    master = draw.choice(("db01", "db02"))
    api, hooks = world.consul.http(host), HooksSpec(typo=typo)

    def note(code: int) -> None:
        world.trace.add(world.kernel.now, f"hook@{host}", "ended", code=code)

    def resolv(by: int) -> None:
        machine.resolv_conf_lost += by

    starts = {
        "kill": process.kill,
        "hang": process.hang,
        "power": machine.power_off,
        "pause": machine.pause,
        "isolate": lambda: world.isolate(host),
        "health": lambda: setattr(application, "health", health),
        "hooks": lambda: deregister_master_db(api, hooks, note),
        "resolv": lambda: resolv(1),
        "reload": world.names.dnsmasqs[host].reload,
    }
    ends = {
        "hang": lambda: process.proceed() if process.hung else None,
        "power": machine.power_on,
        "pause": machine.resume,
        "isolate": lambda: world.isolate(host, -1),
        "hooks": lambda: register_master_db(api, hooks, master, note),
        "resolv": lambda: resolv(-1),
    }
    kernel = world.kernel
    rank = kernel.claim_rank(f"fault/{at_s}")
    kernel.call_at(from_seconds(at_s), rank, starts[kind])
    if kind in ends:
        kernel.call_at(from_seconds(at_s + length_s), rank, ends[kind])


def _trace_answers(world: NamesWorld) -> None:
    """Trace every change of what each name means to each runtime on each host."""
    for host in HOSTS:
        process = world.process(f"consul@{host}")
        for name in NAMES:
            for runtime in RUNTIMES:
                held = world.names.cached(process, name, runtime)

                def note(answer: object, path: str = held.path) -> None:
                    world.trace.add(world.kernel.now, path, "answer", now=answer)

                Watch(
                    world.kernel,
                    f"test/{host}/{name}/{runtime}",
                    lambda held=held: held.answer,
                    note,
                    held.answer,
                )


def storm(seed: int, engine: Engine, era: Era) -> list[Record]:
    """Return the trace of five minutes with a fault each six seconds."""
    world = NamesWorld(
        HOSTS,
        {"foo-app": "abcd", "bar-app": "bc"},
        names=SPECS[seed % len(SPECS)],
        era=era,
        engine=engine,
        seed=seed,
        boot_s=5.0,
    )
    _trace_answers(world)
    draw = Streams(seed, 0).stream("faults")
    for _ in range(FAULTS_PER_RUN):
        _fault(world, draw, RUN_S * draw.uniform())
    world.run(RUN_S + 200.0)
    return world.trace.records


@pytest.mark.parametrize("era", ["2015", "new"])
@pytest.mark.parametrize("seed", range(4))
def test_engines_agree(seed: int, era: Era) -> None:
    """If this fails, a guard of a names model is too narrow or an act changes too much."""
    fast = storm(seed, "fast", era)
    assert storm(seed, "naive", era) == fast
    assert storm(seed, "audit", era) == fast
    assert len(fast) > 5 * FAULTS_PER_RUN


def test_quiet_costs_nothing() -> None:
    """If this fails, something of the names ticks in a world where nothing happens."""
    world = NamesWorld(HOSTS, {"foo-app": "abc"}, names=SPECS[1])
    _trace_answers(world)
    world.run(200.0)
    so_far = world.kernel.events
    world.run(365 * 86400.0)
    assert world.kernel.events == so_far


def test_lasting_damage_costs_nothing() -> None:
    """If this fails, something of the names ticks for as long as Consul has no leader."""
    world = NamesWorld(HOSTS, {"foo-app": "abc"}, names=SPECS[1])
    _trace_answers(world)
    for host in "ab":
        world.process(f"consul@{host}").stop()
    world.process("dnsmasq@c").stop()
    world.run(3600.0)
    so_far = world.kernel.events
    world.run(100 * 86400.0)
    assert world.kernel.events - so_far < 5
