"""Acceptance check 1 of ``consul.md`` section 12: how fast gossip notices and forgets."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import pytest

from models.consul.spec import Era
from sim.clock import to_seconds
from tests.consul_worlds import ConsulWorld

# Section 2.2: members, era, mean, p95 in seconds.
DETECTION: list[tuple[int, Era, float, float]] = [
    (3, "2015", 6.7, 7.8),
    (5, "2015", 6.9, 8.3),
    (10, "2015", 12.0, 13.5),
    (100, "2015", 17.2, 19.1),
    (3, "new", 5.7, 6.8),
    (5, "new", 5.9, 7.3),
    (10, "new", 6.1, 7.9),
    (100, "new", 10.2, 12.1),
]


def _world(members: int, era: Era) -> ConsulWorld:
    hosts = [f"h{number:03d}" for number in range(members)]
    return ConsulWorld(hosts, 1, era=era, supervisor_s=30.0)


def _detections_s(world: ConsulWorld, trials: int, fail: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(trials):
        world.run(100.0 + world.kernel.stream("test").uniform())
        failed_ns = world.kernel.now
        fail()
        world.run(29.0)
        times.append(to_seconds(world.events("EventMemberFailed")[-1].time_ns - failed_ns))
        world.trace.records.clear()
    return times


@pytest.mark.parametrize(("members", "era", "mean_s", "p95_s"), DETECTION)
def test_detection_time(members: int, era: Era, mean_s: float, p95_s: float) -> None:
    """If this fails, a dead host stays in the names too long or too short."""
    world = _world(members, era)
    victim = world.processes[sorted(world.processes)[-1]]
    times = _detections_s(world, 1000, victim.kill)
    assert statistics.mean(times) == pytest.approx(mean_s, rel=0.10)
    assert statistics.quantiles(times, n=20)[-1] == pytest.approx(p95_s, rel=0.10)


def test_short_freeze_is_refuted() -> None:
    """If this fails, a pause shorter than the detection time delists a healthy host."""
    world = _world(5, "2015")
    for _ in range(100):
        world.hosts["h004"].pause()
        world.run(5.9)
        world.hosts["h004"].resume()
        world.run(30.0)
    assert not world.events("EventMemberFailed")


def test_relay_saves_a_member_that_the_leader_cannot_reach() -> None:
    """If this fails, indirect probes are missing: one cut link would delist a host."""
    world = _world(5, "2015")
    world.network.path("h000", "h004").dropping += 1
    world.run(3600.0)
    assert not world.events("EventMemberFailed")


@pytest.mark.parametrize(("era", "mean_s", "max_s"), [("2015", 11.0, 30.0), ("new", 1.0, 2.0)])
def test_return_after_a_heal(era: Era, mean_s: float, max_s: float) -> None:
    """If this fails, a healed host comes back into the names at the wrong time (section 2.3)."""
    world = _world(5, era)
    times = []
    for _ in range(1000):
        world.isolate("h004")
        world.run(15.0)
        world.isolate("h004", -1)
        healed_ns = world.kernel.now
        world.run(100.0 + world.kernel.stream("test").uniform())
        times.append(to_seconds(world.events("EventMemberJoin")[-1].time_ns - healed_ns))
        world.trace.records.clear()
    assert statistics.mean(times) == pytest.approx(mean_s, rel=0.05)
    assert max(times) <= max_s


def test_restarted_agent_is_back_at_once() -> None:
    """If this fails, a rebooted host waits for a partition's heal before it is listed."""
    world = _world(5, "2015")
    world.hosts["h004"].power_off()
    world.run(60.0)
    assert world.cluster.catalogue.node("h004").serf == "critical"  # type: ignore[union-attr]
    world.hosts["h004"].power_on()
    world.run(20.1)  # The boot takes 20 s.
    assert world.cluster.catalogue.node("h004").serf == "passing"  # type: ignore[union-attr]


def test_leaving_deregisters_at_once() -> None:
    """If this fails, an agent that leaves on purpose stays in the catalogue."""
    world = ConsulWorld("abcd", 3, redis="d")
    world.run(100.0)
    assert world.listed() == ("d",)
    world.cluster.agents["d"].leave()
    world.run(1.0)
    assert world.listed() == ()
    assert not world.cluster.catalogue.has_node("d")
    assert world.cluster.dns.answer("d.node.consul", "a").status == "nxdomain"
