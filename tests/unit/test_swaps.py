"""Planned swaps of master and stand-by: what one costs, what it finds, how it goes wrong."""

from __future__ import annotations

import pytest

from sim.engine import Engine
from tests.people_worlds import ACKNOWLEDGE_S, RESTART_S, PeopleWorld

TAKES_S, EVERY_S = 60.0, 3600.0
STORES = [
    pytest.param("deck-redis", "foo", "redis@a01", "redis@a02", id="sentinels"),
    pytest.param("deck-full-manual", "foo", "redis@a01", "redis@a02", id="redis-by-hand"),
    pytest.param("deck-mysql", "foo-db", "mysql@db01", "mysql@db02", id="mysql"),
]
BY_HAND = STORES[1:]
PUBLISHED_S = 33.0
"""The check's interval of 30 s, the failover of about a second, and the retry interval."""


def swaps(store: str, *, p_wrong: float = 0.0, every_s: float = EVERY_S) -> str:
    return (
        f"operator.swaps={{every: {every_s:g}s, stores: [{store}], "
        f"takes: {TAKES_S:g}s, p-goes-wrong: {p_wrong:g}}}"
    )


def a_world(design: str, store: str, *faults: str, p_wrong: float = 0.0) -> PeopleWorld:
    return PeopleWorld(design, swaps(store, p_wrong=p_wrong), faults=faults)


def masters(world: PeopleWorld, store: str) -> list[str]:
    return [server.address for server in world.world.stores[store].accepting]


@pytest.mark.parametrize(("design", "store", "old", "new"), STORES)
def test_a_clean_swap_costs_what_it_takes_and_loses_nothing(
    design: str, store: str, old: str, new: str
) -> None:
    """If this fails, a swap costs more than its gap, acknowledged writes, or a split brain."""
    world = a_world(design, store)
    world.run_until(EVERY_S - 1.0)
    assert masters(world, store) == [old]
    world.run_until(EVERY_S + TAKES_S / 2)
    assert masters(world, store) == []
    world.run_until(EVERY_S + 300.0)
    assert masters(world, store) == [new]
    recorder = world.close()
    down_s = recorder.seconds("down")
    assert TAKES_S < down_s < TAKES_S + PUBLISHED_S
    assert recorder.writes_lost == 0.0
    assert recorder.seconds("split-brain") == 0.0
    assert world.world.service.success_share == 1.0
    # The new master's host has two Sentinels until one is moved; the others are as before.
    assert world.world.stores[store].protected is (design != "deck-redis")
    acts = sum(operator.acts for operator in world.world.operators)
    assert acts == 1 and not world.log("page")


@pytest.mark.parametrize(("design", "store", "old", "new"), STORES)
def test_the_next_swap_swaps_back(design: str, store: str, old: str, new: str) -> None:
    """If this fails, the second swap finds nobody, or the same server for ever."""
    world = a_world(design, store)
    for turn in range(1, 6):
        world.run_until(turn * EVERY_S + 1800.0)
        assert masters(world, store) == [new if turn % 2 else old]
    assert len(world.log("swap-done")) == 5
    assert world.close().writes_lost == 0.0


def test_a_slave_that_lags_is_not_promoted() -> None:
    """If this fails, swaps lose writes of which the slave is behind, and nobody looks."""
    lag = "mysql.foo-db.io-thread-lag={law: uniform, low: 0s, high: 75s}"
    now = "mysql.foo-db.sql-thread-lag=0s"
    turns = 200
    world = PeopleWorld("deck-mysql", swaps("foo-db", every_s=600.0), lag, now)
    world.run_until(600.0 * turns + 300.0)
    done, given_up = len(world.log("swap-done")), len(world.log("swap-given-up"))
    assert done + given_up == turns
    # 15 of 75 s are more than the minute that the slave has.
    assert given_up / turns == pytest.approx(0.2, abs=3 * (0.2 * 0.8 / turns) ** 0.5)
    assert world.close().writes_lost == 0.0


@pytest.mark.parametrize(("design", "store", "old", "new"), STORES)
def test_a_swap_is_skipped_when_the_stand_by_is_not_in_step(
    design: str, store: str, old: str, new: str
) -> None:
    """If this fails, people stop writes for a swap that cannot succeed."""
    world = a_world(design, store, f"down {new} at {EVERY_S - 10:g}s for 5min")
    world.run_until(EVERY_S + 1800.0)
    assert len(world.log("swap-skipped")) == 1
    assert not world.log("swap-begins")
    assert world.close().seconds("down") == 0.0
    world.run_until(2 * EVERY_S + 1800.0)
    assert masters(world, store) == [new]


@pytest.mark.parametrize(("design", "store", "old", "new"), STORES)
def test_a_swap_is_given_up_when_the_stand_by_is_lost_meanwhile(
    design: str, store: str, old: str, new: str
) -> None:
    """If this fails, a stand-by that was lost during the swap is promoted, or writes stay off."""
    world = a_world(design, store, f"down {new} at {EVERY_S + 30:g}s for 5min")
    world.run_until(EVERY_S + 1800.0)
    assert len(world.log("swap-given-up")) == 1
    assert masters(world, store) == [old]
    recorder = world.close()
    assert recorder.seconds("down") == pytest.approx(TAKES_S, abs=2.0)
    assert recorder.writes_lost == 0.0


def test_who_has_been_promoted_meanwhile_keeps_it() -> None:
    """If this fails, people swap a second time after Sentinel has failed over in the middle."""
    world = a_world("deck-redis", "foo", f"down redis@a01 at {EVERY_S + 20:g}s for 20s")
    world.run_until(EVERY_S + 1800.0)
    assert len(world.log("swap-given-up")) == 1
    assert not world.log("swap-done")
    assert masters(world, "foo") == ["redis@a02"]
    assert world.close().writes_lost == 0.0


@pytest.mark.parametrize(("design", "store", "old", "new"), STORES)
def test_a_swap_that_goes_wrong_is_mended_by_whoever_is_called(
    design: str, store: str, old: str, new: str
) -> None:
    """If this fails, a missed step costs nothing, or for ever."""
    world = a_world(design, store, p_wrong=1.0)
    mended_s = EVERY_S + TAKES_S + ACKNOWLEDGE_S + RESTART_S
    world.run_until(mended_s - 1.0)
    assert masters(world, store) == []
    world.run_until(mended_s + 120.0)
    assert masters(world, store) == [new]
    recorder = world.close()
    down_s = TAKES_S + ACKNOWLEDGE_S + RESTART_S
    assert down_s < recorder.seconds("down") < down_s + PUBLISHED_S
    assert recorder.writes_lost == 0.0
    assert world.log("page")[0][1]["job"] == f"swaps/{store}/1"


def test_a_swap_goes_wrong_as_often_as_it_is_said_to() -> None:
    """If this fails, the price of human error is not the stated one."""
    world = PeopleWorld("deck-mysql", swaps("foo-db", p_wrong=0.25, every_s=1200.0))
    world.run_until(1200.0 * 200)
    wrong, done = len(world.log("swap-goes-wrong")), len(world.log("swap-begins"))
    assert done >= 199
    assert wrong / done == pytest.approx(0.25, abs=3 * (0.25 * 0.75 / done) ** 0.5)


@pytest.mark.parametrize(("design", "store", "old", "new"), STORES)
def test_a_stand_by_that_does_not_work_is_found_and_left_again(
    design: str, store: str, old: str, new: str
) -> None:
    """If this fails, a swap finds no latent fault, or costs as long as its repair."""
    world = a_world(design, store, f"latent {new} at 10s for 4h")
    world.run_until(EVERY_S + 1800.0)
    assert len(world.log("swap-back")) == 1
    assert masters(world, store) == [old]
    assert world.world.processes[new].latent_noticed
    assert world.world.service.success_share == 1.0
    recorder = world.close()
    assert 2 * TAKES_S <= recorder.seconds("down") < 2 * (TAKES_S + PUBLISHED_S)
    assert recorder.writes_lost == 0.0
    # Known not to work: nobody swaps to it until it has been repaired.
    world.run_until(2 * EVERY_S + 1800.0)
    assert len(world.log("swap-skipped")) == 1
    assert masters(world, store) == [old]
    world.run_until(4 * EVERY_S + 2400.0 + 1800.0)
    assert masters(world, store) == [new]


def test_sentinels_that_refuse_leave_no_fence_behind() -> None:
    """If this fails, a SENTINEL FAILOVER that nobody heard stops writes for ever."""
    hangs = (
        f"hang {name} at {EVERY_S + 30:g}s for 5min" for name in ("s1@a01", "s2@a02", "s3@a02")
    )
    world = a_world("deck-redis", "foo", *hangs)
    world.run_until(EVERY_S + 1800.0)
    assert masters(world, "foo") == ["redis@a01"]
    recorder = world.close()
    assert recorder.seconds("down") == pytest.approx(2 * TAKES_S, abs=2.0)
    assert recorder.writes_lost == 0.0


def test_writes_go_on_at_a_master_that_the_file_starts_read_only() -> None:
    """If this fails, giving a swap up leaves read_only as my.cnf has it."""
    world = a_world("deck-mysql", "foo-db", f"down mysql@db02 at {EVERY_S + 30:g}s")
    master = world.world.mysql["foo-db"].servers["mysql@db01"]
    world.run_until(EVERY_S + 200.0)
    assert not master.read_only


@pytest.mark.parametrize("p_wrong", [0.0, 1.0])
@pytest.mark.parametrize("design", ["deck-full", "deck-full-manual"])
def test_nobody_is_paged_for_what_is_planned(design: str, p_wrong: float) -> None:
    """If this fails, a swap longer than alert-after wakes everybody, and they queue for it."""
    what = f"stores: [foo, foo-db], takes: 10min, p-goes-wrong: {p_wrong}"
    world = PeopleWorld(design, f"operator.swaps={{every: 2h, {what}}}")
    world.run_until(4 * EVERY_S - 10.0)
    jobs = [page["job"] for _, page in world.log("page")]
    assert sorted(map(str, jobs)) == (["swaps/foo-db/1", "swaps/foo/1"] if p_wrong else [])


def test_after_a_swap_people_are_called_as_before() -> None:
    """If this fails, the first swap is the last time that anybody is paged."""
    later_s = 1.5 * EVERY_S + 600
    faults = (f"down redis@a02 at {later_s:g}s", f"down mysql@db02 at {later_s:g}s")
    text = swaps("foo").replace("[foo]", "[foo, foo-db]")
    world = PeopleWorld("deck-full-manual", text, faults=faults)
    world.run_until(later_s + 1200.0)
    assert sorted(str(what["server"]) for _, what in world.log("promotes")) == [
        "mysql@db01",
        "redis@a01",
    ]


def test_automation_still_works_after_a_swap() -> None:
    """If this fails, a swap leaves the stand-by read-only, and the next failover serves nobody."""
    world = a_world("deck-mysql", "foo-db", f"down mysql@db02 at {EVERY_S + 1800:g}s")
    world.run_until(EVERY_S + 1900.0)
    assert world.log("failover-complete")
    assert masters(world, "foo-db") == ["mysql@db01"]
    assert world.world.service.success_share == 1.0
    assert world.world.mysql["foo-db"].group.ledger.lost < 50.0
    assert all(
        server.errant_writes == 0.0 for server in world.world.mysql["foo-db"].servers.values()
    )


def test_the_sentinels_counts_are_moved_after_a_swap() -> None:
    """If this fails, a swap leaves two Sentinels on the master's host (slide 39)."""
    world = PeopleWorld(
        "deck-redis", swaps("foo"), "operator.move-sentinels={after: 5min, reset: yes}"
    )
    for turn, host in ((1, "a02"), (2, "a01"), (3, "a02")):
        world.run_until(turn * EVERY_S + 1800.0)
        group = world.world.redis["foo"].sentinels
        assert group is not None
        living = [one.process.host.name for one in group.members if one.process.running]
        assert len(living) == 3
        assert living.count(host) == 1
        assert {len(one.peers) for one in group.members if one.process.running} == {2}
    assert len(world.log("sentinel-moved")) == 3


def test_all_stores_of_the_whole_system_can_be_swapped() -> None:
    """If this fails, swaps of several stores at one moment disturb each other."""
    every = "operator.swaps={every: 1h, stores: [foo, bar, foo-db], takes: 30s}"
    for design in ("deck-full", "deck-full-manual"):
        world = PeopleWorld(design, every)
        world.run_until(3 * EVERY_S + 3000.0)
        recorder = world.close()
        assert len(world.log("swap-done")) == 9
        assert [masters(world, name) for name in ("foo", "bar", "foo-db")] == [
            ["redis@a02"],
            ["redis@b02"],
            ["mysql@db02"],
        ]
        assert recorder.writes_lost == 0.0
        assert recorder.seconds("split-brain") == 0.0
        assert world.world.service.success_share == 1.0


@pytest.mark.parametrize("engine", ["naive", "audit"])
def test_engines_agree_about_swaps(engine: Engine) -> None:
    """If this fails, a swap comes out differently if nobody sleeps."""

    def story(how: Engine) -> list[str]:
        text = "operator.swaps={every: 5min, stores: [foo-db], takes: 20s, p-goes-wrong: 0.3}"
        faults = ("latent mysql@db02 at 10s for 20min", "kill mysql@db01 at 1000s")
        world = PeopleWorld("deck-mysql", text, faults=faults, engine=how)
        world.run_until(2400.0)
        return world.story()

    assert story(engine) == story("fast")
