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
    next settles, and is reacted to only if it differs from ``initial``.
    """

    __slots__ = ("kernel", "last", "path", "rank", "react", "read")

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
        kernel.sleepers.append(self)
        kernel.unsettled[self] = None

    def invalidate(self) -> None:
        """Something read has changed: look again at the end of this event."""
        self.kernel.unsettled[self] = None

    def recheck(self) -> None:
        """Read again; react if the reading differs."""
        new = observe(self, self.read)
        if new != self.last:
            self.last = new
            self.react(new)

    def audit(self) -> str | None:
        """Return a complaint if a fresh reading differs from the last one."""
        fresh = self.read()
        return None if fresh == self.last else f"watch {self.path} missed {fresh!r}"

    def __repr__(self) -> str:
        return f"watch {self.path}"
