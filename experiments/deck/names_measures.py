"""What comes out of the recipes on Consul's absence, hosts files, dnsmasq and backends."""

from __future__ import annotations

from dataclasses import replace

from experiments.building.world import World
from experiments.deck.held import Held
from experiments.deck.recipe import Command, Figure, average, percent, trials
from experiments.inject.trial import Trial, run_trial

# 3.1.3 ----------------------------------------------------------------------------------------

_NO_CONSUL = ("down consul@consul01 at 60s for 3min", "down consul@admin01 at 60s for 3min")
BY_CONSUL = Command("deck-mysql", (*_NO_CONSUL, "restart web1@web01 at 90s after 5s"), "6min")
BY_HOSTS = Command("deck-full", (*_NO_CONSUL, "restart a1@a01 at 90s after 5s"), "6min")


def _waits(command: Command, n: int, application: str, server: str) -> list[float]:
    """Return how long a restarted instance waited for its connection to a server, s."""
    waits = []
    for _, log in trials(command, n):
        started = log.first("started", entity=application)
        connected = log.first("connected", entity=application, server=server)
        assert started and connected
        waits.append(connected.at_s - started.at_s)
    return waits


def without_consul(n: int) -> list[Figure]:
    """How long an application that restarts without Consul waits for its stores."""
    rows = (
        ("MySQL by Consul's DNS", BY_CONSUL, "web1@web01", "mysql@db01", "until Consul is back"),
        ("MySQL by the hosts file", BY_HOSTS, "a1@a01", "mysql@db01", "not at all"),
        ("Redis by its tagged name", BY_HOSTS, "a1@a01", "redis@a01", "until Consul is back"),
    )
    return [
        Figure(f"wait for {what}", average(_waits(command, n, application, server)), says)
        for what, command, application, server, says in rows
    ]


# 3.1.4 ----------------------------------------------------------------------------------------

FIRST_LINE = Command("deck-names", ("down foo-app01 at 60s",), "3min")
_BY_DNS = "applications.bar-app.calls.foo-app.resolver=consul"


def shares_of_load(world: World, application: str) -> list[float]:
    """Return which share of the calls each instance gets now, by its name."""
    loads = [one.load_per_s for one in world.applications[application]]
    total = sum(loads)
    return [load / total if total else 0.0 for load in loads]


def _load(command: Command) -> str:
    done = run_trial(command.order())
    return " / ".join(percent(part) for part in shares_of_load(done.world, "foo-app"))


def first_line(n: int) -> list[Figure]:
    """Who gets the load by the hosts file and by DNS, and how long it is sent to a dead host."""
    rows = []
    for what, sets, says, then in (
        ("hosts file", (), "100 % on the first", "100 % on the next"),
        ("Consul's DNS", (_BY_DNS,), "1/3 each", "1/2 each"),
    ):
        calm = Command("deck-names", (), "60s", sets)
        struck = Command("deck-names", FIRST_LINE.faults, FIRST_LINE.until, sets)
        rows.append(Figure(f"{what}: load on foo-app01 / 02 / 03", _load(calm), says))
        rows.append(Figure(f"{what}: after the loss of foo-app01", _load(struck), then))
    removed = []
    for _, log in trials(FIRST_LINE, n):
        written = log.first("rendered", entity="consul-template@bar-app01")
        assert written is not None
        removed.append(written.at_s)
    says = "6.9 s and up to 0.1 s (consul.md 9, 10.3)"
    return [*rows, Figure("the dead host leaves the hosts file after", average(removed), says)]


# 3.2i -----------------------------------------------------------------------------------------

FAILOVER = Command("deck-full", ("down mysql@db01 at 60s",), "3min")
FLAPPING_MEMBER = Command("deck-full", ("hang b02 at 60s for 20s",), "5min")


def _restarts(command: Command, n: int, without: str = "") -> str:
    counts: list[float] = []
    for done, _ in trials(command, n):
        names = done.world.names
        assert names is not None
        counts += [one.restarts for host, one in names.dnsmasqs.items() if host != without]
    return average(counts, "a host", 2)


def rewrites(n: int) -> list[Figure]:
    """How often each host's dnsmasq restarts for one event."""
    return [
        Figure("dnsmasq restarts by one MySQL failover", _restarts(FAILOVER, n), "at least 2 to 3"),
        Figure(
            "dnsmasq restarts by a member that hangs for 20 s (the others)",
            _restarts(FLAPPING_MEMBER, n, "b02"),
            "the same to the whole fleet",
        ),
    ]


# 3.2j -----------------------------------------------------------------------------------------

_TOO_SMALL = "applications.foo-app.capacity=60/s"
DOMINO = Command("deck-names", ("down bar2@bar-app02 at 60s for 1min",), "4min", (_TOO_SMALL,))


DOMINO_SPREAD = replace(DOMINO, sets=(_TOO_SMALL, _BY_DNS))


def overload(command: Command, n: int) -> tuple[float, list[float]]:
    """Return the share of the last 7 min with an overload, and how long one backend has it, s."""
    failing, periods = 0.0, []
    longer = replace(command, until="10min")
    for replication in range(n):
        held: list[Held[tuple[bool, ...]]] = []

        def attach(begun: Trial, held: list[Held[tuple[bool, ...]]] = held) -> None:
            group = begun.world.applications["foo-app"]

            def read() -> tuple[bool, ...]:
                return tuple(one.overloaded for one in group)

            held.append(Held(begun, "overloaded", read, (), 120.0))

        run_trial(longer.order(replication), attach)
        (found,) = held
        found.close()
        shares = found.shares()
        failing += sum(part for who, part in shares.items() if any(who)) / n
        turns = sum(found.begun.values()) - found.begun[False, False, False]
        periods.append(sum(found.seconds.values()) / turns if turns else float("inf"))
    return failing, periods


def domino(n: int) -> list[Figure]:
    """What becomes of backends of which one alone cannot carry the load."""
    overloaded, stays = overload(DOMINO, n)
    calm, _ = overload(DOMINO_SPREAD, n)
    return [
        Figure("hosts file: some backend is overloaded", percent(overloaded), "never self-heals"),
        Figure("… and all the load moves on after", average(stays), "one interval (10 s) to k"),
        Figure("Consul's DNS: some backend is overloaded", percent(calm), "rotation: 1/k each"),
    ]
