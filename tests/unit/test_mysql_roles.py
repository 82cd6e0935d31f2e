"""Roles, promotion, errant writes, the old master's return, and rebuilding."""

from __future__ import annotations

import pytest

from models.mysql.group import MySqlGroup
from models.mysql.ledger import Ledger
from models.mysql.server import NEVER_NS, MySqlServer
from tests.mysql_worlds import IO_LAG_S, RATE_PER_S, SQL_LAG_S, MySqlWorld, a_spec


def failed_over(world: MySqlWorld, *, new: str = "db02") -> MySqlWorld:
    """Crash db01 after 100 s, promote another 5 s later, and move the clients to it."""
    world.run(100.0)
    world.do(world["db01"].process.kill)
    world.run(5.0)
    world.promote(new)
    world.write("db01", 0.0)
    world.write(new, RATE_PER_S)
    return world


def test_promotion_makes_a_master_and_drops_nobody() -> None:
    """If this fails, RESET SLAVE ALL does not promote, or kills connections as Redis does."""
    world = failed_over(MySqlWorld(3))
    new = world["db02"]
    assert (new.role, new.is_master, new.master, new.disconnections) == ("master", True, None, 0)
    assert new.accepts_writes
    (record,) = world.events("role", "db02")[1:]
    assert dict(record.fields) == {"role": "master", "master": "-"}
    world.run(1.0)
    assert world.group.in_step(world["db03"])
    assert world["db03"].master is new


def test_a_defect_that_nobody_knew_of_shows_at_promotion() -> None:
    """If this fails, a drifted configuration does not matter when the stand-by is needed."""
    world = MySqlWorld(2)
    stand_by = world["db02"].process
    stand_by.latent_faults = 1
    failed_over(world)
    assert stand_by.latent_noticed
    assert not world.accepts("db02")


def test_role_listeners_hear_of_each_change() -> None:
    """If this fails, what hangs on a role (a check, a meter) is not told."""
    world = MySqlWorld(2)
    heard: list[str] = []
    world["db02"].role_listeners = (lambda: heard.append(world["db02"].role),)
    failed_over(world)
    world["db02"].change_master(world["db01"])
    assert heard == ["master", "slave"]


def test_the_old_master_returns_writable_and_unattached() -> None:
    """If this fails, a returning master is fenced by something that does not exist."""
    world = failed_over(MySqlWorld(2))
    world.run(60.0)
    old = world["db01"]
    assert old.is_master
    assert old.accepts_writes
    assert world.ledger.lost == pytest.approx(RATE_PER_S * IO_LAG_S)
    world.write("db01", 10.0)
    world.run(30.0)
    # It has its own beyond the failover's loss; each write there is lost as it is acknowledged.
    assert old.errant_sources((world["db02"],)) == 1
    assert world.ledger.lost == pytest.approx(RATE_PER_S * IO_LAG_S + 300.0)
    assert world.told_lost() == 10
    world.group.close()
    assert world.told_lost() == 310


def test_read_only_survives_only_in_the_configuration() -> None:
    """If this fails, SET GLOBAL read_only outlives a restart, or the file's value is forgotten."""
    world = MySqlWorld(2, specs={"db02": a_spec(read_only=True)}, supervisor_s=1.0)
    world["db01"].set_read_only(True)
    assert not world.accepts("db01")
    failed_over(world)
    assert not world.accepts("db02")
    world["db02"].set_read_only(False)
    assert world.accepts("db02")
    world.do(world["db02"].process.kill)
    world.run(60.0)
    assert world.accepts("db01")
    assert world["db02"].read_only


def test_a_writable_slave_executes_errant_writes() -> None:
    """If this fails, writes that reach a slave vanish, or count as acknowledged by a master."""
    world = MySqlWorld(2)
    world.write("db02", 5.0)
    world.run(10.0)
    slave = world["db02"]
    assert not slave.accepts_writes
    assert slave.errant_writes == pytest.approx(50.0)
    assert slave.errant_sources((world["db01"],)) == 1
    assert world.ledger.acked == pytest.approx(10.0 * RATE_PER_S)
    closed = MySqlWorld(2, specs={"db02": a_spec(read_only=True)})
    closed.write("db02", 5.0)
    closed.run(10.0)
    assert closed["db02"].errant_writes == 0.0
    assert closed["db02"].errant_sources((closed["db01"],)) == 0


def test_errant_writes_spread_by_catching_up() -> None:
    """If this fails, a candidate that fetches from a slave does not get its errant writes."""
    world = MySqlWorld(3)
    world.write("db03", 5.0)
    world.run(10.0)
    world.write("db03", 0.0)
    world.do(world["db01"].process.stop)
    world.run(1.0)
    world["db02"].fetch_from(world["db03"])
    world.run(1.0)
    world["db02"].reset_slave_all()
    assert world["db02"].executed_now().count(world["db03"].errant) == pytest.approx(50.0)
    assert world["db02"].errant_sources((world["db01"],)) == 1


def test_a_rebuilt_server_discards_what_it_had_beyond() -> None:
    """If this fails, an operator's rebuild keeps errant or diverged transactions."""
    world = failed_over(MySqlWorld(2))
    world.run(60.0)
    world.write("db01", 10.0)
    world.run(30.0)
    world.write("db01", 0.0)
    old, new = world["db01"], world["db02"]
    lost = world.ledger.lost
    world.do(lambda: old.rebuild_from(new))
    assert old.errant_sources((new,)) == 0
    assert world.group.in_step(old)
    world.run(10.0)
    assert old.missing_sources(new) == 1  # What is under way.
    assert world.ledger.lost == pytest.approx(lost)
    # And it can be promoted in turn, with numbers of its own that go on.
    world.do(new.process.kill)
    world.run(5.0)
    world.promote("db01")
    world.write("db01", RATE_PER_S)
    world.run(5.0)
    assert world.ledger.lost == pytest.approx(lost + RATE_PER_S * IO_LAG_S)
    balance = world.group.balance()
    assert balance.at_risk_writes == pytest.approx(5.0 * RATE_PER_S)


def test_rebuilding_the_line_brings_nothing_back() -> None:
    """If this fails, writes that were lost return to the books when the line changes hands."""
    world = MySqlWorld(2)
    world.run(10.0)
    world.do(world["db02"].reset_slave_all)
    world.run(6.0)
    lost = world.ledger.lost
    assert lost == pytest.approx(RATE_PER_S * (6.0 + IO_LAG_S + SQL_LAG_S))
    world.do(lambda: world["db02"].rebuild_from(world["db01"]))
    assert world.ledger.line is world["db01"]
    assert world.ledger.lost == pytest.approx(lost)
    world.run(5.0)
    assert world.ledger.lost == pytest.approx(lost)


def test_a_master_that_lacks_a_slaves_transactions_is_followed_silently() -> None:
    """If this fails, 5.6 and 5.7 notice that a slave has more than its new master."""
    world = failed_over(MySqlWorld(2))
    world.run(60.0)
    old, new = world["db01"], world["db02"]
    world.do(lambda: old.change_master(new), old.start_slave)
    assert world.group.in_step(old)
    assert old.errant_sources((new,)) == 1


def test_a_server_that_cannot_be_reached_is_never_caught_up_with() -> None:
    """If this fails, a tool believes that it has fetched from a dead server."""
    world = MySqlWorld(3)
    world.run(10.0)
    world.do(world["db01"].process.stop, world["db03"].process.stop)
    assert world["db02"].fetch_from(world["db03"]) == NEVER_NS


def test_changing_the_master_drops_what_is_not_applied() -> None:
    """If this fails, CHANGE MASTER keeps a relay log that it purges, or refetches nothing."""
    world = MySqlWorld(3)
    world.run(10.0)
    world.do(world["db01"].process.kill)
    own = world["db01"].own
    had = world["db03"].received_now().count(own)
    world["db03"].change_master(world["db02"])
    assert world["db03"].received_now().count(own) < had


def test_who_is_eligible_and_registered() -> None:
    """If this fails, a tool promotes a server without GTIDs, or forgets who is registered."""
    plain = MySqlWorld(2, a_spec(gtid_mode=False))
    assert not plain["db02"].is_eligible
    assert not MySqlWorld(2, a_spec(rpl_user=False))["db02"].is_eligible
    world = MySqlWorld(2)
    assert world["db02"].is_eligible
    world["db01"].failover_console = "mysqlfailover@admin"
    world.do(world["db01"].process.kill)
    world.run(60.0)
    assert world["db01"].failover_console == "mysqlfailover@admin"


def test_killed_connections_are_counted() -> None:
    """If this fails, clients do not learn that a hook script has cut them off."""
    world = MySqlWorld(2)
    world.do(world["db01"].kill_connections)
    assert world["db01"].disconnections == 1


def test_the_line_can_be_chosen_by_hand() -> None:
    """If this fails, people who go back to the old master lose its writes in the books for ever."""
    world = failed_over(MySqlWorld(2))
    world.run(60.0)
    world.write("db02", 0.0)
    world.write("db01", RATE_PER_S)
    world.group.follow_by_hand(world["db01"])
    at_the_choice = world.ledger.lost
    world.run(10.0)
    assert world.ledger.lost == pytest.approx(at_the_choice)


def test_a_group_has_one_ledger() -> None:
    """If this fails, servers whose books are apart are taken for one group."""
    world, other = MySqlWorld(2), MySqlWorld(1)
    with pytest.raises(ValueError, match="one ledger"):
        MySqlGroup((world["db01"], other["db01"]))
    assert isinstance(world.ledger, Ledger)
    assert isinstance(world["db01"], MySqlServer)
