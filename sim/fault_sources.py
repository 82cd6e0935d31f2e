"""Drawn faults: an alternating renewal of good times and faults, or a chance at each occasion.

``every`` is the law of the **up time**: from the end of one fault to the start of the next. Field
data give times from start to start; up time = time between failures - time to repair
(``failures.md`` section 1.1 item 1).

The world starts in service, not new: the first fault comes after a residual life
(``Law.first_residual_ns``), as in a renewal process that has been going on for ever. A fresh
Weibull(0.7) unit has 1.4 failures in its first mean life, one in service has 1.0 (same section,
item 4). It starts nominal, though: no fault stands at time 0.

Some faults do not come by themselves but with something else: what a boot overwrites, say. Those
have a probability at each *occasion* instead of a law of up times.

Draws are keyed by the cause and what it strikes, nothing else: another host, or another order of
the list, changes nobody's failures, and two designs that share a host see the same failures of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from sim.engine import Kernel, Occurrence
from sim.faults import Effect, Fault, FaultBoard
from sim.laws import Law, Replay
from sim.repair import Crew
from sim.streams import Stream

_REDRAWS: Final = 100
"""So often a law is asked for a life that outlasts what has passed of it; then what was drawn
stays, which is such a life, too."""


def source_path(cause: str, struck: str) -> str:
    """Return the path of a source: ``struck`` is its one target, or the name of its group."""
    return f"fault/{cause}/{struck}"


class _Course:
    """How each fault of one cause and target goes: begun, then over after a draw or by the crew."""

    __slots__ = ("_rank", "board", "cause", "crew", "effect", "kernel", "kind", "lasts", "target")

    def __init__(
        self,
        kernel: Kernel,
        board: FaultBoard,
        path: str,
        cause: str,
        kind: str,
        member: tuple[str, Effect],
        lasts: Law | None,
        crew: Crew | None,
    ) -> None:
        self.kernel = kernel
        self.board = board
        self.cause = cause
        self.kind = kind
        self.target, self.effect = member
        self.lasts = lasts
        self.crew = crew
        self._rank = kernel.claim_rank(f"{path}/{self.target}/end")

    def begin(self, over: Callable[[], object]) -> None:
        """Begin a fault now; ``over`` is called when it has ended.

        The crew is paged when the fault is noticed, which a dormant one may never be.
        """
        lasts_ns = self._duration_ns()
        page = None if self.crew is None else partial(self._page, self.crew, over)
        fault = self.board.begin(self.cause, self.kind, self.target, self.effect, lasts_ns, page)
        if self.crew is not None:
            return
        if not lasts_ns:
            self._end(over, fault)
        else:
            end = partial(self._end, over, fault)
            self.kernel.call_at(self.kernel.now + lasts_ns, self._rank, end)

    def _page(self, crew: Crew, over: Callable[[], object], fault: Fault) -> None:
        crew.call(f"{self.cause}/{self.target}", partial(self._end, over, fault))

    def _end(self, over: Callable[[], object], fault: Fault) -> None:
        self.board.end(fault)
        over()

    def _duration_ns(self) -> int | None:
        """Return how long the fault will last, None if that is for the crew to say."""
        if self.crew is not None:
            return None
        if self.lasts is None:
            return 0
        stream = self.kernel.stream(source_path(self.cause, self.target), "lasts")
        lasts_ns = self.lasts.sample_ns(stream)
        self.kernel.controls.drawn(f"lasts/{self.cause}", self.lasts, lasts_ns)
        return lasts_ns


class FaultSource:
    """Strikes all its members at once, again and again.

    ``path`` (:func:`source_path`) keys the draws of ``every``; the draws of ``lasts`` are keyed by
    the cause and the member's own target. With several members (a group with a common cause) each
    recovers on its own draw, or when the crew has got round to it, and the next up time begins
    when the last one has recovered.

    How a fault ends: after ``lasts``; or when the ``crew`` has repaired it; with neither it ends
    at once after beginning (a kill: what follows is the supervisor's business). A crew is paged
    when the fault begins, or, if it is dormant, when it is noticed.

    One that is ``driven`` draws no up times: it strikes when it is told to (:meth:`strike`).

    Raises ValueError for both ``lasts`` and ``crew``, for no member or a target named twice, and
    for an up time of mean 0, with which the clock would stand still.
    """

    __slots__ = (
        "_arrivals",
        "_courses",
        "_down",
        "_life_ns",
        "_occurrence",
        "_rank",
        "_since_ns",
        "driven",
        "every",
        "kernel",
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
        *,
        driven: bool = False,
    ) -> None:
        targets = [target for target, _ in members]
        if not targets or len(set(targets)) != len(targets):
            raise ValueError(f"{path}: needs targets, each once, not {targets}")
        if lasts is not None and crew is not None:
            raise ValueError(f"{path}: lasts a drawn time or is repaired by a crew, not both")
        if every.mean_s <= 0:
            raise ValueError(f"{path}: the time between two faults must not be 0")
        self.kernel = kernel
        self.path = path
        self.every = every
        self.driven = driven
        self._courses = tuple(
            _Course(kernel, board, path, cause, kind, member, lasts, crew)
            # By name, so that the order of a file's list decides nothing (the crew's queue, the
            # trace).
            for member in sorted(members, key=lambda member: member[0])
        )
        self._down = 0
        self._rank = kernel.claim_rank(path)
        self._arrivals = None if driven else kernel.controls.arrivals(f"every/{cause}", every)
        if not driven:
            self._await(every.first_residual_ns)
            # A trace of lives has no other future.
            if not isinstance(every, Replay):
                kernel.redraws.append(self._redraw)

    @property
    def standing(self) -> bool:
        """Whether a member is struck now; none is struck again before all have recovered."""
        return self._down > 0

    def strike(self) -> None:
        """Strike all members now; does nothing while one of them is struck."""
        if self.standing:
            return
        self._down = len(self._courses)
        for course in self._courses:
            course.begin(self._recovered)

    def _await(self, life_ns: Callable[[Stream], int]) -> None:
        if self._arrivals is not None:
            self._arrivals.wait(self.kernel.now)
        self._life_ns, self._since_ns = life_ns, self.kernel.now
        self._strike_after(life_ns(self.kernel.stream(self.path, "every")))

    def _strike_after(self, life_ns: int) -> None:
        at_ns = self._since_ns + life_ns
        self._occurrence: Occurrence = self.kernel.call_at(at_ns, self._rank, self._strike)

    def _redraw(self) -> None:
        """Draw again when to strike, given that it has not happened so far."""
        if self.standing:
            return
        passed_ns = self.kernel.now - self._since_ns
        stream = self.kernel.stream(self.path, "every")
        lives_ns = (self._life_ns(stream) for _ in range(_REDRAWS))
        life_ns = next((one for one in lives_ns if one > passed_ns), None)
        if life_ns is not None:
            self._occurrence.cancel()
            self._strike_after(life_ns)

    def _strike(self) -> None:
        if self._arrivals is not None:
            self._arrivals.strike(self.kernel.now)
        self.strike()

    def _recovered(self) -> None:
        self._down -= 1
        if not self._down and not self.driven:
            self._await(self.every.sample_ns)


class OccasionalSource:
    """Strikes one target with probability ``p_strikes`` at each :meth:`occasion`.

    An occasion while the fault stands adds none, but counts: the draws are keyed by the number of
    the occasion, so that how long a fault lasts changes nothing at later ones. How a fault ends is
    as with :class:`FaultSource`.

    Raises ValueError unless exactly one of ``lasts`` and ``crew`` is there, and for a probability
    outside 0 to 1.
    """

    __slots__ = ("_course", "_occasions", "_rank", "_standing", "kernel", "p_strikes", "path")

    def __init__(
        self,
        kernel: Kernel,
        board: FaultBoard,
        path: str,
        cause: str,
        kind: str,
        member: tuple[str, Effect],
        p_strikes: float,
        lasts: Law | None,
        crew: Crew | None = None,
    ) -> None:
        if (lasts is None) == (crew is None):
            raise ValueError(f"{path}: either lasts a drawn time or is repaired by a crew")
        if not 0 <= p_strikes <= 1:
            raise ValueError(f"{path}: a probability is between 0 and 1, not {p_strikes:g}")
        self.kernel = kernel
        self.path = path
        self.p_strikes = p_strikes
        self._course = _Course(kernel, board, path, cause, kind, member, lasts, crew)
        self._rank = kernel.claim_rank(path)
        self._occasions = 0
        self._standing = False

    def occasion(self) -> None:
        """Draw whether the target is struck now.

        It is struck in an event of its own at this instant, because whoever tells of the occasion
        (a host that is booting) may be in the middle of it.
        """
        self._occasions += 1
        draw = self.kernel.stream(self.path, "occasion").uniform_at(self._occasions)
        if draw < self.p_strikes:
            self.kernel.call_at(self.kernel.now, self._rank, self._strike)

    def _strike(self) -> None:
        if not self._standing:
            self._standing = True
            self._course.begin(self._recovered)

    def _recovered(self) -> None:
        self._standing = False
