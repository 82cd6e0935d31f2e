"""The people who move the Sentinels after a failover, and restart what is stuck.

Model card: ``docs/models/operator.md``. Source: ``deck.md`` slide 39 (the counts must be moved so
that the new slave's host has two Sentinels) and section 3.2d (what happens without SENTINEL
RESET). Repairs of faults are done by a :class:`~sim.repair.Crew`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from models.spec import Duration, LawField, StrictModel, YesNo
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


class OperatorSpec(StrictModel):
    """``alert_after``: how long the application must fail before somebody is called."""

    kind: ClassVar[str] = "operator"
    alert_after: Duration
    move_sentinels: MoveSpec | None = None


class Operator(Entity):
    """Acts after a delay on something that has gone on for long enough."""

    trace: Final[Trace]
    pages: int = hidden(0)
    waiting: Occurrence | None = hidden(None)

    def __init__(self, kernel: Kernel, name: str, trace: Trace) -> None:
        super().__init__(kernel, f"operator/{name}")
        self.trace = trace

    def mind(
        self, condition: Callable[[], object], patience_ns: int, act: Callable[[], object]
    ) -> None:
        """Call ``act`` once ``condition()`` has held for ``patience_ns`` without a break."""
        rank = self.kernel.claim_rank(f"{self.path}/patience")

        def changed(holds: bool) -> None:
            self._forget()
            if holds:
                self.waiting = self.kernel.call_at(self.kernel.now + patience_ns, rank, act)

        Watch(self.kernel, f"{self.path}/minds", lambda: bool(condition()), changed, initial=False)

    def do_after(self, law: Law, act: Callable[[], object]) -> None:
        """Call ``act`` after a delay drawn from ``law``; a later call replaces this one."""
        self._forget()
        wait_ns = law.sample_ns(self.kernel.stream(self.path, "delay"))
        rank = self.kernel.claim_rank(f"{self.path}/acts")
        self.waiting = self.kernel.call_at(self.kernel.now + wait_ns, rank, act)

    def record(self, event: str, **fields: object) -> None:
        """Trace what is done."""
        self.trace.add(self.kernel.now, self.path, event, **fields)

    def _forget(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None
