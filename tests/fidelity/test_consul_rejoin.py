"""Section 10.4 of ``consul.md``: the old master comes back into the names when a partition heals.

A (d) is cut off as master, B (e) is promoted; after the heal A is listed again at once, with the
status that its agent pushed last, and says role:master for D seconds more.
"""

from __future__ import annotations

import statistics
from typing import NamedTuple

import pytest

from sim.clock import NS_PER_S
from tests.consul_worlds import ConsulWorld

TRIALS = 3000


class Rejoin(NamedTuple):
    old_listed_s: float
    only_old_s: float
    none_s: float
    p_new_removed: float


# D: A listed, only A, none (means, s), probability that B is removed.
ROWS = [
    (5, Rejoin(15.5, 5.4, 9.8, 0.50)),
    (10, Rejoin(17.0, 6.6, 8.7, 0.51)),
    (40, Rejoin(38.0, 19.5, 3.9, 0.77)),
]


def _rejoin(world: ConsulWorld, demoted_after_s: float, u: float) -> Rejoin:
    for host in ("d", "e"):
        world.cluster.agents[host].reload()
    world.run(100.0 + 30.1 * u)
    world.isolate("d")
    world.redis["e"].role = "master"
    world.run(100.0)
    assert world.listed() == ("e",)
    world.history = world.history[-1:]
    world.isolate("d", -1)
    while "d" not in world.listed():
        world.run(0.05)
    since_ns = world.history[-1][0]
    world.kernel.run_until(since_ns + round(demoted_after_s * NS_PER_S))
    world.redis["d"].role = "slave"
    world.run(200.0)
    held = world.listed_s(since_ns)
    removed = any("e" not in listed for at, listed in world.history if at >= since_ns)
    world.redis["d"].role, world.redis["e"].role = "master", "slave"
    return Rejoin(
        sum(seconds for listed, seconds in held.items() if "d" in listed),
        held.get(("d",), 0.0),
        held.get((), 0.0),
        float(removed),
    )


@pytest.mark.parametrize(("demoted_after_s", "expected"), ROWS)
def test_old_master_is_listed_again_at_once(demoted_after_s: float, expected: Rejoin) -> None:
    """If this fails, split brain by name after a heal lasts too long or too short."""
    world = ConsulWorld("abcde", 3, redis="de", seed=3)
    jitter = world.kernel.stream("test", "jitter")
    trials = [_rejoin(world, demoted_after_s, jitter.uniform()) for _ in range(TRIALS)]
    means = Rejoin(*(statistics.mean(column) for column in zip(*trials, strict=True)))
    # The table is a Monte Carlo of 4,000 runs: its rarer figures are good to some per cent.
    assert tuple(means) == pytest.approx(tuple(expected), rel=0.08)
