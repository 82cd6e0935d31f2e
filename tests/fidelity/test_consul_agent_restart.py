"""Acceptance check 8 of ``consul.md`` section 12: restarts of the agent on a healthy master."""

from __future__ import annotations

import statistics

import pytest

from models.consul.spec import CheckSpec
from sim.clock import from_seconds, to_seconds
from tests.consul_worlds import ConsulWorld


def test_restart_removes_the_record_until_the_first_run() -> None:
    """If this fails, an agent restart costs nothing, or another time than U(0, 30 s)."""
    world = ConsulWorld("abcde", 3, redis="d", supervisor_s=1.0)
    gone = []
    for _ in range(3000):
        world.run(50.0)
        assert world.listed() == ("d",)
        world.history = world.history[-1:]
        world.processes["d"].kill()
        world.run(50.0)
        (_, _), (lost_ns, without), (back_ns, _) = world.history
        assert without == ()
        gone.append(to_seconds(back_ns - lost_ns))
    assert statistics.mean(gone) == pytest.approx(15.0, rel=0.03)
    assert max(gone) <= 30.2
    assert statistics.quantiles(gone, n=4)[0] == pytest.approx(7.5, rel=0.07)


def test_status_passing_keeps_the_record() -> None:
    """If this fails, the ``status`` of a check definition is not heeded."""
    check = CheckSpec(name="redis", status="passing")
    world = ConsulWorld("abcde", 3, redis="d", check=check)
    world.run(50.0)
    world.processes["d"].kill()
    world.run(60.0)
    assert world.history == [(0, ("d",))]


def test_reload_keeps_the_record_and_redraws_the_phase() -> None:
    """If this fails, a reload is taken for a restart (section 1.3)."""
    world = ConsulWorld("abcde", 3, redis="d")
    world.run(50.0)
    before = world.checks["d"].ticker.grid.after(world.kernel.now)
    world.cluster.agents["d"].reload()
    after = world.checks["d"].ticker.grid.after(world.kernel.now)
    assert after != before
    assert after <= world.kernel.now + from_seconds(30)
    world.run(60.0)
    assert world.history == [(0, ("d",))]


def test_reboot_does_not_list_the_old_status() -> None:
    """If this fails, a rebooted host is listed before its first run."""
    world = ConsulWorld("abcde", 3, redis="de", boot_s=30.0)
    world.run(50.0)
    world.hosts["d"].power_off()
    world.redis["d"].role = "slave"
    world.run(60.0)
    assert world.listed() == ()
    world.hosts["d"].power_on()
    world.run(100.0)
    assert world.listed() == ()
