"""A watch that reacts when the event that changed its reading is over and all has settled.

Watches are served one after another at the end of an event, and one reaction may undo what
another has just read: a returning server makes an agent's push possible and, by its newer term,
makes the leader step down. A reaction that writes to the catalogue or draws a random number must
not see such a halfway state, so it takes place in an event of its own at the same instant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sim.engine import Kernel
from sim.watch import Watch

T = TypeVar("T")


class SettledWatch(Generic[T]):
    """Calls ``react(new)`` at the instant at which ``read()`` has changed, once that is settled."""

    __slots__ = ("kernel", "last", "rank", "react", "read")

    def __init__(
        self,
        kernel: Kernel,
        path: str,
        read: Callable[[], T],
        react: Callable[[T], object],
        initial: T,
    ) -> None:
        self.kernel = kernel
        self.read = read
        self.react = react
        self.last = initial
        self.rank = kernel.claim_rank(f"{path}/settled")
        Watch(kernel, path, read, self._soon, initial)

    def _soon(self, _: T) -> None:
        self.kernel.call_at(self.kernel.now, self.rank, self._look)

    def _look(self) -> None:
        new = self.read()
        if new != self.last:
            self.last = new
            self.react(new)
