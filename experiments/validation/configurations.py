"""The measured configurations of Redis Sentinel, and how each is simulated.

Source: ``tests/fidelity/data/redis-real``, README "Set-up" and "Headline"; of `OWN_CONFIGURATIONS`,
``tests/fidelity/data/own``, README.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from experiments.catalogue import load_design
from experiments.inject.instruments import AS_USUAL, Setup
from experiments.inject.milestones import Milestones, milestones
from experiments.inject.trial import (
    Attach,
    TrialOrder,
    parse_script,
    run_trial,
)
from experiments.validation.harness import Measured, info_after_settling, restarter
from experiments.validation.measurements import OWN
from sim.clock import from_seconds


@dataclass(frozen=True)
class Configuration:
    """One configuration: its data (``table``), and the design, faults and set-up that repeat it.

    ``restarts``: the harness restarted the old master some time after it had seen the switch.
    ``settled_briefly``: in most trials the cluster settled for 16 to 19 s, so that INFO was in one
    part of its cycle of 10 s; elsewhere it was anywhere, as in a simulated trial.
    """

    name: str
    table: str
    title: str
    design: str
    faults: tuple[str, ...]
    observed_s: float
    overrides: tuple[str, ...] = ()
    setup: Setup = AS_USUAL
    restarts: bool = False
    settled_briefly: bool = False


_SLOW_WRITER: Final = "applications.app.stores.foo.write-rate=20/s"

CONFIGURATIONS: Final[dict[str, Configuration]] = {
    one.name: one
    for one in (
        Configuration(
            "C1",
            "C1_crash_da5",
            "3 hosts, the master's process killed, restarted after the switch",
            "sentinel-3-hosts",
            ("kill redis@a at 1s",),
            observed_s=31,
            # The writer that returns to the restarted master: 20/s, and it retries at once.
            overrides=(_SLOW_WRITER, "applications.app.stores.foo.retry-interval=50ms"),
            restarts=True,
            settled_briefly=True,
        ),
        Configuration(
            "C3",
            "C3_hostA_down",
            "2 hosts, the master's host down",
            "sentinel-2-hosts",
            ("down a at 1s",),
            observed_s=30,
            settled_briefly=True,
        ),
        Configuration(
            "C4",
            "C4_hostB_down",
            "2 hosts, the replica's host down; 20 s later the master's process killed",
            "sentinel-2-hosts",
            ("down b at 1s", "kill redis@a at 21s"),
            observed_s=60,
            overrides=(_SLOW_WRITER,),
        ),
        Configuration(
            "C6, 3 s",
            "C6_stop3",
            "3 hosts, the master stopped for 3 s",
            "sentinel-3-hosts",
            ("hang redis@a at 1s for 3s",),
            observed_s=15,
            setup=Setup(role_poll_s=0.02, writer_stops_s=12.07),
        ),
        Configuration(
            "C6, 6 s",
            "C6_stop6",
            "3 hosts, the master stopped for 6 s",
            "sentinel-3-hosts",
            ("hang redis@a at 1s for 6s",),
            observed_s=30,
            setup=Setup(role_poll_s=0.02, writer_stops_s=12.07),
        ),
        Configuration(
            "C7",
            "C7_part30",
            "3 hosts, the master's host cut off for 30 s",
            "sentinel-3-hosts",
            ("isolate a at 1s for 30s",),
            observed_s=60,
        ),
        Configuration(
            "C9",
            "C9_fastrestart",
            "3 hosts, the master killed and restarted 1 s later without data on disk",
            "sentinel-3-hosts",
            ("restart redis@a at 1s after 1s",),
            observed_s=40,
            overrides=("applications.app.stores.foo.retry-interval=10ms",),
            setup=Setup(writer_stops_s=26.01),
        ),
        Configuration(
            "C10",
            "C10_hostA_down_minrep1",
            "2 hosts, min-replicas-to-write 1, the master's host down",
            "sentinel-2-hosts",
            ("down a at 1s",),
            observed_s=35,
            overrides=(_SLOW_WRITER, "redis.foo.min-replicas-to-write=1"),
        ),
    )
}

_STOPPED: Final = CONFIGURATIONS["C6, 6 s"]
_KILLED: Final = replace(
    CONFIGURATIONS["C1"], observed_s=40, overrides=(), restarts=False, settled_briefly=False
)
_LOGGED: Final = Setup(role_poll_s=0.01)
"""A change of role is read in the server's own log."""
_APART: Final = ("sentinel.foo.started-apart=null", "sentinel.foo.started-ago=0s")

OWN_CONFIGURATIONS: Final[dict[str, Configuration]] = {
    one.name: one
    for one in (
        replace(
            _STOPPED,
            name="C6, 6 s, started together",
            table="C6_stop6_started_together",
            title=f"{_STOPPED.title}; Sentinels started 50 ms after each other",
            # 50 ms and what a process takes to start; some 25 s before the fault.
            overrides=("sentinel.foo.started-apart=60ms", "sentinel.foo.started-ago=25s"),
        ),
        replace(
            _STOPPED,
            name="C6, 6 s, started apart",
            table="C6_stop6_started_apart",
            title=f"{_STOPPED.title}; Sentinels started a random time after each other",
            overrides=_APART,
        ),
        *(
            replace(
                _KILLED,
                name=f"C1, down-after {seconds} s",
                table=f"C1_kill_da{seconds}",
                title="3 hosts, the master's process killed for good",
                overrides=(*_APART, f"sentinel.foo.down-after-milliseconds={seconds}s"),
            )
            for seconds in (1, 30)
        ),
        Configuration(
            "M1",
            "M1_hostA_down",
            "3 hosts, the master's host down",
            "sentinel-3-hosts",
            ("down a at 1s",),
            observed_s=20,
            overrides=(*_APART, _SLOW_WRITER),
        ),
        Configuration(
            "M2",
            "M2_part30_minrep1",
            "3 hosts, min-replicas-to-write 1, the master's host cut off for 30 s",
            "sentinel-3-hosts",
            ("isolate a at 1s for 30s",),
            observed_s=60,
            setup=_LOGGED,
            overrides=(*_APART, "redis.foo.min-replicas-to-write=1"),
        ),
        Configuration(
            "M3",
            "M3a_stop20",
            "3 hosts, the master stopped for 20 s",
            "sentinel-3-hosts",
            ("hang redis@a at 1s for 20s",),
            observed_s=50,
            setup=_LOGGED,
            overrides=_APART,
        ),
        Configuration(
            "M7",
            "M7_five",
            "5 hosts, quorum 3, 4 replicas told one by one, the master's process killed",
            str(OWN / "five-hosts.yaml"),
            ("kill redis@a at 1s",),
            observed_s=20,
        ),
    )
}
"""What we measured ourselves: C6 again, as its 47 failovers told too little, other timers, other
faults, and more Sentinels."""

_FAULT_S: Final = 1.0
"""When the first fault of every script above strikes."""


def simulated(
    configuration: Configuration, measured: Measured, replications: range, seed: int = 0
) -> list[Milestones]:
    """Simulate trials of a configuration; returns a row of milestones for each replication."""
    _, design = load_design(configuration.design, configuration.overrides)
    faults = parse_script(design, configuration.faults)
    until_ns = from_seconds(_FAULT_S + configuration.observed_s)
    harness: list[Attach] = []
    if configuration.settled_briefly:
        harness.append(info_after_settling(measured))
    if configuration.restarts:
        harness.append(restarter(measured))
    return [
        milestones(
            run_trial(TrialOrder(design, faults, until_ns, seed, replication), *harness),
            configuration.setup,
        )
        for replication in replications
    ]
