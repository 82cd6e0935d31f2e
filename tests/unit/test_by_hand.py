"""What people do by hand: promote, restore, rejoin, move Sentinels, give names back."""

from __future__ import annotations

import pytest

from experiments.building.mysql_hands import MySqlHands
from experiments.building.service_state import SecondClass
from experiments.recording.debt import RecoveryDebt
from sim.engine import Kernel
from tests.people_worlds import ACKNOWLEDGE_S, FAILOVER_S, PeopleWorld

ALERT_S = 120.0
CALLED_S = ALERT_S + ACKNOWLEDGE_S + FAILOVER_S
RESTORE = "operator.restore-redundancy.after=1h"
RESTORE_S = 3600.0
NO_RECOVERY = "mysql.foo-db.crash-recovery=1s"


def masters(world: PeopleWorld, store: str) -> list[str]:
    return [server.address for server in world.world.stores[store].accepting]


def at_hand(*faults: str, until_s: float, sets: tuple[str, ...] = ()) -> PeopleWorld:
    world = PeopleWorld("deck-full-manual", RESTORE, *sets, faults=faults)
    world.run_until(until_s)
    return world


# ------------------------------------------------------------------ promotion


@pytest.mark.parametrize(
    ("store", "old", "new"),
    [("foo", "redis@a01", "redis@a02"), ("foo-db", "mysql@db01", "mysql@db02")],
)
def test_people_promote_after_alert_page_and_look(store: str, old: str, new: str) -> None:
    """If this fails, the arm without automation is not page + acknowledge + failover by hand."""
    world = at_hand(f"down {old} at 100s", until_s=700.0)
    ((at_s, fields),) = world.log("promotes")
    assert at_s == pytest.approx(100.0 + CALLED_S)
    assert fields["server"] == new
    assert masters(world, store) == [new]
    assert world.world.service.second in ("good", "unprotected")


def test_a_master_that_has_come_back_is_left_alone() -> None:
    """If this fails, people fail over from a master that serves again."""
    world = at_hand("down redis@a01 at 100s for 200s", until_s=900.0)
    assert [fields["job"] for _, fields in world.log("page")] == ["promote/foo"]
    assert not world.log("promotes")
    assert masters(world, "foo") == ["redis@a01"]


def test_a_short_outage_pages_nobody() -> None:
    """If this fails, a restart within alert-after costs a page."""
    world = at_hand("down redis@a01 at 100s for 100s", until_s=900.0)
    assert not world.log("page") and not world.log("promotes")


def test_a_stand_by_that_is_gone_is_promoted_when_it_is_back() -> None:
    """If this fails, people promote what does not run, or never look again."""
    world = at_hand("down redis@a01 at 100s", "down redis@a02 at 250s for 1000s", until_s=3000.0)
    ((at_s, fields),) = world.log("promotes")
    assert fields["server"] == "redis@a02"
    # Back at 1250 s; alerted, and called once more.
    assert at_s == pytest.approx(1250.0 + CALLED_S)


def test_a_stand_by_that_does_not_work_is_not_promoted_twice() -> None:
    """If this fails, people stop, or go on promoting, after a promotion that did not help."""
    world = at_hand(
        "latent mysql@db02 at 10s for 9990s",
        "down mysql@db01 at 100s for 2000s",
        until_s=3000.0,
    )
    assert [fields["server"] for _, fields in world.log("promotes")] == ["mysql@db02"]
    # The old master has come back as one, and serves.
    assert masters(world, "foo-db") == ["mysql@db01"]


def test_with_automation_nobody_promotes_by_hand() -> None:
    """If this fails, people and Sentinels both replace a master."""
    world = PeopleWorld("deck-full", faults=("down redis@a01 at 100s",))
    world.run_until(900.0)
    assert not world.log("promotes")
    assert masters(world, "foo") == ["redis@a02"]


# ------------------------------------------------------------------ restoring


def test_the_old_mysql_master_is_made_a_slave_and_named() -> None:
    """If this fails, a design loses its redundancy for ever with its first DB failover (3.2g)."""
    world = PeopleWorld(
        "deck-mysql",
        RESTORE,
        NO_RECOVERY,
        faults=("down mysql@db01 at 100s for 500s",),
        on_call=False,
    )
    world.run_until(600.0)
    consul = world.world.consul
    assert consul is not None
    assert dict(consul.catalogue.external) == {"foo-db-master": "db02"}
    (tool,) = world.world.mysql["foo-db"].monitors
    assert tool.slaves == ()
    world.run_until(600.0 + RESTORE_S - 10.0)
    assert len(masters(world, "foo-db")) == 2
    world.run_until(600.0 + RESTORE_S + 60.0)
    assert masters(world, "foo-db") == ["mysql@db02"]
    assert world.world.mysql["foo-db"].servers["mysql@db01"].master is not None
    assert dict(consul.catalogue.external) == {"foo-db-master": "db02", "foo-db-slave": "db01"}
    assert tool.master.address == "mysql@db02"
    assert [slave.address for slave in tool.slaves] == ["mysql@db01"]
    assert tool.command_line.force
    assert world.world.service.second == "good"


def test_after_restoring_the_next_failure_is_survived() -> None:
    """If this fails, a restored design ends with "No candidate found" at its second failure."""
    world = PeopleWorld(
        "deck-mysql",
        RESTORE,
        NO_RECOVERY,
        faults=("down mysql@db01 at 100s for 500s", "down mysql@db02 at 6000s for 500s"),
        on_call=False,
    )
    world.run_until(6300.0)
    assert masters(world, "foo-db") == ["mysql@db01"]
    world.run_until(6500.0 + RESTORE_S + 60.0)
    assert masters(world, "foo-db") == ["mysql@db01"]
    assert len(world.log("restores")) == 2
    assert world.world.service.second == "good"


def test_without_restoring_the_second_failure_is_not_survived() -> None:
    """If this fails, somebody restores a design in which nobody does."""
    world = PeopleWorld(
        "deck-mysql",
        "operator.restore-redundancy=null",
        NO_RECOVERY,
        faults=("down mysql@db01 at 100s", "down mysql@db02 at 6000s"),
    )
    world.run_until(7000.0)
    assert world.log("no-candidate-found")
    assert masters(world, "foo-db") == []


def test_a_monitor_that_is_gone_is_started_again() -> None:
    """If this fails, the loss of a monitor without a supervisor is never noticed."""
    world = PeopleWorld("deck-mysql", RESTORE, faults=("kill monitor@admin01 at 100s",))
    world.run_until(99.0 + RESTORE_S)
    assert not world.world.processes["monitor@admin01"].alive
    world.run_until(110.0 + RESTORE_S)
    (tool,) = world.world.mysql["foo-db"].monitors
    assert tool.process.alive and tool.phase == "calm" and tool.mode == "auto"


def test_what_goes_astray_meanwhile_does_not_begin_the_wait_anew() -> None:
    """If this fails, a second thing out of order puts off the repair of the first."""
    world = PeopleWorld(
        "deck-mysql",
        RESTORE,
        NO_RECOVERY,
        faults=("down mysql@db01 at 100s for 500s", "kill monitor@admin01 at 2000s"),
        on_call=False,
    )
    world.run_until(610.0 + RESTORE_S)
    (restored,) = world.log("restores")
    assert restored[0] == pytest.approx(600.0 + RESTORE_S, abs=5.0)
    assert restored[1]["what"] == "mysql@db01 monitor@admin01"


def test_a_stray_behind_a_cut_is_restored_when_the_cut_has_healed() -> None:
    """If this fails, a server is cloned over a link that carries nothing."""
    world = PeopleWorld(
        "deck-mysql",
        RESTORE,
        NO_RECOVERY,
        faults=("down mysql@db01 at 100s for 500s", "cut db01-db02 at 1000s for 2h"),
        on_call=False,
    )
    world.run_until(8000.0)
    assert len(masters(world, "foo-db")) == 2
    world.run_until(8200.0 + 2 * RESTORE_S)
    assert masters(world, "foo-db") == ["mysql@db02"]


def test_a_returned_redis_master_without_sentinels_is_made_a_replica() -> None:
    """If this fails, a by-hand Redis pair has two masters for good."""
    world = at_hand("down redis@a01 at 100s for 900s", until_s=1000.0 + CALLED_S - 10.0)
    assert masters(world, "foo") == ["redis@a01", "redis@a02"]
    # Back at 1000 s; then the alert, the page, and as long as a failover by hand.
    world.run_until(1000.0 + CALLED_S + 10.0)
    assert masters(world, "foo") == ["redis@a02"]
    assert world.world.stores["foo"].protected


def test_two_mysql_masters_are_paged_and_the_one_with_the_clients_stays() -> None:
    """If this fails, people wipe the server to which everybody writes, or are never called."""
    world = PeopleWorld(
        "deck-mysql", RESTORE, NO_RECOVERY, faults=("cut admin01-db01 at 100s for 45s refuse",)
    )
    world.run_until(300.0)
    assert masters(world, "foo-db") == ["mysql@db01", "mysql@db02"]
    world.run_until(800.0)
    assert masters(world, "foo-db") == ["mysql@db01"]
    group = world.world.mysql["foo-db"]
    assert group.line is group.servers["mysql@db01"]
    assert group.group.ledger.lost < 50.0
    consul = world.world.consul
    assert consul is not None
    assert dict(consul.catalogue.external) == {"foo-db-master": "db01", "foo-db-slave": "db02"}
    (tool,) = group.monitors
    assert tool.master.address == "mysql@db01"
    assert world.world.service.second == "good"


def test_the_only_master_left_is_never_made_a_replica_of_a_dead_one() -> None:
    """If this fails, people who restore order take the last master out of service."""
    world = at_hand(
        "down redis@a01 at 100s for 900s",
        f"down redis@a02 at {1000 + RESTORE_S / 2:g}s for 4h",
        until_s=1500.0 + RESTORE_S,
    )
    assert masters(world, "foo") == ["redis@a01"]
    assert not world.log("restores")


def test_a_slave_whose_threads_have_given_up_is_astray() -> None:
    """If this fails, a slave with a broken thread leaves the design unprotected for ever."""
    world = PeopleWorld("deck-mysql", RESTORE)
    world.run_until(100.0)
    slave = world.world.mysql["foo-db"].servers["mysql@db02"]
    slave.stop_sql_thread()
    world.world.kernel.settle()
    world.run_until(110.0 + RESTORE_S)
    assert slave.sql_running and slave.io_thread.flows
    assert [fields["what"] for _, fields in world.log("restores")] == ["mysql@db02"]


# ------------------------------------------------------------------ names


def test_a_name_that_no_leader_took_is_given_back_by_whoever_is_paged() -> None:
    """If this fails, a hook without a Consul leader costs the name for ever (3.2h)."""
    servers = ("admin01", "consul01", "consul02")
    lost = tuple(f"down consul@{host} at 90s for 600s" for host in servers)
    world = PeopleWorld(
        "deck-mysql", RESTORE, NO_RECOVERY, faults=("down mysql@db01 at 100s", *lost)
    )
    world.run_until(680.0)
    consul = world.world.consul
    assert consul is not None
    assert masters(world, "foo-db") == ["mysql@db02"]
    assert dict(consul.catalogue.external)["foo-db-master"] == "db01"
    world.run_until(690.0 + 2 * CALLED_S + ALERT_S)
    assert dict(consul.catalogue.external)["foo-db-master"] == "db02"
    assert world.world.service.names == {"right"}
    assert world.world.service.success_share == 1.0


def test_hands_never_draw() -> None:
    """If this fails, what a watch reads is drawn anew at each look, and engines differ."""
    world = PeopleWorld("deck-mysql")
    hands = MySqlHands(world.world.mysql["foo-db"], world.world.consul)
    world.run_until(100.0)
    looks = {(hands.candidate(), hands.ready_to_swap(), hands.astray()) for _ in range(5)}
    assert len(looks) == 1


# ------------------------------------------------------------------ Sentinels


def test_each_group_has_its_sentinels_moved() -> None:
    """If this fails, the counts of one group are moved for the failover of another."""
    world = PeopleWorld(
        "deck-full",
        "operator.move-sentinels.after=10min",
        faults=("down redis@a01 at 100s for 60s", "down redis@b01 at 200s for 60s"),
    )
    world.run_until(100.0 + 660.0)
    assert [fields["stopped"] for _, fields in world.log("sentinel-moved")] == ["a-s2@a02"]
    world.run_until(1200.0)
    moved = world.log("sentinel-moved")
    assert [fields["started"] for _, fields in moved] == ["foo-moved1@a01", "bar-moved1@b01"]
    for name, master_host in (("foo", "a02"), ("bar", "b02")):
        group = world.world.redis[name].sentinels
        assert group is not None
        hosts = [one.process.host.name for one in group.members if one.process.running]
        assert len(hosts) == 3
        assert hosts.count(master_host) == 1
        assert {len(one.peers) for one in group.members if one.process.running} == {2}


# ------------------------------------------------------------------ recovery debt


def test_debt_runs_from_the_end_of_an_outage_to_full_redundancy() -> None:
    """If this fails, recovery debt is owed without an outage, or during it (failures.md 4)."""
    debt = RecoveryDebt(Kernel())
    told: list[tuple[SecondClass, bool]] = [
        ("unprotected", False),
        ("good", False),
        ("down", False),
        ("degraded", True),
        ("split-brain", False),
        ("unprotected", True),
        ("down", False),
        ("unprotected", True),
        ("good", False),
        ("unprotected", False),
    ]
    for second, owed in told:
        debt.turn(second)
        assert debt.owed is owed


def test_recovery_debt_is_the_time_until_the_slave_is_back() -> None:
    """If this fails, the table's recovery debt is not what people leave open."""
    world = PeopleWorld(
        "deck-mysql",
        RESTORE,
        NO_RECOVERY,
        faults=("down mysql@db01 at 100s for 500s",),
        on_call=False,
    )
    world.run_until(8000.0)
    recorder = world.close()
    held_s = recorder.debt.totals_ns[True] / 1e9
    split_s = recorder.seconds("split-brain")
    unprotected_s = recorder.seconds("unprotected")
    assert split_s == pytest.approx(RESTORE_S, abs=30.0)
    assert held_s == pytest.approx(unprotected_s, abs=1.0)
    assert 400.0 < held_s < 500.0


@pytest.mark.parametrize(
    ("faults", "true", "false"),
    [
        (("down mysql@db01 at 100s",), 1, 0),
        # The monitor's host loses its way to the master, which goes on serving (Q7).
        (("cut admin01-db01 at 100s for 120s refuse",), 0, 1),
    ],
)
def test_a_mysql_failover_is_false_if_the_old_master_could_serve(
    faults: tuple[str, ...], true: int, false: int
) -> None:
    """If this fails, false failovers of MySQL are counted as true, or the other way round."""
    world = PeopleWorld("deck-mysql", faults=faults)
    world.run_until(1000.0)
    counted = world.close().failovers
    assert (counted.true, counted.false) == (true, false)


def test_whoever_settles_on_one_master_stops_once_there_is_one() -> None:
    """If this fails, people who look into a split brain are missing where it has left others stuck.

    The sites are cut; Sentinels demote the old master some 10 s after they are joined again, long
    before a failover by hand would be done.
    """
    world = PeopleWorld("deck-redis", faults=("cut east-west at 100s for 250s",))
    world.run_until(600.0)
    ((left_s, _),) = [one for one in world.log("found-well") if one[1]["job"] == "rejoin/foo"]
    (demoted_s, _), *_ = [one for one in world.log("role") if one[1]["role"] == "slave"]
    assert left_s == demoted_s
    assert not [one for one in world.log("fixed") if one[1]["job"] == "rejoin/foo"]
