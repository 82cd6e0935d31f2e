"""What of a script is perhaps not meant: faults that change nothing, and kills for good.

Whether a fault changes anything is not guessed at. Every draw belongs to a named thing, so the
same trial without the fault has the same trace unless something followed from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from experiments.fault_script import FaultCommand
from experiments.inject.trial import Trial, run_trial
from sim.clock import format_duration
from sim.trace import Record

_FAULTS = "faults"
"""Who logs that a fault begins and ends."""


def remarks_on(trial: Trial) -> Iterator[str]:
    """Remarks on the faults of a trial that is over, in their order; runs trials of its own."""
    for place, fault in enumerate(trial.order.faults):
        said = f"{fault.kind} {fault.target} at {format_duration(fault.at_ns)}"
        if fault.kind == "kill" and trial.world.processes[fault.target].supervisor is None:
            yield f"{said}: it stays dead from then on, as no restart is set for it"
        if _changes_nothing(trial, place, fault):
            yield (
                f"{said}: changes nothing, the trace is the same without it; nobody uses what it "
                "strikes, or that is down already"
            )


def _changes_nothing(trial: Trial, place: int, fault: FaultCommand) -> bool:
    at_ns, told = trial.start_ns + fault.at_ns, _told(trial)
    if any(one.time_ns == at_ns and one.entity == fault.target for one in told):
        return False
    others = trial.order.faults[:place] + trial.order.faults[place + 1 :]
    return _told(run_trial(replace(trial.order, faults=others))) == told


def _told(trial: Trial) -> list[Record]:
    """What the systems log, without the faults themselves."""
    return [record for record in trial.world.trace.records if record.entity != _FAULTS]
