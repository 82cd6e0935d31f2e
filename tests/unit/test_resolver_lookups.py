"""Lookups that fail, and the habits of nscd and of runtimes: ``consul.md`` sections 8.1 and 8.2."""

from __future__ import annotations

import pytest

from models.resolver.runtimes import Runtime
from sim.clock import from_seconds
from sim.laws import Fixed
from tests.names_worlds import NamesWorld

APP = "foo-app.service.dc1.consul"
REDIS = "master.foo-redis.service.dc1.consul"


def _world(**resolver: object) -> NamesWorld:
    return NamesWorld(
        "abcd",
        {"foo-app": "abc"},
        names={"resolver": resolver, "dnsmasq": {"init": "bare"}},
        supervisor_s=1000.0,
    )


# Failing lookups -----------------------------------------------------------------------------


def test_a_name_of_the_file_needs_nobody() -> None:
    """If this fails, the hosts path depends on dnsmasq or Consul."""
    world = _world()
    for program in ("dnsmasq", "consul"):
        world.process(f"{program}@d").stop()
    assert world.names.resolver("d").answer(APP).addresses == ("a",)
    assert world.names.resolver("d").answer("foo-db-master").addresses == ("db01",)


def test_a_closed_port_is_told_at_once_and_silence_costs_10_s() -> None:
    """If this fails, a lookup during dnsmasq's restart waits, or one into silence does not."""
    world = _world()
    resolver = world.names.resolver("d")
    world.process("dnsmasq@d").stop()
    assert resolver.answer(REDIS) == ("try-again", (), (), 0)
    world = _world()
    world.process("dnsmasq@d").hang()
    assert world.names.resolver("d").answer(REDIS).wait_ns == from_seconds(10)
    world = _world(timeout="1s", attempts=1)
    world.process("dnsmasq@d").hang()
    assert world.names.resolver("d").answer(REDIS).wait_ns == from_seconds(1)


def test_servfail_is_told_at_once() -> None:
    """If this fails, a leaderless Consul delays lookups that it answers with SERVFAIL."""
    world = _world()
    for host in "ab":
        world.process(f"consul@{host}").stop()
    world.run(60.0)
    assert world.names.resolver("d").answer(REDIS) == ("try-again", (), (), 0)


def test_an_agent_that_is_gone_is_silence_behind_dnsmasq() -> None:
    """If this fails, dnsmasq passes on a refusal of which its socket does not hear."""
    world = _world()
    world.process("consul@d").stop()
    answer = world.names.resolver("d").answer(REDIS)
    assert (answer.status, answer.wait_ns) == ("try-again", from_seconds(10))


def test_unknown_names_are_not_found() -> None:
    """If this fails, NXDOMAIN and an empty answer are not both EAI_NONAME."""
    resolver = _world().names.resolver("d")
    for name in ("foo-db-third", "nobody.service.dc1.consul", REDIS):
        assert resolver.answer(name).status == "not-found"


def test_a_lost_resolv_conf_loses_what_is_not_in_the_file() -> None:
    """If this fails, the talk's overwritten resolv.conf does no harm, or too much."""
    world = _world()
    resolver, direct = world.names.resolver("d"), _world(hosts="dns")
    world.hosts["d"].resolv_conf_lost += 1
    direct.hosts["d"].resolv_conf_lost += 1
    assert resolver.resolv_conf_lost == 1
    assert resolver.answer(APP).status == "found"
    assert direct.names.resolver("d").answer(APP).status == "not-found"
    assert direct.names.resolver("d").answer("foo-db-master").status == "not-found"
    direct.hosts["d"].resolv_conf_lost -= 1
    assert direct.names.resolver("d").answer(APP).status == "found"


def test_a_host_without_the_programs_finds_nothing() -> None:
    """If this fails, a host that is not in the names block resolves all the same."""
    world = NamesWorld("abc", {"foo-app": "abc"}, names={"hosts": ["a"]})
    assert sorted(world.names.templates) == ["a"]
    assert world.names.resolver("a").answer(APP).status == "found"
    assert world.names.resolver("b").answer(APP).status == "not-found"


# nscd ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nscd", ["yes", "no"])
def test_nscd_delays_the_return_of_a_name(nscd: str) -> None:
    """If this fails, nscd's negative cache has no effect, or one without nscd."""
    world = _world(nscd=nscd)
    name = "foo-db-master.node.dc1.consul"
    # On a host whose consul-template is dead the file has no such line: Consul alone is asked.
    world.process("consul-template@d").stop()
    world.names.files["d"].write(())
    held = world.names.cached(world.process("consul@d"), name, "libc")
    world.names.dnsmasqs["d"].reload()
    catalogue = world.consul.catalogue
    history = world.follow(lambda: held.answer.status, "answer")
    catalogue.deregister_node("foo-db-master")
    world.run(3.0)
    catalogue.register_node("foo-db-master", "db02")
    world.run(60.0)
    assert [status for _, status in history] == ["found", "not-found", "found"]
    assert history[2][0] - history[1][0] == pytest.approx(20.0 if nscd == "yes" else 3.0, abs=0.01)


def test_nscd_is_flushed_when_the_file_changes() -> None:
    """If this fails, a name that comes into the hosts file stays unknown for up to 20 s."""
    world = _world(nscd="yes")
    held = world.names.cached(world.process("consul@d"), "foo-db-new", "libc")
    world.run(5.0)
    assert held.answer.status == "not-found"
    world.consul.catalogue.register_node("foo-db-new", "db02")
    world.run(0.1)
    assert held.answer.addresses == ("db02",)


# Runtimes ------------------------------------------------------------------------------------


def _late_s(runtime: Runtime, seed: int = 1) -> float | None:
    """Return how long after the hosts file a program sees that foo-db-master has moved."""
    world = NamesWorld("abc", {"foo-app": "abc"}, seed=seed)
    held = world.names.cached(world.process("consul@a"), "foo-db-master", runtime)
    world.process("consul-template@a").stop()
    history = world.follow(lambda: held.answer.addresses, "answer")
    world.run(100.0)
    lines = world.names.files["a"].lines
    world.names.files["a"].write(
        tuple(("db02" if address == "db01" else address, names) for address, names in lines)
    )
    world.run(100.0)
    changes = [at for at, addresses in history[1:] if addresses == ("db02",)]
    return changes[0] - 100.0 if changes else None


def test_runtimes_look_again_as_late_as_they_do() -> None:
    """If this fails, a runtime keeps an address for longer or shorter than section 8.2 says."""
    assert _late_s("libc") == pytest.approx(0.0)
    assert _late_s("pool") == pytest.approx(0.0)
    assert _late_s("nginx") is None
    go = [_late_s("go", seed) or 0.0 for seed in range(30)]
    assert 4.0 < max(go) <= 5.0
    assert min(go) < 1.0
    jvm = [_late_s("jvm", seed) or 0.0 for seed in range(30)]
    assert 25.0 < max(jvm) <= 30.0
    assert sum(jvm) / len(jvm) == pytest.approx(15.0, abs=4.0)


def test_the_jvm_keeps_a_failure_for_10_s() -> None:
    """If this fails, a JVM's negative cache is not 10 s."""
    world = _world()
    held = world.names.cached(world.process("consul@d"), "foo-db-new", "jvm")
    world.run(35.0)
    world.consul.catalogue.register_node("foo-db-new", "db02")
    world.run(0.2)
    assert held.answer.status == "not-found"
    world.run(10.0)
    assert held.answer.addresses == ("db02",)


def test_go_takes_all_lines_and_sorts_nothing() -> None:
    """If this fails, Go's resolver obeys host.conf or glibc's rule 9."""
    world = NamesWorld("abc", {"foo-app": "abc"})
    held = world.names.cached(world.process("consul@c"), APP, "go")
    assert held.answer.addresses == ("a", "b", "c")
    assert held.answer.shares == (1.0, 0.0, 0.0)


def test_go_reads_no_file_where_nobody_does() -> None:
    """If this fails, a design with ``hosts: dns`` still sends Go's programs to the first line."""
    world = NamesWorld("abc", {"foo-app": "abc"}, names={"resolver": {"hosts": "dns"}})
    held = world.names.cached(world.process("consul@c"), APP, "go")
    assert held.answer.shares == pytest.approx((1 / 3,) * 3)


def test_nginx_spreads_over_all_and_reads_at_reload() -> None:
    """If this fails, nginx follows a name without a reload, or sends everything to the first."""
    world = NamesWorld("abc", {"foo-app": "abc"}, names={"resolver": {"multi": "yes"}})
    held = world.names.cached(world.process("consul@c"), APP, "nginx")
    assert held.answer.shares == pytest.approx((1 / 3,) * 3)
    world.applications["foo-app", "a"].health = "critical"
    world.run(12.0)
    assert set(held.answer.addresses) == set("abc")
    held.reload()
    assert set(held.answer.addresses) == set("bc")


@pytest.mark.parametrize("runtime", ["go", "jvm", "nginx"])
def test_a_restart_empties_the_cache(runtime: Runtime) -> None:
    """If this fails, a program that has been restarted still goes by its old answer."""
    world = NamesWorld("abc", {"foo-app": "abc"})
    program = world.table.make("program", "c", Fixed(0.5))
    program.start()
    held = world.names.cached(program, "foo-db-master", runtime)
    world.run(1.0)
    world.consul.catalogue.register_node("foo-db-master", "db02")
    program.kill()
    world.run(0.6)
    assert held.answer.addresses == ("db02",)
