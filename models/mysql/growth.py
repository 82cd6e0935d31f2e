"""How many transactions a stream had at any time: the integral of a rate that changes in steps.

What a slave has received is what its master had a lag ago, so positions are asked for in the past.
Asking for a past time also makes the order of reactions to one event irrelevant: the clients' rate
may be set to zero before or after the slave has noted where it stood.
"""

from __future__ import annotations

from bisect import bisect_right

from sim.clock import to_seconds


class Growth:
    """The position of one stream, transactions; starts at 0 and never falls."""

    __slots__ = ("_positions", "_rates_per_s", "_since_ns")

    def __init__(self) -> None:
        self._since_ns = [0]
        self._positions = [0.0]
        self._rates_per_s = [0.0]

    @property
    def rate_per_s(self) -> float:
        """The present rate, transactions a second."""
        return self._rates_per_s[-1]

    def at(self, at_ns: int) -> float:
        """Return the position at a time (ns) not in the future; 0 before the start."""
        step = bisect_right(self._since_ns, at_ns) - 1
        if step < 0:
            return 0.0
        passed_s = to_seconds(at_ns - self._since_ns[step])
        return self._positions[step] + self._rates_per_s[step] * passed_s

    def set_rate(self, now_ns: int, rate_per_s: float) -> None:
        """Grow at this rate from now (ns) on."""
        if rate_per_s == self._rates_per_s[-1]:
            return
        position = self.at(now_ns)
        if self._since_ns[-1] == now_ns:
            self._rates_per_s[-1] = rate_per_s
            return
        self._since_ns.append(now_ns)
        self._positions.append(position)
        self._rates_per_s.append(rate_per_s)
