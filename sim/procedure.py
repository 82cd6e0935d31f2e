"""Something that is done step by step: a generator that yields how long it waits (ns)."""

from __future__ import annotations

from collections.abc import Generator

from sim.engine import Kernel, Occurrence


class Procedure:
    """Runs ``steps`` from now on; each yielded number of ns is slept, then the next step runs."""

    __slots__ = ("_occurrence", "_steps", "kernel", "rank")

    def __init__(self, kernel: Kernel, path: str, steps: Generator[int, None, None]) -> None:
        self.kernel = kernel
        self.rank = kernel.claim_rank(path)
        self._steps = steps
        self._occurrence: Occurrence | None = None
        self._advance()

    def stop(self) -> None:
        """Abandon the remaining steps."""
        if self._occurrence is not None:
            self._occurrence.cancel()
        self._steps.close()

    def _advance(self) -> None:
        wait_ns = next(self._steps, None)
        self._occurrence = (
            None
            if wait_ns is None
            else self.kernel.call_at(self.kernel.now + wait_ns, self.rank, self._advance)
        )
