"""A condition that is looked at whenever what it reads has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sim.engine import Kernel
from sim.state import observe

T = TypeVar("T")


class Watch(Generic[T]):
    """Calls ``react(new)`` at the end of an event after which ``read()`` differs from before.

    For what happens *because* state changed (a meter, an interrupt, a connection that breaks),
    never for what a program does on its own clock. The first reading is taken when the kernel
    next settles, and is reacted to only if it differs from ``initial``. ``last`` may be set while a
    world is built (as if it had been read), and never between a reading and its reaction.
    """

    __slots__ = ("_retired", "kernel", "last", "path", "rank", "react", "read")

    def __init__(
        self,
        kernel: Kernel,
        path: str,
        read: Callable[[], T],
        react: Callable[[T], object],
        initial: T,
    ) -> None:
        self.kernel = kernel
        self.path = path
        self.rank = kernel.claim_rank(path)
        self.read = read
        self.react = react
        self.last = initial
        self._retired = False
        kernel.sleepers[self] = None
        kernel.unsettled[self] = None

    def invalidate(self) -> None:
        """Something read has changed: look again at the end of this event."""
        self.kernel.unsettled[self] = None

    def recheck(self) -> bool:
        """Read again; return whether the reading differs."""
        if self._retired:
            return False
        new = observe(self, self.read)
        if new == self.last:
            return False
        self.last = new
        return True

    def respond(self) -> None:
        """React to the new reading."""
        self.react(self.last)

    def retire(self) -> None:
        """Watch no more: what it belonged to is gone for good."""
        self._retired = True
        self.kernel.sleepers.pop(self, None)

    def audit(self) -> str | None:
        """Return a complaint if a fresh reading differs from the last one."""
        fresh = self.read()
        return None if fresh == self.last else f"watch {self.path} missed {fresh!r}"

    def __repr__(self) -> str:
        return f"watch {self.path}"
