"""Crash recovery, and what a crash takes from the logs."""

from __future__ import annotations

import pytest

from models.mysql.spec import MySqlSpec
from sim.laws import Fixed
from tests.mysql_worlds import IO_LAG_S, RATE_PER_S, MySqlWorld, a_spec


def test_the_port_refuses_during_crash_recovery() -> None:
    """If this fails, the race between mysqld's restart and a monitor has no substance."""
    world = MySqlWorld(2, supervisor_s=1.0)
    world.run(10.0)
    world.do(world["db01"].process.kill)
    world.run(2.0)
    assert world["db01"].process.listening
    assert not world.is_open("db01")
    assert not world.accepts("db01")
    world.run(38.9)
    assert not world.is_open("db01")
    world.run(0.2)
    assert world.is_open("db01")
    assert world.accepts("db01")


def test_a_clean_stop_needs_no_recovery() -> None:
    """If this fails, planned restarts cost a crash recovery."""
    world = MySqlWorld(2)
    world.run(10.0)
    process = world["db01"].process
    world.do(process.stop)
    world.run(10.0)
    process.enabled = True
    world.do(process.start)
    assert world.accepts("db01")
    assert world.events("crash-recovery-started") == []


def test_a_recovery_cut_short_begins_again() -> None:
    """If this fails, a second crash ends a recovery early."""
    world = MySqlWorld(2, supervisor_s=1.0)
    world.run(10.0)
    world.do(world["db01"].process.kill)
    world.run(21.0)
    world.do(world["db01"].process.kill)
    world.run(40.9)
    assert not world.is_open("db01")
    world.run(0.2)
    assert world.is_open("db01")


def test_a_recovery_stopped_on_purpose_begins_again() -> None:
    """If this fails, stopping a server during its recovery makes it clean."""
    world = MySqlWorld(2, supervisor_s=1.0)
    world.run(10.0)
    process = world["db01"].process
    world.do(process.kill)
    world.run(21.0)
    world.do(process.stop)
    process.enabled = True
    world.do(process.start)
    assert not world.is_open("db01")


def test_a_crash_of_the_process_keeps_the_logs() -> None:
    """If this fails, kill -9 loses writes that the page cache holds."""
    world = MySqlWorld(2)
    world.run(10.0)
    world.do(world["db01"].process.kill)
    world.run(300.0)
    assert world.events("log-ends-lost") == []
    assert world.ledger.lost == 0.0


def power_loss(spec: MySqlSpec, *, off_s: float = 5.0) -> MySqlWorld:
    """Return a world whose master has lost power for a while and recovered."""
    world = MySqlWorld(2, spec, boot_s=10.0)
    world.run(100.0)
    world.do(world.hosts["db01"].power_off)
    world.run(off_s)
    world.do(world.hosts["db01"].power_on)
    world.run(60.0)
    return world


def test_an_unsynced_binlog_leaves_the_slaves_ahead() -> None:
    """If this fails, sync_binlog = 0 has no consequence at a power loss."""
    quiet = a_spec(version="5.6")
    world = MySqlWorld(2, quiet, boot_s=10.0)
    world.run(100.0)
    world.do(world.hosts["db01"].power_off, lambda: world.write("db01", 0.0))
    world.run(5.0)
    world.do(world.hosts["db01"].power_on)
    world.run(60.0)
    assert dict(world.events("log-ends-lost")[0].fields) == {"binlog": 1000, "tables": 0}
    # InnoDB has them, the binary log does not: nothing is lost, but the slave cannot go on.
    assert world.ledger.lost == 0.0
    world.do(world["db02"].stop_slave, world["db02"].start_slave)
    assert world["db02"].io_thread.running == "No"
    assert world["db02"].io_thread.last_error == 1236
    world.run(1000.0)
    assert not world.group.in_step(world["db02"])
    world.do(lambda: world["db02"].rebuild_from(world["db01"]))
    assert world.group.in_step(world["db02"])


def test_numbers_given_out_again_are_skipped_silently() -> None:
    """If this fails, a slave that returns late has writes which it took for others."""
    world = power_loss(a_spec(version="5.6"), off_s=5.0)
    world.run(60.0)
    # Until slave_net_timeout the slave believes itself connected; by then the numbers are used.
    assert world["db02"].io_thread.running == "Yes"
    world.do(world["db02"].stop_slave, world["db02"].start_slave)
    assert world["db02"].io_thread.running == "Yes"
    skipped = 1000 - RATE_PER_S * IO_LAG_S
    assert dict(world.events("numbers-skipped")[0].fields)["count"] == pytest.approx(skipped)
    world.run(10.0)
    world.do(world["db01"].process.stop)
    world.run(5.0)
    world.promote("db02")
    assert world.ledger.lost == pytest.approx(skipped + 2 * RATE_PER_S * IO_LAG_S)


def test_a_synced_binlog_loses_nothing() -> None:
    """If this fails, 5.7's defaults lose writes at a power loss."""
    world = power_loss(a_spec(version="5.7"))
    assert world.events("log-ends-lost") == []
    world.run(60.0)
    assert world.group.in_step(world["db02"])
    assert world.ledger.lost == 0.0


def test_unflushed_innodb_logs_lose_the_last_second() -> None:
    """If this fails, innodb_flush_log_at_trx_commit has no effect."""
    world = power_loss(a_spec(version="5.7", innodb_flush_log_at_trx_commit=2))
    assert 0.0 < world.ledger.lost < RATE_PER_S
    same = MySqlWorld(2, a_spec(innodb_flush_log_at_trx_commit=2))
    same.run(10.0)
    same.do(same["db01"].process.kill)
    assert same.ledger.lost == 0.0
    none = MySqlWorld(2, a_spec(innodb_flush_log_at_trx_commit=0))
    none.run(10.0)
    none.do(none["db01"].process.kill)
    assert 0.0 < none.ledger.lost < RATE_PER_S


def test_the_default_recovery_is_that_of_the_source() -> None:
    """If this fails, crash recovery does not last as long as its source says."""
    law = MySqlSpec().crash_recovery
    assert law.median_s == pytest.approx(40.0)
    assert law.cdf(360.0) == pytest.approx(0.95)


def test_a_slow_host_recovers_slowly() -> None:
    """If this fails, recovery ignores how slow its host is."""
    world = MySqlWorld(2, a_spec(crash_recovery=Fixed(10.0)), supervisor_s=0.0)
    world.run(10.0)
    world.hosts["db01"].slow_factor = 3.0
    world.do(world["db01"].process.kill)
    world.run(29.0)
    assert not world.is_open("db01")
    world.run(2.0)
    assert world.is_open("db01")
