"""A bench for mysqlfailover: one tool, a master and a slave, and one thing that goes wrong.

The published figures were executed with the tool's real loop against stub servers on a virtual
clock (``mysqlfailover.md`` sections 1.5 and 6); this is the same bench around the model. A trial
begins in the calm state, a given way into a cycle, and costs a handful of events.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

from experiments.study.workers import map_in_order
from models.host import Host
from models.mysqlfailover.servers import ManagedServer
from models.mysqlfailover.spec import MysqlFailoverSpec
from models.mysqlfailover.tool import MysqlFailover
from models.process import Process
from sim.clock import from_seconds, to_seconds
from sim.engine import Kernel
from sim.laws import Fixed
from sim.network import Network
from sim.state import Entity, state
from sim.trace import Trace

Trouble = Literal["crash", "host-loss", "silence"]

# Longer than any detection: an open connection blocks for at most 924.6 s, and connects follow.
_PATIENCE_S: Final = 3000.0
_CHUNK: Final = 200


@dataclass(frozen=True)
class Bench:
    """One set-up: the tool's options, whether the servers are far away, and what goes wrong.

    ``lasts_s``: how long it lasts; None for ever. ``delay_s``: of the network, one way.
    """

    spec: MysqlFailoverSpec
    trouble: Trouble
    routed: bool = False
    lasts_s: float | None = None
    delay_s: float = 0.0


class Outcome(NamedTuple):
    """What became of one trial: seconds from the trouble to the verdict, None without one."""

    detected_s: float | None
    exited: bool


def stratified(bench: Bench, trials: int, pool: Executor | None = None) -> list[Outcome]:
    """Return the outcomes of trouble at ``trials`` moments spread evenly over one cycle."""
    chunks = [range(at, min(at + _CHUNK, trials)) for at in range(0, trials, _CHUNK)]
    work = partial(_outcomes, bench, trials)
    parts = map(work, chunks) if pool is None else map_in_order(pool, work, chunks)
    return [outcome for part in parts for outcome in part]


def _outcomes(bench: Bench, trials: int, numbers: Sequence[int]) -> list[Outcome]:
    return [trial(bench, (number + 0.5) / trials) for number in numbers]


def trial(bench: Bench, phase_share: float) -> Outcome:
    """Run one trial, the trouble striking at this share of the cycle."""
    kernel, trace = Kernel(), Trace()
    hosts = {name: Host(kernel, name, trace, 0) for name in ("admin", "master", "slave")}
    sites = {name: "far" if bench.routed and name != "admin" else "here" for name in hosts}
    delay_ns = from_seconds(bench.delay_s)
    network = Network(kernel, sites, lambda *_: delay_ns, lambda *_: Fixed(0.0))
    master, slave = (_StubServer(hosts[name]) for name in ("master", "slave"))
    slave.master = master
    process = Process(kernel, "mysqlfailover@admin", hosts["admin"], supervisor=None, boot=_BOOT)
    servers: dict[str, ManagedServer] = {"master": master, "slave": slave}
    tool = MysqlFailover(process, network, bench.spec, servers, trace)
    process.start()
    period_ns = tool.rhythm_now().period_ns
    # The trouble comes a nanosecond from now, so that even a tick of the grid is not a tie.
    tool.settle(round(phase_share * period_ns))
    rank = kernel.claim_rank("trouble")
    kernel.call_at(1, rank, lambda: _strike(bench, network, master, +1))
    if bench.lasts_s is not None:
        until_ns = 1 + from_seconds(bench.lasts_s)
        kernel.call_at(until_ns, rank, lambda: _strike(bench, network, master, -1))
    kernel.run_until(from_seconds(_PATIENCE_S))
    found = [one.time_ns for one in trace.records if one.event == "master-is-confirmed-down"]
    detected_s = to_seconds(found[0]) if found else None
    return Outcome(detected_s, detected_s is None and not process.alive)


def _strike(bench: Bench, network: Network, master: _StubServer, by: int) -> None:
    process = master.process
    match bench.trouble:
        case "crash" if by > 0:
            process.kill()
        case "crash":
            process.start()
        case "host-loss":
            process.host.power_off() if by > 0 else process.host.power_on()
        case "silence":
            for path in network.around("master"):
                path.dropping += by


_BOOT: Final = Fixed(0.0)


class _StubServer(Entity):
    """A mysqld without data: always eligible, never behind."""

    process: Final[Process]
    master: ManagedServer | None = state(None)
    failover_console: str = state("")
    refuses_logins: Final[bool]
    is_eligible: Final[bool]

    def __init__(self, host: Host) -> None:
        super().__init__(host.kernel, f"server/{host.name}")
        self.process = Process(host.kernel, f"mysql@{host.name}", host, supervisor=None, boot=_BOOT)
        self.process.start()
        self.refuses_logins = False
        self.is_eligible = True

    @property
    def address(self) -> str:
        return self.process.path

    @property
    def listening(self) -> bool:
        return self.process.alive

    def relay_wait_ns(self) -> int | None:
        return 0

    def missing_sources(self, other: ManagedServer) -> int:
        return 0

    def fetch_from(self, other: ManagedServer) -> int:
        return 0

    def stop_slave(self) -> None:
        pass

    def change_master(self, master: ManagedServer) -> None:
        self.master = master

    def reset_slave_all(self) -> None:
        self.master = None

    def start_slave(self) -> None:
        pass

    def errant_sources(self, others: tuple[ManagedServer, ...]) -> int:
        return 0
