"""Acceptance check 3 of ``consul.md`` section 12: what a failover looks like from the name.

A test turns the roles: A (the host d) fails, F seconds later B (e) says role:master. Section 10.3
gives the means; its closed forms are exact where its table is rounded or has Monte Carlo noise.
"""

from __future__ import annotations

import statistics
from typing import Literal, NamedTuple

import pytest

from models.consul.spec import Era
from sim.clock import to_seconds
from tests.consul_worlds import ConsulWorld

Fault = Literal["process", "host", "hang"]
TRIALS = 4000


class Row(NamedTuple):
    fault: Fault
    members: int
    promoted_s: float
    dead_listed_s: float
    no_record_s: float
    name_useless_s: float
    longest_s: float


# Section 10.3, with the closed forms for its process rows: A is listed for U(0, T) + 0.15 s, and
# no record for F + (T - F)^3 / (6 T^2).
ROWS = [
    Row("process", 5, 2, 15.2, 6.0, 17.3, 32.5),
    Row("process", 5, 7, 15.2, 9.3, 22.3, 37.5),
    Row("process", 5, 32, 15.2, 32, 47, 62.5),
    Row("host", 5, 7, 6.9, 15.3, 22.2, 37.5),
    Row("host", 5, 32, 6.9, 40, 47, 62.5),
    Row("host", 10, 32, 12, 35, 47, 62.5),
    Row("hang", 5, 7, 36.5, 0.1, 22.2, 37.5),
    Row("hang", 5, 32, 45, 6.1, 47, 62.5),
]


class Means(NamedTuple):
    dead_listed_s: float
    no_record_s: float
    name_useless_s: float
    longest_s: float


def failovers(row: Row, era: Era = "2015") -> Means:
    """Fail over and back again and again, with the phases of both checks drawn anew each time."""
    hosts = [f"{letter}{n}" for n in range(row.members // 5) for letter in "abcde"]
    world = ConsulWorld(sorted(hosts), 3, era=era, redis=("d0", "e0"), boot_s=5.0, seed=row.members)
    jitter = world.kernel.stream("test", "jitter")
    trials = [_failover(world, row, jitter.uniform()) for _ in range(TRIALS)]
    columns = list(zip(*trials, strict=True))
    dead, none, useless = (statistics.mean(column) for column in columns)
    return Means(dead, none, useless, max(columns[2]))


def _failover(world: ConsulWorld, row: Row, u: float) -> tuple[float, float, float]:
    old, new = world.redis["d0"], world.redis["e0"]
    for host in ("d0", "e0"):
        world.cluster.agents[host].reload()
    world.run(100.0 + 30.1 * u)
    assert world.listed() == ("d0",)
    world.history = world.history[-1:]
    failed_ns = world.kernel.now
    if row.fault == "host":
        world.hosts["d0"].power_off()
    old.role = "hung" if row.fault == "hang" else "down"
    world.run(row.promoted_s)
    new.role = "master"
    world.run(140.0)
    held = world.listed_s(failed_ns)
    dead_s = sum(seconds for listed, seconds in held.items() if "d0" in listed)
    listed_ns = next(at for at, listed in world.history if "e0" in listed)
    if row.fault == "host":
        world.hosts["d0"].power_on()
    old.role, new.role = "master", "slave"
    return dead_s, held.get((), 0.0), to_seconds(listed_ns - failed_ns)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.fault}-{row.members}-{row.promoted_s}")
def test_failover_seen_from_the_name(row: Row) -> None:
    """If this fails, the minutes that a failover costs through Consul are wrong."""
    means = failovers(row)
    assert means.dead_listed_s == pytest.approx(row.dead_listed_s, rel=0.03)
    assert means.no_record_s == pytest.approx(row.no_record_s, rel=0.03, abs=0.05)
    assert means.name_useless_s == pytest.approx(row.name_useless_s, rel=0.03)
    assert means.longest_s <= row.longest_s


def test_promotion_with_no_leader_waits_for_one() -> None:
    """If this fails, the catalogue is written to without a leader."""
    world = ConsulWorld("abcde", 3, redis="de")
    for host in "ab":
        world.processes[host].stop()
    world.redis["d"].role, world.redis["e"].role = "down", "master"
    world.run(600.0)
    assert world.listed() == ("d",)
