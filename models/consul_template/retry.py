"""What consul-template does while Consul answers with errors: ``consul.md`` section 6.

0.10 asks again every 5 s for ever. 0.39 backs off from 0.25 s by doubling up to 60 s, and ends
when the twelfth try has failed.
"""

from __future__ import annotations

from typing import Final

from sim.clock import NS_PER_S

RETRY_NS: Final = 5 * NS_PER_S
"""The gap of 0.10."""

ATTEMPTS: Final = 12
"""How often 0.39 tries again before it ends."""

_FIRST_NS: Final = NS_PER_S // 4
_LONGEST_NS: Final = 60 * NS_PER_S


def backoff_ns(attempts: int) -> int:
    """Return how long 0.39 waits after ``attempts`` tries have failed."""
    return min(_FIRST_NS << attempts, _LONGEST_NS)
