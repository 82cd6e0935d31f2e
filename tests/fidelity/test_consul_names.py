"""Acceptance checks 4 to 7 of ``consul.md`` section 12: names, as hosts see them."""

from __future__ import annotations

import statistics

import pytest

from models.consul.hooks import HooksSpec, deregister_master_db, register_master_db
from tests.names_worlds import NamesWorld

APP = "foo-app.service.dc1.consul"
BAR = "bar-app.service.dc1.consul"
MASTER = "foo-db-master"
NODE = f"{MASTER}.node.dc1.consul"


# Check 4 -------------------------------------------------------------------------------------


def test_a_crashed_host_keeps_its_node_lines_and_loses_its_service_lines() -> None:
    """If this fails, the hosts file does not tell a dead host as consul-template does."""
    world = NamesWorld("abcde", {"foo-app": "abc", "bar-app": "bc"})
    world.run(60.0)
    world.hosts["c"].power_off()
    world.run(30.0)
    for host in "abde":
        file = world.names.files[host]
        assert {"c", "c.node.dc1.consul"} <= world.in_file(host)
        assert file.addresses(APP) == ("a", "b")
        assert file.addresses(BAR) == ("b",)


@pytest.mark.parametrize("init", ["bare", "sysv-debian"])
def test_a_crash_makes_two_renders(init: str) -> None:
    """If this fails, a burst of changed views makes one restart, or one for each view (6)."""
    services = {f"app{place}": "bc" for place in range(6)}
    world = NamesWorld("abcde", services, names={"dnsmasq": {"init": init}})
    world.hosts["c"].power_off()
    world.run(60.0)
    for host in "abde":
        assert world.names.templates[host].rewrites == world.names.dnsmasqs[host].restarts == 2


def test_a_clean_stop_takes_the_node_lines_too() -> None:
    """If this fails, slide 88 is not reproduced: an agent that leaves takes all its lines."""
    world = NamesWorld("abcde", {"foo-app": "abc"})
    world.consul.agents["b"].leave()
    world.run(5.0)
    assert not {"b", "b.node.dc1.consul"} & world.in_file("a")
    assert world.names.files["a"].addresses(APP) == ("a", "c")


# Check 5 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", "de")
def test_the_hosts_path_sends_everything_to_entry_1(host: str) -> None:
    """If this fails, slide 101 is not reproduced: the first line takes all."""
    world = NamesWorld("abcde", {"foo-app": "abc"})
    answer = world.names.resolver(host).answer(APP)
    assert (answer.addresses[0], answer.shares[0]) == ("a", 1.0)
    world.applications["foo-app", "a"].health = "critical"
    world.run(11.0)
    answer = world.names.resolver(host).answer(APP)
    assert (answer.addresses[0], answer.shares[0]) == ("b", 1.0)


@pytest.mark.parametrize("instances", ["ab", "abc", "abcd"])
def test_the_dnsmasq_path_spreads_evenly(instances: str) -> None:
    """If this fails, dnsmasq does not rotate the lines of a name (section 7)."""
    resolver = {"hosts": "dns", "call": "gethostbyname"}
    world = NamesWorld("abcde", {"foo-app": instances}, names={"resolver": resolver})
    answer = world.names.resolver("e").answer(APP)
    assert answer.shares == pytest.approx((1 / len(instances),) * len(instances))


def test_rule_9_defeats_the_rotation_in_one_subnet() -> None:
    """If this fails, getaddrinfo leaves round robin alone for neighbours (section 8.1)."""
    world = NamesWorld("abcd", {"foo-app": "abc"}, names={"resolver": {"hosts": "dns"}})
    # From .14, .12 and .13 have a longer prefix than .11, which is never first.
    assert world.names.resolver("d").answer(APP).shares == pytest.approx((0.0, 2 / 3, 1 / 3))


# Check 6 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("init", ["bare", "sysv-debian"])
def test_the_master_s_name_is_gone_from_before_to_after_the_failover(init: str) -> None:
    """If this fails, the hole of the database's name is not that of the two hooks."""
    world = NamesWorld("abcde", {"foo-app": "ab"}, names={"dnsmasq": {"init": init}})
    record = world.follow(lambda: world.consul.dns.answer(NODE, "d").addresses, "consul")
    seen = {
        host: world.follow(
            lambda host=host: world.names.resolver(host).answer(MASTER).addresses, f"name/{host}"
        )
        for host in "abcde"
    }
    codes: list[int] = []
    world.run(100.0)
    deregister_master_db(world.consul.http("e"), HooksSpec(), codes.append)
    world.run(8.0)
    register_master_db(world.consul.http("e"), HooksSpec(), "db02", codes.append)
    world.run(30.0)
    # One commit after before_exec has begun, and the second one after after_exec has.
    assert [addresses for _, addresses in record] == [("db01",), (), ("db02",)]
    assert [at for at, _ in record[1:]] == pytest.approx([100.05, 108.1])
    for host, history in seen.items():
        assert [addresses for _, addresses in history] == [("db01",), (), ("db02",)]
        gone, back = (at for at, _ in history[1:])
        assert 100.055 <= gone <= 100.1
        # Behind a restart of 2 s that the slave's removal has begun, or 5 to 50 ms later.
        assert 108.105 <= back <= (108.15 if init == "bare" else 110.2)
        assert world.names.dnsmasqs[host].restarts >= 2
        assert world.in_file(host) & {MASTER, "foo-db-slave"} == {MASTER}
    assert codes == [0, 0]


def test_hooks_without_a_leader_leave_the_name_wrong_for_ever() -> None:
    """If this fails, an external node repairs itself, or the hooks wait for a leader."""
    world = NamesWorld("abcde", {"foo-app": "ab"}, supervisor_s=1000.0)
    codes: list[int] = []
    deregister_master_db(world.consul.http("e"), HooksSpec(), codes.append)
    world.run(5.0)
    for host in "ab":
        world.process(f"consul@{host}").kill()
    world.run(60.0)
    register_master_db(world.consul.http("e"), HooksSpec(), "db02", codes.append)
    world.run(5000.0)
    assert world.consul.leader is not None
    assert world.names.resolver("d").answer(MASTER).status == "not-found"
    assert codes == [0, 0]


# Check 7 -------------------------------------------------------------------------------------


def test_hosts_files_stay_as_they_are_without_a_leader() -> None:
    """If this fails, the hosts file is not the last known good that the talk made it for."""
    world = NamesWorld("abcde", {"foo-app": "abd"}, supervisor_s=1000.0)
    world.run(60.0)
    for host in "ab":
        world.process(f"consul@{host}").stop()
    world.run(30.0)
    before = {host: world.names.files[host].lines for host in "cde"}
    assert world.consul.dns.answer(NODE, "d").status == "servfail"
    world.applications["foo-app", "d"].health = "critical"
    world.run(86400.0)
    for host in "cde":
        assert world.names.files[host].lines == before[host]
        assert world.names.resolver(host).answer(MASTER).addresses == ("db01",)
        assert world.names.resolver(host).answer(APP).status == "found"
        assert world.process(f"consul-template@{host}").alive


def test_new_versions_end_without_a_leader_and_leave_the_file() -> None:
    """If this fails, 0.39 outlives 304 s without a leader, or takes the file with it."""
    names = {"consul-template": {"version": "0.39"}}
    world = NamesWorld("abcde", {"foo-app": "abd"}, names=names, era="new")
    for host in "ab":
        world.process(f"consul@{host}").stop()
    before = world.names.files["d"].lines
    world.run(400.0)
    assert not world.process("consul-template@d").alive
    assert world.names.files["d"].lines == before


def test_an_isolated_host_keeps_its_file_and_catches_up() -> None:
    """If this fails, the losing side of a partition changes its file, or never hears again."""
    world = NamesWorld("abcde", {"foo-app": "ab"})
    world.run(10.0)
    world.isolate("e")
    world.consul.catalogue.register_node(MASTER, "db02")
    world.run(300.0)
    assert world.names.files["e"].addresses(MASTER) == ("db01",)
    assert world.names.files["d"].addresses(MASTER) == ("db02",)
    world.isolate("e", -1)
    world.run(6.0)
    assert world.names.files["e"].addresses(MASTER) == ("db02",)


# The application's death, section 9 -------------------------------------------------------------


def test_removal_after_the_death_of_an_application() -> None:
    """If this fails, an instance that dies is not removed after U(0, interval) + 0.05 to 0.15 s."""
    late = []
    for seed in range(60):
        world = NamesWorld("abcd", {"foo-app": "abc"}, seed=seed)
        history = world.follow(
            lambda world=world: world.names.resolver("d").answer(APP).addresses, "app"
        )
        world.applications["foo-app", "a"].health = "critical"
        world.run(12.0)
        late.append(history[1][0])
    assert statistics.mean(late) == pytest.approx(5.0 + 0.09, abs=0.9)
    assert max(late) < 10.2
