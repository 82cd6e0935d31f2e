"""dnsmasq, row by row of ``consul.md`` section 7, and the restarts that consul-template makes."""

from __future__ import annotations

import pytest

from sim.clock import to_seconds
from tests.names_worlds import NamesWorld

APP = "foo-app.service.dc1.consul"


def _world(init: str = "bare", **given: object) -> NamesWorld:
    return NamesWorld(
        "abc", {"foo-app": "abc"}, names={"dnsmasq": {"init": init}, **given}, supervisor_s=1000.0
    )


def _hole_s(world: NamesWorld, host: str = "a") -> list[float]:
    """Return the lengths of the times in which dnsmasq did not run, since the last clearing."""
    ends = {"stopped": [], "started": []}
    for record in world.trace.records:
        if record.entity == f"dnsmasq@{host}":
            ends[record.event].append(to_seconds(record.time_ns))
    return [up - down for down, up in zip(ends["stopped"], ends["started"], strict=True)]


def test_the_file_is_read_at_start_and_at_sighup_only() -> None:
    """If this fails, dnsmasq sees a new hosts file without being told."""
    world = _world()
    world.process("consul-template@a").stop()
    world.names.files["a"].write((("b", ("new",)),))
    dnsmasq = world.names.dnsmasqs["a"]
    world.run(10.0)
    assert dnsmasq.answer("new").status == "nxdomain"
    assert dnsmasq.answer("foo-db-master").addresses == ("db01",)
    dnsmasq.reload()
    assert dnsmasq.answer("new").addresses == ("b",)
    assert dnsmasq.answer("foo-db-master").status == "nxdomain"
    world.names.files["a"].write((("c", ("new",)),))
    dnsmasq.restart(lambda code: None)
    world.run(1.0)
    assert dnsmasq.answer("new").addresses == ("c",)


def test_consul_s_names_are_forwarded() -> None:
    """If this fails, a tagged name, which is not in the file, cannot be found."""
    world = _world()
    world.process("consul-template@a").stop()
    world.names.files["a"].write(())
    dnsmasq = world.names.dnsmasqs["a"]
    dnsmasq.reload()
    reply = dnsmasq.answer(APP)
    assert (reply.addresses, reply.order, reply.limit) == (("a", "b", "c"), "shuffled", 3)
    assert dnsmasq.answer("a").status == "nxdomain"


@pytest.mark.parametrize(
    ("init", "low_s", "high_s"),
    [
        ("bare", 0.011, 0.012),
        ("rhel", 0.011, 0.012),
        ("sysv-debian", 2.0, 2.02),
        ("systemd", 0.05, 0.3),
    ],
)
def test_the_hole_of_a_restart(init: str, low_s: float, high_s: float) -> None:
    """If this fails, a restart is longer or shorter than under that init system (section 7)."""
    world = _world(init)
    codes: list[int] = []
    for _ in range(10):
        world.names.dnsmasqs["a"].restart(codes.append)
        assert world.names.dnsmasqs["a"].answer(APP).status == "refused"
        assert world.names.resolver("a").answer("nobody") == ("try-again", (), (), 0)
        world.run(30.0)
    holes = _hole_s(world)
    assert len(holes) == 10
    assert low_s <= min(holes) <= max(holes) <= high_s
    assert codes == [0] * 10
    assert world.names.dnsmasqs["a"].restarts == 10


def test_systemd_refuses_the_sixth_start_in_10_s() -> None:
    """If this fails, a flapping catalogue cannot take dnsmasq down for good (section 7)."""
    world = _world("systemd")
    world.run(60.0)
    for place in range(8):
        world.consul.catalogue.register_node(f"node{place}", "db01")
        world.run(0.7)
    (limit,) = world.events("start-limit-hit", "dnsmasq@a")
    assert world.names.dnsmasqs["a"].restarts == 6
    (exited,) = world.events("exit", "consul-template@a")
    assert dict(exited.fields) == {"reason": "command-failed", "code": 15}
    assert exited.time_ns == limit.time_ns
    world.run(3600.0)
    # Nobody starts either again.
    assert not world.process("dnsmasq@a").alive
    assert not world.process("consul-template@a").alive
    assert world.names.resolver("a").answer("master.x.service.dc1.consul").status == "try-again"
    assert world.names.resolver("a").answer("foo-db-master").addresses == ("db01",)


@pytest.mark.parametrize("init", ["bare", "sysv-debian", "rhel"])
def test_other_inits_know_no_limit(init: str) -> None:
    """If this fails, systemd's limit is applied where there is no systemd."""
    world = _world(init)
    for place in range(8):
        world.consul.catalogue.register_node(f"node{place}", "db01")
        world.run(0.7)
    world.run(10.0)
    assert world.process("dnsmasq@a").alive
    assert not world.events("exit")


def test_a_host_that_goes_down_in_the_hole_comes_back_whole() -> None:
    """If this fails, a restart survives its host, or dnsmasq is missing after the boot."""
    world = _world("sysv-debian")
    world.consul.catalogue.register_node("node", "db01")
    world.run(0.1)
    assert not world.process("dnsmasq@a").alive
    world.hosts["a"].power_off()
    world.run(5.0)
    world.hosts["a"].power_on()
    world.run(60.0)
    assert world.names.dnsmasqs["a"].answer("node").addresses == ("db01",)
    first = next(r for r in world.events("started") if r.entity == "dnsmasq@a")
    assert to_seconds(first.time_ns) == pytest.approx(25.1)


def test_a_hung_dnsmasq_holds_the_restart_up_and_ends_consul_template() -> None:
    """If this fails, the 30 s of the stop and the 30 s of the command do not meet."""
    world = _world("systemd")
    world.process("dnsmasq@a").hang()
    world.consul.catalogue.register_node("node", "db01")
    world.run(31.0)
    (exited,) = world.events("exit", "consul-template@a")
    assert dict(exited.fields)["reason"] == "command-timeout"
    world.run(60.0)
    assert world.names.dnsmasqs["a"].answer("node").addresses == ("db01",)


def test_a_hung_dnsmasq_that_goes_on_obeys_the_stop() -> None:
    """If this fails, a TERM that has waited for a stopped process is lost."""
    world = _world()
    world.process("dnsmasq@a").hang()
    world.consul.catalogue.register_node("node", "db01")
    world.run(5.0)
    world.process("dnsmasq@a").proceed()
    world.run(0.1)
    assert world.names.dnsmasqs["a"].answer("node").addresses == ("db01",)
    assert not world.events("exit")


def test_a_killed_dnsmasq_is_started_by_the_next_render() -> None:
    """If this fails, `service dnsmasq restart` does nothing about a dead dnsmasq."""
    world = _world()
    world.process("dnsmasq@a").kill()
    world.run(60.0)
    assert world.names.resolver("a").answer("nobody").status == "try-again"
    world.consul.catalogue.register_node("node", "db01")
    world.run(1.0)
    assert world.names.dnsmasqs["a"].answer("node").addresses == ("db01",)
