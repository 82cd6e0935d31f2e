"""Pools of connections: when a name is looked up, what breaks a connection, what keeps it."""

from __future__ import annotations

from collections import Counter

import pytest

from sim.clock import from_seconds
from tests.application_worlds import CONNECT_S, READ_S, RETRY_S, PoolWorld

FEW_NS = 1e-6


def connected(world: PoolWorld) -> list[tuple[float, str]]:
    return [(at_s, str(fields["server"])) for at_s, fields in world.events("connected")]


def lost(world: PoolWorld) -> list[tuple[float, str]]:
    return [(at_s, str(fields["reason"])) for at_s, fields in world.events("disconnected")]


def test_a_name_is_looked_up_only_without_a_connection() -> None:
    """If this fails, a pool follows a name at once, and no demoted master is ever written to."""
    world = PoolWorld()
    before = world.lookups
    world.at(1.0, lambda: world.leads_to(world.servers[1]))
    world.run_until(30.0)
    assert world.pool.writes_to is world.servers[0]
    assert world.lookups == before
    world.at(30.5, world.servers[0].process.kill)
    world.run_until(40.0)
    assert lost(world) == [(30.5, "closed")]
    assert [server for _, server in connected(world)] == ["program@db2"]


@pytest.mark.parametrize("what", ["readonly", "demoted"])
def test_an_error_reply_keeps_the_connection(what: str) -> None:
    """If this fails, READONLY makes a pool find the new master by itself (consul.md 8.2)."""
    world = PoolWorld()
    world.leads_to(world.servers[1])

    def turn() -> None:
        world.servers[0].accepts = False
        world.servers[0].is_master = what != "demoted"

    world.at(1.0, turn)
    world.run_until(600.0)
    assert world.pool.server is world.servers[0]
    assert world.pool.attempts_at is world.servers[0]
    assert world.pool.writes_to is None and not world.pool.serves
    assert not lost(world)


def test_dropped_clients_connect_again_after_the_retry_interval() -> None:
    """If this fails, CLIENT KILL does not end a pool's stay with a demoted master."""
    world = PoolWorld()

    def kill_clients() -> None:
        world.servers[0].disconnections += 1

    world.at(10.0, kill_clients)
    world.run_until(20.0)
    assert lost(world) == [(10.0, "closed")]
    assert connected(world) == [(pytest.approx(10.0 + RETRY_S), "program@db1")]


def test_a_refusal_is_known_at_once_and_tried_again_each_interval() -> None:
    """If this fails, a dead process on a live host costs a client a time-out."""
    world = PoolWorld()
    process = world.servers[0].process
    world.at(10.0, process.kill)
    world.at(15.25, process.start)
    world.run_until(30.0)
    assert lost(world) == [(10.0, "closed")]
    # Attempts at 11, 12, ..., the first of which after 15.25 succeeds.
    assert connected(world) == [(pytest.approx(16.0, abs=FEW_NS), "program@db1")]


def test_silence_costs_the_read_timeout_and_then_connect_timeouts() -> None:
    """If this fails, a dead host is noticed as fast as a dead process (two different failures)."""
    world = PoolWorld()
    world.at(10.0, world.hosts["db1"].pause)
    world.at(31.5, world.hosts["db1"].resume)
    world.run_until(60.0)
    noticed_s = 10.0 + READ_S
    assert lost(world) == [(pytest.approx(noticed_s), "timeout")]
    # Attempts of 3 s each, a second apart: from 15, 19, 23, 27, 31; that of 31 ends at 34.
    starts_s = noticed_s + RETRY_S
    turns = (31.5 - starts_s) // (CONNECT_S + RETRY_S) + 1
    expected_s = starts_s + turns * (CONNECT_S + RETRY_S)
    assert connected(world) == [(pytest.approx(expected_s, abs=FEW_NS), "program@db1")]


def test_a_short_silence_keeps_the_connection() -> None:
    """If this fails, a pause shorter than the read time-out costs a reconnection."""
    world = PoolWorld()
    process = world.servers[0].process
    world.at(10.0, process.hang)
    world.at(10.0 + READ_S - 0.1, process.proceed)
    world.run_until(60.0)
    assert not lost(world)
    assert world.pool.writes_to is world.servers[0]


def test_a_hung_process_is_connected_to_and_left_again() -> None:
    """If this fails, SIGSTOP looks like a dead host: the kernel still accepts connections."""
    world = PoolWorld()
    world.at(10.0, world.servers[0].process.hang)
    world.run_until(30.0)
    times = [at_s for at_s, _ in lost(world)]
    assert times == pytest.approx([14.0, 19.0, 24.0, 29.0])
    assert {reason for _, reason in lost(world)} == {"timeout"}
    assert len(connected(world)) == 3


@pytest.mark.parametrize("obstacle", ["recovering", "refuses_logins"])
def test_a_server_that_says_no_is_not_connected_to(obstacle: str) -> None:
    """If this fails, a mysqld in crash recovery, or with too many connections, serves clients."""
    world = PoolWorld()
    server = world.servers[0]

    def stop() -> None:
        setattr(server, obstacle, True)
        server.disconnections += 1

    world.at(10.0, stop)
    world.at(50.5, lambda: setattr(server, obstacle, False))
    world.run_until(49.0)
    assert world.pool.server is None
    world.run_until(60.0)
    assert connected(world) == [(pytest.approx(51.0, abs=FEW_NS), "program@db1")]


def test_connections_that_stand_survive_too_many_connections() -> None:
    """If this fails, error 1040 is taken to break connections (mysqlfailover.md 1.5)."""
    world = PoolWorld()
    world.at(10.0, lambda: setattr(world.servers[0], "refuses_logins", True))
    world.run_until(60.0)
    assert world.pool.writes_to is world.servers[0]


def test_a_lookup_that_fails_slowly_takes_its_time() -> None:
    """If this fails, a silent name server (5 s x 2, consul.md 8.1) costs a client nothing."""
    world = PoolWorld()
    world.at(9.0, lambda: world.leads_to(wait_ns=from_seconds(10.0)))
    world.at(10.0, world.servers[0].process.kill)
    world.at(10.5, world.servers[0].process.start)
    world.at(15.0, lambda: world.leads_to(world.servers[0]))
    world.run_until(60.0)
    # The look-up that began at 11 s ends at 21 s, and the next attempt is a second later.
    assert connected(world) == [(pytest.approx(22.0, abs=FEW_NS), "program@db1")]


def test_an_empty_name_is_asked_for_again_each_interval() -> None:
    """If this fails, a name that is absent for a while is not found when it is back."""
    world = PoolWorld()
    world.at(9.0, world.leads_to)
    world.at(10.0, world.servers[0].process.kill)
    world.at(20.25, lambda: world.leads_to(world.servers[1]))
    world.run_until(60.0)
    assert connected(world) == [(pytest.approx(21.0, abs=FEW_NS), "program@db2")]


def test_who_asks_for_the_role_does_not_stay_with_a_slave() -> None:
    """If this fails, a client of Sentinel writes to a server that says it is a slave."""
    world = PoolWorld()
    world.leads_to(world.servers[1], checks_role=True)
    world.servers[1].is_master = False
    world.at(10.0, world.servers[0].process.kill)
    world.at(20.25, lambda: setattr(world.servers[1], "is_master", True))
    world.run_until(19.0)
    assert world.pool.server is None
    world.run_until(30.0)
    assert connected(world) == [(pytest.approx(21.0, abs=FEW_NS), "program@db2")]


def test_addresses_are_chosen_with_their_probabilities() -> None:
    """If this fails, several records of one name are not chosen as the resolver gives them."""
    world = PoolWorld(servers=3)
    shares = (0.5, 0.3, 0.2)
    world.leads_to(*world.servers, shares=shares)

    def turn_away() -> None:
        for server in world.servers:
            server.disconnections += 1

    turns = 2000
    for turn in range(turns):
        world.at(10.0 + 2 * turn, turn_away)
    world.run_until(10.0 + 2 * turns)
    chosen = Counter(server for _, server in connected(world))
    assert sum(chosen.values()) == turns
    for server, share in zip(world.servers, shares, strict=True):
        three_sigma = 3 * (share * (1 - share) / turns) ** 0.5
        assert chosen[server.address] / turns == pytest.approx(share, abs=three_sigma)


def test_without_shares_all_addresses_are_equal() -> None:
    """If this fails, an answer without probabilities is not a round robin."""
    world = PoolWorld(servers=2)
    world.leads_to(*world.servers)

    def turn_away() -> None:
        for server in world.servers:
            server.disconnections += 1

    for turn in range(1000):
        world.at(10.0 + 2 * turn, turn_away)
    world.run_until(2010.0)
    chosen = Counter(server for _, server in connected(world))
    assert chosen["program@db1"] == pytest.approx(500, abs=3 * 250**0.5)


def test_a_dead_instance_loses_its_connection_and_finds_the_new_master() -> None:
    """If this fails, restarting an application does not cure a pool that is stuck."""
    world = PoolWorld()
    world.servers[0].accepts = False
    world.leads_to(world.servers[1])
    process = world.application.process
    world.at(10.0, process.kill)
    world.at(15.0, process.start)
    world.run_until(14.0)
    assert world.pool.server is None and world.application.success_share == 0.0
    world.run_until(20.0)
    ((at_s, server),) = connected(world)
    assert server == "program@db2"
    assert 15.0 <= at_s <= 15.0 + RETRY_S
    assert world.application.success_share == 1.0


@pytest.mark.parametrize("engine", ["naive", "audit"])
def test_engines_agree_about_a_pool(engine: str) -> None:
    """If this fails, a guard of the pool is too narrow."""

    def story(how: str) -> list[str]:
        world = PoolWorld(servers=3, engine=how)  # type: ignore[arg-type]
        world.leads_to(*world.servers, shares=(0.2, 0.3, 0.5))
        processes = [server.process for server in world.servers]
        world.at(10.0, processes[0].kill)
        world.at(12.3, processes[2].hang)
        world.at(13.1, processes[1].kill)
        world.at(20.0, processes[2].proceed)
        world.at(33.0, world.application.process.hang)
        world.at(35.0, processes[2].kill)
        world.at(39.0, processes[0].start)
        world.at(50.0, world.application.process.proceed)
        world.run_until(90.0)
        return [str(record) for record in world.trace.records]

    assert story(engine) == story("fast")
    assert len(story("fast")) > 10
