"""The steps of a failover, in order, and what each does when it goes wrong (section 1.6, 1.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from models.mysqlfailover.hooks import Hook
from sim.clock import NS_PER_S, to_seconds
from sim.engine import Kernel
from sim.laws import Fixed
from tests.mysqlfailover_worlds import FailoverWorld, Script

# db01 dies 2 s before the tool wakes; the verdict comes 26 s later.
BEGIN, VERDICT_S = 16.046, 26.0
STEPS = (
    *("master-is-confirmed-down", "failover-starting", "will-become-the-new-master"),
    *("preparing-candidate", "creating-replication-user", "exec-before", "stopping-slaves"),
    *("switching-slaves-to-new-master", "disconnecting-new-master-as-slave", "starting-slaves"),
    *("exec-after", "failover-complete", "exec-post-failover", "registering"),
)


def scripts(**lasting: tuple[float, int]) -> Callable[[Kernel], Mapping[str, Hook]]:
    """Return hooks: name=(seconds, exit code)."""
    return lambda kernel: {
        name: Script(kernel, name, seconds, code) for name, (seconds, code) in lasting.items()
    }


def failed_over(run_s: float = 200.0, **options: object) -> FailoverWorld:
    """Return a world in which the master has died and the tool has done what it can."""
    world = FailoverWorld(settled=BEGIN, **options)  # type: ignore[arg-type]
    world.servers["db01"].process.kill()
    world.run(run_s)
    return world


def new_master(world: FailoverWorld) -> str:
    """The host of the tool's master."""
    return world.tool.master.process.host.name


def test_the_steps_come_in_the_order_of_the_program() -> None:
    """If this fails, a script runs before or after what it is meant to run after or before."""
    world = failed_over(
        hooks=scripts(exec_before=(1.0, 0), exec_after=(2.0, 0), exec_post_failover=(0.0, 0))
    )
    lines = [one for one in world.trace.records if one.event in STEPS and one.time_ns > 0]
    assert [one.event for one in lines] == list(STEPS)
    since_s = [round(to_seconds(one.time_ns) - VERDICT_S, 1) for one in lines]
    # One CHANGE MASTER of 50 ms; the post-failover script comes after a pause of 5 s.
    assert since_s == [0, 0, 0, 0, 0, 0, 1.0, 1.0, 1.1, 1.1, 1.1, 3.1, 8.1, 8.1]
    assert new_master(world) == "db02"
    assert world.servers["db02"].statements == ("stop", "stop", "reset")
    assert world.servers["db03"].statements == ("stop", "change mysql@db02", "start")
    assert world.servers["db01"].statements == ()


def test_it_goes_on_with_the_new_master() -> None:
    """If this fails, the tool watches nothing after its first failover."""
    world = failed_over()
    assert world.phase() == "calm"
    assert not world.tool.busy
    assert world.tool.slaves == (world.servers["db03"],)
    world.servers["db02"].process.kill()
    world.run(60)
    assert new_master(world) == "db03"


def test_without_a_slave_left_it_ends() -> None:
    """If this fails, a second failover with one slave finds a server that is not there."""
    world = failed_over(slaves=1)
    assert new_master(world) == "db02"
    world.servers["db02"].process.kill()
    world.run(60)
    assert world.reason() == "no-candidate-found"


def test_the_first_in_the_list_is_taken_and_not_the_most_advanced() -> None:
    """If this fails, the tool chooses by freshness, which it deliberately does not."""
    world = FailoverWorld(settled=BEGIN)
    world.servers["db03"].holds = ("db01",)
    world.servers["db01"].process.kill()
    world.run(200)
    assert new_master(world) == "db02"
    # It is brought up to date from the other one first.
    assert world.servers["db02"].statements[:3] == ("stop", "fetch mysql@db03", "stop")
    assert world.servers["db02"].holds == ("db01",)


def test_candidates_come_before_slaves() -> None:
    """If this fails, --candidates is not walked first."""
    assert new_master(failed_over(candidates=("db03",))) == "db03"


def test_a_dead_candidate_aborts_the_whole_failover() -> None:
    """If this fails, mode auto goes on to the slaves after an unreachable candidate."""
    world = FailoverWorld(settled=BEGIN, candidates=("db03", "db02"))
    world.servers["db03"].process.kill()
    world.servers["db01"].process.kill()
    world.run(200)
    assert world.reason() == "candidate-unreachable"
    assert world.servers["db02"].master is world.servers["db01"]


def test_the_promoted_candidate_blocks_the_next_failover() -> None:
    """If this fails, the list of candidates is forgotten, or walked without connecting."""
    world = failed_over(candidates=("db02",))
    world.servers["db02"].process.kill()
    world.run(60)
    assert world.reason() == "candidate-unreachable"


def test_a_candidate_that_is_not_eligible_is_passed_over() -> None:
    """If this fails, a candidate without the replication user is promoted, or ends the tool."""
    world = FailoverWorld(settled=BEGIN, candidates=("db02",))
    world.servers["db02"].is_eligible = False
    world.servers["db01"].process.kill()
    world.run(200)
    assert world.events("candidate-not-eligible")
    assert new_master(world) == "db03"


def test_mode_elect_knows_candidates_only() -> None:
    """If this fails, elect falls back to the list of slaves."""
    world = FailoverWorld(settled=BEGIN, candidates=("db02",), failover_mode="elect")
    world.servers["db02"].is_eligible = False
    world.servers["db01"].process.kill()
    world.run(200)
    assert world.reason() == "no-candidate-found"


def test_mode_fail_tells_and_ends() -> None:
    """If this fails, mode fail promotes, or does not run its script without a new master."""
    world = FailoverWorld(
        settled=BEGIN, failover_mode="fail", hooks=scripts(exec_post_failover=(4.0, 0))
    )
    world.servers["db01"].process.kill()
    world.run(200)
    script = world.tool.hooks.exec_post_failover
    assert isinstance(script, Script)
    (at_s, old, new) = script.calls[0]
    assert (round(at_s, 1), old, new) == (VERDICT_S, "mysql@db01", "")
    assert world.reason() == "mode-fail"
    assert world.time_of("exit") == pytest.approx(VERDICT_S + 4, abs=0.01)


def test_an_isolated_monitor_ends_without_promoting() -> None:
    """If this fails, a monitor that sees nobody promotes somebody."""
    world = FailoverWorld(settled=BEGIN, candidates=("db02",))
    world.isolate("admin01")
    world.run(3000)
    assert world.reason() == "candidate-unreachable"
    assert all(one.statements == () for one in world.servers.values())


def test_an_isolated_monitor_without_candidates_blocks_for_each_slave() -> None:
    """If this fails, slaves behind a black hole are skipped at once: each costs 924 s."""
    world = FailoverWorld(settled=BEGIN)
    world.isolate("admin01")
    world.run(4000)
    assert world.reason() == "no-candidate-found"
    # Same site: connects fail after 3 s, so the verdict comes at 26 + 21 s.
    assert world.time_of("exit") == pytest.approx(VERDICT_S + 21 + 2 * 924.6, abs=0.01)


def test_a_monitor_with_a_slave_on_its_side_splits_the_brain() -> None:
    """If this fails, somebody fences the old master, or asks the clients' side."""
    world = FailoverWorld(settled=BEGIN)
    world.cut("admin01", "db01")
    world.run(200)
    assert world.servers["db01"].process.running
    assert world.servers["db02"].master is None
    assert world.servers["db01"].statements == ()


def test_lag_is_waited_for() -> None:
    """If this fails, a slave is promoted before its SQL thread has applied what it received."""
    world = FailoverWorld(settled=BEGIN)
    world.servers["db02"].relay_s = 40.0
    world.servers["db03"].relay_s = None
    world.servers["db01"].process.kill()
    world.run(200)
    assert world.time_of("stopping-slaves") == pytest.approx(VERDICT_S + 40, abs=0.01)
    assert dict(world.events("slave-problem")[0].fields)["problem"] == "sql-thread"


def test_each_wait_ends_at_its_time_out_and_nobody_looks() -> None:
    """If this fails, a catch-up that takes too long stops the promotion instead of losing data."""
    world = FailoverWorld(settled=BEGIN, timeout=30 * NS_PER_S)
    ahead, behind = world.servers["db03"], world.servers["db02"]
    ahead.holds, ahead.relay_s = ("db00", "db01"), 400.0
    behind.fetch_s = 1000.0
    world.servers["db01"].process.kill()
    world.run(400)
    # 30 s for the relay log of the one, and 30 s for each of the two sources that the other lacks.
    assert world.time_of("stopping-slaves") == pytest.approx(VERDICT_S + 90, abs=0.01)
    assert world.events("catch-up-timed-out")
    assert new_master(world) == "db02"


def test_host_alias_checks_stall_two_steps() -> None:
    """If this fails, broken reverse DNS costs nothing."""
    world = failed_over(alias_check=Fixed(60.0))
    assert world.time_of("creating-replication-user") == pytest.approx(VERDICT_S + 60, abs=0.01)
    assert world.time_of("starting-slaves") == pytest.approx(VERDICT_S + 120.05, abs=0.01)


@pytest.mark.parametrize("version", ["1.5.3", "1.6.5"])
def test_a_script_over_the_threshold(version: str) -> None:
    """If this fails, a failing gate does not kill the old tool, or still kills the new one."""
    world = failed_over(version=version, script_threshold=1, hooks=scripts(exec_before=(1.0, 1)))
    assert world.events("script-failed")
    if version == "1.5.3":
        assert world.reason() == "script-threshold"
        assert world.servers["db03"].master is world.servers["db01"]
    else:
        assert world.servers["db03"].master is world.servers["db02"]


def test_a_failing_script_without_threshold_stops_nothing() -> None:
    """If this fails, a plain non-zero exit is taken for a gate."""
    world = failed_over(hooks=scripts(exec_before=(1.0, 1)))
    assert world.events("failover-complete")


def test_a_script_that_never_ends_holds_the_failover_up_for_ever() -> None:
    """If this fails, scripts have a time-out."""
    world = failed_over(86_400.0, hooks=scripts(exec_before=(1e6, 0)))
    assert world.phase() == "failing-over"
    assert not world.events("stopping-slaves")


def test_a_new_master_that_dies_in_the_middle_leaves_half_a_topology() -> None:
    """If this fails, the tool survives an exception that it does not catch."""
    world = FailoverWorld(settled=BEGIN, hooks=scripts(exec_before=(10.0, 0)))
    world.servers["db01"].process.kill()
    world.at(VERDICT_S + 5, world.servers["db02"].process.kill)
    world.run(200)
    assert world.reason() == "reset-slave-all-failed"
    assert world.servers["db03"].master is world.servers["db02"]
    assert world.servers["db03"].running_slave is False


def test_a_slave_that_cannot_reach_the_new_master_costs_ping_seconds() -> None:
    """If this fails, step 13 waits for ever, or fails, or takes no notice of --ping."""
    world = FailoverWorld(settled=BEGIN, ping=7 * NS_PER_S)
    world.cut("db02", "db03")
    world.servers["db01"].process.kill()
    world.run(200)
    started, complete = world.time_of("starting-slaves"), world.time_of("failover-complete")
    assert started is not None
    assert complete == pytest.approx(started + 7)


@pytest.mark.parametrize("problem", ["dead", "sql-thread"])
def test_pedantic_ends_instead_of_promoting(problem: str) -> None:
    """If this fails, --pedantic only warns."""
    world = FailoverWorld(settled=BEGIN, pedantic=True)
    if problem == "dead":
        world.servers["db03"].process.kill()
    else:
        world.servers["db03"].relay_s = None
    world.servers["db01"].process.kill()
    world.run(200)
    assert world.reason() == "slave-problem"


def test_errant_transactions_end_a_pedantic_tool() -> None:
    """If this fails, --pedantic tolerates a slave's own writes, or sees them at another time."""
    world = FailoverWorld(settled=0.0, pedantic=True)
    world.at(20.0, lambda: setattr(world.servers["db03"], "holds", ("db03",)))
    world.run(100)
    assert world.reason() == "errant-transactions"
    # At the end of the errant check of the second cycle.
    assert world.time_of("exit") == pytest.approx(18.046 + 3.046, abs=0.001)


def test_errant_transactions_are_a_warning_otherwise() -> None:
    """If this fails, a tool without --pedantic ends, or says nothing in a cycle off its grid."""
    world = FailoverWorld(settled=0.0)
    world.servers["db03"].holds = ("db03",)
    world.run(55)
    assert not world.events("errant-transactions")
    # In the ping: its connection is broken and opened anew, and the cycle goes on off the grid.
    world.servers["db01"].process.kill()
    world.servers["db01"].process.start()
    world.run(100)
    assert len(world.events("errant-transactions")) == 1
    assert world.phase() == "calm"


def test_a_single_slave_is_never_errant() -> None:
    """If this fails, a pedantic tool with one slave ends though the source compares slaves."""
    world = FailoverWorld(settled=0.0, slaves=1, pedantic=True)
    world.servers["db02"].holds = ("db02",)
    world.run(100)
    assert world.reason() == ""


def test_discovery_finds_a_slave_that_was_attached_later() -> None:
    """If this fails, an old master that has been made a slave again is never a candidate."""
    world = failed_over(discover_slaves_login=True)
    old = world.servers["db01"]
    old.process.start()
    old.master = world.servers["db02"]
    world.run(40)
    assert world.tool.slaves == (world.servers["db03"], old)
    world.servers["db02"].process.kill()
    world.servers["db03"].process.kill()
    world.run(100)
    assert new_master(world) == "db01"
