"""When a ticker ticks: grids on which "the next tick after t" is arithmetic.

Sleeping through a million ticks is exact only if the next tick can be computed from the time
alone. A grid is therefore never ``previous + period + noise``: it is a phase and a period, with
any jitter drawn per tick number from a keyed stream (never carried from tick to tick).
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import Protocol

from sim.streams import Stream


class Grid(Protocol):
    """The ticks of one ticker; times in ns."""

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``."""

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``; None before the first."""


class Regular:
    """Ticks at ``phase_ns + k * period_ns``, k = 0, 1, 2, ..."""

    __slots__ = ("period_ns", "phase_ns")

    def __init__(self, phase_ns: int, period_ns: int) -> None:
        if period_ns <= 0:
            raise ValueError(f"a period must be positive, got {period_ns} ns")
        self.phase_ns = phase_ns
        self.period_ns = period_ns

    @property
    def longest_ns(self) -> int:
        """The longest gap between two ticks, ns."""
        return self.period_ns

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``, in ns."""
        # k >= 0, or a tick before the first phase would be invented.
        turns = (at_ns - self.phase_ns) // self.period_ns + 1
        return self.phase_ns + (turns if turns > 0 else 0) * self.period_ns

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``, in ns; None before the first."""
        turns = (at_ns - self.phase_ns) // self.period_ns
        return None if turns < 0 else self.phase_ns + turns * self.period_ns


# Several loops of one program ask about nearly the same time, in no particular order.
_BLOCKS_KEPT = 64


class Shuffled:
    """Ticks whose gaps are the given ones, in blocks, each block in an order of its own.

    Block b starts at ``phase_ns + b * sum(gaps_ns)`` and takes every gap once, in the permutation
    that the stream keys to b. The gaps have exactly the given frequencies and mean; neighbours are
    slightly anticorrelated (a gap is not repeated within its block), the price of being able to
    jump. For a program that draws its next period anew at every tick.
    """

    __slots__ = ("_recent", "gaps_ns", "longest_ns", "phase_ns", "span_ns", "stream")

    def __init__(self, phase_ns: int, gaps_ns: tuple[int, ...], stream: Stream) -> None:
        self.phase_ns = phase_ns
        self.gaps_ns = gaps_ns
        self.span_ns = sum(gaps_ns)
        self.longest_ns = max(gaps_ns)
        self.stream = stream
        self._recent: dict[int, list[int]] = {}

    def _ticks_of(self, block: int) -> list[int]:
        ticks = self._recent.get(block)
        if ticks is None:
            order = self.stream.permutation_at(block, len(self.gaps_ns))
            start = self.phase_ns + block * self.span_ns
            gaps = [self.gaps_ns[place] for place in order[:-1]]
            ticks = list(accumulate(gaps, initial=start))
            if len(self._recent) >= _BLOCKS_KEPT:
                self._recent.clear()
            self._recent[block] = ticks
        return ticks

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``, in ns."""
        block = (at_ns - self.phase_ns) // self.span_ns
        if block < 0:
            return self.phase_ns
        ticks = self._ticks_of(block)
        place = bisect_right(ticks, at_ns)
        return ticks[place] if place < len(ticks) else ticks[0] + self.span_ns

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``, in ns; None before the first."""
        block = (at_ns - self.phase_ns) // self.span_ns
        if block < 0:
            return None
        ticks = self._ticks_of(block)
        return ticks[bisect_right(ticks, at_ns) - 1]


Timer = Regular | Shuffled
"""The ticks of a program's own timer: those of its loops fall on some of them."""


class Paired:
    """Ticks at renewal gaps U(low, high), drawn in pairs that add up to low + high.

    The marginal law of every gap is exactly uniform; the second gap of a pair is the first one's
    mirror image, so that pairs have a fixed length and any tick can be computed directly.
    """

    __slots__ = ("high_ns", "low_ns", "phase_ns", "stream")

    def __init__(self, phase_ns: int, low_ns: int, high_ns: int, stream: Stream) -> None:
        self.phase_ns = phase_ns
        self.low_ns = low_ns
        self.high_ns = high_ns
        self.stream = stream

    def _ticks_of(self, pair: int) -> tuple[int, int, int]:
        start = self.phase_ns + pair * (self.low_ns + self.high_ns)
        gap = self.low_ns + int(self.stream.uniform_at(pair) * (self.high_ns - self.low_ns))
        return start, start + gap, start + self.low_ns + self.high_ns

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``, in ns."""
        pair = (at_ns - self.phase_ns) // (self.low_ns + self.high_ns)
        if pair < 0:
            return self.phase_ns
        ticks = self._ticks_of(pair)
        return ticks[bisect_right(ticks, at_ns)]

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``, in ns; None before the first."""
        pair = (at_ns - self.phase_ns) // (self.low_ns + self.high_ns)
        if pair < 0:
            return None
        ticks = self._ticks_of(pair)
        return ticks[bisect_right(ticks, at_ns) - 1]

    def count_until(self, at_ns: int) -> int:
        """Return how many ticks there are at or before ``at_ns``."""
        pair = (at_ns - self.phase_ns) // (self.low_ns + self.high_ns)
        return 0 if pair < 0 else 2 * pair + bisect_right(self._ticks_of(pair)[:2], at_ns)


class RoundedUp:
    """The ticks of ``coarse``, each put off to the next tick of ``fine`` (at it, or after it).

    For work that falls due every so often in a program that looks only when its timer ticks. The
    gaps of ``coarse`` must exceed those of ``fine``.
    """

    __slots__ = ("coarse", "fine")

    def __init__(self, coarse: Grid, fine: Timer) -> None:
        self.coarse = coarse
        self.fine = fine

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``, in ns."""
        fine, due = self.fine, self.coarse.until(at_ns)
        # Long after it was due its tick has been, whichever it was.
        if due is not None and (at_ns - due < fine.longest_ns or at_ns < fine.phase_ns):
            tick = fine.after(due - 1)
            if tick > at_ns:
                return tick
        return fine.after(self.coarse.after(at_ns) - 1)

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``, in ns; None before the first."""
        due = self.coarse.until(at_ns)
        if due is None:
            return None
        tick = self.fine.after(due - 1)
        if tick <= at_ns:
            return tick
        due = self.coarse.until(due - 1)
        return None if due is None else self.fine.after(due - 1)


class Stepped:
    """Several ticks a period: ``phase_ns + k * period_ns + offset`` for each of the offsets.

    For a loop of several steps that always take the same time. The offsets begin with 0, rise, and
    stay below the period; ``step_at`` tells which of them a tick is.
    """

    __slots__ = ("offsets_ns", "period_ns", "phase_ns")

    def __init__(self, phase_ns: int, offsets_ns: tuple[int, ...], period_ns: int) -> None:
        rising = all(one < other for one, other in pairwise((*offsets_ns, period_ns)))
        if not offsets_ns or offsets_ns[0] != 0 or not rising:
            raise ValueError(f"offsets rise from 0 to below {period_ns} ns, got {offsets_ns}")
        self.phase_ns = phase_ns
        self.offsets_ns = offsets_ns
        self.period_ns = period_ns

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``, in ns."""
        if at_ns < self.phase_ns:
            return self.phase_ns
        turns, into_ns = divmod(at_ns - self.phase_ns, self.period_ns)
        start_ns = self.phase_ns + turns * self.period_ns
        place = bisect_right(self.offsets_ns, into_ns)
        if place == len(self.offsets_ns):
            return start_ns + self.period_ns
        return start_ns + self.offsets_ns[place]

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``, in ns; None before the first."""
        if at_ns < self.phase_ns:
            return None
        into_ns = (at_ns - self.phase_ns) % self.period_ns
        return at_ns - into_ns + self.offsets_ns[self.step_at(at_ns)]

    def step_at(self, at_ns: int) -> int:
        """Return the number (0 for offset 0) of the last tick at or before ``at_ns``.

        Before the first tick it is the last step of the period, as if the loop had run before.
        """
        into_ns = (at_ns - self.phase_ns) % self.period_ns
        return bisect_right(self.offsets_ns, into_ns) - 1
