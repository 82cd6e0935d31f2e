"""When TCP tries again: the moments at which a silent connection finds a healed path.

A path that heals carries nothing until somebody sends: a segment that waits for its retransmission
or a SYN of a connection attempt. Both back off, so a conversation comes back later than the path
does, by up to as much as the silence lasted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.clock import from_seconds

# Linux retransmits a segment after 200 ms at the least, and doubles (tcp(7); RFC 6298 section 5).
FIRST_WAIT_NS: Final = from_seconds(0.2)
RETRANSMISSIONS: Final = 11

# SYNs of one attempt, ns after the first. Linux >= 6.5 has tcp_syn_linear_timeouts = 4 (measured
# on kernel 6.18: 1.016, 2.04, 3.06, 4.09, 5.11, 7.13, 11.28 s); before, and with 0, the delay
# doubles from the first one on (RFC 6298).
SYNS_LINEAR_NS: Final = tuple(
    from_seconds(after_s) for after_s in (0.0, 1.016, 2.04, 3.064, 4.088, 5.113, 7.128, 11.27)
)
SYNS_DOUBLING_NS: Final = tuple(from_seconds(2.0**n - 1.0) for n in range(7))


def resumes_at(
    healed_ns: int,
    waiting_since_ns: int | None,
    reopened_ns: int | None,
    first_wait_ns: int = FIRST_WAIT_NS,
) -> int:
    """Return when an established connection goes on after a silence, ns.

    ``waiting_since_ns``: when the oldest unacknowledged data was sent (None: nothing waits, it
    goes on at once). ``reopened_ns``: when the program gives up and opens another (None: never).
    ``first_wait_ns``: how long the sender waits for the first retransmission; it grows with the
    round trip that the connection has seen.
    """
    if waiting_since_ns is None:
        return healed_ns
    waits = (first_wait_ns * (2**tries - 1) for tries in range(1, RETRANSMISSIONS + 1))
    tries = (waiting_since_ns + after_ns for after_ns in waits)
    again_ns = next((at_ns for at_ns in tries if at_ns >= healed_ns), healed_ns)
    return again_ns if reopened_ns is None else min(again_ns, max(reopened_ns, healed_ns))


def connects_at(
    healed_ns: int, opened_ns: int, reopen: Callable[[int], int], syns_ns: tuple[int, ...]
) -> tuple[int, int]:
    """Return (when a connection attempt succeeds after the path has healed, when it was opened).

    ``opened_ns`` is the start of the first attempt, ``reopen(opened)`` that of the next one, by
    which the program replaces an attempt that has not succeeded.
    """
    while True:
        next_ns = reopen(opened_ns)
        for after_ns in syns_ns:
            if healed_ns <= opened_ns + after_ns < next_ns:
                return opened_ns + after_ns, opened_ns
        opened_ns = next_ns
