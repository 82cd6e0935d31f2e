"""Ticks of a Poisson process, for tickers: a grid that can still jump to "the next after t".

Markov models have timers whose periods are exponential. Time is cut into blocks; how many ticks a
block holds, and where, are draws by the block's number, so that a sleeping ticker may skip any of
them.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from scipy.stats import poisson

from sim.streams import Stream

_TICKS_A_BLOCK: Final = 4
_DRAWS_A_BLOCK: Final = 64
"""More than the ticks of any block: 64 or more where 4 are expected have a chance of 1e-53."""

_CUMULATED: Final = tuple(
    float(poisson.cdf(count, _TICKS_A_BLOCK)) for count in range(_DRAWS_A_BLOCK - 1)
)


class PoissonGrid:
    """Ticks at a constant rate, one in ``mean_ns`` in the mean, independent of each other."""

    __slots__ = ("_ticks", "block_ns", "stream")

    def __init__(self, mean_ns: int, stream: Stream) -> None:
        self.block_ns = _TICKS_A_BLOCK * mean_ns
        self.stream = stream
        self._ticks: tuple[int, list[int]] = (-1, [])

    def _ticks_of(self, block: int) -> list[int]:
        if self._ticks[0] != block:
            first = block * _DRAWS_A_BLOCK
            count = bisect_right(_CUMULATED, self.stream.uniform_at(first))
            places = [self.stream.uniform_at(first + draw) for draw in range(1, count + 1)]
            start_ns = block * self.block_ns
            self._ticks = (block, sorted(start_ns + int(p * self.block_ns) for p in places))
        return self._ticks[1]

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``, in ns."""
        block = max(at_ns // self.block_ns, 0)
        while True:
            ticks = self._ticks_of(block)
            place = bisect_right(ticks, at_ns)
            if place < len(ticks):
                return ticks[place]
            block += 1

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``, in ns; None before the first."""
        for block in range(at_ns // self.block_ns, -1, -1):
            ticks = self._ticks_of(block)
            place = bisect_right(ticks, at_ns)
            if place:
                return ticks[place - 1]
        return None
