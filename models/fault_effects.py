"""How each row of the table of faults (``models/effects.py``) is done and undone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from models.fault_options import FaultOptions
from models.fault_targets import Target, Targets
from models.host import Host
from models.packet_loss import BlackOuts
from models.process import Process
from sim.clock import from_seconds
from sim.faults import Effect
from sim.network import Path
from sim.watch import Watch

UNKNOWN_STALL_NS: Final = from_seconds(30)
"""Linux gives up an NVMe or SCSI command after 30 s (``failures.md`` section 1.5)."""


class Aim(NamedTuple):
    """One fault to be built: its cause, the world's targets, the one meant, and its options."""

    cause: str
    targets: Targets
    target: Target
    options: FaultOptions

    @property
    def process(self) -> Process:
        """The process that is struck."""
        return self.targets.processes[self.target.text]

    @property
    def host(self) -> Host:
        """The host that is struck."""
        return self.targets.hosts[self.target.text]


def kill(aim: Aim) -> Effect:
    """Kill -9; what comes after is up to the supervisor."""
    return Effect(aim.process.kill, lambda: None)


def restart(aim: Aim) -> Effect:
    """Kill -9, and a start at the end of the fault, whatever the supervisor says."""
    return _held_down(aim, crash=True)


def process_down(aim: Aim) -> Effect:
    """Stop on purpose, and a start at the end of the fault."""
    return _held_down(aim, crash=False)


def _held_down(aim: Aim, *, crash: bool) -> Effect:
    process, name, held = aim.process, aim.target.text, aim.targets.held_down
    mine = False

    def begin() -> None:
        nonlocal mine
        # One that had been stopped on purpose before any fault is not ours to start again.
        mine = process.enabled or held.get(name, 0) > 0
        if mine:
            held[name] = held.get(name, 0) + 1
        if crash:
            # First, and as one that would be started again: a kill is not a stop on purpose.
            process.kill()
        process.stop()

    def end() -> None:
        if not mine:
            return
        held[name] -= 1
        if held[name] == 0:
            process.enabled = True
            # A host that is booting starts it in its own time.
            if process.starting is None:
                process.start()

    return Effect(begin, end)


def host_down(aim: Aim) -> Effect:
    """Cut the power; boot at the end."""
    return Effect(aim.host.power_off, aim.host.power_on)


def process_hang(aim: Aim) -> Effect:
    """SIGSTOP and SIGCONT: they belong to the process that was alive, not to its successor."""
    process = aim.process
    stopped = 0

    def begin() -> None:
        nonlocal stopped
        stopped = process.incarnation if process.alive else 0
        if stopped:
            process.hang()

    def end() -> None:
        if process.alive and process.incarnation == stopped:
            process.proceed()

    return Effect(begin, end)


def pause(aim: Aim) -> Effect:
    """The hypervisor stops the machine, and lets it go on."""
    return Effect(aim.host.pause, aim.host.resume)


def slow(aim: Aim) -> Effect:
    """Work takes longer by a factor, an fsync by an added time, or both (a starved host)."""
    host, factors = aim.host, aim.targets.slow_factors
    factor, fsync_ns = aim.options.factor or 1.0, aim.options.added_fsync_ns or 0

    def take(standing: Iterable[float]) -> None:
        # The product afresh, in order of size: dividing a factor out again would leave rounding.
        factors[host.name] = tuple(sorted(standing))
        host.slow_factor = math.prod(factors[host.name])

    def begin() -> None:
        take([*factors.get(host.name, ()), factor])
        host.added_fsync_ns += fsync_ns

    def end() -> None:
        left = list(factors[host.name])
        left.remove(factor)
        take(left)
        host.added_fsync_ns -= fsync_ns

    return Effect(begin, end)


def disk_stall(aim: Aim) -> Effect:
    """An fsync takes the whole stall: at worst it is issued when the stall begins."""
    host = aim.host
    stall_ns = UNKNOWN_STALL_NS

    def foretell(lasts_ns: int | None) -> None:
        nonlocal stall_ns
        stall_ns = UNKNOWN_STALL_NS if lasts_ns is None else lasts_ns

    def begin() -> None:
        host.added_fsync_ns += stall_ns

    def end() -> None:
        host.added_fsync_ns -= stall_ns

    return Effect(begin, end, foretell)


def isolation(aim: Aim) -> Effect:
    """Put an obstacle on the paths of one host."""
    paths = aim.targets.network.around(
        aim.target.text,
        inward=aim.options.direction != "outbound",
        outward=aim.options.direction != "inbound",
    )
    return _obstacle(tuple(paths), refuse=aim.options.refuse)


def cut(aim: Aim) -> Effect:
    """Put an obstacle on the paths between two hosts or sites."""
    paths = aim.targets.paths(aim.target, one_way=aim.options.one_way)
    return _obstacle(paths, refuse=aim.options.refuse)


def _obstacle(paths: tuple[Path, ...], *, refuse: bool) -> Effect:
    def add(count: int) -> None:
        for path in paths:
            if refuse:
                path.refusing += count
            else:
                path.dropping += count

    return Effect(lambda: add(1), lambda: add(-1))


def lossy(aim: Aim) -> Effect:
    """Lose packets: black-outs, pair of hosts by pair of hosts."""
    return _losing(aim, "loss")


def _losing(aim: Aim, kind: str) -> Effect:
    network, p_loss = aim.targets.network, aim.options.p_loss or 0.0
    all_pairs = [
        BlackOuts(
            network.kernel,
            # By the pair of hosts, so that another host of the site changes nobody's black-outs.
            f"{kind}/{aim.cause}/{aim.target.text}/{one}={other}",
            network.route(one, other),
            p_loss,
        )
        for one, other in aim.targets.routes(aim.target)
    ]

    def begin() -> None:
        for pair in all_pairs:
            pair.begin()

    def end() -> None:
        for pair in all_pairs:
            pair.end()

    return Effect(begin, end)


def added_delay(aim: Aim) -> Effect:
    """Make each way longer."""
    paths, added_ns = aim.targets.paths(aim.target), aim.options.added_delay_ns or 0

    def add(delay_ns: int) -> None:
        for path in paths:
            path.added_delay_ns += delay_ns

    return Effect(lambda: add(added_ns), lambda: add(-added_ns))


def detour(aim: Aim) -> Effect:
    """Send the traffic a long way round: each way is longer, and packets are lost on it."""
    longer, losing = added_delay(aim), _losing(aim, "detour")

    def begin() -> None:
        longer.begin()
        losing.begin()

    def end() -> None:
        losing.end()
        longer.end()

    return Effect(begin, end)


def resolv_conf(aim: Aim) -> Effect:
    """Overwrite resolv.conf: the resolver no longer asks 127.0.0.1."""
    host = aim.host

    def add(count: int) -> None:
        host.resolv_conf_lost += count

    return Effect(lambda: add(1), lambda: add(-1))


def logins(aim: Aim) -> Effect:
    """Turn every new login down: connections exhausted, or a password that no longer holds."""
    process = aim.process

    def add(count: int) -> None:
        process.logins_refused += count

    return Effect(lambda: add(1), lambda: add(-1))


def latent(aim: Aim) -> Effect:
    """Spoil what a process would need once it is promoted; nobody sees it until then."""
    process = aim.process
    tell: Callable[[], object] | None = None

    def begin() -> None:
        process.latent_faults += 1

    def end() -> None:
        nonlocal tell
        tell = None
        process.latent_faults -= 1
        if not process.latent_faults:
            process.latent_noticed = False

    if aim.options.noticed == "at-once":
        return Effect(begin, end)

    def await_notice(call: Callable[[], object]) -> None:
        nonlocal tell
        if process.latent_noticed:
            # Whoever is looking into another latent fault of the process finds this one too.
            call()
        else:
            tell = call

    def turned(noticed: bool) -> None:
        nonlocal tell
        if noticed and tell is not None:
            call, tell = tell, None
            call()

    path = f"latent/{aim.cause}/{aim.target.text}/noticed"
    Watch(process.kernel, path, lambda: process.latent_noticed, turned, initial=False)
    return Effect(begin, end, await_notice=await_notice)
