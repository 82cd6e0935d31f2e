"""The people who look after a design: what they do by hand, how soon, and on which calendar.

Model card: ``docs/models/operator.md``. Source: ``deck.md`` slide 39 (the counts must be moved so
that the new slave's host has two Sentinels) and section 3.2d (what happens without SENTINEL
RESET). Repairs of faults are done by a :class:`~sim.repair.Crew`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from pydantic import Field

from models.spec import (
    Duration,
    LawField,
    Name,
    PositiveDuration,
    Probability,
    StrictModel,
    YesNo,
)
from sim.engine import Kernel, Occurrence
from sim.laws import Fixed, Law
from sim.state import Entity, hidden
from sim.trace import Trace
from sim.watch import Watch


class MoveSpec(StrictModel):
    """Moving Sentinel counts after a failover: how long after it, and with SENTINEL RESET or not.

    Leave the whole block out for a design in which nobody ever moves them.
    """

    kind: ClassVar[str] = "move-sentinels"
    after: LawField = Fixed(0.0)
    reset: YesNo


class RestoreSpec(StrictModel):
    """Putting a store in order after a failover: how long after it somebody gets round to it.

    The old master is made a slave again, whoever lost it is put back on the track, and the program
    that watches the store is started again if it is gone.
    """

    kind: ClassVar[str] = "restore-redundancy"
    after: LawField


class SwapSpec(StrictModel):
    """Planned swaps of master and stand-by (the talk's Shikinen Sengu), in the given stores.

    ``takes`` is how long writes are stopped while a person follows the runbook. With
    ``p-goes-wrong`` a step is missed: neither takes writes until the people on call have found out.
    A stand-by that turns out not to work is repaired, and its twin serves meanwhile.
    """

    kind: ClassVar[str] = "swaps"
    every: PositiveDuration
    stores: tuple[Name, ...] = Field(min_length=1)
    takes: LawField
    p_goes_wrong: Probability = 0.0


class OperatorSpec(StrictModel):
    """``alert_after``: how long something must fail before somebody is called.

    ``promote_by_hand``: the stores whose master is replaced by a person, for want of automation.
    """

    kind: ClassVar[str] = "operator"
    alert_after: Duration
    move_sentinels: MoveSpec | None = None
    promote_by_hand: tuple[Name, ...] = ()
    restore_redundancy: RestoreSpec | None = None
    swaps: SwapSpec | None = None


class Operator(Entity):
    """Acts after a delay on something that has gone on for long enough.

    ``acts`` counts what was done without a crew having been paged for it.
    """

    trace: Final[Trace]
    acts: int = hidden(0)
    waiting: Occurrence | None = hidden(None)

    def __init__(self, kernel: Kernel, name: str, trace: Trace) -> None:
        super().__init__(kernel, f"operator/{name}")
        self.trace = trace

    def mind(
        self,
        condition: Callable[[], object],
        patience_ns: int,
        act: Callable[[], object],
        over: Callable[[], object],
    ) -> None:
        """Call ``act`` once ``condition()`` has held for ``patience_ns`` without a break.

        ``over`` is called whenever it ceases to hold.
        """
        rank = self.kernel.claim_rank(f"{self.path}/patience")

        def changed(holds: bool) -> None:
            self.rest()
            if holds:
                self.waiting = self.kernel.call_at(self.kernel.now + patience_ns, rank, act)
            else:
                over()

        Watch(self.kernel, f"{self.path}/minds", lambda: bool(condition()), changed, initial=False)

    def do_after(self, law: Law, act: Callable[[], object]) -> None:
        """Call ``act`` after a delay drawn from ``law``; a later call replaces this one.

        An ``act`` that finds nothing to do returns False, and is not counted.
        """

        def do() -> None:
            self.acts += act() is not False

        self.rest()
        wait_ns = law.sample_ns(self.kernel.stream(self.path, "delay"))
        self.kernel.controls.drawn(f"{self.path}/delay", law, wait_ns)
        rank = self.kernel.claim_rank(f"{self.path}/acts")
        self.waiting = self.kernel.call_at(self.kernel.now + wait_ns, rank, do)

    def record(self, event: str, **fields: object) -> None:
        """Trace what is done."""
        self.trace.add(self.kernel.now, self.path, event, **fields)

    def rest(self) -> None:
        """Drop what was going to be done."""
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None
