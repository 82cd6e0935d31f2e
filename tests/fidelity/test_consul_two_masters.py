"""Acceptance check 2 of ``consul.md`` section 12: two masters under the three-condition check."""

from __future__ import annotations

import pytest

from models.consul.spec import CheckSpec, Script
from sim.clock import to_seconds
from sim.grid import Regular
from tests.consul_worlds import ConsulWorld

# The interval of 30 s and the script's 0.1 s: "T" of section 10.2 as the agent's loop makes it.
PERIOD_S = 30.1
WINDOW_S = 0.15
CYCLES = 40


def two_masters(
    seed: int, *, lockstep: bool = False, script: Script = "three-conditions"
) -> tuple[ConsulWorld, float]:
    """Return a world in which d and e have been masters for a while, and their gap in seconds."""
    spec = CheckSpec(name="redis", script=script)
    world = ConsulWorld("abcde", 3, seed=seed, redis="de", check=spec)
    first, second = world.checks["d"].ticker, world.checks["e"].ticker
    assert isinstance(first.grid, Regular)
    assert isinstance(second.grid, Regular)
    if lockstep:
        second.regrid(Regular(first.grid.phase_ns, first.grid.period_ns))
    gap_s = abs(to_seconds(first.grid.phase_ns - second.grid.phase_ns))
    world.redis["e"].role = "master"
    world.run(10 * PERIOD_S)
    return world, min(gap_s, PERIOD_S - gap_s)


def shares(world: ConsulWorld, period_s: float) -> dict[tuple[str, ...], float]:
    """Return the share of time of each set of listed hosts over whole cycles."""
    start_ns = world.kernel.now
    world.run(CYCLES * period_s)
    held = world.listed_s(start_ns)
    return {listed: held_s / (CYCLES * period_s) for listed, held_s in held.items()}


@pytest.mark.parametrize("seed", range(8))
def test_phases_apart_give_exact_thirds(seed: int) -> None:
    """If this fails, the deck's check is not as printed: two masters must flap in thirds."""
    world, gap_s = two_masters(seed)
    assert gap_s > WINDOW_S
    start_ns = world.kernel.now
    share = shares(world, 3 * PERIOD_S)
    for listed in (("d",), ("e",), ("d", "e")):
        assert share[listed] == pytest.approx(1 / 3, abs=1e-9)
    assert share.get((), 0.0) == 0.0
    changes = [at for at, _ in world.history if at > start_ns]
    assert len(changes) == 4 * CYCLES
    assert to_seconds(changes[4] - changes[0]) == pytest.approx(3 * PERIOD_S)
    assert pytest.approx(90, rel=0.01) == 3 * PERIOD_S


def test_lockstep_gives_none_and_both_in_halves() -> None:
    """If this fails, the vulnerable window is missing: checks in step must fail together."""
    world, gap_s = two_masters(1, lockstep=True)
    assert gap_s == 0
    share = shares(world, 2 * PERIOD_S)
    assert share[()] == pytest.approx(0.5, abs=1e-9)
    assert share["d", "e"] == pytest.approx(0.5, abs=1e-9)


def test_without_condition_1_both_stay_listed() -> None:
    """If this fails, the variant of section 10.5 does something besides asking the role."""
    world, _ = two_masters(1, script="role-only")
    assert shares(world, 3 * PERIOD_S)["d", "e"] == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(4))
def test_yield_keeps_the_incumbent(seed: int) -> None:
    """If this fails, the variant of section 10.5 flaps where it must be stable."""
    world, gap_s = two_masters(seed, script="yield")
    assert gap_s > WINDOW_S
    assert shares(world, 3 * PERIOD_S)[("d",)] == pytest.approx(1.0)
