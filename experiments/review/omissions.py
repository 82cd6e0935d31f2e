"""What the model leaves out, for the systems that a design has.

The cards of the models (``docs/models/``) say it in full; this is the part of each that a
reviewer must know before believing a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from experiments.review.markup import Html, element, listed, section

if TYPE_CHECKING:
    from experiments.design import DesignSpec
    from experiments.review.material import Material

ALWAYS: Final = {
    "network": (
        "Delays are constant but for the faults that add to them; bandwidth is infinite; routing "
        "and middle boxes that forget connections are left out. Loss above about 10 % is too hard."
    ),
    "host-and-process": (
        "Memory, disk space and clocks that disagree are left out. Supervisors always succeed."
    ),
    "application": (
        "Single requests, retries, reads, latency and users who give up are left out: an "
        "application is a rate of requests, of which a share succeeds. Every request needs all "
        "that its application depends on."
    ),
    "faults": (
        "Faults are drawn independently of load and of one another unless the profile says "
        "otherwise; bugs, wrong deployments and attacks are not drawn."
    ),
}
"""By the name of the card: what holds for every design."""

OF_SYSTEMS: Final = {
    "redis": "Cluster mode, WAIT, memory limits and eviction, and slow commands are left out.",
    "sentinel": "Scripts of Sentinel, NAT, passwords, and failovers ordered by hand are left out.",
    "mysql": (
        "Purged logs, replication filters, multi-threaded slaves, conflicts that stop a slave by "
        "themselves, load and locks are left out; a rebuilt slave has its data at once."
    ),
    "mysqlfailover": "Mixed names and addresses, and slow name servers, are left out.",
    "consul": "Sessions, locks, several datacenters, ACLs, TCP and TTL checks are left out.",
    "consul_template": "Keys in templates, splay and dedup are left out.",
    "dnsmasq": "IPv6 and the cache of names that are not Consul's are left out.",
    "operator": (
        "People know the truth and make no mistakes but those that the design states; merging "
        "data that has diverged, nights and fatigue are left out."
    ),
}
"""By the name of the card: what holds where a design has the system."""


def omissions_section(material: Material) -> Html:
    """The cards that matter to the designs of the page."""
    designs = {point.design_name: point.design for point in material.study.points}
    cards = {card for design in designs.values() for card in cards_of(design)}
    known = {**OF_SYSTEMS, **ALWAYS}
    return section(
        "omissions",
        "What the model leaves out",
        element(
            "p",
            "Each line names the card of the model, in the folder docs/models of sengu's source, "
            "which says all of it and what the model was held against.",
        ),
        listed(
            [[element("b", f"{card}.md"), f": {known[card]}"] for card in known if card in cards]
        ),
    )


def cards_of(design: DesignSpec) -> Iterator[str]:
    """The names of the model cards that a design makes use of."""
    yield from ALWAYS
    has = {
        "redis": design.redis,
        "sentinel": design.sentinel,
        "mysql": design.mysql,
        "mysqlfailover": design.mysqlfailover,
        "consul": design.consul,
        "consul_template": design.names,
        "dnsmasq": design.names,
        "operator": design.operator,
    }
    yield from (card for card, block in has.items() if block)
