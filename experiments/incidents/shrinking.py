"""The fewest faults of a run that still cause an incident of it.

The faults of the run are given back to it, fewer and fewer of them, each at its own moment on its
own target for as long as it lasted (:mod:`sim.recorded_faults`). They *still cause* it if,
within the time of the incident, the harm is at least a stated share of what it was. What is found
is 1-minimal: take away any one fault more, and the harm falls below that share.

Earlier faults matter where a world remembers: a failover of last week put the master where today's
crash finds it. If the faults of the incident alone do not cause it, all earlier ones are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from experiments.incidents.errors import IncidentError, NotReproduced
from experiments.incidents.minimising import fewest
from experiments.incidents.replaying import Replay, replay
from experiments.incidents.stored_run import faults_in, order_of, rebuilt
from experiments.simulation import RunOrder
from sim.clock import to_seconds
from sim.recorded_faults import RecordedFault

HARMS: Final = {
    "downtime": "downtime_s",
    "split-brain": "split_brain_s",
    "writes-lost": "writes_lost",
}
"""The column of ``incidents`` by the word for the harm."""

_CLASSES: Final = {"downtime": "down", "split-brain": "split-brain"}

LEAST_SHARE: Final = 0.5
"""Assumed: half of the harm is still the same incident; the caller may ask for more or less."""


@dataclass(frozen=True)
class Shrunk:
    """What an incident needed.

    Attributes:
        incident: its row of the table ``incidents``.
        keep: the harm that was to stay, a key of `HARMS`; ``least_share``: how much of it.
        faults: the fewest found that still cause it, in the order of their beginning.
        kept_share: what they cause within the time of the incident, as a share of what all did. It
            may be above 1: a fault that is gone may have cut the harm short.
        considered: how many faults the run had up to the end of the incident.
        runs: how many runs it took to find this out.
        start_ns: when the incident began, ns since the start of the run.
    """

    incident: dict[str, Any]
    keep: str
    least_share: float
    faults: tuple[RecordedFault, ...]
    kept_share: float
    considered: int
    runs: int
    start_ns: int


def shrink(
    directory: Path | str,
    identity: str,
    *,
    keep: str | None = None,
    least_share: float = LEAST_SHARE,
) -> Shrunk:
    """Find the fewest faults that still cause an incident of a study.

    Args:
        directory, identity: as for `replay`.
        keep: the harm that is to stay: downtime, split-brain or writes-lost; None: the first of
            these that the incident has.
        least_share: the share of the harm that has to stay, above 0 and at most 1.

    Raises:
        IncidentError: as `replay`, for a harm that the incident has not, or a share of none.
        NotReproduced: as `replay`, or if all recorded faults together do not cause it.
    """
    if not 0 < least_share <= 1:
        raise IncidentError(f"the share of the harm must be above 0 and at most 1: {least_share}")
    original = replay(directory, identity)
    keep = _harm_to_keep(original.incident, keep)
    faults = _faults_until(order_of(Path(directory), original.incident), original)
    trial = _Trials(original, keep, least_share)
    if not trial.still_causes(faults):
        raise NotReproduced(
            f"{original.incident['id']}: its faults, given back to it, cause {trial.harm:g} of "
            f"{trial.whole:g} ({keep})"
        )
    within = [one for one in faults if one in original.faults]
    begin = within if trial.still_causes(within) else faults
    found = tuple(fewest(begin, trial.still_causes))
    return Shrunk(
        incident=original.incident,
        keep=keep,
        least_share=least_share,
        faults=found,
        kept_share=trial.harm_of(found) / trial.whole,
        considered=len(faults),
        runs=trial.runs,
        start_ns=original.start_ns,
    )


def _harm_to_keep(incident: dict[str, Any], keep: str | None) -> str:
    had = [word for word, column in HARMS.items() if incident[column] > 0]
    if not had:
        raise IncidentError(f"{incident['id']} did no harm: no second down or split, nothing lost")
    if keep is None:
        return had[0]
    if keep not in HARMS:
        raise IncidentError(f"expected one of {', '.join(HARMS)}; got '{keep[:60]}'")
    if keep not in had:
        raise IncidentError(f"{incident['id']} has no {keep}; it has {' and '.join(had)}")
    return keep


def _faults_until(order: RunOrder, original: Replay) -> list[RecordedFault]:
    """All faults of the run that began before the incident ended."""
    again = rebuilt(order, traced=True)
    again.kernel.run_until(original.end_ns)
    found = faults_in(again.world.trace.records)
    # One that ended later stands to the end of this record, which is all that is run again.
    return [one for one in found if one.start_ns <= original.end_ns]


class _Trials:
    """Runs with some of the faults, and counts them; equal parts are run once."""

    def __init__(self, original: Replay, keep: str, least_share: float) -> None:
        self.original, self.keep = original, keep
        self.whole = float(original.incident[HARMS[keep]])
        self.least = least_share * self.whole
        self.harm = 0.0
        self.runs = 0
        self._known: dict[tuple[RecordedFault, ...], float] = {}

    def still_causes(self, faults: Sequence[RecordedFault]) -> bool:
        self.harm = self.harm_of(tuple(faults))
        return self.harm >= self.least

    def harm_of(self, faults: tuple[RecordedFault, ...]) -> float:
        """The harm of these faults alone within the time of the incident, s or writes."""
        if faults not in self._known:
            self.runs += 1
            self._known[faults] = self._measured(faults)
        return self._known[faults]

    def _measured(self, faults: tuple[RecordedFault, ...]) -> float:
        start_ns, end_ns = self.original.start_ns, self.original.end_ns
        again = rebuilt(self.original.order, traced=False, faults=faults)
        again.kernel.run_until(start_ns)
        lost_before = again.recorder.writes_lost
        held_ns = [0]

        def add(second: str, since_ns: int, until_ns: int) -> None:
            if second == _CLASSES.get(self.keep):
                held_ns[0] += max(0, until_ns - max(since_ns, start_ns))

        again.recorder.classes.listen(add)
        again.kernel.run_until(end_ns)
        lost = again.recorder.writes_lost - lost_before
        again.recorder.close()
        return lost if self.keep == "writes-lost" else to_seconds(held_ns[0])
