"""Questions 1 to 4: where Sentinels stand, when they are moved and judge, what writes wait for."""

from __future__ import annotations

from typing import Final

from experiments.gallery.outcome import Outcome
from experiments.gallery.question import Arm, Claim, Question, varied

NEVER_MOVED: Final = "deck-redis-never-moved"

_PLACES: Final = (
    Arm("1 and 1", NEVER_MOVED, ("sentinel.foo.processes={s1: a01, s2: a02}",)),
    Arm("1 and 2 (the talk)", NEVER_MOVED),
    Arm("2 and 1", NEVER_MOVED, ("sentinel.foo.processes={s1: a01, s2: a01, s3: a02}",)),
    Arm(
        "third on its own site",
        NEVER_MOVED,
        (
            "hosts.judge01={site: north, boot: 2min}",
            "sentinel.foo.processes={s1: a01, s2: a02, s3: judge01}",
        ),
    ),
)


def _where(found: Outcome) -> tuple[str, str]:
    third, talk, two = "third on its own site", "1 and 2 (the talk)", "1 and 1"
    return (
        f"With two Sentinels, {found.said(two, 'missed')} failovers a year that were needed never "
        f"come, and service is down for {found.said(two, 'downtime')} min a year; with the third "
        "on "
        f"a site of its own it is {found.said(third, 'downtime')}.",
        f"The talk's placement splits the brain for {found.said(talk, 'split brain')} s a year, "
        f"{found.compared(talk, third, 'split brain', 's')} more than the third site in the same "
        "years.",
    )


WHERE: Final = Question(
    1,
    "Where do the Sentinels go?",
    "The places of the Sentinels of the talk's Redis; master on a01 (east), replica on a02 (west), "
    "quorum 2. Nobody moves them after a failover.",
    _PLACES,
    100,
    ("downtime", "split brain", "writes lost", "false", "missed"),
    _where,
    (
        Claim(
            "Two Sentinels never promote when the master's host dies: most downtime of all.",
            lambda found: found.is_more("1 and 1", "third on its own site", "downtime"),
        ),
        Claim(
            "With 1 and 2, every cut longer than down-after makes a second master.",
            lambda found: found.amount("1 and 2 (the talk)", "false") > 1.0,
        ),
        Claim(
            "A third, independent site makes both small: least downtime and least split brain of "
            "the placements that promote.",
            lambda found: (
                found.least("downtime") == "third on its own site"
                and found.is_more("1 and 2 (the talk)", "third on its own site", "split brain")
            ),
        ),
    ),
    "The third site is joined to both others by paths of the same quality, which fail each by "
    "itself.",
)

_MOVES: Final = (
    Arm(
        "moved after 1 min",
        "deck-redis",
        ("operator.move-sentinels.after={law: fixed, value: 1min}",),
    ),
    Arm("moved after 30 min (the talk)", "deck-redis"),
    Arm(
        "moved after a week",
        "deck-redis",
        ("operator.move-sentinels.after={law: lognormal, median: 7d, log-sd: 1}",),
    ),
    Arm("moved, without RESET", "deck-redis", ("operator.move-sentinels.reset=no",)),
    Arm("never moved", NEVER_MOVED),
)


def _moved(found: Outcome) -> tuple[str, str]:
    talk, never = "moved after 30 min (the talk)", "never moved"
    return (
        f"Never moved, {found.said(never, 'missed')} needed failovers a year do not come, against "
        f"{found.said(talk, 'missed')} if somebody moves a Sentinel; without RESET it is "
        f"{found.said('moved, without RESET', 'missed')}.",
        f"But who moves it arms the next misfire: {found.said(talk, 'false')} false failovers a "
        "year "
        f"against {found.said(never, 'false')}, and "
        f"{found.compared(talk, never, 'split brain', 's')} "
        "more of split brain.",
    )


MOVED: Final = Question(
    2,
    "What if the move of the Sentinels after a failover is late, forgotten, or without RESET?",
    "When the operator moves a Sentinel to the new master's other side, and whether the old ones "
    "are "
    "made to forget it with SENTINEL RESET.",
    _MOVES,
    100,
    ("downtime", "split brain", "false", "missed", "pages"),
    _moved,
    (
        Claim(
            "Forgotten: the second failover is blocked, so that needed ones are missed.",
            lambda found: found.is_more("never moved", "moved after 30 min (the talk)", "missed"),
        ),
        Claim(
            "Without RESET more failovers are missed than with it.",
            lambda found: found.is_more(
                "moved, without RESET", "moved after 30 min (the talk)", "missed"
            ),
        ),
        Claim(
            "Downtime grows with the time until the move.",
            lambda found: found.is_more("moved after a week", "moved after 1 min", "downtime"),
        ),
    ),
    "On this profile's network the move also decides how often the next flap is taken for a death, "
    "which the expectation does not count.",
)

_TIMEOUTS: Final = ("1s", "5s", "15s", "30s", "60s")


def _timeout(found: Outcome) -> tuple[str, str]:
    least = found.least("downtime")
    return (
        f"Least downtime has {least}: {found.said(least, 'downtime')} min a year against "
        f"{found.said('5s', 'downtime')} with the talk's 5 s and {found.said('1s', 'downtime')} "
        "with 1 s.",
        f"Split brain goes from {found.said('5s', 'split brain')} s a year at 5 s to "
        f"{found.said('60s', 'split brain')} at 60 s, false failovers from "
        f"{found.said('5s', 'false')} to {found.said('60s', 'false')}.",
    )


TIMEOUT: Final = Question(
    3,
    "How long should down-after-milliseconds be?",
    "down-after-milliseconds of the talk's Redis, from 1 s to 60 s; the operator moves Sentinels.",
    varied("deck-redis", "sentinel.foo.down-after-milliseconds", _TIMEOUTS),
    100,
    ("downtime", "split brain", "writes lost", "true", "false"),
    _timeout,
    (
        Claim(
            "There is a best value inside the range for downtime.",
            lambda found: found.least("downtime") in ("5s", "15s", "30s"),
        ),
        Claim(
            "Split brain hardly changes from 5 s to 60 s (by less than a quarter).",
            lambda found: (
                found.amount("60s", "split brain") > 0.75 * found.amount("5s", "split brain")
            ),
        ),
        Claim(
            "A longer time-out rides out false alarms.",
            lambda found: found.is_more("5s", "60s", "false"),
        ),
    ),
    "The flaps of the profile last 45 s at the median; where they are shorter, a shorter time-out "
    "is "
    "enough.",
    figure="pareto",
)

_LIMIT: Final = "redis.foo.min-replicas-to-write=1"
_FENCES: Final = (
    Arm("no limit (the talk)", "deck-redis"),
    *(
        Arm(f"max-lag {lag}", "deck-redis", (_LIMIT, f"redis.foo.min-replicas-max-lag={lag}"))
        for lag in ("2s", "10s", "30s")
    ),
    Arm(
        "max-lag 10s, a second replica",
        "deck-redis",
        (
            _LIMIT,
            "redis.foo.min-replicas-max-lag=10s",
            "hosts.a03={site: east, boot: 2min}",
            "redis.foo.replicas=[a02, a03]",
        ),
    ),
)


def _fenced(found: Outcome) -> tuple[str, str]:
    free, limited = "no limit (the talk)", "max-lag 10s"
    return (
        f"min-replicas-to-write with max-lag 10 s cuts the acknowledged writes lost from "
        f"{found.said(free, 'writes lost')} to {found.said(limited, 'writes lost')} a year, and "
        "split "
        f"brain from {found.said(free, 'split brain')} to {found.said(limited, 'split brain')} s.",
        f"The price is {found.compared(limited, free, 'downtime', 'min')} a year more of downtime; "
        "with "
        f"a second replica downtime is "
        f"{found.said('max-lag 10s, a second replica', 'downtime')} min.",
    )


FENCED: Final = Question(
    4,
    "Should writes stop when the replica cannot be seen?",
    "min-replicas-to-write 1 on the talk's Redis, with min-replicas-max-lag from 2 s to 30 s, and "
    "with a second replica beside the master.",
    _FENCES,
    100,
    ("downtime", "split brain", "writes lost", "false"),
    _fenced,
    (
        Claim(
            "Losses are bounded by the limit: less than a tenth of those without it.",
            lambda found: (
                found.amount("max-lag 10s", "writes lost")
                < 0.1 * found.amount("no limit (the talk)", "writes lost")
            ),
        ),
        Claim(
            "A longer max-lag loses more.",
            lambda found: found.is_more("max-lag 30s", "max-lag 2s", "writes lost"),
        ),
        Claim(
            "The price: with one replica, writes stop whenever it is away.",
            lambda found: found.is_more("max-lag 10s", "no limit (the talk)", "downtime"),
        ),
    ),
    "Redis measures the lag in whole seconds, by an ACK a second: a limit of 1 s would refuse in "
    "ordinary times.",
)

QUESTIONS: Final = (WHERE, MOVED, TIMEOUT, FENCED)
