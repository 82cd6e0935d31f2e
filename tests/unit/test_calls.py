"""Calls between applications: where requests go, what overloads whom, what succeeds."""

from __future__ import annotations

import pytest

from models.application.application import Application
from models.application.call import Addressed, Call
from models.application.spec import ApplicationSpec, CallSpec
from models.host import Host
from models.process import Process
from sim.engine import Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.state import Entity, state
from sim.trace import Trace
from tests.application_worlds import PoolWorld

LOAD_PER_S = 80.0


class Book(Entity):
    """What looking the callee up brings."""

    found: tuple[Addressed, ...] = state(())


class CallWorld:
    """``front`` calls three instances of ``back``, each on a host of its own."""

    def __init__(self, *, capacity: float | None = None, tries_next: bool = False) -> None:
        self.kernel = Kernel()
        trace = Trace()
        names = ["front", "one", "two", "three"]
        self.hosts = {name: Host(self.kernel, name, trace, 0) for name in names}
        self.network = Network(
            self.kernel, dict.fromkeys(names, "dc"), lambda *_: 1000, lambda *_: Fixed(0.0)
        )
        spec = ApplicationSpec(instances={"x": "one"}, traffic="internal", capacity=capacity)
        self.front = self._instance("front", ApplicationSpec(instances={"front": "front"}))
        self.backs = [self._instance(name, spec) for name in names[1:]]
        self.book = Book(self.kernel, "book")
        how = CallSpec(resolver="consul", request_rate=LOAD_PER_S, tries_next_address=tries_next)
        self.call = Call(
            self.kernel, self.front.process, "back", how, self.network, lambda: self.book.found
        )
        self.front.calls = (self.call,)
        for back in self.backs:
            back.callers = (self.call,)
        self.kernel.settle()

    def _instance(self, host: str, spec: ApplicationSpec) -> Application:
        process = Process(
            self.kernel, f"{host}@{host}", self.hosts[host], supervisor=None, boot=Fixed(0.0)
        )
        process.start()
        return Application(self.kernel, host, process, spec)

    def spread(self, *shares: float) -> None:
        pairs = zip(self.backs, shares, strict=False)
        self.book.found = tuple(Addressed(back, share) for back, share in pairs)

    @property
    def loads(self) -> list[float]:
        return [back.load_per_s for back in self.backs]


def test_the_load_follows_the_shares_of_the_answer() -> None:
    """If this fails, the hosts path (100, 0, 0) and the DNS path (thirds) load alike."""
    world = CallWorld()
    world.spread(1.0, 0.0, 0.0)
    assert world.loads == [LOAD_PER_S, 0.0, 0.0]
    world.spread(1 / 3, 1 / 3, 1 / 3)
    assert world.loads == pytest.approx([LOAD_PER_S / 3] * 3)
    assert world.front.success_share == 1.0


def test_nobody_listed_is_nobody_served() -> None:
    """If this fails, an empty name still carries requests."""
    world = CallWorld()
    assert world.loads == [0.0, 0.0, 0.0]
    assert world.front.success_share == 0.0


def test_a_caller_that_is_down_sends_nothing() -> None:
    """If this fails, a dead front overloads the backends."""
    world = CallWorld()
    world.spread(1.0, 0.0, 0.0)
    world.front.process.kill()
    assert world.loads == [0.0, 0.0, 0.0]


def test_requests_to_a_dead_first_line_fail_until_it_is_removed() -> None:
    """If this fails, 100 % of the new connections do not fail without a fallback (section 9)."""
    world = CallWorld()
    world.spread(1.0, 0.0, 0.0)
    world.backs[0].process.kill()
    assert world.loads == [0.0, 0.0, 0.0]
    assert world.front.success_share == 0.0


def test_who_tries_the_next_address_gets_through() -> None:
    """If this fails, a client with a fallback is as badly off as one without (section 8.2)."""
    world = CallWorld(tries_next=True)
    world.spread(1.0, 0.0, 0.0)
    world.backs[0].process.kill()
    world.kernel.settle()
    assert world.front.success_share == 1.0
    assert sum(world.loads) == pytest.approx(LOAD_PER_S)
    world.spread(0.5, 0.25, 0.25)
    assert world.loads == pytest.approx([0.0, LOAD_PER_S / 2, LOAD_PER_S / 2])
    for back in world.backs[1:]:
        back.process.kill()
    assert world.front.success_share == 0.0


def test_a_cut_path_carries_no_requests() -> None:
    """If this fails, a backend behind a cut still answers."""
    world = CallWorld()
    world.spread(0.5, 0.5)
    world.network.path("front", "one").dropping += 1
    world.kernel.settle()
    assert world.loads == pytest.approx([0.0, LOAD_PER_S / 2, 0.0])
    assert world.front.success_share == pytest.approx(0.5)


def test_a_hung_backend_gets_no_answers_out() -> None:
    """If this fails, an instance that stands still serves."""
    world = CallWorld()
    world.spread(1.0)
    world.backs[0].process.hang()
    assert world.front.success_share == 0.0
    assert world.backs[0].health() == "hung"


def test_an_instance_with_too_many_requests_answers_some_and_fails_its_check() -> None:
    """If this fails, overload neither costs requests nor is seen by the check."""
    world = CallWorld(capacity=60.0)
    world.spread(1.0, 0.0, 0.0)
    first = world.backs[0]
    assert first.overloaded and first.health() == "hung"
    assert first.served_share == pytest.approx(60 / 80)
    assert world.front.success_share == pytest.approx(60 / 80)
    world.spread(0.5, 0.5)
    assert not first.overloaded and first.health() == "passing"
    assert world.front.success_share == 1.0


def test_exactly_its_capacity_does_not_overload() -> None:
    """If this fails, thirds that add up to the capacity but for the last bit overload it."""
    world = CallWorld(capacity=LOAD_PER_S / 3)
    world.spread(1 / 3, 1 / 3, 1 / 3)
    assert not any(back.overloaded for back in world.backs)
    assert world.front.success_share == 1.0


def test_several_callers_add_up() -> None:
    """If this fails, each caller has the capacity of a backend for itself."""
    world = CallWorld(capacity=100.0)
    world.spread(1.0)
    world.backs[0].callers = (world.call, world.call)
    assert world.backs[0].load_per_s == 2 * LOAD_PER_S
    assert world.backs[0].overloaded


def test_the_health_of_a_dead_backend_is_critical() -> None:
    """If this fails, a refused check is taken for one that hangs."""
    world = CallWorld()
    world.backs[0].process.kill()
    assert world.backs[0].health() == "critical"


def test_a_backend_without_its_store_fails_its_callers() -> None:
    """If this fails, requests succeed that the called application answers with an error."""
    world = CallWorld()
    world.spread(1.0)
    store = PoolWorld()
    world.backs[0].pools = (store.pool,)
    assert world.front.success_share == 1.0
    store.servers[0].accepts = False
    store.kernel.settle()
    assert world.backs[0].success_share == 0.0
    assert world.front.success_for(()) == 0.0


def test_applications_that_call_each_other_ask_in_a_ring_once() -> None:
    """If this fails, two applications that call each other cannot be built."""
    world = CallWorld()
    world.spread(1.0)
    back, how = world.backs[0], world.call.spec
    to_front = (Addressed(world.front, 1.0),)
    call = Call(world.kernel, back.process, "front", how, world.network, lambda: to_front)
    back.calls = (call,)
    world.kernel.settle()
    assert world.front.success_share == back.success_share == 1.0
    world.front.process.kill()
    assert world.front.success_share == back.success_share == 0.0
