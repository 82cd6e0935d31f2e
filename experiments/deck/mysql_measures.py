"""What comes out of the recipes on MySQL, mysqlfailover and its hooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from experiments.deck.recipe import Command, Figure, average, share, trials
from sim.clock import NS_PER_S

NO_RECOVERY: Final = "mysql.foo-db.crash-recovery=10ms"
"""A mysqld that comes back at once, so that the length of an outage is that of its fault."""

NO_PEOPLE: Final = "operator.restore-redundancy=null"

# 3.1.7 and 3.2e -------------------------------------------------------------------------------

SHORT_OUTAGE = Command(
    "deck-mysql", ("down mysql@db01 at 60s for 10s",), "3min", (NO_RECOVERY,), 12
)
REFUSED_PATH = Command("deck-mysql", ("cut admin01-db01 at 60s for 27s refuse",), "3min")


def flap(lasts_s: int, kind: str) -> Command:
    """Return a short outage: the ``path`` refuses, or the ``mysqld`` is gone."""
    if kind == "path":
        return Command("deck-mysql", (f"cut admin01-db01 at 1s for {lasts_s}s refuse",), "80s")
    return Command("deck-mysql", (f"down mysql@db01 at 1s for {lasts_s}s",), "80s", (NO_RECOVERY,))


def verdicts(command: Command, n: int) -> list[float]:
    """Return when the master was confirmed down, s since the fault, where it was."""
    found = (log.first("master-is-confirmed-down") for _, log in trials(command, n))
    return [event.at_s for event in found if event is not None]


def _flaps(lengths: Iterable[tuple[int, str]], n: int) -> list[Figure]:
    return [
        Figure(f"{words} for {lasts_s} s: failover", _chance(flap(lasts_s, kind), n), says)
        for lasts_s, says in lengths
        for kind, words in (("mysqld", "mysqld is gone"), ("path", "the path refuses"))
    ]


def _chance(command: Command, n: int) -> str:
    return share(len(verdicts(command, n)), n)


def short_outages(n: int) -> list[Figure]:
    """How often short outages of mysqld and of the path cause a failover."""
    lengths = ((5, "0 %"), (8, "9 %"), (10, "15 %"), (15, "16 %"), (20, "16 %"))
    return _flaps(lengths, n)


KILLED = Command("deck-mysql", ("down mysql@db01 at 60s",), "3min")
SILENT = Command("deck-mysql", ("cut admin01-db01 at 60s",), "40min")


def detection(n: int) -> list[Figure]:
    """How long detection takes, and how often longer outages cause a needless failover."""
    few = max(1, n // 4)
    blip = Command("deck-mysql", ("cut admin01-db01 at 60s for 2min",), "40min")
    return [
        Figure(
            "mysqld is killed: confirmed down after",
            average(verdicts(KILLED, n)),
            "mean 28.4 s, from 9.2 to 39.5",
        ),
        *_flaps(((24, "31 %"), (26, "43 %"), (30, "67 %")), n),
        Figure(
            "the path is silent: confirmed down after",
            average([at_s / 60 for at_s in verdicts(SILENT, few)], "min"),
            "minutes; 16.5 min, 13.1 to 24.1 (mysqlfailover.md 1.5)",
        ),
        Figure("the path is silent for 2 min: failover", _chance(blip, few), "absorbed"),
    ]


# 3.2f -----------------------------------------------------------------------------------------

FALSE_FAILOVER = Command("deck-mysql", ("cut admin01-db01 at 60s for 45s refuse",), "5min")


def name_gap(n: int) -> list[Figure]:
    """How long the name is gone, and where writes go after a false failover."""
    gaps, before, old, share_old = [], [], [], []
    for done, log in trials(FALSE_FAILOVER, n):
        steps = [
            log.first(event)
            for event in ("master-is-confirmed-down", "deregister-node", "register-node")
        ]
        confirmed, gone, back = steps
        if confirmed is None or gone is None or back is None:
            continue
        before.append(gone.at_s - confirmed.at_s)
        gaps.append(back.at_s - gone.at_s)
        promoted_ns = done.fault_ns + round(back.at_s * NS_PER_S)
        acked = {
            address: meter.acked(promoted_ns, done.end_ns)
            for address, meter in done.servers.items()
        }
        old.append(acked["mysql@db01"])
        share_old.append(acked["mysql@db01"] / sum(acked.values()))
    return [
        Figure(
            "trials with a false failover",
            share(len(gaps), n),
            "5 of 6 (the ping window, mysqlfailover.md 1.5)",
        ),
        Figure("from the verdict to the removal", average(before, "s", 2), "after the choice"),
        Figure("the name is gone for", average(gaps, "s", 2), "exec-before to exec-after"),
        Figure(
            "writes that go to the old master in the minutes after",
            f"{100 * sum(share_old) / len(share_old):.0f} % of all" if share_old else "none",
            "can go on there",
        ),
        Figure("… acknowledged there, and to be lost", average(old, "", 0), "lost or divergent"),
    ]


# 3.2g -----------------------------------------------------------------------------------------

TWICE = Command(
    "deck-mysql",
    ("down mysql@db01 at 60s for 3min", "down mysql@db02 at 6min"),
    "9min",
    (NO_PEOPLE,),
)


def second_failure(n: int) -> list[Figure]:
    """What the daemon does at the next failure after a failover."""
    exits, failed_over, waits, slaves = 0, 0, [], 0
    for done, log in trials(TWICE, n):
        failed_over += bool(log.first("failover-complete"))
        slaves += "foo-db-slave" in dict(_external(done.world.consul))
        gone = log.first("exit", reason="no-candidate-found")
        if gone is not None:
            exits += 1
            waits.append(gone.at_s - 300.0)
    return [
        Figure("the first failure is followed by a failover", share(failed_over, n), "yes"),
        Figure("foo-db-slave is still a name at the end", share(slaves, n), "gone"),
        Figure("the next failure ends the daemon, no candidate", share(exits, n), "always"),
        Figure("… after", average(waits), "as any detection: 9 to 40 s"),
    ]


def _external(consul: object) -> Iterable[tuple[str, str]]:
    from models.consul.cluster import ConsulCluster

    assert isinstance(consul, ConsulCluster)
    return consul.catalogue.external


# 3.2h -----------------------------------------------------------------------------------------

NO_LEADER = Command(
    "deck-mysql",
    (
        "down consul@consul01 at 60s for 60s",
        "down consul@consul02 at 60s for 60s",
        "down mysql@db01 at 65s",
    ),
    "15min",
)
WITH_LEADER = Command("deck-mysql", ("down mysql@db01 at 65s",), "15min")


def hooks(n: int) -> list[Figure]:
    """Where the name leads ten minutes after a failover, with and without a Consul leader."""
    rows = []
    for what, command, says in (
        ("no leader for 60 s", NO_LEADER, "wrong for ever"),
        ("with a leader", WITH_LEADER, "never wrong"),
    ):
        wrong, complete = 0, 0
        for done, log in trials(command, n):
            complete += bool(log.first("failover-complete"))
            wrong += any(name.state != "right" for name in done.world.service.published)
        rows.append(Figure(f"{what}: the tool reports success", share(complete, n), "only logged"))
        rows.append(Figure(f"{what}: the name is wrong at the end", share(wrong, n), says))
    return rows
