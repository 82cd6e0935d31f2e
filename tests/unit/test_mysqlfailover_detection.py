"""What mysqlfailover notices, when, and what it takes for a failure (sections 1.3 to 1.5, 1.9)."""

from __future__ import annotations

import pytest

from models.mysqlfailover.hooks import Hook
from sim.clock import NS_PER_S
from sim.engine import Kernel
from tests.mysqlfailover_worlds import FailoverWorld, Script

# Moments in a console's cycle of 18.046 s: early in the ping, in the errant check, in the master's
# and in the slaves' part of the report, in the sleep.
PING, ERRANT, REPORT, SURVEY, SLEEP = 1.0, 3.02, 3.1, 3.16, 10.0
FAR = {"db01": "far"}
FAILED_OVER = "failover-starting"


def test_a_crash_while_it_sleeps_is_detected_after_the_sleep_and_24_s() -> None:
    """If this fails, one of the seven connects or of the waits between them is missing."""
    world = FailoverWorld(settled=SLEEP)
    world.servers["db01"].process.kill()
    world.run(60)
    assert world.time_of("master-may-be-down") == pytest.approx(8.046 + 9, abs=0.01)
    assert world.time_of(FAILED_OVER) == pytest.approx(8.046 + 24, abs=0.01)


def test_a_crash_while_it_pings_is_detected_within_12_s() -> None:
    """If this fails, the tool asks the master before it has pinged for 3 s, or asks too late."""
    world = FailoverWorld(settled=PING)
    world.servers["db01"].process.kill()
    world.run(60)
    assert world.time_of(FAILED_OVER) == pytest.approx(3.005 - PING + 9, abs=0.01)
    assert world.time_of("master-may-be-down") is None


@pytest.mark.parametrize("moment", [ERRANT, REPORT])
def test_a_crash_during_the_report_ends_the_console(moment: float) -> None:
    """If this fails, the query that nobody guards does not kill the tool."""
    world = FailoverWorld(settled=moment)
    world.servers["db01"].process.kill()
    world.run(100)
    assert world.reason() == "query-on-master-failed"
    assert world.phase() == "gone"
    assert not world.events(FAILED_OVER)


@pytest.mark.parametrize(("moment", "survives"), [(ERRANT, True), (REPORT, False), (SURVEY, True)])
def test_a_daemon_asks_before_it_reports(moment: float, survives: bool) -> None:
    """If this fails, the daemon dies of more (or of fewer) crashes than its source says."""
    world = FailoverWorld(settled=moment, daemon=True)
    world.servers["db01"].process.kill()
    world.run(100)
    assert bool(world.events(FAILED_OVER)) == survives
    assert (world.reason() == "") == survives


def test_a_hung_mysqld_is_never_detected() -> None:
    """If this fails, the tool has a time-out that it did not have in 2015."""
    world = FailoverWorld(settled=SLEEP)
    world.servers["db01"].process.hang()
    world.run(86_400)
    assert world.phase() == "suspects"
    assert not world.events(FAILED_OVER)
    world.servers["db01"].process.proceed()
    world.run(60)
    assert world.phase() == "calm"


def test_a_time_out_of_the_connector_would_detect_it() -> None:
    """If this fails, the option that shows what a time-out would change shows nothing."""
    world = FailoverWorld(settled=SLEEP, connector_timeout=10 * NS_PER_S)
    world.servers["db01"].process.hang()
    world.run(120)
    assert world.time_of(FAILED_OVER) == pytest.approx(8.046 + 24 + 70, abs=0.1)


def test_a_hung_mysqld_whose_host_loses_power_blocks_for_ever() -> None:
    """If this fails, a question that was taken in and will never be answered is given up."""
    world = FailoverWorld(settled=PING)
    world.servers["db01"].process.hang()
    world.at(600, world.hosts["db01"].power_off)
    world.at(700, world.hosts["db01"].power_on)
    world.run(86_400)
    assert world.servers["db01"].process.running
    assert world.phase() == "suspects"


@pytest.mark.parametrize(("far", "retries", "connect_s"), [(0, 6, 3), (1, 5, 63), (1, 6, 127)])
def test_a_dead_host_takes_seven_connects(far: int, retries: int, connect_s: int) -> None:
    """If this fails, the operating system's time-outs are not those of section 1.4."""
    world = FailoverWorld(settled=SLEEP, site_of=FAR if far else None, tcp_syn_retries=retries)
    world.hosts["db01"].power_off()
    world.run(2000)
    assert world.time_of(FAILED_OVER) == pytest.approx(8.046 + 24 + 7 * connect_s, abs=0.01)


def test_a_host_that_dies_under_an_open_connection_takes_924_s() -> None:
    """If this fails, a query into silence is given up before TCP gives it up."""
    world = FailoverWorld(settled=PING)
    world.hosts["db01"].power_off()
    world.run(2000)
    expected_s = 3.005 - PING + 924.6 + 3 * (3 + 3)
    assert world.time_of(FAILED_OVER) == pytest.approx(expected_s, abs=0.01)


def test_an_open_connection_resumes_after_a_cut() -> None:
    """If this fails, a cut that begins during the ping fails over though TCP survives it."""
    world = FailoverWorld(settled=PING)
    world.cut("admin01", "db01")
    world.at(300, lambda: world.cut("admin01", "db01", -1))
    world.run(400)
    assert world.phase() == "calm"
    assert not world.events("failed-to-reconnect")


def test_a_syn_sent_again_rescues_a_connect() -> None:
    """If this fails, a connect that is under way when the path heals fails all the same."""
    world = FailoverWorld(settled=SLEEP, site_of=FAR)
    world.cut("admin01", "db01")
    # The first connect begins at 8.046 s; its SYNs leave 0, 1, 3, 7, 15, 31, 63 s later.
    world.at(8.046 + 20, lambda: world.cut("admin01", "db01", -1))
    world.run(8.046 + 30)
    assert world.phase() == "suspects"
    world.run(1.1)
    assert world.phase() == "calm"
    assert not world.events("master-may-be-down")


def test_a_way_that_refuses_fails_at_once_and_ends_the_ping() -> None:
    """If this fails, an interface that is down costs as much as a black hole."""
    world = FailoverWorld(settled=SLEEP)
    world.cut("admin01", "db01", refuse=True)
    world.run(60)
    assert world.time_of(FAILED_OVER) == pytest.approx(8.046 + 21, abs=0.01)


def test_blocked_icmp_alone_never_fails_over() -> None:
    """If this fails, a firewall that drops ping would promote a slave."""
    world = FailoverWorld(ping_answered=False)
    world.run(86_400)
    assert not world.events(FAILED_OVER)
    assert world.phase() == "calm"


def test_a_master_without_a_free_connection_is_failed_over() -> None:
    """If this fails, error 1040 counts as a sign of life, which it does not for this tool."""
    world = FailoverWorld(settled=SLEEP)
    world.servers["db01"].refuses_logins = True
    world.run(60)
    assert world.events(FAILED_OVER)
    assert world.servers["db01"].process.running


@pytest.mark.parametrize("candidates", [(), ("db03",)])
def test_a_name_that_is_not_found_fails_over_from_a_healthy_master(
    candidates: tuple[str, ...],
) -> None:
    """If this fails, getaddrinfo's error does not count as a failed connect."""
    world = FailoverWorld(settled=SLEEP, candidates=candidates)
    world.servers["db01"].named = False
    world.servers["db03"].named = False
    world.run(60)
    # ping fails at once; the slaves' connections are open, a candidate's name is looked up again.
    assert world.time_of(FAILED_OVER) == pytest.approx(8.046 + 21, abs=0.01)
    assert world.reason() == ("candidate-unreachable" if candidates else "")


@pytest.mark.parametrize(("recovers_s", "fails_over"), [(20.0, False), (40.0, True)])
def test_crash_recovery_races_with_the_verdict(recovers_s: float, fails_over: bool) -> None:
    """If this fails, a mysqld that recovers in time is failed over, or a slow one is not."""
    world = FailoverWorld(settled=SLEEP)
    server = world.servers["db01"]
    server.process.kill()
    server.recovering = True
    world.at(1.0, server.process.start)
    world.at(recovers_s, lambda: setattr(server, "recovering", False))
    world.run(100)
    assert bool(world.events(FAILED_OVER)) == fails_over


@pytest.mark.parametrize("ping", [1, 30])
def test_the_option_ping_does_not_change_detection(ping: int) -> None:
    """If this fails, --ping does what its help text says and its program does not."""
    world = FailoverWorld(settled=SLEEP, ping=ping * NS_PER_S)
    world.servers["db01"].process.kill()
    world.run(100)
    assert world.time_of(FAILED_OVER) == pytest.approx(8.046 + 24, abs=0.01)


def test_master_fail_retry_adds_its_wait() -> None:
    """If this fails, the option of 1.6.4 delays nothing."""
    world = FailoverWorld(settled=SLEEP, version="1.6.5", master_fail_retry=30 * NS_PER_S)
    world.servers["db01"].process.kill()
    world.run(100)
    assert world.time_of(FAILED_OVER) == pytest.approx(8.046 + 24 + 30, abs=0.01)
    assert world.events("master-still-not-reachable")


@pytest.mark.parametrize("code", [0, 1])
def test_the_fail_check_script_replaces_all_checks(code: int) -> None:
    """If this fails, one non-zero exit is tried again, or a zero is not believed."""

    def hooks(kernel: Kernel) -> dict[str, Hook]:
        return {"exec_fail_check": Script(kernel, "check", 2.0, code)}

    world = FailoverWorld(settled=SLEEP, hooks=hooks)
    world.run(60)
    assert bool(world.events(FAILED_OVER)) == bool(code)
    assert not world.events("master-may-be-down")


def test_a_slave_behind_a_black_hole_hides_the_masters_death() -> None:
    """If this fails, the loop goes on although its query to a slave hangs for 924 s."""
    world = FailoverWorld(settled=PING, site_of={"db03": "far"})
    world.hosts["db03"].power_off()
    world.at(30, world.servers["db01"].process.kill)
    world.run(900)
    assert not world.events("master-may-be-down")
    world.run(600)
    assert world.reason() == "query-on-master-failed"


def test_a_dead_slave_makes_the_loop_longer() -> None:
    """If this fails, the report does not ping a slave that it cannot reach, 3 s each time."""
    world = FailoverWorld(settled=SLEEP, daemon=True)
    calm_s = world.tool.rhythm_now().period_ns / 1e9
    world.servers["db03"].process.kill()
    world.run(100)
    assert world.phase() == "calm"
    assert world.tool.rhythm_now().period_ns / 1e9 == pytest.approx(calm_s + 3.0)
    assert not world.tool.busy


def test_a_slow_admin_host_is_more_often_in_the_report() -> None:
    """If this fails, slow queries do not widen the window in which a crash kills the tool."""
    world = FailoverWorld(settled=SLEEP)
    world.hosts["admin01"].slow_factor = 30.0
    world.run(30)
    rhythm = world.tool.rhythm
    assert rhythm is not None
    assert rhythm.report_master_ns == 3 * NS_PER_S
