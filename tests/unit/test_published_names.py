"""What the published names of the masters say, second by second (failures.md section 4)."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import cast

import pytest

from experiments.building.published_names import PublishedName
from experiments.building.resolution import Answer
from experiments.building.stores import Store
from models.application.application import Application
from sim.clock import to_seconds
from sim.engine import Kernel
from sim.metering import StateMeter
from sim.state import Entity, state
from tests.people_worlds import PeopleWorld

# ------------------------------------------------------------------ the four states


class Told(Entity):
    """What a host is told, whether it runs, and who accepts writes."""

    hosts: tuple[str, ...] = state(("a01",))
    running: bool = state(True)
    accepting: tuple[str, ...] = state(("a01",))


def a_name(*told: Told) -> PublishedName:
    """A name whose store has the servers a01 and a02, seen by as many users."""

    class FakeStore:
        name = "foo"

        @property
        def accepting(self) -> tuple[str, ...]:
            return told[0].accepting

        def server_on(self, host: str) -> str | None:
            return host if host in ("a01", "a02") else None

    users = tuple(
        (
            cast("Application", SimpleNamespace(process=each)),
            lambda each=each: Answer(each.hosts),
        )
        for each in told
    )
    return PublishedName(told[0].kernel, "foo", cast("Store", FakeStore()), users)


@pytest.mark.parametrize(
    ("hosts", "accepting", "expected"),
    [
        (("a01",), ("a01",), "right"),
        ((), ("a01",), "empty"),
        (("a02",), ("a01",), "wrong"),
        (("a01",), (), "wrong"),
        (("zz",), ("a01",), "wrong"),
        (("a01", "a02"), ("a01",), "double"),
        (("a01", "a02"), ("a01", "a02"), "double"),
        (("a02",), ("a01", "a02"), "right"),
    ],
)
def test_a_name_is_right_empty_wrong_or_double(
    hosts: tuple[str, ...], accepting: tuple[str, ...], expected: str
) -> None:
    """If this fails, a dead or demoted master's name is taken for the master's."""
    told = Told(Kernel(), "told")
    told.hosts, told.accepting = hosts, accepting
    assert a_name(told).state == expected


def test_a_name_is_seen_by_a_user_that_runs() -> None:
    """If this fails, a host that is down says what the name is."""
    kernel = Kernel()
    first, second = Told(kernel, "one"), Told(kernel, "two")
    name = a_name(first, second)
    second.hosts = ()
    assert name.state == "right"
    first.running = False
    kernel.settle()
    assert name.state == "empty"


# ------------------------------------------------------------------ over a DB failover

TEMPLATE_S = 0.1
"""From the commit to the renamed hosts file on the slowest host (consul.md section 9)."""


@pytest.fixture(scope="module")
def failover() -> tuple[PeopleWorld, dict[str, list[tuple[tuple[str, ...], float, float]]]]:
    """The whole system over one failover, and what each host was told about the master."""
    world = PeopleWorld("deck-full", faults=("down mysql@db01 at 100s for 20min",))
    names = world.world.names
    assert names is not None
    told: dict[str, list[tuple[tuple[str, ...], float, float]]] = {}

    def follow(host: str) -> None:
        assert names is not None
        resolver = names.resolver(host)
        meter = StateMeter(
            world.world.kernel,
            f"test/{host}",
            lambda: resolver.answer("foo-db-master").addresses,
            initial=("db01",),
        )
        told[host] = []
        meter.listen(
            lambda answer, start_ns, end_ns: told[host].append(
                (answer, to_seconds(start_ns), to_seconds(end_ns))
            )
        )

    for host in world.world.hosts:
        follow(host)
    world.run_until(600.0)
    return world, told


def test_the_db_name_is_absent_from_before_exec_to_after_exec_on_every_host(
    failover: tuple[PeopleWorld, dict[str, list[tuple[tuple[str, ...], float, float]]]],
) -> None:
    """If this fails, check 6 of consul.md section 12 does not hold."""
    world, told = failover
    ((before_s, _),) = world.log("exec-before")
    ((after_s, _),) = world.log("exec-after")
    (gone_s, *_) = [
        at_s for at_s, what in world.log("deregister-node") if what["node"] == "foo-db-master"
    ]
    ((back_s, back),) = [
        (at_s, what) for at_s, what in world.log("register-node") if what["node"] == "foo-db-master"
    ]
    assert back["address"] == "db02"
    assert before_s < gone_s < before_s + 0.2
    assert after_s < back_s < after_s + 0.3
    assert len(told) == len(world.world.hosts) == 9
    for host, answers in told.items():
        assert answers[0][0] == ("db01",), host
        until_s = answers[0][2]
        assert gone_s <= until_s <= gone_s + TEMPLATE_S, host
        assert answers[1][0] == ()
        assert back_s <= answers[1][2] <= back_s + TEMPLATE_S, host
        assert len(answers) == 2 or [one[0] for one in answers[2:]] == [("db02",)]
    resolvers = world.world.names.resolvers  # type: ignore[union-attr]
    assert {one.answer("foo-db-master").addresses for one in resolvers.values()} == {("db02",)}


def test_every_db_failover_restarts_each_dnsmasq_twice_or_more(
    failover: tuple[PeopleWorld, dict[str, list[tuple[tuple[str, ...], float, float]]]],
) -> None:
    """If this fails, a failover does not rewrite the hosts file of the whole fleet (3.2i)."""
    world, told = failover
    started = Counter(
        record.entity.partition("@")[2]
        for record in world.world.trace.records
        if record.event == "started" and record.entity.startswith("dnsmasq@")
    )
    assert set(started) == set(told)
    assert min(started.values()) >= 2 and max(started.values()) <= 4


def test_the_name_is_wrong_then_empty_then_right(
    failover: tuple[PeopleWorld, dict[str, list[tuple[tuple[str, ...], float, float]]]],
) -> None:
    """If this fails, the columns name_wrong_s and name_empty_s do not tell the two apart."""
    world, _ = failover
    recorder = world.close()
    ((before_s, _),) = world.log("exec-before")
    wrong_s, empty_s = recorder.name_seconds("wrong"), recorder.name_seconds("empty")
    assert wrong_s == pytest.approx(before_s - 100.0, abs=0.3)
    assert 0.1 < empty_s < 0.5
    assert recorder.name_seconds("double") == 0.0
    assert recorder.name_seconds("right") == pytest.approx(600.0, abs=1e-6)
    by_name = {name.name: name.state for name in world.world.service.published}
    assert by_name == {
        "master.foo-redis.service.dc1.consul": "right",
        "master.bar-redis.service.dc1.consul": "right",
        "foo-db-master": "right",
    }


def test_a_typo_in_the_script_leaves_the_name_empty_until_somebody_is_paged() -> None:
    """If this fails, the node called "foo-db-master}" of slide 70 is taken for the master."""
    typo = (
        "mysql.foo-db.published={master-name: foo-db-master, slave-name: foo-db-slave, typo: yes}"
    )
    world = PeopleWorld("deck-full", typo, faults=("down mysql@db01 at 100s",))
    world.run_until(240.0)
    ((after_s, _),) = world.log("exec-after")
    names = {name.name: name.state for name in world.world.service.published}
    assert names["foo-db-master"] == "empty"
    world.run_until(after_s + 120.0 + 60.0 + 120.0 + 10.0)
    names = {name.name: name.state for name in world.world.service.published}
    assert names["foo-db-master"] == "right"


def test_two_redis_masters_make_the_name_double() -> None:
    """If this fails, an answer with two masters is not told apart from a wrong one."""
    world = PeopleWorld("deck-redis", faults=("cut a01-a02 at 100s for 30min",))
    world.run_until(1600.0)
    recorder = world.close()
    assert recorder.name_seconds("double") > 300.0
    assert recorder.name_seconds("empty") < 60.0
    assert recorder.seconds("split-brain") > 1000.0
