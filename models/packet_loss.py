"""Packet loss without an event a packet: only the silences that are long enough to matter.

Model card. What: two hosts talk over TCP, about one exchange (request and reply) a second on a
connection, while each packet is lost with probability p. One try of an exchange fails with
q = 1 - (1 - p)^2. Linux sends again after 0.2 s (``TCP_RTO_MIN``; ``include/net/tcp.h``), then
doubles the wait: 0.2, 0.6, 1.4, 3.0, 6.2, 12.6 s after the first try; no wait is longer than 120 s
(``TCP_RTO_MAX``), and after 15 tries in vain, 924.6 s, the connection is given up
(``net.ipv4.tcp_retries2``; the "~15 min" of ``failures.md`` section 1.5).

A silence shorter than a second is invisible to programs that ping every second. One of 1.4 s or
more needs three lost tries in a row, so black-outs begin as a Poisson process of rate q^3 a
second, and each lasts until the first try, from the one at 1.4 s on, that passes: 1.4 s with
probability 1 - q, 3.0 s with q (1 - q), and so on. p = 1 % gives a black-out in 35 hours, 10 % one
in 2.4 minutes, 30 % one in 7.5 seconds.

A black-out is a ``dropping`` obstacle both ways between the two hosts. It already *is* the back-off
of TCP, so :class:`sim.network.Route` adds no further wait after it.

Left out: that different connections of the same two hosts would have black-outs at different
moments (here they share them), bursts of loss, fast retransmission (a single exchange has no
later packets that could trigger it), and loss of UDP packets one by one.
"""

from __future__ import annotations

import math
from typing import Final

from sim.clock import from_seconds
from sim.engine import Kernel, Occurrence
from sim.laws.base import LONGEST_S
from sim.network import Route

FIRST_RTO_S: Final = 0.2
LONGEST_RTO_S: Final = 120.0
RETRIES: Final = 15
TRIES_LOST: Final = 3
EXCHANGES_PER_S: Final = 1.0


def _retry_times_s() -> tuple[float, ...]:
    """Return when each further try is made, and last when TCP gives up, in s after the first."""
    times, at_s, wait_s = [], 0.0, FIRST_RTO_S
    for _ in range(RETRIES + 1):
        at_s += wait_s
        times.append(at_s)
        wait_s = min(2 * wait_s, LONGEST_RTO_S)
    return tuple(times)


RETRY_TIMES_S: Final = _retry_times_s()


def try_fails(p_loss: float) -> float:
    """Return the probability q that request or reply is lost."""
    return p_loss * (2.0 - p_loss)


class BlackOuts:
    """The black-outs of one pair of hosts while packets are lost with probability ``p_loss``."""

    __slots__ = ("_occurrence", "_q", "_rank", "_was_open", "dark", "kernel", "path", "route")

    def __init__(self, kernel: Kernel, path: str, route: Route, p_loss: float) -> None:
        self.kernel = kernel
        self.path = path
        self.route = route
        self.dark = False
        self._q = try_fails(p_loss)
        self._rank = kernel.claim_rank(path)
        self._was_open = False
        self._occurrence: Occurrence | None = None

    def begin(self) -> None:
        """Packets are lost from now on."""
        rate_per_s = max(EXCHANGES_PER_S * self._q**TRIES_LOST, 1 / LONGEST_S)
        wait_s = min(-math.log(self._uniform()) / rate_per_s, LONGEST_S)
        self._occurrence = self.kernel.call_at(
            self.kernel.now + from_seconds(wait_s), self._rank, self._darken
        )

    def end(self) -> None:
        """No packet is lost any more."""
        if self._occurrence is not None:
            self._occurrence.cancel()
            self._occurrence = None
        if self.dark:
            self._lighten()

    def _darken(self) -> None:
        self.dark = True
        self._was_open = self.route.open
        self.route.forward.dropping += 1
        self.route.back.dropping += 1
        self._occurrence = self.kernel.call_at(
            self.kernel.now + from_seconds(self._silence_s()), self._rank, self._pass
        )

    def _silence_s(self) -> float:
        # The number of further tries that are lost is geometric; with q = 1 none ever passes.
        lost = RETRIES
        if self._q < 1.0:
            lost = min(int(math.log(self._uniform()) / math.log(self._q)), RETRIES)
        return RETRY_TIMES_S[min(TRIES_LOST - 1 + lost, RETRIES)]

    def _pass(self) -> None:
        self._lighten()
        self.begin()

    def _lighten(self) -> None:
        self.dark = False
        self.route.forward.dropping -= 1
        self.route.back.dropping -= 1
        if self._was_open and self.route.open:
            self.route.let_retry_pass()

    def _uniform(self) -> float:
        return self.kernel.stream(self.path, "black-out").uniform()
