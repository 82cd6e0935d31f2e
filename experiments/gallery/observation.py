"""Questions 5 to 7: how often a check looks, who watches from where, and the network between."""

from __future__ import annotations

from typing import Final

from experiments.gallery.outcome import Outcome
from experiments.gallery.question import Arm, Claim, Question, varied

_CHECK: Final = "consul.services.foo-redis.check"
_CHECKS: Final = (
    *varied("deck-redis", f"{_CHECK}.interval", ("1s", "5s", "30s", "60s")),
    Arm("30s, role-only", "deck-redis", (f"{_CHECK}.script=role-only",)),
)


def _checked(found: Outcome) -> tuple[str, str]:
    return (
        f"From 30 s to 5 s the check takes {found.compared('30s', '5s', 'downtime', 'min')} a year "
        "off "
        f"the downtime ({found.said('5s', 'downtime')} min left), and the time in which the name "
        "leads "
        f"to the wrong host from {found.said('30s', 'name wrong')} to "
        f"{found.said('5s', 'name wrong')} s a year.",
        f"The name says nothing for {found.said('30s', 'name empty')} s a year with the talk's "
        "script "
        f"of three conditions, and for {found.said('30s, role-only', 'name empty')} with one that "
        "asks "
        "for the role only.",
    )


CHECKED: Final = Question(
    5,
    "How often should Consul's check look, and at what?",
    "The interval of the check of the talk's Redis, and its script: the talk's three conditions, "
    "or "
    "only whether this is the master.",
    _CHECKS,
    80,
    ("downtime", "name wrong", "name empty", "name double", "split brain"),
    _checked,
    (
        Claim(
            "The interval is the delay of publication: 5 s removes most of the time that a name is "
            "wrong at 30 s.",
            lambda found: (
                found.amount("5s", "name wrong") < 0.5 * found.amount("30s", "name wrong")
            ),
        ),
        Claim(
            "A shorter interval means less downtime.",
            lambda found: found.is_more("30s", "5s", "downtime"),
        ),
        Claim(
            "The three conditions make the name empty at times; role-only does so less.",
            lambda found: found.is_more("30s", "30s, role-only", "name empty"),
        ),
    ),
    "A check of every second costs CPU on each host, which is not modelled; 2015's agent ran "
    "scripts "
    "one by one.",
    figure="names",
)

_QUIET: Final = "hosts.admin01.busy=no"
_OFTEN: Final = "profile.faults.io-starvation.every.mean=7d"
_MONITORS: Final = (
    Arm("on the loaded host (the talk)", "deck-mysql"),
    Arm("on a quiet host", "deck-mysql", (_QUIET,)),
    Arm("loaded every week", "deck-mysql", (_OFTEN,)),
    Arm("interval 5 s", "deck-mysql", ("mysqlfailover.monitor.interval=5s",)),
    Arm("on the master's side", "deck-mysql", ("hosts.admin01.site=east",)),
)


def _monitored(found: Outcome) -> tuple[str, str]:
    talk, quiet, beside = "on the loaded host (the talk)", "on a quiet host", "on the master's side"
    return (
        f"Moving mysqlfailover off the loaded host changes false failovers from "
        f"{found.said(talk, 'false')} to {found.said(quiet, 'false')} a year, and downtime by "
        f"{found.compared(talk, quiet, 'downtime', 'min')}.",
        f"Where it stands matters more: on the master's side it has {found.said(beside, 'false')} "
        f"false failovers a year, and {found.said(beside, 'missed')} missed ones against "
        f"{found.said(talk, 'missed')}.",
    )


MONITORED: Final = Question(
    6,
    "What does mysqlfailover do on a starved admin host?",
    "The load of the admin host's disk, the interval of mysqlfailover 1.5.3, and the site of the "
    "admin host.",
    _MONITORS,
    150,
    ("downtime", "split brain", "true", "false", "missed"),
    _monitored,
    (
        Claim(
            "A slow SHOW DATABASES blocks 1.5.3 and is not taken for a death: load alone brings no "
            "more false failovers.",
            lambda found: not found.is_more("loaded every week", "on a quiet host", "false"),
        ),
        Claim(
            "On the stand-by's side the monitor promotes falsely when the path is cut; on the "
            "master's side it does so less.",
            lambda found: found.is_more(
                "on the loaded host (the talk)", "on the master's side", "false"
            ),
        ),
        Claim(
            "Moving it off the loaded host brings less downtime.",
            lambda found: found.is_more(
                "on the loaded host (the talk)", "on a quiet host", "downtime"
            ),
        ),
    ),
    "Starvation is an episode in which disk and scripts are slow by a factor; swapping, and a "
    "kernel "
    "that drops packets for lack of memory, are not modelled.",
    figure="waterfall",
)

_FLAP: Final = "profile.faults.vpn-flap.every.mean"
_FLAPS: Final = (("weekly", "7d"), ("monthly", "30.44d"), ("yearly", "365.25d"))
_NETWORKS: Final = (
    *(
        Arm(f"by Sentinel, flaps {word}", "deck-redis", (f"{_FLAP}={mean}",))
        for word, mean in _FLAPS
    ),
    *(
        Arm(
            f"by hand, flaps {word}",
            "deck-redis",
            (
                "sentinel={}",
                "operator={alert-after: 2min, promote-by-hand: [foo]}",
                f"{_FLAP}={mean}",
            ),
        )
        for word, mean in _FLAPS
    ),
)


def _flapping(found: Outcome) -> tuple[str, str]:
    auto, hand = "by Sentinel, flaps {}", "by hand, flaps {}"

    def minutes(word: str) -> str:
        return found.compared(auto.format(word), hand.format(word), "downtime", "min")

    return (
        f"With a flap a week automation is down {minutes('weekly')} a year more than people on "
        f"call, with one a year {minutes('yearly')}.",
        f"Sentinel fails over falsely {found.said(auto.format('weekly'), 'false')} times a year "
        "with "
        f"weekly flaps and {found.said(auto.format('yearly'), 'false')} with yearly ones; people "
        f"{found.said(hand.format('weekly'), 'false')}.",
    )


FLAPPING: Final = Question(
    7,
    "Does automatic failover pay on a path that flaps?",
    "How often the VPN between the sites flaps (cuts of 45 s at the median), with Sentinel and "
    "with "
    "people who are paged, look, and promote.",
    _NETWORKS,
    80,
    ("downtime", "split brain", "writes lost", "false", "pages"),
    _flapping,
    (
        Claim(
            "A detector shorter than a flap (5 s against 45 s) misfires on each: more false "
            "failovers "
            "with more flaps.",
            lambda found: found.is_more(
                "by Sentinel, flaps weekly", "by Sentinel, flaps yearly", "false"
            ),
        ),
        Claim(
            "On a bad network people beat automation in downtime.",
            lambda found: found.is_more(
                "by Sentinel, flaps weekly", "by hand, flaps weekly", "downtime"
            ),
        ),
        Claim(
            "On a good one automation beats people.",
            lambda found: found.is_more(
                "by hand, flaps yearly", "by Sentinel, flaps yearly", "downtime"
            ),
        ),
    ),
    "People make no mistakes here and do not take a cut for a death.",
)

QUESTIONS: Final = (CHECKED, MONITORED, FLAPPING)
