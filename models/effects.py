"""What each kind of fault does to what it strikes: the table, written down once.

``FAULT_KINDS`` is that table; ``docs/models/faults.md`` shows it (a test holds the two together),
the parser of scripts and the builder of worlds read it, and :func:`effect_of` makes an
:class:`~sim.faults.Effect` out of a row. Three things are kept apart everywhere:

* silence and refusal: a host that is down or paused and a dropping path say nothing; a killed
  process (its host answers RST) and a refusing path say no at once;
* a crash and a pause: a crash loses memory and connections, a pause keeps both and lets bytes
  queue (a hung process still accepts connections, a paused host does not answer);
* the fault and what follows: a kill is over at once, the supervisor's delay is not part of it.

Overlapping faults of one target end one by one: the target is well when the last one has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from models.fault_effects import (
    Aim,
    added_delay,
    cut,
    detour,
    disk_stall,
    host_down,
    isolation,
    kill,
    latent,
    logins,
    lossy,
    pause,
    process_down,
    process_hang,
    resolv_conf,
    restart,
    slow,
)
from models.fault_options import FaultOptions
from models.fault_targets import Sort, Target, TargetNames, Targets
from models.host import Host
from sim.faults import Effect

Duration = Literal["at once", "needed", "open"]
"""A fault ends at once after beginning, must be told how long it lasts, or may last to the end."""


class Row(NamedTuple):
    """One row: how it is for what is struck while it lasts, and after."""

    during: str
    after: str
    build: Callable[[Aim], Effect]


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault: a row for each sort of target, its duration, and its options.

    ``options`` are the names of :class:`~models.fault_options.FaultOptions` that it reads; of
    each group of ``needs``, at least one must be given. ``programs`` are the programs that can
    act it out (the part of a process's name before the ``@``), if not all can.
    """

    duration: Duration
    rows: Mapping[Sort, Row]
    options: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    programs: tuple[str, ...] = ()


_LOSSY = "silences of 1.4 s or more begin at rate q^3 a second (`models/packet_loss.py`)"

FAULT_KINDS: Final[dict[str, FaultKind]] = {
    "kill": FaultKind(
        "at once",
        {
            "process": Row(
                "over at once: dead, memory lost, its host refuses",
                "started by its supervisor after its delay; without one it stays dead",
                kill,
            )
        },
    ),
    "restart": FaultKind(
        "needed",
        {
            "process": Row(
                "killed, memory lost, its host refuses; no supervisor or boot starts it",
                "started at once, with empty memory",
                restart,
            )
        },
    ),
    "down": FaultKind(
        "open",
        {
            "process": Row(
                "stopped, memory lost, its host refuses; no supervisor or boot starts it",
                "started at once, with empty memory",
                process_down,
            ),
            "host": Row(
                "powered off: its processes die with their memory; silence",
                "boots; each process starts after its boot delay, with empty memory",
                host_down,
            ),
        },
    ),
    "hang": FaultKind(
        "open",
        {
            "process": Row(
                "stands still (SIGSTOP); accepts connections, bytes queue; memory kept",
                "goes on, reads what has queued; a process restarted meanwhile is not touched",
                process_hang,
            ),
            "host": Row(
                "the machine stands still; silence, bytes are lost; memory kept",
                "goes on with memory and connections",
                pause,
            ),
        },
    ),
    "slow": FaultKind(
        "open",
        {
            "host": Row(
                "work takes `factor` times as long, each fsync `added_fsync` longer; answers",
                "as fast as before, unless another slowness is at work",
                slow,
            )
        },
        options=("factor", "added_fsync_ns"),
        needs=(("factor", "added_fsync_ns"),),
    ),
    "disk-stall": FaultKind(
        "needed",
        {
            "host": Row(
                "each fsync takes the whole stall longer (30 s if its length is unknown); answers",
                "fsync as fast as before",
                disk_stall,
            )
        },
    ),
    "isolate": FaultKind(
        "open",
        {
            "host": Row(
                "paths to it (`inbound`) and from it (`outbound`) drop or `refuse`; it runs",
                "paths open; TCP finds its way back after a delay",
                isolation,
            )
        },
        options=("refuse", "direction"),
    ),
    "cut": FaultKind(
        "open",
        {
            "pair": Row(
                "paths between the two drop or `refuse`, both ways or `one-way`; both run",
                "paths open; TCP finds its way back after a delay",
                cut,
            )
        },
        options=("refuse", "one_way"),
    ),
    "loss": FaultKind(
        "open",
        {
            "host": Row(f"on each path of the host: {_LOSSY}", "no packet is lost", lossy),
            "pair": Row(f"between the two: {_LOSSY}", "no packet is lost", lossy),
        },
        options=("p_loss",),
        needs=(("p_loss",),),
    ),
    "delay": FaultKind(
        "open",
        {
            "host": Row(
                "`added_delay` on each path to and from it", "delay as before", added_delay
            ),
            "pair": Row("`added_delay` on the paths both ways", "delay as before", added_delay),
        },
        options=("added_delay_ns",),
        needs=(("added_delay_ns",),),
    ),
    "starve": FaultKind(
        "open",
        {
            "host": Row(
                "starved of I/O: work takes `factor` times as long, and each fsync `fsync` longer",
                "as fast as before, unless another slowness is at work",
                slow,
            )
        },
        options=("factor", "added_fsync_ns"),
        needs=(("factor",), ("added_fsync_ns",)),
    ),
    "detour": FaultKind(
        "open",
        {
            "pair": Row(
                f"`delay` longer each way, and, between the two: {_LOSSY}",
                "delay as before, no packet is lost",
                detour,
            )
        },
        options=("added_delay_ns", "p_loss"),
        needs=(("added_delay_ns",), ("p_loss",)),
    ),
    "resolv-conf": FaultKind(
        "open",
        {
            "host": Row(
                "resolv.conf is overwritten: its resolver no longer asks 127.0.0.1",
                "resolv.conf as before",
                resolv_conf,
            )
        },
    ),
    "latent": FaultKind(
        "open",
        {
            "process": Row(
                "nothing to be seen; once promoted, it does not serve, and that is noticed",
                "it would serve again",
                latent,
            )
        },
        options=("noticed",),
    ),
    "logins": FaultKind(
        "open",
        {
            "process": Row(
                "runs and accepts connections, but each new login is told no",
                "logins succeed",
                logins,
            )
        },
        programs=("mysql", "redis"),
    ),
}


def check_options(kind: str, options: FaultOptions) -> None:
    """Raise ValueError for an option that this kind does not read, or lacks though it needs it."""
    fault_kind = FAULT_KINDS[kind]
    given = options.given()
    for name in given:
        if name not in fault_kind.options:
            raise ValueError(f"{kind} has no option {name}")
    for group in fault_kind.needs:
        if not any(name in given for name in group):
            raise ValueError(f"{kind} needs {' or '.join(group)}")


def resolve_target(kind: str, text: str, names: TargetNames) -> Target:
    """Return what a fault of this kind strikes under the name ``text``.

    Raises ValueError if there is no such target, or none that can act the fault out.
    """
    fault_kind = FAULT_KINDS[kind]
    target = names.resolve(text, tuple(fault_kind.rows))
    program = target.text.partition("@")[0]
    if fault_kind.programs and program not in fault_kind.programs:
        able = " or ".join(fault_kind.programs)
        raise ValueError(f"{kind} strikes a process of {able}, not '{target.text}'")
    return target


def host_struck(kind: str, text: str, targets: Targets) -> Host:
    """Return the host that a fault's target is, or on which it runs.

    Raises ValueError for a pair, which is no one host's, and as :func:`resolve_target`.
    """
    target = resolve_target(kind, text, targets.names)
    if target.sort == "host":
        return targets.hosts[target.text]
    if target.sort == "process":
        return targets.processes[target.text].host
    raise ValueError(f"'{text}' is a pair, which never boots")


def effect_of(
    cause: str, kind: str, target: str, targets: Targets, options: FaultOptions | None = None
) -> Effect:
    """Return what a fault of this kind does to the target that the text names.

    ``cause`` keys the draws of the effects that draw (loss). Each source or order needs an effect
    of its own. Raises ValueError for an unknown kind, target or option, or one that is lacking.
    """
    if kind not in FAULT_KINDS:
        raise ValueError(f"unknown kind of fault '{kind}'; there are {', '.join(FAULT_KINDS)}")
    options = options or FaultOptions()
    check_options(kind, options)
    found = resolve_target(kind, target, targets.names)
    return FAULT_KINDS[kind].rows[found.sort].build(Aim(cause, targets, found, options))


def effect_table() -> str:
    """Return the table of all effects in Markdown."""
    lines = ["| kind | strikes | while it lasts | when it ends |", "| --- | --- | --- | --- |"]
    for kind, fault_kind in FAULT_KINDS.items():
        for sort, row in fault_kind.rows.items():
            lines.append(f"| `{kind}` | {sort} | {row.during} | {row.after} |")
    return "\n".join(lines)
