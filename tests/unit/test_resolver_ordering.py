"""Rule 9 and the shares of a lookup's first address: ``consul.md`` section 8.1, row by row."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Interface
from itertools import permutations

import pytest

from models.resolver.ordering import (
    by_rule_9,
    common_prefix,
    shares_of_rotated,
    shares_of_shuffled,
)
from tests.names_worlds import NamesWorld

NAME = "foo-app.service.dc1.consul"
ENTRIES = ("a", "b", "c")
"""At .11, .12 and .13, in the order of the file."""


def _order(client: str, **resolver: object) -> tuple[str, ...]:
    """Return what a lookup on a host of that address returns, with three lines in the file."""
    addresses = {"d": client} if client else {}
    world = NamesWorld(
        "abcd", {"foo-app": "abc"}, names={"resolver": resolver}, addresses=addresses
    )
    return world.names.resolver("d").answer(NAME).addresses


@pytest.mark.parametrize(
    ("client", "order"),
    [
        ("192.0.2.100/24", "abc"),
        ("192.0.2.20/24", "abc"),
        ("192.0.2.14/24", "bca"),
        ("198.51.100.9/24", "abc"),
    ],
)
def test_rule_9_table(client: str, order: str) -> None:
    """If this fails, getaddrinfo's order is not what was measured on glibc (section 8.1)."""
    assert _order(client, multi="yes") == tuple(order)


@pytest.mark.parametrize(("host", "order"), [("c", "cba"), ("b", "bca")])
def test_a_host_comes_first_to_itself(host: str, order: str) -> None:
    """If this fails, the two rows of the table are wrong in which the client is an entry."""
    world = NamesWorld("abc", {"foo-app": "abc"}, names={"resolver": {"multi": "yes"}})
    assert world.names.resolver(host).answer(NAME).addresses == tuple(order)


@pytest.mark.parametrize("client", ["192.0.2.14/24", "192.0.2.13/24", "198.51.100.9/24"])
def test_the_first_line_alone_counts(client: str) -> None:
    """If this fails, multi off gives more than a line, or gethostbyname is sorted."""
    assert _order(client) == ("a",)
    assert _order(client, multi="yes", call="gethostbyname") == ("a", "b", "c")


def test_a_prefix_counts_in_the_own_subnet_only() -> None:
    """If this fails, IPv4 addresses of other subnets are sorted, which glibc does not do."""
    client = IPv4Interface("192.0.2.14/24")
    assert common_prefix(client, IPv4Interface("192.0.2.12/24")) == 30
    assert common_prefix(client, IPv4Interface("192.0.2.14/24")) == 32
    assert common_prefix(client, IPv4Interface("192.0.3.14/24")) == 0
    assert common_prefix(client, None) == common_prefix(None, client) == 0


@pytest.mark.parametrize("prefixes", [(0, 0, 0), (29, 30, 30), (30, 29, 30, 29), (5,), (1, 1, 2)])
def test_shares_of_a_rotated_list_are_exact(prefixes: tuple[int, ...]) -> None:
    """If this fails, the load on instances behind dnsmasq's rotation is wrong."""
    names = "abcd"[: len(prefixes)]
    count = len(names)
    firsts = Counter()
    for offset in range(count):
        places = [(offset + place) % count for place in range(count)]
        turned = by_rule_9([names[p] for p in places], [prefixes[p] for p in places])
        firsts[turned[0]] += 1
    assert shares_of_rotated(prefixes) == tuple(firsts[name] / count for name in names)


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
@pytest.mark.parametrize("prefixes", [(0,) * 5, (30, 0, 0, 29, 29), (2, 1, 0), (7,)])
def test_shares_of_a_shuffled_list_are_exact(prefixes: tuple[int, ...], limit: int) -> None:
    """If this fails, the load on instances behind Consul's shuffled answers is wrong."""
    places = range(len(prefixes))
    firsts: Counter[int] = Counter()
    orders = list(permutations(places))
    for order in orders:
        came = order[: limit or len(order)]
        firsts[max(came, key=lambda place: (prefixes[place], -came.index(place)))] += 1
    expected = [firsts[place] / len(orders) for place in places]
    assert shares_of_shuffled(prefixes, limit) == pytest.approx(expected)


@pytest.mark.parametrize("resolver", [{}, {"multi": "yes"}, {"hosts": "dns"}])
@pytest.mark.parametrize("name", [NAME, "bar-app.service.dc1.consul"])
def test_drawn_orders_agree_with_the_shares(resolver: dict[str, object], name: str) -> None:
    """If this fails, a client that draws an order sees other odds than one that uses shares."""
    world = NamesWorld("abcde", {"foo-app": "abcde", "bar-app": "bd"}, names={"resolver": resolver})
    _shares_hold(world, "c", name)


def test_consul_s_own_answers_agree_with_the_shares() -> None:
    """If this fails, a name that only Consul knows is drawn at other odds: 3 random ones of 5."""
    world = NamesWorld("abcde", {"foo-app": "abcde"}, names={"resolver": {"hosts": "dns"}})
    world.names.dnsmasqs["d"].loaded = None
    answer = world.names.resolver("d").answer(NAME)
    # .14 is the client itself: in 3 of 5 answers, and first in each of them.
    assert dict(zip(answer.addresses, answer.shares, strict=True))["d"] == pytest.approx(0.6)
    _shares_hold(world, "d", NAME)


def _shares_hold(world: NamesWorld, host: str, name: str, queries: int = 3000) -> None:
    resolver = world.names.resolver(host)
    answer = resolver.answer(name)
    assert sum(answer.shares) == pytest.approx(1.0)
    drawn = [resolver.in_order(name, query) for query in range(queries)]
    assert drawn == [resolver.in_order(name, query) for query in range(queries)]
    firsts = Counter(order[0] for order in drawn)
    for address, share in zip(answer.addresses, answer.shares, strict=True):
        assert firsts[address] / queries == pytest.approx(share, abs=0.04)
