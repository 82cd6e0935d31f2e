"""Drawn faults: an alternating renewal of good times and faults, for one target or several.

``every`` is the law of the **up time**: from the end of one fault to the start of the next. Field
data give times from start to start; up time = time between failures - time to repair
(``reference/failures.md`` section 1.1 item 1).

The world starts in service, not new: the first fault comes after a residual life
(``Law.first_residual_ns``), as in a renewal process that has been going on for ever. A fresh
Weibull(0.7) unit has 1.4 failures in its first mean life, one in service has 1.0 (same section,
item 4). It starts nominal, though: no fault stands at time 0.

Draws are keyed by the cause and what it strikes, nothing else: another host, or another order of
the list, changes nobody's failures, and two designs that share a host see the same failures of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sim.engine import Kernel
from sim.faults import Effect, Fault, FaultBoard
from sim.laws import Law
from sim.repair import Crew


def source_path(cause: str, struck: str) -> str:
    """Return the path of a source: ``struck`` is its one target, or the name of its group."""
    return f"fault/{cause}/{struck}"


class FaultSource:
    """Strikes all its members at once, again and again.

    ``path`` (:func:`source_path`) keys the draws of ``every``; the draws of ``lasts`` are keyed by
    the cause and the member's own target. With several members (a group with a common cause) each
    recovers on its own draw, or when the crew has got round to it, and the next up time begins
    when the last one has recovered.

    How a fault ends: after ``lasts``; or when the ``crew`` has repaired it; with neither it ends
    at once after beginning (a kill: what follows is the supervisor's business).

    Raises ValueError for both ``lasts`` and ``crew``, for no member or a target named twice, and
    for an up time of mean 0, with which the clock would stand still.
    """

    __slots__ = (
        "_down",
        "_ends",
        "_rank",
        "board",
        "cause",
        "crew",
        "every",
        "kernel",
        "kind",
        "lasts",
        "members",
        "path",
    )

    def __init__(
        self,
        kernel: Kernel,
        board: FaultBoard,
        path: str,
        cause: str,
        kind: str,
        members: Sequence[tuple[str, Effect]],
        every: Law,
        lasts: Law | None,
        crew: Crew | None = None,
    ) -> None:
        targets = [target for target, _ in members]
        if not targets or len(set(targets)) != len(targets):
            raise ValueError(f"{path}: needs targets, each once, not {targets}")
        if lasts is not None and crew is not None:
            raise ValueError(f"{path}: lasts a drawn time or is repaired by a crew, not both")
        if every.mean_s <= 0:
            raise ValueError(f"{path}: the time between two faults must not be 0")
        self.kernel = kernel
        self.board = board
        self.path = path
        self.cause = cause
        self.kind = kind
        # By name, so that the order of a file's list decides nothing (the crew's queue, the trace).
        self.members = tuple(sorted(members, key=lambda member: member[0]))
        self.every = every
        self.lasts = lasts
        self.crew = crew
        self._down = 0
        self._rank = kernel.claim_rank(path)
        self._ends = {target: kernel.claim_rank(f"{path}/{target}/end") for target in targets}
        self._await(every.first_residual_ns(kernel.stream(path, "every")))

    def _await(self, wait_ns: int) -> None:
        self.kernel.call_at(self.kernel.now + wait_ns, self._rank, self._strike)

    def _strike(self) -> None:
        self._down = len(self.members)
        for target, effect in self.members:
            lasts_ns = self._duration_ns(target)
            fault = self.board.begin(self.cause, self.kind, target, effect, lasts_ns)
            recover = partial(self._recover, fault)
            if self.crew is not None:
                self.crew.call(f"{self.cause}/{target}", recover)
            elif not lasts_ns:
                recover()
            else:
                self.kernel.call_at(self.kernel.now + lasts_ns, self._ends[target], recover)

    def _duration_ns(self, target: str) -> int | None:
        """Return how long this member's fault will last, None if that is for the crew to say."""
        if self.crew is not None:
            return None
        if self.lasts is None:
            return 0
        return self.lasts.sample_ns(self.kernel.stream(source_path(self.cause, target), "lasts"))

    def _recover(self, fault: Fault) -> None:
        self.board.end(fault)
        self._down -= 1
        if not self._down:
            self._await(self.every.sample_ns(self.kernel.stream(self.path, "every")))
