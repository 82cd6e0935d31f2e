"""The class of a second in worlds with several stores, names and applications that call."""

from __future__ import annotations

import pytest

from experiments.recording.rows import Point, run_row
from tests.people_worlds import PeopleWorld

NO_PEOPLE = "operator.restore-redundancy=null"


def second(design: str, *faults: str, at_s: float = 100.0, sets: tuple[str, ...] = ()) -> str:
    world = PeopleWorld(design, *sets, faults=faults)
    world.run_until(at_s)
    return world.world.service.second


@pytest.mark.parametrize(
    ("design", "fault", "expected"),
    [
        ("deck-mysql", "down monitor@admin01 at 10s", "unprotected"),
        ("deck-mysql", "hang monitor@admin01 at 10s", "unprotected"),
        ("deck-mysql", "down mysql@db02 at 10s", "unprotected"),
        ("deck-mysql", "cut db01-db02 at 10s", "unprotected"),
        ("deck-mysql", "down mysql@db01 at 97s", "down"),
        ("deck-mysql", "hang mysql@db01 at 97s", "down"),
        ("deck-full", "down monitor@admin01 at 10s", "unprotected"),
        ("deck-full", "down b-s3@b02 at 10s", "unprotected"),
        ("deck-full", "down redis@b02 at 10s", "unprotected"),
        ("deck-full", "hang redis@b01 at 97s", "down"),
        ("deck-full", "down b2@b02 at 10s", "unprotected"),
        ("deck-full-manual", "down mysql@db02 at 10s", "unprotected"),
        ("deck-full-manual", "down mysql@db01 at 10s", "down"),
        ("deck-names", "down foo2@foo-app02 at 10s", "good"),
        ("deck-names", "down consul@consul01 at 10s", "good"),
    ],
)
def test_the_loss_of_one_part_has_its_class(design: str, fault: str, expected: str) -> None:
    """If this fails, a lost part is not seen, or counts as an outage."""
    assert second(design, at_s=9.0) == "good"
    assert second(design, fault) == expected


def test_people_protect_a_store_without_automation() -> None:
    """If this fails, a by-hand design is unprotected all its life, or an unwatched one never."""
    assert second("deck-full-manual") == "good"
    nobody = "operator.promote-by-hand=[foo, bar]"
    assert second("deck-full-manual", sets=(nobody,)) == "unprotected"


def test_two_mysql_masters_are_a_split_brain_and_harmful_only_if_written() -> None:
    """If this fails, the harmful split brain is not told from the harmless one (failures.md 4)."""
    world = PeopleWorld(
        "deck-mysql", NO_PEOPLE, "mysql.foo-db.crash-recovery=1s",
        faults=("down mysql@db01 at 100s for 10min",),
    )  # fmt: skip
    world.run_until(800.0)
    assert world.world.service.second == "split-brain"
    assert not world.world.service.split_written
    recorder = world.close()
    assert recorder.seconds("split-brain") == pytest.approx(99.0, abs=5.0)
    assert recorder.written.totals_ns.get(True, 0) == 0


def test_users_who_are_not_served_during_a_split_brain_are_counted_beside_it() -> None:
    """If this fails, a design that splits hides its outages: the class tells the worse thing only.

    Two masters from the old one's return at 700 s; meanwhile no instance answers for 20 s.
    """
    world = PeopleWorld(
        *("deck-mysql", NO_PEOPLE, "mysql.foo-db.crash-recovery=1s"),
        faults=(
            "down mysql@db01 at 100s for 10min",
            "hang web1@web01 at 750s for 20s",
            "hang web2@web02 at 750s for 20s",
        ),
    )
    world.run_until(749.0)
    before_s = world.recorder.unserved.totals_ns.get(True, 0)
    world.run_until(800.0)
    row = run_row(Point("d", "p", 0), world.close())
    assert before_s == 0
    assert row["split_brain_unserved_s"] == pytest.approx(20.0, abs=2.0)
    assert row["split_brain_s"] > 90.0


def test_a_false_mysql_failover_is_written_on_both_sides() -> None:
    """If this fails, pools that stay with a master that nobody fences cost nothing (row 13)."""
    world = PeopleWorld("deck-mysql", NO_PEOPLE, faults=("cut admin01-db01 at 100s refuse",))
    world.run_until(400.0)
    assert world.world.service.second == "split-brain"
    # Nothing has broken their connections: all write to the old master, and lose it all.
    assert not world.world.service.split_written
    assert world.world.mysql["foo-db"].lost > 1000.0


def test_one_of_several_names_counts() -> None:
    """If this fails, the names of a mixed world are reduced to that of one store."""
    world = PeopleWorld("deck-full", faults=("hang mysql@db01 at 10s",))
    world.run_until(20.0)
    assert world.world.service.names == {"right", "wrong"}
    assert len(world.world.service.published) == 3


def test_half_of_the_instances_without_their_store_is_down_below_95_percent() -> None:
    """If this fails, down-below is not read, or shares of two applications are mixed up."""
    faults = ("cut a02-db01 at 50s",)
    for below, expected in (("0.95", "down"), ("0.4", "degraded")):
        sets = tuple(f"applications.{name}.down-below={below}" for name in ("foo-app", "bar-app"))
        world = PeopleWorld("deck-full", *sets, faults=faults)
        world.run_until(100.0)
        shares = [one.success_share for one in world.world.applications["foo-app"]]
        assert sorted(shares) == [0.0, 1.0], shares
        assert world.world.service.second == expected
        assert world.world.service.success_share == pytest.approx(0.75)
