"""What comes out of the recipes on Redis, Sentinel and the name of the Redis master."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from experiments.building.consul_services import service_name
from experiments.deck.held import Held
from experiments.deck.recipe import Command, Figure, average, percent, share, trials
from experiments.inject.trial import Trial, run_trial

CHECK_S: Final = 30.0
"""The interval of the talk's check (slide 50)."""

ONE_EACH: Final = "sentinel.foo.processes={s1: a, s2: b}"
NO_SUPERVISOR: Final = "redis.foo.restart=null"

# 3.1.1 ----------------------------------------------------------------------------------------

HALVES = Command("sentinel-2-hosts", ("down a at 60s",), "3min", (ONE_EACH,))
ONE_TO_TWO = Command("sentinel-2-hosts", ("down a at 60s",), "3min")
_LOSSES = ("down redis@a01 at 1s for 60s", "down a02 at 1000s")
NEVER_MOVED = Command("deck-redis-never-moved", _LOSSES, "1120s")


def majority(n: int) -> list[Figure]:
    """How often the loss of the master's host is survived, by where the Sentinels run."""
    rows = (
        ("1 Sentinel on each host, the master's host is lost", HALVES, "never: 1 of 2"),
        ("1 to 2, the master's host is lost", ONE_TO_TWO, "always: 2 of 3"),
        ("1 to 2, a failover, nobody moves a Sentinel, loss again", NEVER_MOVED, "never: 1 of 3"),
    )
    return [Figure(what, share(survived(command, n), n), says) for what, command, says in rows]


def survived(command: Command, n: int) -> int:
    """Return in how many trials somebody accepts writes at the end."""
    return sum(bool(done.world.service.accepting) for done, _ in trials(command, n))


# 3.1.2 and 3.2b -------------------------------------------------------------------------------

TWO_MASTERS = Command("deck-redis", ("cut a01-a02 at 60s",), "8min")
# Nobody asks until the flapping is in its cycle.
_SETTLED_S = 200.0


def answers(command: Command, n: int) -> Held[tuple[str, ...]]:
    """Return the answers of Consul's DNS, as seen by a third host, over all trials."""
    total: Held[tuple[str, ...]] | None = None
    for replication in range(n):
        held: list[Held[tuple[str, ...]]] = []
        _run(command, replication, held)
        held[0].close()
        if total is None:
            total = held[0]
        else:
            total.add(held[0])
    assert total is not None
    return total


def _run(command: Command, replication: int, held: list[Held[tuple[str, ...]]]) -> None:
    def attach(begun: Trial) -> None:
        consul, designed = begun.world.consul, begun.order.design.consul
        assert consul is not None and designed is not None
        name = service_name(designed, "foo-redis")

        def read() -> tuple[str, ...]:
            return consul.dns.answer(name, "admin01").addresses

        held.append(Held(begun, "answers", read, (), _SETTLED_S))

    run_trial(command.order(replication), attach)


AN_HOUR = Command("deck-redis", ("cut a01-a02 at 1s",), "3800s")
HEALED = Command("deck-redis", ("cut a01-a02 at 60s for 4min",), "7min")


def guarded(command: Command, script: str) -> Command:
    """Return the command with another body of the check (``consul.md`` section 10.5)."""
    check = f"{{name: redis-master, interval: 30s, script: {script}}}"
    return replace(command, sets=(f"consul.services.foo-redis.check={check}",))


YIELDING = guarded(TWO_MASTERS, "yield")
_BODIES = (
    ("three-conditions", "the talk's check", "both a third of the time"),
    ("role-only", "without condition 1", "both, always (consul.md 10.5)"),
    ("yield", "fails if any other host is listed", "one, stable (consul.md 10.5)"),
)


def guard(n: int) -> list[Figure]:
    """What the name answers while there are two masters, with three ways to guard it."""
    rows = []
    for script, words, says in _BODIES:
        found = answers(guarded(AN_HOUR, script), n).shares()
        both = sum(part for hosts, part in found.items() if len(hosts) == 2)
        alone = " and ".join(percent(found.get((host,), 0.0)) for host in ("a01", "a02"))
        here = f"both {percent(both)}, only a01 and only a02 {alone}"
        rows.append(Figure(f"two masters, {words}", here, says))
    return rows


def flapping(n: int) -> list[Figure]:
    """The cycle of the name while there are two masters."""
    found = answers(AN_HOUR, n)
    shares, total_s = found.shares(), sum(found.seconds.values())
    rows = [
        Figure(f"the answer is {' and '.join(hosts) or 'empty'}", percent(shares[hosts]), says)
        for hosts, says in (
            (("a01", "a02"), "1/3 (measured there: 0.30 to 0.35)"),
            (("a01",), "1/3"),
            (("a02",), "1/3"),
        )
    ]
    cycle_s = total_s / found.begun["a01",] if found.begun["a01",] else float("inf")
    return [*rows, Figure("length of the cycle", f"{cycle_s:.1f} s", "90 s")]


# 3.2a -----------------------------------------------------------------------------------------

CRASH = Command("deck-redis", ("kill redis@a01 at 60s",), "2min", (NO_SUPERVISOR,), seed=2)


def publications(n: int) -> list[tuple[float, float, float]]:
    """Return promotion, publication and removal of the old name of each crash, s since it."""
    rows = []
    for _, log in trials(CRASH, n):
        promoted = log.first("role", entity="redis@a02", role="master")
        published = log.first("synced", entity="consul@a02", status="passing")
        removed = log.first("synced", entity="consul@a01", status="critical")
        assert promoted and published and removed
        rows.append((promoted.at_s, published.at_s, removed.at_s))
    return rows


def publication(n: int) -> list[Figure]:
    """How long the name lags behind the promotion, and how often it is empty meanwhile."""
    rows = publications(n)
    promoted_s = sum(row[0] for row in rows) / n
    empty = [max(0.0, published - removed) for _, published, removed in rows]
    window_s = CHECK_S - promoted_s
    p_empty = 1 - window_s**2 / (2 * CHECK_S**2)
    mean_s = promoted_s + window_s**3 / (6 * CHECK_S**2)
    return [
        Figure("promotion after the crash", average([row[0] for row in rows]), "given: 6 s"),
        Figure(
            "publication after the promotion",
            average([row[1] - row[0] for row in rows]),
            "mean 15 s, at most 30 s",
        ),
        Figure("publication after the crash", average([row[1] for row in rows]), "mean 21.0 s"),
        Figure(
            "crashes with an empty name in between",
            share(sum(length > 0 for length in empty), n),
            f"68 %; {100 * p_empty:.0f} % for this promotion",
        ),
        Figure(
            "length of the empty name, over all",
            average(empty),
            f"8.6 s; {mean_s:.1f} s for this promotion",
        ),
    ]


# 3.2c -----------------------------------------------------------------------------------------

APART = Command("deck-redis", ("cut east-west at 60s for 45s",), "4min")
_ENDS = (
    ("the link is cut for good", "cut east-west at 60s", "always"),
    ("the master's host is lost", "down a01 at 60s", "always"),
    ("the slave's host is lost", "down a02 at 60s", "never"),
)


def two_hosts(n: int) -> list[Figure]:
    """Who promotes at the loss of the link and of each host."""
    rows = []
    for what, fault, says in _ENDS:
        ends = Counter(
            tuple(server.address for server in done.world.service.accepting)
            for done, _ in trials(Command("deck-redis", (fault,), "2min"), n)
        )
        promoted = sum(count for servers, count in ends.items() if "redis@a02" in servers)
        rows.append(Figure(f"{what}: the slave is promoted", share(promoted, n), says))
        if what.startswith("the link"):
            two = sum(count for servers, count in ends.items() if len(servers) == 2)
            rows.append(Figure("… and the old master goes on", share(two, n), "always"))
    brains = [done.class_seconds().get("split-brain", 0.0) for done, _ in trials(APART, n)]
    lost = [done.recorder.writes_lost for done, _ in trials(APART, n)]
    return [
        *rows,
        Figure("a cut of 45 s: split brain", average(brains), "until after the healing"),
        Figure("a cut of 45 s: acknowledged writes lost", average(lost, "", 0), "not stated"),
    ]


# 3.2d -----------------------------------------------------------------------------------------


def _moved(reset: str) -> Command:
    sets = (f"operator.move-sentinels={{after: 30s, reset: {reset}}}",)
    return Command("deck-redis", _LOSSES, "1120s", sets, seed=3)


WITHOUT_RESET = _moved("no")
WITH_RESET = _moved("yes")


def second_failover(n: int) -> list[Figure]:
    """How often a second loss is survived, by what was done with the Sentinels in between."""
    rows = (
        ("one Sentinel moved, no RESET", WITHOUT_RESET, "never"),
        ("one Sentinel moved, then RESET", WITH_RESET, "works"),
        ("none moved", NEVER_MOVED, "not survivable"),
    )
    return [
        Figure(f"the second loss is survived: {what}", share(survived(command, n), n), says)
        for what, command, says in rows
    ]
