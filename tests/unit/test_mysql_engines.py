"""Naive, fast and audit give the same trace of a MySQL world under a storm of faults."""

from __future__ import annotations

import pytest

from models.mysql.spec import MySqlSpec
from sim.clock import from_seconds
from sim.engine import Engine
from sim.laws import Mixture, Uniform
from sim.streams import Stream, Streams
from sim.trace import Record
from tests.mysql_worlds import MySqlWorld, a_spec

FAULTS_PER_RUN = 60
RUN_S = 3000.0
FAULTS = ("kill", "kill", "power", "power", "hang", "pause", "isolate", "isolate", "cut", "logins")
ACTS = ("promote", "attach", "rebuild", "fetch", "clients", "sql-error", "kill-clients")
KINDS = (*FAULTS, *ACTS)


def a_storm_spec(seed: int) -> MySqlSpec:
    """Return a spec with lags that differ, of one version or the other, with semi-sync or not."""
    semi = seed % 2 == 0
    return a_spec(
        version="5.7" if seed % 3 else "5.6",
        slave_net_timeout=from_seconds(20.0 + seed),
        master_connect_retry=from_seconds(7.0),
        rpl_semi_sync_master_enabled=semi,
        rpl_semi_sync_slave_enabled=semi,
        io_thread_lag=Mixture((0.9, 0.1), (Uniform(0.001, 0.5), Uniform(1.0, 50.0))),
        sql_thread_lag=Uniform(0.0, 20.0),
        crash_recovery=Uniform(1.0, 40.0),
        unsynced_binlog=Uniform(0.0, 30.0),
    )


def _fault(world: MySqlWorld, draw: Stream, at_s: float) -> None:
    """Script one fault or command, and its end."""
    name = draw.choice(sorted(world.servers))
    length_s = draw.choice((0.3, 2.0, 15.0, 60.0, 300.0)) * (0.5 + draw.uniform())
    kind = draw.choice(KINDS)
    server = world[name]
    others = [each for each in sorted(world.servers) if each != name]
    other = world[draw.choice(others)]
    host, clients = world.hosts[name], world.clients[name]
    path = world.network.path(name, other.process.host.name)
    rate_per_s = draw.choice((0.0, 10.0, 100.0))

    def cut(by: int) -> None:
        path.dropping += by

    def refuse(by: int) -> None:
        server.process.logins_refused += by

    def attach() -> None:
        server.change_master(other)
        server.start_slave()

    starts = {
        "kill": server.process.kill,
        "power": host.power_off,
        "hang": server.process.hang,
        "pause": host.pause,
        "isolate": lambda: world.isolate(name),
        "cut": lambda: cut(1),
        "logins": lambda: refuse(1),
        "promote": server.reset_slave_all,
        "attach": attach,
        "rebuild": lambda: server.rebuild_from(other),
        "fetch": lambda: server.fetch_from(other),
        "clients": lambda: setattr(clients, "rate_per_s", rate_per_s),
        "sql-error": lambda: None if server.is_master else server.stop_sql_thread(),
        "kill-clients": server.kill_connections,
    }
    ends = {
        "power": host.power_on,
        "hang": server.process.proceed,
        "pause": host.resume,
        "isolate": lambda: world.isolate(name, -1),
        "cut": lambda: cut(-1),
        "logins": lambda: refuse(-1),
        "fetch": server.stop_slave,
        "sql-error": server.start_slave,
    }
    kernel = world.kernel
    rank = kernel.claim_rank(f"fault/{at_s}")
    kernel.call_at(from_seconds(at_s), rank, starts[kind])
    if kind in ends:
        kernel.call_at(from_seconds(at_s + length_s), rank, ends[kind])


def storm(seed: int, engine: Engine, count: int) -> tuple[list[Record], float]:
    """Return the trace of fifty minutes with a fault each fifty seconds, and the writes lost."""
    world = MySqlWorld(count, a_storm_spec(seed), engine=engine, seed=seed, boot_s=15.0)
    draw = Streams(seed, 0).stream("faults")
    for _ in range(FAULTS_PER_RUN):
        _fault(world, draw, RUN_S * draw.uniform())
    world.run(RUN_S + 1000.0)
    world.group.close()
    return world.trace.records, world.ledger.lost


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("seed", range(12))
def test_engines_agree(seed: int, count: int) -> None:
    """If this fails, a guard of the MySQL model is too narrow or an act changes too much."""
    fast = storm(seed, "fast", count)
    assert storm(seed, "naive", count) == fast
    assert storm(seed, "audit", count) == fast
    assert len(fast[0]) > FAULTS_PER_RUN


def test_quiet_costs_nothing() -> None:
    """If this fails, something of the MySQL model ticks in a world where nothing happens."""
    world = MySqlWorld(3)
    world.run(100.0)
    so_far = world.kernel.events
    world.run(365 * 86_400.0)
    assert world.kernel.events == so_far


def test_lasting_damage_costs_nothing() -> None:
    """If this fails, something ticks for as long as something stays broken."""
    world = MySqlWorld(3)
    world.do(world["db01"].process.stop, lambda: world.isolate("db03"))
    world.run(3600.0)
    so_far = world.kernel.events
    world.run(100 * 86_400.0)
    assert world.kernel.events - so_far < 5
