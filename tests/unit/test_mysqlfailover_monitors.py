"""Registration, several monitors, restarts: how monitoring is lost without a word (section 1.8)."""

from __future__ import annotations

import pytest

from models.mysqlfailover.spec import MysqlFailoverSpec
from sim.clock import NS_PER_S
from tests.mysqlfailover_worlds import FailoverWorld

ROW = "mysqlfailover@admin01"


def test_a_second_monitor_falls_back_to_mode_fail_after_a_notice_of_10_s() -> None:
    """If this fails, two monitors without --force would both fail over."""
    world = FailoverWorld(admins=("admin01", "admin02"), settled=None)
    world.run(60)
    first, second = world.tools.values()
    assert (first.mode, second.mode) == ("auto", "fail")
    assert world.servers["db01"].failover_console == ROW
    assert [one.time_ns for one in world.events("started")[-2:]] == [0, 10 * NS_PER_S]


def test_the_stand_by_does_not_survive_to_take_over() -> None:
    """If this fails, a monitor in mode fail goes on watching after the first failure."""
    world = FailoverWorld(admins=("admin01", "admin02"))
    world.servers["db01"].process.kill()
    world.run(100)
    assert world.tools["admin02"].phase == "gone"
    assert world.reason() == "mode-fail"
    assert world.tool.master is world.servers["db02"]


def test_a_supervised_restart_comes_back_in_mode_fail() -> None:
    """If this fails, a restarted monitor would still promote: its own row is on the master."""
    world = FailoverWorld(supervisor_s=2.0)
    world.at(30.0, world.tool.process.kill)
    world.run(60)
    assert world.tool.mode == "fail"
    assert world.phase() == "calm"
    world.servers["db01"].process.kill()
    world.run(100)
    assert world.reason() == "mode-fail"


def test_force_takes_the_registration_over() -> None:
    """If this fails, --force in the unit file does not bring a restarted monitor back."""
    world = FailoverWorld(supervisor_s=2.0, force=True)
    world.at(30.0, world.tool.process.kill)
    world.run(60)
    assert world.tool.mode == "auto"


def test_a_restart_after_a_failover_cannot_start() -> None:
    """If this fails, the command line on disk follows the promotion."""
    world = FailoverWorld(supervisor_s=600.0, settled=16.0)
    world.servers["db01"].process.kill()
    world.run(100)
    assert world.tool.master is world.servers["db02"]
    world.tool.process.kill()
    world.run(601)
    assert world.reason() == "master-unreachable"
    assert not world.tool.process.alive


def test_a_restart_watches_the_old_master_if_it_is_back() -> None:
    """If this fails, nobody would believe that the monitor guards a server without slaves."""
    world = FailoverWorld(supervisor_s=5.0, settled=16.0, force=True)
    world.servers["db01"].process.kill()
    world.run(100)
    world.servers["db01"].process.start()
    world.tool.process.kill()
    world.run(60)
    assert world.tool.master is world.servers["db01"]
    assert world.servers["db02"].master is None


def test_a_candidate_that_is_down_keeps_the_tool_from_starting() -> None:
    """If this fails, the check of privileges does without the candidates."""
    world = FailoverWorld(settled=None, candidates=("db03",), supervisor_s=5.0)
    world.servers["db03"].process.kill()
    world.tool.process.kill()
    world.run(6)
    assert world.reason() == "candidate-unreachable"


@pytest.mark.parametrize(
    ("version", "at_s", "row"), [("1.5.3", 10.0, ROW), ("1.5.3", 1.0, ""), ("1.6.5", 10.0, "")]
)
def test_a_normal_stop_leaves_the_row_while_the_tool_sleeps(
    version: str, at_s: float, row: str
) -> None:
    """If this fails, cleaning up needs no connection before 1.6.5, or fails with one."""
    world = FailoverWorld(version=version)
    world.at(at_s, world.tool.process.stop)
    world.run(20)
    assert world.servers["db01"].failover_console == row


def test_a_killed_tool_leaves_its_row() -> None:
    """If this fails, kill -9 cleans up."""
    world = FailoverWorld(version="1.6.5")
    world.at(1.0, world.tool.process.kill)
    world.run(20)
    assert world.servers["db01"].failover_console == ROW


def test_two_forced_monitors_both_fail_over() -> None:
    """If this fails, --force everywhere still excludes one from the other."""
    world = FailoverWorld(admins=("admin01", "admin02"), force=True)
    world.servers["db01"].process.kill()
    world.run(100)
    assert len(world.events("failover-complete")) == 2
    assert sorted(tool.mode for tool in world.tools.values()) == ["auto", "fail"]


def test_a_monitor_that_stands_still_is_only_late() -> None:
    """If this fails, a paused monitor forgets where it was, or fails over on its return."""
    world = FailoverWorld(settled=10.0)
    world.at(1.0, world.tool.process.hang)
    world.at(501.0, world.tool.process.proceed)
    world.run(600)
    assert world.phase() == "calm"
    assert not world.events("master-may-be-down")
    world.at(610.0, world.tool.process.hang)
    world.at(612.0, world.servers["db01"].process.kill)
    world.at(910.0, world.tool.process.proceed)
    world.run(400)
    verdict = world.time_of("failover-starting")
    assert verdict is not None
    assert 910 + 9 <= verdict <= 910 + 24.1


def test_somebody_may_start_it_for_other_servers() -> None:
    """If this fails, a person who repairs the topology cannot repair its monitor."""
    world = FailoverWorld(settled=16.0, candidates=("db03",))
    world.servers["db01"].process.kill()
    world.run(100)
    world.servers["db01"].process.start()
    world.servers["db01"].master = world.servers["db03"]
    world.tool.restart_with("db03", ("db01", "db02"))
    world.run(40)
    assert world.tool.mode == "auto"
    assert world.phase() == "calm"
    world.servers["db03"].process.kill()
    world.run(100)
    assert world.tool.master is world.servers["db01"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"interval": 4 * NS_PER_S, "slaves": ("b",)}, "5s or more"),
        ({"interval": 15 * NS_PER_S + 1, "slaves": ("b",)}, "whole seconds"),
        ({}, "discover-slaves-login"),
        ({"slaves": ("b",), "failover_mode": "elect"}, "elect needs candidates"),
        ({"slaves": ("a",)}, "also among its slaves"),
        ({"slaves": ("b",), "master_fail_retry": NS_PER_S}, "came with 1.6.4"),
        (
            {"slaves": ("b",), "master_fail_retry": NS_PER_S, "version": "1.6.5", "daemon": True},
            "no effect in a daemon",
        ),
        ({"slaves": ("b",), "connection_timeout": NS_PER_S}, "not permitted"),
    ],
)
def test_what_the_command_line_refuses(options: dict[str, object], said: str) -> None:
    """If this fails, an option is accepted that the program refuses, or that does nothing."""
    with pytest.raises(ValueError, match=said):
        MysqlFailoverSpec.model_validate({"master": "a", **options})
