"""Questions 8 to 10: names on hosts, Consul's servers, and exercise against operation by hand."""

from __future__ import annotations

from typing import Final

from experiments.gallery.outcome import Outcome
from experiments.gallery.question import Arm, Claim, Question

_NAMES: Final = (
    Arm("hosts files (the talk)", "deck-names"),
    Arm("hosts files, multi on", "deck-names", ("names.resolver.multi=yes",)),
    Arm("Consul's DNS", "deck-names", ("applications.bar-app.calls.foo-app.resolver=consul",)),
    Arm(
        "hosts files, systemd",
        "deck-names",
        ("names.dnsmasq.init=systemd",),
    ),
)


def _named(found: Outcome) -> tuple[str, str]:
    hosts, dns = "hosts files (the talk)", "Consul's DNS"
    return (
        f"By hosts files service is down for {found.said(hosts, 'downtime')} min a year, by "
        "Consul's "
        f"DNS for {found.said(dns, 'downtime')}: a difference of "
        f"{found.compared(hosts, dns, 'downtime', 'min')} in the same years.",
        f"The copies cost {found.said(hosts, 'dnsmasq')} restarts of dnsmasq a year over all "
        "hosts, "
        f"and the name leads to a host that does not serve for "
        f"{found.said(hosts, 'name wrong')} s a year.",
    )


NAMED: Final = Question(
    8,
    "Names in hosts files by consul-template, or Consul's DNS itself?",
    "How the calling application finds the called one: hosts files that consul-template writes "
    "(first "
    "line wins, or all lines with multi on), or a question to Consul.",
    _NAMES,
    60,
    ("downtime", "name wrong", "name empty", "dnsmasq", "pages"),
    _named,
    (
        Claim(
            "Each change of membership restarts dnsmasq on every host: many restarts a year.",
            lambda found: found.amount("hosts files (the talk)", "dnsmasq") > 100,
        ),
        Claim(
            "Copies on hosts turn an outage of Consul from no name into an old name: less downtime "
            "than Consul's DNS.",
            lambda found: found.is_more("Consul's DNS", "hosts files (the talk)", "downtime"),
        ),
    ),
    "Load is counted by shares and not by queues; that the first line carries everything shows in "
    "`sengu plot load`, not in these minutes.",
    figure="load",
)

_ALL_FIVE: Final = "consul.servers=[admin01, consul01, consul02, a01, a02]"
_SERVERS: Final = (
    Arm("1 server", "deck-redis", ("consul.servers=[consul01]",)),
    Arm("2 servers", "deck-redis", ("consul.servers=[consul01, consul02]",)),
    Arm("3 servers (the talk)", "deck-redis"),
    Arm("5 servers", "deck-redis", (_ALL_FIVE,)),
)


def _served(found: Outcome) -> tuple[str, str]:
    one, two, three, five = (arm.name for arm in _SERVERS)
    return (
        f"The name is empty for {found.said(one, 'name empty')} s a year with one server, "
        f"{found.said(two, 'name empty')} with two, {found.said(three, 'name empty')} with three "
        "and "
        f"{found.said(five, 'name empty')} with five.",
        f"Downtime is {found.said(one, 'downtime')}, {found.said(two, 'downtime')}, "
        f"{found.said(three, 'downtime')} and {found.said(five, 'downtime')} min a year.",
    )


SERVED: Final = Question(
    9,
    "How many Consul servers, and where?",
    "The Consul servers of the talk's Redis: one on the master's side, one on each side, two and "
    "one, "
    "and five of which three stand on the master's side.",
    _SERVERS,
    100,
    ("downtime", "name empty", "name wrong", "split brain"),
    _served,
    (
        Claim(
            "Two servers are worse than one: both are needed.",
            lambda found: found.is_more("2 servers", "1 server", "name empty"),
        ),
        Claim(
            "Three are better than two.",
            lambda found: found.is_more("2 servers", "3 servers (the talk)", "name empty"),
        ),
        Claim(
            "With three of five on one side, the quorum shares that side's fate: five are hardly "
            "better than three.",
            lambda found: not found.is_more("3 servers (the talk)", "5 servers", "downtime"),
        ),
    ),
    "Servers fail by themselves; a common cause (one rack, one hypervisor) is a fault of its own "
    "that "
    "this profile does not have.",
    figure="names",
)


def _swaps(every: str) -> str:
    return f"operator.swaps={{every: {every}, stores: [foo-db], takes: 30s}}"


_EXERCISES: Final = (
    Arm("never exercised", "deck-mysql"),
    Arm("swapped yearly", "deck-mysql", (_swaps("365d"),)),
    Arm("swapped monthly", "deck-mysql", (_swaps("30d"),)),
    Arm("swapped weekly", "deck-mysql", (_swaps("7d"),)),
    Arm("by hand", "deck-mysql", ("mysqlfailover={}", "operator.promote-by-hand=[foo-db]")),
)


def _exercised(found: Outcome) -> tuple[str, str]:
    never, monthly, weekly, hand = (
        "never exercised",
        "swapped monthly",
        "swapped weekly",
        "by hand",
    )
    return (
        f"A swap a month changes downtime by {found.compared(monthly, never, 'downtime', 'min')} a "
        "year "
        f"against never exercising ({found.said(never, 'downtime')} min), a swap a week by "
        f"{found.compared(weekly, never, 'downtime', 'min')}.",
        f"By hand, without a monitor, it is {found.said(hand, 'downtime')} min with "
        f"{found.said(hand, 'split brain')} s of split brain against "
        f"{found.said(never, 'split brain')}.",
    )


EXERCISED: Final = Question(
    10,
    "Exercise the failover, or operate by hand?",
    "How often master and slave of the talk's MySQL are swapped on purpose (30 s each), with one "
    "latent fault a year on each server; and people in place of mysqlfailover.",
    _EXERCISES,
    150,
    ("downtime", "split brain", "true", "missed", "pages"),
    _exercised,
    (
        Claim(
            "Exercise finds latent faults: a swap a month leaves less downtime than none.",
            lambda found: found.is_more("never exercised", "swapped monthly", "downtime"),
        ),
        Claim(
            "There is a best period: weekly swaps cost more than monthly ones.",
            lambda found: found.is_more("swapped weekly", "swapped monthly", "downtime"),
        ),
        Claim(
            "Where false alarms are frequent, the simple manual design competes.",
            lambda found: not found.is_more("by hand", "never exercised", "downtime"),
        ),
    ),
    "Coverage, the chance that a failover works when it is tried, is not a number here: it comes "
    "from "
    "latent faults, lag and what the tool does.",
    figure="ccdf",
)

QUESTIONS: Final = (NAMED, SERVED, EXERCISED)
