"""The servers: how long an election takes, and what a minority may and may not do."""

from __future__ import annotations

import statistics

import pytest

from models.consul.servers import Server
from sim.clock import from_seconds, to_seconds
from tests.consul_worlds import ConsulWorld

# consul.md section 5.1: leader crash to new leader, seconds: servers, multiplier, mean, p95.
ELECTIONS = [(3, 1, 2.9, 3.8), (5, 1, 2.7, 3.3), (3, 5, 14.7, 18.8), (5, 5, 13.4, 16.6)]
TRIALS = 1500


def _leader(world: ConsulWorld) -> Server:
    leader = world.cluster.leader
    assert leader is not None
    return leader


def election_times_s(servers: int, multiplier: int) -> list[float]:
    """Return crash-to-election times; the crashed server stays away until another leads."""
    world = ConsulWorld("abcde"[:servers], servers, multiplier=multiplier, supervisor_s=60.0)
    jitter = world.kernel.stream("test", "jitter")
    times = []
    for _ in range(TRIALS):
        world.run(200.0 + 10.0 * jitter.uniform())
        crashed_ns = world.kernel.now
        world.processes[_leader(world).host].kill()
        world.run(59.0)
        elected = world.events("leader-elected")[-1]
        times.append(to_seconds(elected.time_ns - crashed_ns))
    return times


@pytest.mark.parametrize(("servers", "multiplier", "mean_s", "p95_s"), ELECTIONS)
def test_election_time(servers: int, multiplier: int, mean_s: float, p95_s: float) -> None:
    """If this fails, a Consul without a leader lasts too long or too short."""
    times = election_times_s(servers, multiplier)
    assert min(times) > 0
    assert statistics.mean(times) == pytest.approx(mean_s, rel=0.10)
    assert statistics.quantiles(times, n=20)[-1] == pytest.approx(p95_s, rel=0.10)


@pytest.mark.parametrize("multiplier", [1, 5])
def test_isolated_leader_steps_down_within_its_lease(multiplier: int) -> None:
    """If this fails, a cut-off leader goes on serving for too long (section 5.1)."""
    world = ConsulWorld("abc", 3, multiplier=multiplier)
    for _ in range(30):
        world.run(200.0)
        leader = _leader(world)
        isolated_ns = world.kernel.now
        world.isolate(leader.host)
        world.run(50.0)
        lost = world.events("leader-lost")[-1]
        assert lost.fields == (("reason", "lease"),)
        waited_s = to_seconds(lost.time_ns - isolated_ns)
        assert 0.5 * multiplier <= waited_s <= 1.0 * multiplier
        assert _leader(world).host != leader.host
        world.isolate(leader.host, -1)


def test_isolated_minority_neither_leads_nor_serves_2015() -> None:
    """If this fails, the smaller side of a partition answers though it has no leader."""
    world = ConsulWorld("abcde", 3, redis="de")
    world.run(100.0)
    world.isolate("a")
    world.run(3600.0)
    assert world.cluster.servers["a"].role != "leader"
    assert world.cluster.dns.answer("foo-redis.service.consul", "a").status == "servfail"
    assert world.cluster.dns.answer("foo-redis.service.consul", "b").addresses == ("d",)


def test_isolated_minority_serves_its_frozen_view_new() -> None:
    """If this fails, a new version's minority forgets its view, or sees through the cut."""
    world = ConsulWorld("abcde", 3, era="new", redis="de")
    world.run(100.0)
    world.isolate("a")
    world.run(100.0)
    world.redis["d"].role, world.redis["e"].role = "slave", "master"
    world.run(100.0)
    answer = world.cluster.dns.answer
    assert answer("foo-redis.service.consul", "a").addresses == ("d",)
    assert answer("foo-redis.service.consul", "b").addresses == ("e",)
    world.isolate("a", -1)
    world.run(100.0)
    assert answer("foo-redis.service.consul", "a").addresses == ("e",)


def test_two_of_three_lost_is_leaderless_until_one_returns() -> None:
    """If this fails, the quorum is counted wrongly (section 5.2)."""
    world = ConsulWorld("abc", 3)
    world.hosts["a"].power_off()
    world.hosts["b"].power_off()
    world.run(3600.0)
    assert world.cluster.leader is None
    world.hosts["a"].power_on()
    world.run(60.0)
    assert _leader(world).host in ("a", "c")


def test_slow_fsync_costs_the_leadership() -> None:
    """If this fails, a stalled disk under a server goes unnoticed at the next commit."""
    world = ConsulWorld("abcde", 3, redis="de")
    world.run(10.0)
    leader = _leader(world)
    world.hosts[leader.host].added_fsync_ns = from_seconds(1.5)
    world.redis["d"].role = "down"
    world.run(120.0)
    assert ("reason", "slow-fsync") in world.events("leader-lost")[0].fields
    assert _leader(world).host != leader.host
