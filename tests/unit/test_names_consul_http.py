"""Consul's external nodes, keys, HTTP calls, hook scripts and HTTP checks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.consul.hooks import HooksSpec, deregister_master_db, register_master_db
from models.consul.spec import ConsulSpec, HttpCheckSpec
from sim.clock import from_seconds, to_seconds
from tests.names_worlds import NamesWorld

NODE = "foo-db-master.node.dc1.consul"


class Script:
    """Notes when a call or a script has ended, and with what."""

    def __init__(self, world: NamesWorld) -> None:
        self.world = world
        self.ended: list[tuple[float, object]] = []

    def done(self, outcome: object) -> None:
        self.ended.append((to_seconds(self.world.kernel.now), outcome))

    @property
    def outcome(self) -> object:
        assert len(self.ended) == 1, self.ended
        return self.ended[0][1]


def _at(world: NamesWorld, seconds: float, call: Callable[[], object]) -> None:
    rank = world.kernel.claim_rank(f"test/{seconds}")
    world.kernel.call_at(world.kernel.now + from_seconds(seconds), rank, call)


# External nodes ------------------------------------------------------------------------------


def test_external_nodes_are_there_at_the_start() -> None:
    """If this fails, a design's external-nodes do not resolve from the first second on."""
    world = NamesWorld()
    assert world.consul.dns.answer(NODE, "a").addresses == ("db01",)
    assert world.consul.dns.answer("foo-db-slave.node.consul", "b").addresses == ("db02",)
    assert world.consul.dns.answer("foo-db-third.node.consul", "b").status == "nxdomain"


def test_an_external_node_has_no_health() -> None:
    """If this fails, the death of the database's host takes its name away, as nothing does."""
    world = NamesWorld()
    world.hosts["db01"].power_off()
    world.run(3600.0)
    assert world.consul.dns.answer(NODE, "a").addresses == ("db01",)


def test_registering_again_replaces_the_address_in_one_commit() -> None:
    """If this fails, an upsert leaves a hole or two addresses."""
    world = NamesWorld()
    history = world.follow(lambda: world.consul.dns.answer(NODE, "b").addresses, "node")
    script = Script(world)
    world.consul.http("a").register_node("foo-db-master", "db02", script.done)
    world.run(1.0)
    assert script.outcome == 200
    assert [addresses for _, addresses in history] == [("db01",), ("db02",)]
    assert history[1][0] == pytest.approx(0.05)


def test_keys_are_put_and_deleted() -> None:
    """If this fails, the KV entry of the hooks is not kept."""
    world = NamesWorld()
    api = world.consul.http("b")
    script = Script(world)
    api.put_kv("foo-db-master", "db01", script.done)
    world.run(1.0)
    assert world.consul.catalogue.kv == (("foo-db-master", "db01"),)
    assert world.consul.catalogue.snapshot().kv == world.consul.catalogue.kv
    api.delete_kv("foo-db-master", script.done)
    world.run(1.0)
    assert world.consul.catalogue.kv == ()
    assert [outcome for _, outcome in script.ended] == [200, 200]


def test_the_name_of_an_agent_is_refused() -> None:
    """If this fails, an external node hides an agent's node, which is not modelled."""
    with pytest.raises(ValueError, match="node of an agent"):
        NamesWorld().consul.catalogue.register_node("a", "b")
    assert ConsulSpec(servers=("a",)).external_nodes == {}


# Calls that fail -----------------------------------------------------------------------------


def test_no_leader_is_500_in_2015_at_once() -> None:
    """If this fails, a hook waits for a leader, which v0.5.2 does not do."""
    world = NamesWorld("abcd")
    for host in "ab":
        world.process(f"consul@{host}").stop()
    world.run(60.0)
    script = Script(world)
    world.consul.http("d").register_node("foo-db-master", "db02", script.done)
    world.run(1.0)
    assert script.outcome == 500
    assert script.ended[0][0] == pytest.approx(60.0)
    assert dict(world.consul.catalogue.external)["foo-db-master"] == "db01"


def test_no_leader_is_held_for_7_s_by_new_versions() -> None:
    """If this fails, new agents do not hold a call during an election (section 1.2)."""
    world = NamesWorld("abcd", era="new")
    for host in "ab":
        world.process(f"consul@{host}").stop()
    world.run(60.0)
    script = Script(world)
    world.consul.http("d").register_node("foo-db-master", "db02", script.done)
    world.run(20.0)
    assert script.ended == [(pytest.approx(67.0), 500)]


def test_a_refused_connection_is_no_status() -> None:
    """If this fails, curl's exit code 7 cannot be told from an HTTP error."""
    world = NamesWorld("abcd")
    script = Script(world)
    world.process("consul@d").stop()
    world.consul.http("d").register_node("foo-db-master", "db02", script.done)
    world.run(1.0)
    assert script.outcome is None


def test_a_call_into_a_silent_server_hangs_until_it_is_given_up() -> None:
    """If this fails, a hook fails fast where it really blocks the failover for up to 30 s."""
    waits = []
    for seed in range(20):
        world = NamesWorld("abcd", seed=seed)
        script, server = Script(world), world.consul.agents["d"].server
        assert server is not None
        world.isolate(server.host)
        world.run(0.01)
        world.consul.http("d").register_node("foo-db-master", "db02", script.done)
        world.run(60.0)
        assert script.outcome == 500
        waits.append(script.ended[0][0])
    assert 8.0 < sum(waits) / len(waits) < 22.0
    assert max(waits) <= 30.1


def test_a_call_goes_on_when_the_silence_ends_in_time() -> None:
    """If this fails, TCP's retransmission is missing: a short cut would fail a hook."""
    world = NamesWorld("abcd", seed=1)
    script, server = Script(world), world.consul.agents["d"].server
    path = world.network.path("d", server.host)
    path.dropping += 1
    world.run(0.01)
    world.consul.http("d").register_node("foo-db-master", "db02", script.done)

    def heal() -> None:
        path.dropping -= 1

    _at(world, 0.5, heal)
    world.run(5.0)
    assert script.outcome == 200
    assert 0.5 < script.ended[0][0] < 1.0


def test_a_hung_agent_holds_a_call_and_a_dying_one_breaks_it() -> None:
    """If this fails, a call to an agent that stands still fails, or one to a dead one hangs."""
    world = NamesWorld("abcd", supervisor_s=100.0)
    agent, api = world.process("consul@d"), world.consul.http("d")
    first, second = Script(world), Script(world)
    agent.hang()
    api.put_kv("one", "1", first.done)
    world.run(3.0)
    assert first.ended == []
    agent.proceed()
    world.run(1.0)
    assert first.outcome == 200
    agent.hang()
    api.put_kv("two", "2", second.done)
    world.run(1.0)
    agent.kill()
    world.run(1.0)
    assert second.outcome is None


# Hook scripts --------------------------------------------------------------------------------


def test_scripts_make_their_calls_one_commit_after_the_other() -> None:
    """If this fails, the hooks are one transaction, which curl calls are not."""
    world = NamesWorld("abcd")
    script = Script(world)
    deregister_master_db(world.consul.http("d"), HooksSpec(), script.done)
    world.run(1.0)
    register_master_db(world.consul.http("d"), HooksSpec(), "db02", script.done)
    world.run(1.0)
    assert script.ended == [(pytest.approx(0.1), 0), (pytest.approx(1.15), 0)]
    calls = [
        (to_seconds(record.time_ns), record.event)
        for record in world.trace.records
        if record.entity == "consul/catalogue"
    ]
    assert [event for _, event in calls] == [
        "deregister-node",
        "delete-key",
        "deregister-node",
        "register-node",
        "put-key",
    ]
    assert [at for at, _ in calls] == pytest.approx([0.05, 0.1, 1.05, 1.1, 1.15])
    assert world.consul.catalogue.external == (("foo-db-master", "db02"),)


def test_scripts_exit_0_without_a_leader() -> None:
    """If this fails, mysqlfailover notices a failed hook, which curl without -f hides."""
    world = NamesWorld("abcd")
    script = Script(world)
    for host in "ab":
        world.process(f"consul@{host}").stop()
    world.run(60.0)
    deregister_master_db(world.consul.http("d"), HooksSpec(), script.done)
    register_master_db(world.consul.http("d"), HooksSpec(), "db02", script.done)
    world.run(1.0)
    assert [code for _, code in script.ended] == [0, 0]
    assert dict(world.consul.catalogue.external)["foo-db-master"] == "db01"


def test_a_script_returns_the_exit_code_of_its_last_command() -> None:
    """If this fails, the exit code is not that of a shell script without set -e."""
    world = NamesWorld("abcd")
    script = Script(world)
    agent = world.process("consul@d")
    agent.stop()
    deregister_master_db(world.consul.http("d"), HooksSpec(), script.done)
    world.run(1.0)
    assert script.outcome == 7
    # Only the first two of the three calls find nobody: the script is content.
    script, api = Script(world), world.consul.http("d")
    steps: list[object] = []
    put = api.put_kv

    def start_then_put(key: str, value: str, done: Callable[[object], object]) -> None:
        agent.enabled = True
        agent.start()
        steps.append(key)
        _at(world, 1.0, lambda: put(key, value, done))

    api_with_start = type("Api", (), {})()
    api_with_start.deregister_node = api.deregister_node
    api_with_start.register_node = api.register_node
    api_with_start.put_kv = start_then_put
    register_master_db(api_with_start, HooksSpec(), "db02", script.done)  # type: ignore[arg-type]
    world.run(5.0)
    assert script.outcome == 0
    assert steps == ["foo-db-master"]


def test_the_typo_registers_another_node() -> None:
    """If this fails, slide 70's misprint publishes the name, which it cannot."""
    world = NamesWorld("abcd")
    script = Script(world)
    hooks = HooksSpec(typo=True)
    deregister_master_db(world.consul.http("d"), hooks, script.done)
    world.run(1.0)
    register_master_db(world.consul.http("d"), hooks, "db02", script.done)
    world.run(1.0)
    assert world.consul.catalogue.external == (("foo-db-master}", "db02"),)
    assert world.names.resolver("d").answer("foo-db-master").status == "not-found"


# HTTP checks ---------------------------------------------------------------------------------


def _http(**given: object) -> HttpCheckSpec:
    return HttpCheckSpec(name="web", latency=0, **given)  # type: ignore[arg-type]


def test_http_timeouts_by_era() -> None:
    """If this fails, a check of a slow application ends at another time than section 1.1 says."""
    s = from_seconds
    assert _http().timeout_ns("2015") == s(10)
    assert _http(interval=s(5)).timeout_ns("2015") == s(5)
    assert _http(interval=s(30), timeout=s(3)).timeout_ns("2015") == s(3)
    assert _http(interval=s(5), timeout=s(7)).timeout_ns("2015") == s(5)
    assert _http(interval=s(5), timeout=s(7)).timeout_ns("new") == s(7)
    assert _http(interval=s(5)).timeout_ns("new") == s(10)


def test_a_warning_is_healthy_and_not_passing() -> None:
    """If this fails, DNS drops a warning, or consul-template keeps it (sections 3 and 6)."""
    world = NamesWorld("abc", {"foo-app": "abc"})
    world.applications["foo-app", "b"].health = "warning"
    world.run(11.0)
    name = "foo-app.service.dc1.consul"
    assert world.consul.dns.answer(name, "a").addresses == ("a", "b", "c")
    assert world.names.files["a"].addresses(name) == ("a", "c")


def test_a_hung_application_is_critical_at_the_timeout() -> None:
    """If this fails, an HTTP check that hangs is noticed at once, or never."""
    world = NamesWorld("abc", {"foo-app": "abc"})
    listed = world.follow(lambda: world.consul.listed("foo-app"), "listed")
    world.applications["foo-app", "b"].health = "hung"
    world.run(25.0)
    assert [hosts for _, hosts in listed] == [("a", "b", "c"), ("a", "c")]
    # The next run begins within 10.01 s; its timeout is the 10 s interval in 2015.
    assert 10.0 < listed[1][0] <= 20.1
    world.applications["foo-app", "b"].health = "passing"
    world.run(21.0)
    assert listed[-1][1] == ("a", "b", "c")
