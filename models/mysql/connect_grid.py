"""When an I/O thread's attempts to connect reach a master that was silent: at their SYNs.

A master that refuses is tried every MASTER_CONNECT_RETRY. One that is silent keeps each attempt
waiting, and the attempt succeeds with the first SYN sent after the path has healed.
"""

from __future__ import annotations

from bisect import bisect_right


def attempt_ns(syns_ns: tuple[int, ...], timeout_ns: int) -> int:
    """Return how long an attempt waits for a silent peer, ns; ``timeout_ns`` at most.

    After the last SYN the system waits twice the gap before it: 127 s in all for the six retries
    that double from 1 s (``mysqlfailover.md`` section 1.4).
    """
    last_gap_ns = syns_ns[-1] - syns_ns[-2] if len(syns_ns) > 1 else syns_ns[-1]
    return min(syns_ns[-1] + 2 * last_gap_ns, timeout_ns)


class SynGrid:
    """Ticks at the SYNs (``syns_ns`` after the start) of attempts, one each ``period_ns``."""

    __slots__ = ("period_ns", "phase_ns", "syns_ns")

    def __init__(self, phase_ns: int, period_ns: int, syns_ns: tuple[int, ...]) -> None:
        self.phase_ns = phase_ns
        self.period_ns = period_ns
        self.syns_ns = tuple(after_ns for after_ns in syns_ns if after_ns < period_ns)

    def after(self, at_ns: int) -> int:
        """Return the first tick strictly after ``at_ns``, in ns."""
        if at_ns < self.phase_ns:
            return self.phase_ns
        turn = (at_ns - self.phase_ns) // self.period_ns
        start_ns = self.phase_ns + turn * self.period_ns
        place = bisect_right(self.syns_ns, at_ns - start_ns)
        if place < len(self.syns_ns):
            return start_ns + self.syns_ns[place]
        return start_ns + self.period_ns

    def until(self, at_ns: int) -> int | None:
        """Return the last tick at or before ``at_ns``, in ns; None before the first."""
        if at_ns < self.phase_ns:
            return None
        turn = (at_ns - self.phase_ns) // self.period_ns
        start_ns = self.phase_ns + turn * self.period_ns
        return start_ns + self.syns_ns[bisect_right(self.syns_ns, at_ns - start_ns) - 1]
