"""Faults out of the record of an earlier run: the same ones at the same times, or some of them.

A run's faults can be given back to it in place of the laws that drew them
(:mod:`sim.fault_sources`). What is left out then shifts nothing: every other fault begins at the
very moment at which it began, strikes what it struck and lasts as long as it lasted. This is how
one asks which of the faults of an incident were needed for it.

A repair belongs to the record: no crew is paged and kept busy. A fault that a boot brings still
needs that boot, at that moment; a dormant one still waits to be noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sim.engine import Kernel
from sim.faults import Effect, Fault, FaultBoard
from sim.repair import Crew


class RecordedFault(NamedTuple):
    """A fault of an earlier run; ``end_ns`` is None if it stood to the end of the record.

    ``number`` orders faults that began at one moment; the rest is as in :class:`sim.faults.Fault`.
    """

    number: int
    cause: str
    kind: str
    target: str
    start_ns: int
    end_ns: int | None

    @property
    def lasts_ns(self) -> int | None:
        """How long it lasted, ns; None if it stood to the end of the record."""
        return None if self.end_ns is None else self.end_ns - self.start_ns


class RecordedSource:
    """Strikes when, what and for as long as ``recorded`` says, in the place of a drawn source.

    ``path`` and ``crew`` are those of that source, so that what happens at one moment happens in
    the same order. Call :meth:`strike_on_time`, or :meth:`occasion` at each occasion.

    Raises ValueError for a fault of a target that is none of the ``members``.
    """

    __slots__ = ("_crew", "_due", "_effects", "_rank", "board", "kernel", "path")

    def __init__(
        self,
        kernel: Kernel,
        board: FaultBoard,
        path: str,
        members: Sequence[tuple[str, Effect]],
        recorded: Sequence[RecordedFault],
        crew: Crew | None = None,
    ) -> None:
        self.kernel = kernel
        self.board = board
        self.path = path
        self._crew = crew
        self._effects = dict(members)
        self._due: dict[int, list[RecordedFault]] = {}
        for one in sorted(recorded):
            if one.target not in self._effects:
                raise ValueError(f"{path}: a recorded fault strikes {one.target}")
            self._due.setdefault(one.start_ns, []).append(one)
        self._rank = kernel.claim_rank(path)

    def strike_on_time(self) -> None:
        """Have every fault begin when it began."""
        for start_ns in self._due:
            self.kernel.call_at(start_ns, self._rank, self._strike)

    def occasion(self) -> None:
        """Strike if a fault was brought by an occasion at this very moment."""
        if self.kernel.now in self._due:
            self.kernel.call_at(self.kernel.now, self._rank, self._strike)

    def _strike(self) -> None:
        # What is struck is taken out: a second occasion at this moment finds nothing.
        for one in self._due.pop(self.kernel.now, ()):
            self._begin(one)

    def _begin(self, one: RecordedFault) -> None:
        # Nobody knows how long a fault will last that a crew repairs.
        lasts_ns = one.lasts_ns if self._crew is None else None
        effect = self._effects[one.target]
        fault = self.board.begin(one.cause, one.kind, one.target, effect, lasts_ns)
        if one.end_ns is None:
            return
        if one.end_ns == one.start_ns:
            self.board.end(fault)
        else:
            self.kernel.call_at(one.end_ns, self._end_rank(one), partial(self._end, fault))

    def _end(self, fault: Fault) -> None:
        self.board.end(fault)

    def _end_rank(self, one: RecordedFault) -> int:
        if self._crew is None:
            return self.kernel.claim_rank(f"{self.path}/{one.target}/end")
        return self.kernel.claim_rank(f"{self._crew.path}/{one.cause}/{one.target}")
