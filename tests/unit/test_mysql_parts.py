"""The small parts of the MySQL model: GTID sets, growth, attempts to connect, options."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from models.mysql.connect_grid import SynGrid, attempt_ns
from models.mysql.growth import Growth
from models.mysql.gtid import EMPTY, GtidSet, Stream, whole
from models.mysql.spec import MySqlSpec
from models.mysql.sql_thread import SqlThread
from sim.clock import NS_PER_S, from_seconds
from sim.tcp import SYNS_DOUBLING_NS, SYNS_LINEAR_NS

A, B = Stream("a"), Stream("b")


def test_sets_compare_whole_transactions() -> None:
    """If this fails, rounding or half a transaction makes a source count as missing."""
    one = GtidSet({A: 100.0, B: 3.4})
    assert one.beyond(GtidSet({A: 100.0000000001, B: 3.0})) == frozenset()
    assert one.beyond(GtidSet({A: 98.0, B: 2.9})) == {"a", "b"}
    assert one.beyond(EMPTY) == {"a", "b"}
    assert whole(2.9999999) == 3
    assert one.with_count(A, 0.0) == GtidSet({B: 3.4})
    assert one.streams() == (A, B)
    assert hash(GtidSet({A: 1.0})) == hash(GtidSet({A: 1.0, B: 0.0}))


def test_a_set_moves_towards_a_later_one() -> None:
    """If this fails, what has been applied half-way through a backlog is wrong."""
    early, late = GtidSet({A: 10.0}), GtidSet({A: 20.0, B: 4.0})
    assert early.towards(late, 0.5) == GtidSet({A: 15.0, B: 2.0})
    assert early.towards(late, 1.0) == late
    assert early.union(late) == late


def test_growth_knows_its_past() -> None:
    """If this fails, a slave's position depends on who reacts first to an event."""
    growth = Growth()
    growth.set_rate(10 * NS_PER_S, 5.0)
    growth.set_rate(20 * NS_PER_S, 0.0)
    growth.set_rate(20 * NS_PER_S, 1.0)
    assert [growth.at(s * NS_PER_S) for s in (-1, 0, 10, 15, 20, 30)] == [0, 0, 0, 25, 50, 60]
    assert growth.rate_per_s == 1.0


def test_attempts_send_their_syns() -> None:
    """If this fails, a healed path is found at moments at which no SYN is sent."""
    syns_ns = tuple(after_ns for after_ns in SYNS_DOUBLING_NS if after_ns < from_seconds(60))
    grid = SynGrid(from_seconds(5), from_seconds(120), syns_ns)
    ticks, at_ns = [], -1
    for _ in range(9):
        at_ns = grid.after(at_ns)
        ticks.append(round(at_ns / NS_PER_S))
    assert ticks == [5, 6, 8, 12, 20, 36, 125, 126, 128]
    for tick_s in ticks:
        assert grid.until(from_seconds(tick_s)) == from_seconds(tick_s)
        assert grid.after(from_seconds(tick_s) - 1) == from_seconds(tick_s)
    assert grid.until(from_seconds(4)) is None
    assert grid.until(from_seconds(40)) == from_seconds(36)


def test_an_attempt_ends_with_the_system_or_the_timeout() -> None:
    """If this fails, an attempt on a silent master has another length than Linux gives it."""
    assert attempt_ns(SYNS_DOUBLING_NS, from_seconds(3600)) == from_seconds(127)
    assert attempt_ns(SYNS_DOUBLING_NS, from_seconds(60)) == from_seconds(60)
    assert attempt_ns(SYNS_LINEAR_NS, from_seconds(60)) == from_seconds(19.554)


def test_versions_differ_where_mysql_does() -> None:
    """If this fails, a version does not have its own defaults, or an option does not win."""
    old, new = MySqlSpec(version="5.6"), MySqlSpec(version="5.7")
    assert (old.net_timeout_ns, new.net_timeout_ns) == (from_seconds(3600), from_seconds(60))
    assert (old.commits_per_sync, new.commits_per_sync) == (0, 1)
    assert (old.semi_sync, new.semi_sync) == ("off", "off")
    on = {"rpl_semi_sync_master_enabled": True}
    assert MySqlSpec.model_validate({"version": "5.6", **on}).semi_sync == "after_commit"
    assert MySqlSpec.model_validate({"version": "5.7", **on}).semi_sync == "after_sync"
    given = MySqlSpec.model_validate({"slave-net-timeout": "4s", "sync-binlog": 1})
    assert (given.net_timeout_ns, given.commits_per_sync) == (from_seconds(4), 1)
    endless = MySqlSpec.model_validate({"rpl-semi-sync-master-timeout": "infinite"})
    assert endless.rpl_semi_sync_master_timeout == "infinite"


def test_56_has_no_after_sync() -> None:
    """If this fails, a design gets a lossless mode that its version does not have."""
    with pytest.raises(ValidationError, match=r"5\.7\.2"):
        MySqlSpec(version="5.6", rpl_semi_sync_master_wait_point="AFTER_SYNC")


def test_the_sql_thread_applies_at_an_even_pace() -> None:
    """If this fails, a stop in the middle loses or invents applied transactions."""
    thread, late = SqlThread(), GtidSet({A: 20.0})
    assert thread.executed(late, 0) == late
    thread.fall_behind(GtidSet({A: 10.0}), 100, 0)
    assert thread.executed(late, 50) == GtidSet({A: 15.0})
    thread.stop(late, 50)
    assert thread.executed(late, 500) == GtidSet({A: 15.0})
    assert thread.wait_ns(500) == 50
    thread.start(500)
    assert thread.executed(late, 525) == GtidSet({A: 17.5})
    assert thread.executed(late, 550) == late
    assert thread.wait_ns(525) == 25
