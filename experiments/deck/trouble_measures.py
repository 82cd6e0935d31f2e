"""What comes out of the recipes on the VPN, the busy host, and all layers at once."""

from __future__ import annotations

from statistics import median
from typing import Final

from experiments.deck.recipe import Command, Figure, average, share, trials
from experiments.inject.event_log import Event, EventLog

# 3.1.5 ----------------------------------------------------------------------------------------


def detour(p: int) -> Command:
    """Return half an hour of a way that is 80 ms longer and loses ``p`` percent of the packets."""
    fault = f"detour east-west at 60s for 30min by 80ms p {p}%"
    return Command("deck-full", (fault,), "31min", seed=2)


DETOUR = detour(10)
LOSSES: Final = (2, 5, 10, 20)


def vpn(n: int) -> list[Figure]:
    """What half an hour of a long and lossy way does to a system of which no part has failed."""
    rows = []
    for p in LOSSES:
        false, leaders, brains, down = [], [], [], []
        for done, log in trials(detour(p), n):
            false.append(float(done.recorder.failovers.false))
            leaders.append(float(len(log.all("leader-lost"))))
            seconds = done.class_seconds()
            brains.append(seconds.get("split-brain", 0.0))
            down.append(seconds.get("down", 0.0) / 60)
        rows += [
            Figure(f"{p} % loss: false failovers", average(false, "")),
            Figure(f"{p} % loss: Consul leaders lost", average(leaders, "")),
            Figure(f"{p} % loss: split brain", average(brains)),
            Figure(f"{p} % loss: down", average(down, "min")),
        ]
    return rows


# 3.1.6 ----------------------------------------------------------------------------------------

_STARVED = ("starve admin01 at 60s for 5min by 10 fsync 1500ms", "down mysql@db01 at 2min")
BUSY = Command("deck-full", _STARVED, "8min", seed=1)
QUIET = Command("deck-full-quiet-admin", _STARVED, "8min", seed=1)
STARVED_ONLY = Command("deck-full", _STARVED[:1], "8min")


def names_lost(command: Command, n: int) -> tuple[int, int, list[float]]:
    """Return how often the leader was lost, the database's name is wrong, and the detection, s."""
    leaders, wrong, detected = 0, 0, []
    for done, log in trials(command, n):
        leaders += bool(log.first("leader-lost"))
        names = (name for name in done.world.service.published if name.store.name == "foo-db")
        wrong += any(name.state != "right" for name in names)
        found = log.first("master-is-confirmed-down")
        if found is not None:
            detected.append(found.at_s - 60.0)
    return leaders, wrong, detected


def busy_host(n: int) -> list[Figure]:
    """What a database failover becomes while the admin host's disk is busy."""
    rows = []
    for what, command in (("on admin01", BUSY), ("on a quiet host", QUIET)):
        leaders, wrong, detected = names_lost(command, n)
        rows += [
            Figure(f"{what}: Consul's leader is lost", share(leaders, n)),
            Figure(f"{what}: the name is wrong at the end", share(wrong, n)),
            Figure(f"{what}: detection of the crash", average(detected), "28 s when all is well"),
        ]
    alone, _, detected = names_lost(STARVED_ONLY, n)
    return [
        *rows,
        Figure("nothing else happens: leader lost", share(alone, n)),
        Figure("nothing else happens: failover", share(len(detected), n), "slow is not dead"),
    ]


# 3.1.8 ----------------------------------------------------------------------------------------

_STORM = ("kill redis@a01 at 5min", "down mysql@db01 at 15min")
CLEAN = Command("deck-full", _STORM, "30min")
LIKE_A_VPN = Command(
    "deck-full", ("detour east-west at 1s for 30min by 80ms p 10%", *_STORM), "30min", seed=3
)


def two_networks(n: int) -> list[Figure]:
    """The same two failures over a clean link and over one like the VPN."""
    rows = []
    for what, command in (("clean", CLEAN), ("VPN-like", LIKE_A_VPN)):
        counts: dict[str, list[float]] = {}
        for done, log in trials(command, n):
            seconds, names = done.class_seconds(), done.world.names
            assert names is not None
            for name, value in (
                ("failovers that were needed", done.recorder.failovers.true),
                ("false failovers", done.recorder.failovers.false),
                ("Consul leaders lost", len(log.all("leader-lost"))),
                ("split brain, s", seconds.get("split-brain", 0.0)),
                ("down, s", seconds.get("down", 0.0)),
                ("hosts files rewritten, a host", names.rewrites / len(names.templates)),
            ):
                counts.setdefault(name, []).append(float(value))
        rows += [
            Figure(f"{what}: {name}", average(values, ""), "2" if "needed" in name else "")
            for name, values in counts.items()
        ]
    return rows


# 3.2k -----------------------------------------------------------------------------------------


def lossy(p: int) -> Command:
    """Return 20 minutes in which ``p`` percent of the packets between the sites are lost."""
    return Command("deck-redis", (f"loss east-west at 60s for 20min p {p}%",), "25min")


LOSSY = Command("deck-redis", ("loss east-west at 60s for 20min p 20%",), "25min", seed=2)
HUNG = Command("deck-redis", ("hang admin01 at 60s for 20s",), "3min", seed=1)
SLOW_DISK = Command(
    "deck-redis",
    ("starve admin01 at 60s for 5min by 10 fsync 1500ms", "kill redis@a01 at 90s"),
    "7min",
    ("redis.foo.restart=null",),
)


def consul_troubles(n: int) -> list[Figure]:
    """What loss, a standstill and a slow disk do to Consul's leader and members."""
    rows = []
    for p in (5, 10, 20):
        lost, failed = [], []
        for _, log in trials(lossy(p), n):
            lost.append(float(len(log.all("leader-lost"))))
            failed.append(float(len(log.all("EventMemberFailed"))))
        rows.append(Figure(f"{p} % loss for 20 min: leaders lost", average(lost, ""), "some"))
        rows.append(Figure(f"{p} % loss for 20 min: members failed", average(failed, ""), "some"))
    leaders, members, back = 0, 0, 0
    for _, log in trials(HUNG, n):
        leaders += bool(log.first("leader-lost"))
        members += bool(log.first("EventMemberFailed", node="admin01"))
        back += bool(log.first("EventMemberJoin", node="admin01"))
    stalled = sum(bool(log.first("leader-lost")) for _, log in trials(SLOW_DISK, n))
    return [
        *rows,
        Figure("a server hangs for 20 s: it is failed", share(members, n), "yes"),
        Figure("… and joins again", share(back, n), "yes"),
        Figure("… and was the leader, who is lost", share(leaders, n), "1 of 3 servers"),
        Figure("a slow disk and a commit: leader lost", share(stalled, n), "1 of 3 servers"),
    ]


# 3.2l -----------------------------------------------------------------------------------------

BLIP = Command("deck-full", ("cut east-west at 60s for 45s refuse",), "4min")

_FIRSTS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("an application loses a connection", "disconnected", {}),
    ("Sentinel: the master is objectively down", "+odown", {}),
    ("Sentinel: a slave is promoted", "+promoted-slave", {}),
    ("Consul gossip: a member has failed", "EventMemberFailed", {}),
    ("Consul check: the new master is published", "synced", {"status": "passing"}),
    ("consul-template: a hosts file is rewritten", "rendered", {}),
    ("mysqlfailover: the master may be down", "master-may-be-down", {}),
    ("mysqlfailover: the slave is promoted", "failover-complete", {}),
    ("Sentinel: the old master is demoted", "+convert-to-slave", {}),
    ("Consul gossip: the member is back", "EventMemberJoin", {}),
)


def reactions(n: int) -> list[tuple[str, list[float]]]:
    """Return when each layer first reacted to one blip, s, in the trials in which it did."""
    logs = [log for _, log in trials(BLIP, n)]
    return [(what, _firsts(logs, name, words)) for what, name, words in _FIRSTS]


def _firsts(logs: list[EventLog], name: str, words: dict[str, str]) -> list[float]:
    found: list[Event | None] = [log.first(name, **words) for log in logs]
    return [event.at_s for event in found if event is not None]


def all_layers(n: int) -> list[Figure]:
    """The order in which the layers react to one blip of 45 s."""
    found = [(what, at_s) for what, at_s in reactions(n) if at_s]
    return [
        Figure(
            what,
            f"{median(at_s):.1f} s, from {min(at_s):.1f} to {max(at_s):.1f} ({len(at_s)} of {n})",
        )
        for what, at_s in sorted(found, key=lambda one: median(one[1]))
    ]
