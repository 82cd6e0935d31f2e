"""The service ``consul``: ``handleAliveMember`` in ``consul/leader.go`` of consul v0.5.2.

The leader registers the servers it sees alive under it, without a check of their own, so that their
node's serfHealth is all that lists them or not. ``/v1/catalog/services`` has it, and with it a
template that goes over all services (slide 84).
"""

from __future__ import annotations

from tests.names_worlds import NamesWorld

SERVICE = "consul.service.dc1.consul"


def test_servers_are_listed_while_their_nodes_pass() -> None:
    """If this fails, ``consul.service.consul`` does not follow the servers' serfHealth."""
    world = NamesWorld("abcde")
    answer = world.consul.dns.answer
    assert answer("consul.service.consul", "e").addresses == ("a", "b", "c")
    world.hosts["b"].power_off()
    world.run(30.0)
    assert answer("consul.service.consul", "e").addresses == ("a", "c")
    world.hosts["b"].power_on()
    world.run(60.0)
    assert answer("consul.service.consul", "e").addresses == ("a", "b", "c")


def test_a_server_that_is_lost_and_returns_rewrites_every_hosts_file() -> None:
    """If this fails, hosts files are silent about the servers, and dnsmasq restarts too rarely."""
    world = NamesWorld("abcde")
    world.run(100.0)
    assert world.names.files["e"].addresses(SERVICE) == ("a", "b", "c")
    before = world.names.templates["e"].rewrites
    world.hosts["c"].power_off()
    world.run(60.0)
    assert world.names.files["e"].addresses(SERVICE) == ("a", "b")
    # A crashed node's own lines stay (section 6).
    assert world.names.files["e"].addresses("c") == ("c",)
    world.hosts["c"].power_on()
    world.run(60.0)
    assert world.names.files["e"].addresses(SERVICE) == ("a", "b", "c")
    assert world.names.templates["e"].rewrites == before + 2
    assert world.names.dnsmasqs["e"].restarts == 2


def test_a_client_that_is_lost_rewrites_nothing() -> None:
    """If this fails, a host without any service is in the template besides its node lines."""
    world = NamesWorld("abcde")
    world.run(100.0)
    world.hosts["d"].power_off()
    world.run(60.0)
    assert world.names.templates["e"].rewrites == 0
