"""Logs that operators published, to the second (``mysqlfailover.md`` section 1.5).

Each test is set up with what its log says (which server died when, where in the loop the tool
was), and holds the lines of the trace to the times of the log.
"""

from __future__ import annotations

import pytest

from models.mysqlfailover.hooks import Hook
from sim.engine import Kernel
from sim.laws import Fixed
from sim.trace import Record
from tests.mysqlfailover_worlds import FailoverWorld, Script

MAY_BE_DOWN = "master-may-be-down"
CONFIRMED = "master-is-confirmed-down"


def seconds_of_day(clock: str) -> int:
    """Return hh:mm:ss as seconds."""
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return 3600 * hours + 60 * minutes + seconds


def clock_of(record: Record, began: str) -> str:
    """Return when that was logged, in a run whose time 0 was at ``began``."""
    at = seconds_of_day(began) + record.time_ns // 1_000_000_000
    return f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"


def logged(world: FailoverWorld, began: str, *events: str) -> list[tuple[str, str]]:
    """Return (clock, event) of the lines of these kinds, in order."""
    found = [record for record in world.trace.records if record.event in events]
    return [(clock_of(record, began), record.event) for record in found]


def test_vagrant_demo_of_2015() -> None:
    """If this fails, the tool takes another time than 15 s from its suspicion to its verdict."""
    # The demo's first line is the suspicion: 24 - 15 = 9 s after the sleep ended.
    world = FailoverWorld(settled=10.0)
    world.servers["db01"].process.kill()
    world.run(120)
    suspicion, verdict = logged(world, "07:45:37", MAY_BE_DOWN, CONFIRMED)
    assert suspicion == ("07:45:54", MAY_BE_DOWN)
    assert verdict == ("07:46:09", CONFIRMED)


def test_korean_lab_of_2014() -> None:
    """If this fails, a killed mysqld is not detected after R + 24 s, or the loop is not of 18 s."""
    world = FailoverWorld(settled=16.0)
    period_s = world.tool.rhythm_now().period_ns / 1e9
    assert period_s == pytest.approx(18.0, abs=0.3)
    world.servers["db01"].process.kill()
    world.run(60)
    lines = logged(world, "08:29:56", "failover-starting", "failover-complete")
    assert lines == [("08:30:22", "failover-starting"), ("08:30:22", "failover-complete")]


def test_chinese_lab_of_2019() -> None:
    """If this fails, two forced monitors, or look-ups that time out, come out otherwise than there.

    The two steps with host alias checks took 60 and 70 s there: 65 s each here.
    """
    world = FailoverWorld(
        admins=("admin01", "admin02"), force=True, settled=None, alias_check=Fixed(65.0)
    )
    first, second = world.tools.values()
    # Monitor 1 has just reported, at 15:10:26, and is disconnected; monitor 2 is 4 s behind.
    first.settle(first.rhythm_now().offsets_ns[3])
    second.settle(first.rhythm_now().period_ns - 1_000_000_000)
    world.kernel.settle()
    world.at(5.0, world.servers["db01"].process.kill)
    world.run(260)
    began = "15:10:26"
    records = world.trace.records
    mine = [one for one in records if one.entity == "mysqlfailover@admin01"]
    times = {one.event: clock_of(one, began) for one in mine}
    assert times[MAY_BE_DOWN] == "15:10:50"
    assert times[CONFIRMED] == "15:11:05"
    promoted = seconds_of_day(times["starting-slaves"]) - seconds_of_day(times[CONFIRMED])
    assert promoted == pytest.approx(132, abs=2)
    assert len(world.events("failover-complete")) == 2
    # The one that comes second finds the other's row, and falls back to mode fail.
    assert sorted(tool.mode for tool in world.tools.values()) == ["auto", "fail"]
    promoted_server = world.tool.master.process
    world.at(300.0, promoted_server.kill)
    world.run(400)
    reasons = [dict(one.fields)["reason"] for one in world.events("exit")]
    assert "mode-fail" in reasons


def test_pacemaker_recipe_of_2017() -> None:
    """If this fails, a script in the middle of a failover is cut short, or not waited for."""
    scripts: list[Script] = []

    def hooks(kernel: Kernel) -> dict[str, Hook]:
        scripts.append(Script(kernel, "before", 53.0))
        return {"exec_before": scripts[0]}

    world = FailoverWorld(settled=16.05, hooks=hooks)
    world.servers["db01"].process.kill()
    world.run(120)
    before, stopping = world.time_of("exec-before"), world.time_of("stopping-slaves")
    assert before is not None
    assert stopping is not None
    assert stopping - before == 53.0
    assert world.time_of("creating-replication-user") == before
    assert scripts[0].calls == [(before, "mysql@db01", "mysql@db02")]
