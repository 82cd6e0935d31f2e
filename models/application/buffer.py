"""Requests held back while the store cannot be reached, instead of an error at once.

Model card: ``docs/models/application.md``. Source: slide 92 of the talk (``deck.md`` section 5,
row 19: an idea that was not built). Requests arrive at a steady rate, so the first error comes when
the buffer is full or when the request that has waited longest times out, whichever is first; from
then on as many fail as arrive. What waits when the store comes back is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from models.application.spec import BufferSpec
from sim.alarm import Alarm
from sim.clock import from_seconds, to_seconds
from sim.engine import Kernel
from sim.state import Entity, hidden, state
from sim.watch import Watch


class Buffer(Entity):
    """``holds``: requests wait and none fails. Sums, in requests and request-seconds:

    ``saved`` were answered late instead of failing; ``failed_late`` failed after having waited;
    ``waited_s`` is the time that all of them spent waiting, which somebody's thread or connection
    was held for.
    """

    spec: Final[BufferSpec]
    rate_per_s: Final[float]
    fails: Final[Callable[[], bool]]
    spent: Final[Alarm]
    filling: bool = state(False)
    since_ns: int = hidden(0)
    saved: float = hidden(0.0)
    failed_late: float = hidden(0.0)
    waited_s: float = hidden(0.0)

    def __init__(
        self,
        kernel: Kernel,
        owner: str,
        spec: BufferSpec,
        rate_per_s: float,
        fails: Callable[[], bool],
    ) -> None:
        super().__init__(kernel, f"{owner}/buffer")
        self.spec = spec
        self.rate_per_s = rate_per_s
        self.fails = fails
        self.spent = Alarm(kernel, f"{self.path}/spent")
        Watch(kernel, f"{self.path}/fails", fails, self._turned, initial=False)

    @property
    def patience_ns(self) -> int:
        """How long an outage lasts until the first request fails."""
        return min(self.spec.timeout, from_seconds(self.spec.size / self.rate_per_s))

    @property
    def holds(self) -> bool:
        """Whether requests wait now and none of them fails yet."""
        return self.fails() and self.filling and not self.spent.due

    def _turned(self, fails: bool) -> None:
        if fails:
            self.since_ns, self.filling = self.kernel.now, True
            self.spent.arm(self.kernel.now + self.patience_ns)
        elif self.filling:
            self._drain()
            self._empty()

    def drop(self) -> None:
        """The process is gone, and with it whoever waited."""
        self._empty()

    def _empty(self) -> None:
        self.filling = False
        self.spent.disarm()

    def _drain(self) -> None:
        """Answer all that waits: with the rate r, the depth d and the outage L, in seconds."""
        outage_s = to_seconds(self.kernel.now - self.since_ns)
        depth_s = to_seconds(self.patience_ns)
        waiting = self.rate_per_s * min(outage_s, depth_s)
        self.saved += waiting
        # In a long outage the buffer stays full: whoever leaves it without an answer has waited
        # for the whole time-out, and another one takes the place.
        timeout_s = to_seconds(self.spec.timeout)
        turned_over = max(0.0, outage_s - timeout_s) * self.rate_per_s * depth_s / timeout_s
        self.failed_late += turned_over
        filling_s = min(outage_s, depth_s)
        self.waited_s += self.rate_per_s * (filling_s**2 / 2 + depth_s * (outage_s - filling_s))
