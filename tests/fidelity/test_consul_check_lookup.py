"""Condition 1 of the talk's check asks DNS as the host does: section 10.1 of ``consul.md``.

``host`` asks the name server of /etc/resolv.conf, which is dnsmasq on the host itself; a count of 0
lines passes, whatever the reason. Without the other's record in sight a master stays listed.
"""

from __future__ import annotations

import pytest

from tests.names_worlds import NamesWorld

PERIOD_S = 30.1


def _both_listed_s(world: NamesWorld, cycles: int) -> float:
    """Return for how long both masters are listed, of so many cycles of three periods."""
    history = world.follow(lambda: world.consul.listed("foo-redis"), "listed")
    start_s = world.kernel.now / 1e9
    world.run(3 * PERIOD_S * cycles)
    moments = [max(at, start_s) for at, _ in history] + [world.kernel.now / 1e9]
    spans = zip(history, moments, moments[1:], strict=False)
    return sum(end - begin for (_, listed), begin, end in spans if len(listed) == 2)


def _two_masters() -> NamesWorld:
    world = NamesWorld("abcde", redis="de")
    world.redis["e"].role = "master"
    return world


def test_two_masters_flap_in_thirds_while_dnsmasq_answers() -> None:
    """If this fails, dnsmasq does not pass the tagged name on to the agent."""
    world = _two_masters()
    world.run(10 * PERIOD_S)
    assert _both_listed_s(world, 20) == pytest.approx(20 * PERIOD_S, rel=1e-6)


@pytest.mark.parametrize("fault", ["dnsmasq stopped", "resolv.conf overwritten"])
def test_a_check_that_cannot_ask_sees_no_other_master(fault: str) -> None:
    """If this fails, condition 1 works where the host's name service does not."""
    world = _two_masters()
    for host in "de":
        if fault == "dnsmasq stopped":
            world.process(f"dnsmasq@{host}").stop()
        else:
            world.hosts[host].resolv_conf_lost += 1
    world.run(10 * PERIOD_S)
    assert _both_listed_s(world, 20) == pytest.approx(20 * 3 * PERIOD_S)
