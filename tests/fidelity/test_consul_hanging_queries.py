"""Blocking queries under way when a server falls silent: ``consul.md`` sections 1.2 and 6.

Source: ``keepalive`` and ``Ping`` in ``session.go`` of yamux since September 2015.
"""

from __future__ import annotations

import statistics

import pytest

from models.consul.spec import Era
from sim.clock import to_seconds
from tests.names_worlds import NamesWorld

TRIALS = 25
NAME = "foo-db-master"


def _world(era: Era, seed: int) -> NamesWorld:
    version = "0.10" if era == "2015" else "0.39"
    world = NamesWorld("abcde", era=era, seed=seed, names={"consul-template": {"version": version}})
    world.run(20.0)
    return world


def _cut(world: NamesWorld, here: str, there: str, by: int = 1) -> None:
    world.network.path(here, there).dropping += by


def _agents_server(world: NamesWorld) -> str:
    server = world.consul.agents["e"].server
    assert server is not None
    return server.host


def _blind_s(world: NamesWorld, longest_s: float) -> float:
    """Change the catalogue, and return how long the hosts file of e does not show it."""
    begun_ns = world.kernel.now
    world.consul.catalogue.register_node(NAME, "db02")
    while world.names.files["e"].addresses(NAME) != ("db02",):
        world.run(0.5)
        assert to_seconds(world.kernel.now - begun_ns) < longest_s
    return to_seconds(world.kernel.now - begun_ns)


def test_new_queries_fail_with_the_keepalive_and_are_asked_again() -> None:
    """If this fails, a template is blind for another time than 10 s + U(0, 30 s) and a retry."""
    blind = []
    for seed in range(TRIALS):
        world = _world("new", seed)
        _cut(world, "e", _agents_server(world))
        blind.append(_blind_s(world, 42.0))
        assert any(one.event == "query-failed" for one in world.trace.records)
    assert min(blind) >= 10.0
    assert statistics.mean(blind) == pytest.approx(25.5, abs=5.5)


@pytest.mark.parametrize("era", ["2015", "new"])
def test_queries_go_on_when_the_silence_ends_in_time(era: Era) -> None:
    """If this fails, a short cut costs an error and its retry, which TCP spares."""
    world = _world(era, 1)
    server = _agents_server(world)
    _cut(world, "e", server)
    world.run(9.0)
    _cut(world, "e", server, -1)
    assert _blind_s(world, 1.0) <= 0.5
    assert not world.events("query-failed", "@e")
