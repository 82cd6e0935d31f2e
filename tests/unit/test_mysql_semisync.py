"""Semi-synchronous replication: what it saves, what it blocks, what a crash leaves behind."""

from __future__ import annotations

import pytest

from sim.laws import Fixed
from tests.mysql_worlds import RATE_PER_S, MySqlWorld, semi_sync

POINTS = ("AFTER_COMMIT", "AFTER_SYNC")


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_loses_nothing_acknowledged(point: str) -> None:
    """If this fails, semi-sync loses writes that a slave had acknowledged."""
    spec = semi_sync(version="5.7", rpl_semi_sync_master_wait_point=point)
    world = MySqlWorld(2, spec)
    world.run(100.0)
    world.do(world["db01"].process.kill)
    world.run(5.0)
    world.promote("db02")
    assert world.ledger.acked == pytest.approx(100.0 * RATE_PER_S)
    assert world.ledger.lost == 0.0


@pytest.mark.parametrize("point", POINTS)
def test_a_restarted_master_has_an_unacknowledged_tail(point: str) -> None:
    """If this fails, the crashed master comes back without the transactions that were waiting."""
    spec = semi_sync(version="5.7", rpl_semi_sync_master_wait_point=point)
    world = MySqlWorld(2, spec)
    world.run(100.0)
    world.do(lambda: world.isolate("db02"))
    world.run(1.0)
    world.do(world["db01"].process.kill)
    (tail,) = world.events("unacked-tail")
    readable = "yes" if point == "AFTER_COMMIT" else "no"
    assert dict(tail.fields) == {"count": 100.0, "readable": readable}
    world.run(100.0)
    assert world["db02"].missing_sources(world["db01"]) == 1
    assert world["db01"].errant_sources((world["db02"],)) == 1


def test_no_more_transactions_wait_than_there_are_connections() -> None:
    """If this fails, a master blocked for long leaves more behind than clients could send."""
    spec = semi_sync(rpl_semi_sync_master_timeout="infinite", max_connections=20)
    world = MySqlWorld(2, spec)
    world.run(10.0)
    world.do(lambda: world.isolate("db02"))
    world.run(600.0)
    world.do(world["db01"].process.kill)
    assert dict(world.events("unacked-tail")[0].fields)["count"] == 20.0


@pytest.mark.parametrize(("window_s", "diverged_s"), [(6.0, 0.0), (30.0, 20.0), (100.0, 90.0)])
def test_an_isolated_master_diverges_after_the_timeout(window_s: float, diverged_s: float) -> None:
    """If this fails, diverged writes are not rate x max(0, window - 10 s)."""
    world = MySqlWorld(2, semi_sync())
    world.run(50.0)
    world.do(lambda: world.isolate("db01"))
    world.run(1.0)
    world.promote("db02")
    world.run(window_s - 1.0)
    world.group.close()
    assert world.ledger.lost == pytest.approx(RATE_PER_S * diverged_s)


def test_an_infinite_timeout_fences() -> None:
    """If this fails, a master without slaves goes on although it was told to wait for ever."""
    world = MySqlWorld(2, semi_sync(rpl_semi_sync_master_timeout="infinite"))
    world.run(50.0)
    world.do(lambda: world.isolate("db01"))
    world.run(86_400.0)
    assert not world["db01"].accepts_writes
    assert world.ledger.acked == pytest.approx(50.0 * RATE_PER_S)


def test_after_the_timeout_a_crash_loses_all_that_was_not_sent() -> None:
    """If this fails, a master that fell back to asynchronous still counts as semi-sync."""
    world = MySqlWorld(2, semi_sync())
    world.run(50.0)
    world.do(lambda: world.isolate("db02"))
    world.run(30.0)
    assert [dict(r.fields) for r in world.events("Rpl_semi_sync_master_status")] == [
        {"value": "OFF"}
    ]
    world.do(world["db01"].process.kill)
    world.promote("db02")
    assert world.ledger.lost == pytest.approx(RATE_PER_S * 20.0)


def test_it_is_on_again_when_a_slave_has_caught_up() -> None:
    """If this fails, one silence switches semi-sync off for good."""
    world = MySqlWorld(2, semi_sync())
    world.run(50.0)
    world.do(lambda: world.isolate("db02"))
    world.run(30.0)
    world.do(lambda: world.isolate("db02", -1))
    world.run(60.0)
    assert world["db01"].semisync.on
    assert dict(world.events("Rpl_semi_sync_master_status")[-1].fields) == {"value": "ON"}


def test_a_hung_master_does_not_time_out() -> None:
    """If this fails, a server that executes nothing decides to replicate asynchronously."""
    world = MySqlWorld(2, semi_sync())
    world.run(50.0)
    world.do(world["db01"].process.hang)
    world.run(30.0)
    assert world.events("Rpl_semi_sync_master_status") == []
    world.do(world["db01"].process.proceed)
    world.run(10.0)
    assert world.ledger.acked == pytest.approx(RATE_PER_S * 60.0)


def test_a_lone_promoted_server_blocks_its_first_writes() -> None:
    """If this fails, the first commit on a server without slaves does not wait for the timeout."""
    world = MySqlWorld(2, semi_sync())
    world.run(50.0)
    world.do(world["db01"].process.stop)
    world.promote("db02")
    world.run(100.0)
    assert not world["db02"].accepts_writes
    world.write("db02", RATE_PER_S)
    world.run(9.9)
    assert not world["db02"].accepts_writes
    world.run(0.2)
    assert world["db02"].accepts_writes


def test_of_two_slaves_one_has_everything() -> None:
    """If this fails, semi-sync with two slaves loses writes, or keeps both of them in step."""
    fast, slow = semi_sync(io_thread_lag=Fixed(0.1)), semi_sync(io_thread_lag=Fixed(3.0))
    world = MySqlWorld(3, specs={"db01": fast, "db02": slow, "db03": fast})
    world.run(50.0)
    world.do(world["db01"].process.kill)
    counts = {name: world[name].received_now().count(world["db01"].own) for name in world.servers}
    assert counts["db03"] == pytest.approx(counts["db01"])
    assert counts["db01"] - counts["db02"] == pytest.approx(300.0)


def test_a_slave_without_the_plugin_acknowledges_nothing() -> None:
    """If this fails, any slave releases the waiting commits."""
    world = MySqlWorld(
        2, specs={"db01": semi_sync(), "db02": semi_sync(rpl_semi_sync_slave_enabled=False)}
    )
    world.run(9.9)
    assert world.ledger.acked == 0.0
    world.run(10.1)
    assert world.ledger.acked == pytest.approx(RATE_PER_S * 10.0)
