"""Asynchronous replication: what is lost, and how a slave sees its master."""

from __future__ import annotations

import pytest

from models.mysql.spec import MySqlSpec, Version
from sim.clock import from_seconds
from sim.laws import Fixed
from tests.mysql_worlds import IO_LAG_S, RATE_PER_S, SQL_LAG_S, MySqlWorld, a_spec


def test_an_asynchronous_crash_loses_rate_times_lag() -> None:
    """If this fails, the loss window of asynchronous replication is not the lag's."""
    world = MySqlWorld(2)
    world.run(100.0)
    world.do(world["db01"].process.kill)
    world.run(5.0)
    world.promote("db02")
    assert world.ledger.lost == pytest.approx(RATE_PER_S * IO_LAG_S)
    assert [dict(r.fields)["count"] for r in world.events("writes-lost")] == [10]


def test_the_freshest_slave_counts() -> None:
    """If this fails, catching up from another slave does not save what only that one received."""
    slow = a_spec(io_thread_lag=Fixed(2.0))
    world = MySqlWorld(3, specs={"db02": slow})
    world.run(100.0)
    world.do(world["db01"].process.kill)
    world.run(5.0)
    new, fresh = world["db02"], world["db03"]
    assert new.missing_sources(fresh) == 1
    assert fresh.missing_sources(new) == 0
    takes_ns = new.fetch_from(fresh)
    assert takes_ns == from_seconds(SQL_LAG_S) + 2 * 250_000
    world.run(takes_ns * 1e-9)
    world.promote("db02")
    assert world.ledger.lost == pytest.approx(RATE_PER_S * IO_LAG_S)


def test_promotion_before_the_relay_log_is_applied_loses_it() -> None:
    """If this fails, RESET SLAVE ALL keeps a relay log that it really deletes."""
    world = MySqlWorld(2)
    world.run(100.0)
    world.do(world["db01"].process.kill)
    assert world["db02"].relay_wait_ns() == from_seconds(SQL_LAG_S)
    world.run(SQL_LAG_S / 2)
    world.promote("db02")
    lost_s = IO_LAG_S + SQL_LAG_S / 2
    assert world.ledger.lost == pytest.approx(RATE_PER_S * lost_s)


def test_what_was_fetched_and_not_applied_is_lost() -> None:
    """If this fails, a catch-up that times out costs nothing."""
    slow = a_spec(io_thread_lag=Fixed(2.0))
    world = MySqlWorld(3, specs={"db02": slow})
    world.run(100.0)
    world.do(world["db01"].process.kill)
    world.run(5.0)
    world["db02"].fetch_from(world["db03"])
    world.run(SQL_LAG_S / 2)
    world["db02"].stop_slave()
    world.promote("db02")
    fetched_s = (2.0 - IO_LAG_S) / 2
    assert world.ledger.lost == pytest.approx(RATE_PER_S * (2.0 - fetched_s), rel=0.01)


def test_a_stopped_sql_thread_is_not_waited_for() -> None:
    """If this fails, a tool waits for transactions that nobody applies."""
    world = MySqlWorld(2)
    world.run(100.0)
    world.do(world["db02"].stop_sql_thread)
    world.run(10.0)
    assert world["db02"].relay_wait_ns() is None
    held = world["db02"].received_now().count(world["db01"].own)
    done = world["db02"].executed_now().count(world["db01"].own)
    assert held - done == pytest.approx(RATE_PER_S * (10.0 + SQL_LAG_S), rel=0.01)


def noticed_after_s(version: Version, fault: str) -> float | None:
    """Return when a slave says that its connection is gone, or None within two hours."""
    world = MySqlWorld(2, a_spec(version=version), supervisor_s=None)
    world.run(10.0)
    master = world["db01"]
    acts = {
        "kill": master.process.kill,
        "hang": master.process.hang,
        "power": world.hosts["db01"].power_off,
        "isolate": lambda: world.isolate("db01"),
    }
    world.do(acts[fault])
    world.run(7200.0)
    seen = [r for r in world.events("Slave_IO_Running", "db02") if r.time_ns >= from_seconds(10.0)]
    return seen[0].time_ns * 1e-9 - 10.0 if seen else None


@pytest.mark.parametrize(
    ("version", "fault", "after_s"),
    [
        ("5.6", "kill", 0.0),
        ("5.7", "kill", 0.0),
        ("5.6", "power", 3600.0),
        ("5.7", "power", 60.0),
        ("5.6", "isolate", 3600.0),
        ("5.7", "isolate", 60.0),
        ("5.6", "hang", 3600.0),
        ("5.7", "hang", 60.0),
    ],
)
def test_a_slave_notices_silence_by_its_timeout_only(
    version: Version, fault: str, after_s: float
) -> None:
    """If this fails, a slave's view of a dead master is not that of its version."""
    assert noticed_after_s(version, fault) == pytest.approx(after_s)


def test_a_rebooted_master_is_silent_too() -> None:
    """If this fails, a slave of 5.6 notices a power loss although it never sends anything."""
    world = MySqlWorld(2, a_spec(version="5.6"), boot_s=60.0)
    world.run(10.0)
    world.do(world.hosts["db01"].power_off)
    world.run(30.0)
    world.do(world.hosts["db01"].power_on)
    world.run(1000.0)
    assert world["db01"].accepts_writes
    assert world["db02"].io_thread.running == "Yes"
    assert not world.group.in_step(world["db02"])
    world.run(3600.0)
    assert world.group.in_step(world["db02"])


def test_tcp_resumes_after_a_short_cut() -> None:
    """If this fails, a short cut costs a reconnection, or replication comes back too early."""
    world = MySqlWorld(2)
    world.run(10.0)
    world.do(lambda: world.isolate("db01"))
    world.run(43.0)
    world.do(lambda: world.isolate("db01", -1))
    assert not world.group.in_step(world["db02"])
    world.run(8.2)
    # Retransmissions 0.2 s x (2**n - 1) after the cut: 25.4 s, 51 s.
    assert world.group.in_step(world["db02"])
    assert world.events("Slave_IO_Running", "db02")[-1].time_ns == 0


def test_tcp_gives_up_after_a_long_cut() -> None:
    """If this fails, a connection outlives what tcp_retries2 allows."""
    world = MySqlWorld(2, a_spec(version="5.6"))
    world.run(10.0)
    world.do(lambda: world.isolate("db01"))
    world.run(1000.0)
    world.do(lambda: world.isolate("db01", -1))
    world.run(2599.0)
    assert not world.group.in_step(world["db02"])
    world.run(2.0)
    assert world.group.in_step(world["db02"])


def test_a_refusing_master_is_tried_every_minute() -> None:
    """If this fails, MASTER_CONNECT_RETRY is not obeyed."""
    world = MySqlWorld(2, supervisor_s=1.0)
    world.run(10.0)
    world.do(world["db01"].process.kill)
    world.run(59.0)
    assert world["db02"].io_thread.running == "Connecting"
    assert world["db01"].accepts_writes
    world.run(2.0)
    assert world.group.in_step(world["db02"])
    lost = world.group.balance()
    assert lost.lost_writes == 0.0


def test_a_silent_attempt_succeeds_with_its_next_syn() -> None:
    """If this fails, a slave finds a healed path at moments at which it sends nothing."""
    world = MySqlWorld(2, a_spec(version="5.7"))
    world.run(10.0)
    world.do(lambda: world.isolate("db01"))
    # Noticed after 60 s; the attempt begun then sends SYNs 0, 1, 3, 7, 15, 31 s later.
    world.run(60.0 + 20.0)
    world.do(lambda: world.isolate("db01", -1))
    world.run(10.9)
    assert not world.group.in_step(world["db02"])
    world.run(0.2)
    assert world.group.in_step(world["db02"])


def test_restarted_slave_threads_receive_at_once() -> None:
    """If this fails, STOP SLAVE and START SLAVE at one moment leave a deaf slave."""
    world = MySqlWorld(2)
    world.run(10.0)
    world["db02"].stop_slave()
    world.do(world["db02"].start_slave)
    world.run(10.0)
    held = world["db02"].received_now().count(world["db01"].own)
    assert held == pytest.approx(RATE_PER_S * (20.0 - IO_LAG_S))


def test_the_retry_count_ends_the_trying() -> None:
    """If this fails, a slave tries for ever, or gives up too early."""
    world = MySqlWorld(2, a_spec(master_retry_count=3), supervisor_s=None)
    world.run(10.0)
    world.do(world["db01"].process.kill)
    world.run(200.0)
    seen = [(r.time_ns * 1e-9, *dict(r.fields).values()) for r in world.events("Slave_IO_Running")]
    assert seen[2:] == [(10.0, "Connecting"), (190.0, "No")]


def test_what_refuses_logins_keeps_its_connections() -> None:
    """If this fails, exhausted connections cut a slave that is connected, or let another in."""
    world = MySqlWorld(2)
    world["db01"].process.logins_refused += 1
    world.run(10.0)
    assert world.group.in_step(world["db02"])
    world.do(world["db02"].stop_slave, world["db02"].start_slave)
    assert world["db02"].io_thread.running == "Connecting"
    world["db01"].process.logins_refused -= 1
    world.run(61.0)
    assert world.group.in_step(world["db02"])


def test_servers_in_a_ring_do_not_follow_each_other() -> None:
    """If this fails, two servers that name each other master replicate for ever."""
    world = MySqlWorld(2)
    world.run(10.0)
    world.do(lambda: world["db01"].change_master(world["db02"]), world["db01"].start_slave)
    world.run(100.0)
    assert not world["db01"].io_thread.flows
    with pytest.raises(ValueError, match="its own master"):
        world["db01"].change_master(world["db01"])


def test_the_drawn_lag_is_the_mixture_of_the_source() -> None:
    """If this fails, the default law of the I/O thread's lag is not the one of its source."""
    law = MySqlSpec().io_thread_lag
    assert law.median_s == pytest.approx(0.005, rel=0.05)
    assert 1.0 - law.cdf(10.0) == pytest.approx(0.005, rel=0.01)
