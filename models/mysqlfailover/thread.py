"""The tool's one thread: it sleeps, or blocks in a system call, and does one thing after another.

A program without concurrency is best read as what it is, a sequence. Here it is a generator that
yields what it waits for; the thread resumes it when that has come. While nothing is wrong no
generator runs at all: the loop is a ticker's grid then (``tool.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final, NamedTuple, TypeAlias, TypeVar

from models.process import Process
from sim.engine import Occurrence
from sim.state import Entity, hidden, state
from sim.watch import Watch

T = TypeVar("T")


class Wait(NamedTuple):
    """Go on at ``at_ns``, or as soon as ``condition()`` (of observable state) is true.

    Without either it goes on never.
    """

    at_ns: int | None = None
    condition: Callable[[], object] | None = None


Work: TypeAlias = Generator[Wait, None, T]


class ToolExit(Exception):
    """The tool ends here: an exception of the real program that nothing in it catches."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Thread(Entity):
    """Runs one piece of work at a time; ``ended(reason)`` is called when it raised ToolExit."""

    process: Final[Process]
    ended: Final[Callable[[str], object]]
    rank: Final[int]
    turn: int = state(0)
    condition: Callable[[], object] | None = state(None)
    work: Work[None] | None = hidden(None)
    until_ns: int | None = hidden(None)
    timer: Occurrence | None = hidden(None)

    def __init__(self, path: str, process: Process, ended: Callable[[str], object]) -> None:
        super().__init__(process.kernel, path)
        self.process = process
        self.ended = ended
        self.rank = process.kernel.claim_rank(f"{path}/timer")
        Watch(self.kernel, f"{path}/condition", self._reading, self._changed, initial=(0, False))

    def run(self, work: Work[None]) -> None:
        """Begin ``work`` now; what was under way before is forgotten."""
        self.stop()
        self.work = work
        self._go_on()

    def stop(self) -> None:
        """Forget the work under way: the process is gone."""
        self.work = None
        self._forget_wait()

    def resumed(self) -> None:
        """The process runs again after standing still: go on if what it waits for has come."""
        overdue = self.until_ns is not None and self.until_ns <= self.kernel.now
        if self.work is not None and (overdue or self._reading()[1]):
            self._go_on()

    def _reading(self) -> tuple[int, bool]:
        # The turn is part of it: two conditions in a row that both hold are two readings.
        return self.turn, self.condition is not None and bool(self.condition())

    def _changed(self, reading: tuple[int, bool]) -> None:
        # It may wait for something else by now: for another condition, or for a time alone.
        still = self.condition is not None and reading[0] == self.turn
        if reading[1] and still and self.process.running:
            self._go_on()

    def _ring(self) -> None:
        self.timer = None
        if self.process.running:
            self._go_on()

    def _go_on(self) -> None:
        work = self.work
        self._forget_wait()
        while work is not None:
            try:
                wait = next(work)
            except StopIteration:
                if self.work is work:
                    self.work = None
                return
            except ToolExit as exit_:
                if self.work is work:
                    self.work = None
                    self.ended(exit_.reason)
                return
            if self.work is not work:
                # Something that it did has ended the process.
                return
            if not self._is_over(wait):
                self._wait(wait)
                return

    def _is_over(self, wait: Wait) -> bool:
        due = wait.at_ns is not None and wait.at_ns <= self.kernel.now
        return due or (wait.condition is not None and bool(wait.condition()))

    def _wait(self, wait: Wait) -> None:
        if wait.condition is not None:
            self.turn += 1
            self.condition = wait.condition
        self.until_ns = wait.at_ns
        if wait.at_ns is not None:
            self.timer = self.kernel.call_at(wait.at_ns, self.rank, self._ring)

    def _forget_wait(self) -> None:
        self.condition, self.until_ns = None, None
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
