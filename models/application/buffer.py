"""Requests held back while the store cannot be reached, instead of an error at once.

Model card: ``docs/models/application.md``. Source: slide 92 of the talk (``deck.md`` section 5,
row 19: an idea that was not built). Requests arrive at a steady rate, so the first error comes when
the buffer is full or when the request that has waited longest times out, whichever is first; from
then on as many fail as arrive. What waits when the store comes back is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from models.application.spec import BufferSpec
from sim.alarm import Alarm
from sim.clock import from_seconds, to_seconds
from sim.engine import Kernel
from sim.state import Entity, hidden, state
from sim.watch import Watch

Need = Literal["served", "unserved", "still"]
"""How the store answers, or that the instance itself does not run."""


class Toll(NamedTuple):
    """What an outage has cost so far: requests waiting, requests that failed, seconds waited."""

    waiting: float = 0.0
    failed_late: float = 0.0
    waited_s: float = 0.0


class Buffer(Entity):
    """``filling``: an outage is on, or has been when the instance hung.

    ``saved`` requests were answered late instead of failing.
    """

    spec: Final[BufferSpec]
    rate_per_s: Final[float]
    need: Final[Callable[[], Need]]
    spent: Final[Alarm]
    filling: bool = state(False)
    since_ns: int = hidden(0)
    saved: float = hidden(0.0)
    past: Toll = hidden(Toll())

    def __init__(
        self,
        kernel: Kernel,
        owner: str,
        spec: BufferSpec,
        rate_per_s: float,
        need: Callable[[], Need],
    ) -> None:
        super().__init__(kernel, f"{owner}/buffer")
        self.spec = spec
        self.rate_per_s = rate_per_s
        self.need = need
        self.spent = Alarm(kernel, f"{self.path}/spent")
        served: Need = "served"
        Watch(kernel, f"{self.path}/need", need, self._turned, initial=served)

    @property
    def patience_ns(self) -> int:
        """How long an outage lasts until the first request fails."""
        return min(self.spec.timeout, from_seconds(self.spec.size / self.rate_per_s))

    @property
    def holds(self) -> bool:
        """Whether requests wait now and none of them fails yet."""
        return self.need() == "unserved" and self.filling and not self.spent.due

    @property
    def failed_late(self) -> float:
        """Requests that failed after having waited, up to now."""
        return self.past.failed_late + self._toll().failed_late

    @property
    def waited_s(self) -> float:
        """The time that all requests have waited up to now, request-seconds.

        Somebody's thread or connection was held for so long.
        """
        return self.past.waited_s + self._toll().waited_s

    def _turned(self, need: Need) -> None:
        """An instance that hangs keeps whoever waits; one that has died has dropped them."""
        if need == "unserved" and not self.filling:
            self.since_ns, self.filling = self.kernel.now, True
            self.spent.arm(self.kernel.now + self.patience_ns)
        elif need == "served" and self.filling:
            toll = self._toll()
            self.saved += toll.waiting
            self._book(toll.failed_late, toll.waited_s)

    def drop(self) -> None:
        """The process is gone, and with it whoever waited."""
        toll = self._toll()
        self._book(toll.waiting + toll.failed_late, toll.waited_s)

    def _book(self, failed_late: float, waited_s: float) -> None:
        past = self.past
        self.past = Toll(0.0, past.failed_late + failed_late, past.waited_s + waited_s)
        self.filling = False
        self.spent.disarm()

    def _toll(self) -> Toll:
        """Return what the outage that is on has cost up to now."""
        if not self.filling:
            return Toll()
        outage_s = to_seconds(self.kernel.now - self.since_ns)
        depth_s = to_seconds(self.patience_ns)
        failed = self._admitted(outage_s - to_seconds(self.spec.timeout))
        filling_s = min(outage_s, depth_s)
        waited_s = self.rate_per_s * (filling_s**2 / 2 + depth_s * (outage_s - filling_s))
        return Toll(self._admitted(outage_s) - failed, failed, waited_s)

    def _admitted(self, after_s: float) -> float:
        """Return how many requests have found room up to ``after_s`` into the outage.

        A full buffer stays full: each that times out makes room for one, so a small buffer takes
        as many again, as fast, one time-out later.
        """
        if after_s <= 0.0:
            return 0.0
        turns, rest_s = divmod(after_s, to_seconds(self.spec.timeout))
        depth_s = to_seconds(self.patience_ns)
        return self.rate_per_s * (turns * depth_s + min(rest_s, depth_s))
