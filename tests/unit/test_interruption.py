"""Ctrl-C and SIGTERM at any moment end a study, and leave no worker waiting for ever."""

from __future__ import annotations

import concurrent.futures.thread
import faulthandler
import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from types import FrameType
from typing import Any

import pytest

from experiments.interruption import (
    Terminated,
    heard,
    interruptions_held,
    terminations_raised,
)
from experiments.study.workers import map_in_order

ITEMS = range(2)
WITH_LOCKS = {
    concurrent.futures._base.__file__,
    concurrent.futures.thread.__file__,
    threading.__file__,
}


@pytest.fixture(autouse=True)
def handlers_of_a_terminal() -> Iterator[None]:
    """What a command in the foreground has, whatever the suite was started by."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_request_waits_until_it_may_be_heard() -> None:
    """A pool's lock would stay taken."""
    passed = []
    with terminations_raised(), pytest.raises(Terminated), interruptions_held():
        signal.raise_signal(signal.SIGTERM)
        passed.append("held")
        heard(passed.append, "never")
    assert passed == ["held"]


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_request_amid_what_may_be_cut_off_is_heard_at_once(
    number: signal.Signals, raised: type[BaseException]
) -> None:
    """One would wait for a chunk of an hour."""
    passed = []

    def long_work() -> None:
        signal.raise_signal(number)
        passed.append("never")

    with terminations_raised(), pytest.raises(raised), interruptions_held():
        heard(long_work)
    assert passed == []


def test_a_request_that_nobody_hears_comes_with_the_end_of_the_block() -> None:
    """It would be lost, and the study go on."""
    passed = []
    with terminations_raised(), pytest.raises(Terminated):
        with interruptions_held():
            with interruptions_held():
                signal.raise_signal(signal.SIGTERM)
            passed.append("the outer block")
        passed.append("never")
    assert passed == ["the outer block"]


def test_the_handlers_are_put_back() -> None:
    """Whoever works with sengu in a program of their own would lose their handlers."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with interruptions_held():
        assert signal.getsignal(signal.SIGINT) != before[0]
        # It ends the process, and is left to do so.
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_many_requests_at_once_are_one() -> None:
    """The second one would say that somebody is too impatient to wait."""
    with terminations_raised(), interruptions_held():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            signal.raise_signal(number)
        with pytest.raises(Terminated):
            heard(list)
        assert heard(list) == []


def test_a_request_while_handlers_are_put_back_does_not_make_deaf() -> None:
    """In a notebook Ctrl-C would do nothing from then on."""

    class PressedAtFirst(dict[int, Any]):
        """Ctrl-C comes when they are gone through for the first time."""

        pressed = False

        def items(self) -> Any:
            if not self.pressed:
                self.pressed = True
                signal.raise_signal(signal.SIGINT)
            return super().items()

    with pytest.raises(KeyboardInterrupt), terminations_raised(), interruptions_held():
        hold: Any = signal.getsignal(signal.SIGINT)
        hold._handlers = PressedAtFirst(hold._handlers)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def is_cut_off_cleanly(
    results: Callable[[Executor, Callable[[int], int], Iterable[int]], Iterable[int]], line: int
) -> bool | None:
    """Terminate the work of a pool at the ``line``-th line, in this thread, of code with locks.

    Returns whether the pool can then end; None if there are not that many lines.
    """
    lines = itertools.count()

    def at_line(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in WITH_LOCKS:
            return None
        if event == "line" and next(lines) == line:
            signal.raise_signal(signal.SIGTERM)
        return at_line

    # As at a pool of processes, results are set by another thread, and meanwhile awaited.
    with ThreadPoolExecutor(1) as pool, terminations_raised():
        before = sys.gettrace()
        sys.settrace(at_line)
        try:
            total = sum(results(pool, slow_square, ITEMS))
        except Terminated:
            total = None
        finally:
            sys.settrace(before)
        if total is not None:
            assert total == 1
            return None
        return pool.submit(slow_square, 7).result(timeout=5.0) == 49


def slow_square(number: int) -> int:
    """Return it a moment later, so that it must be waited for."""
    time.sleep(0.0005)
    return number**2


def test_a_pool_can_be_cut_off_at_every_line() -> None:
    """A lock stayed taken, and the study waited for its workers for ever."""
    # Nothing else ends a process one thread of which waits for a lock that nobody will give back.
    faulthandler.dump_traceback_later(100.0, exit=True)
    try:
        for line in itertools.count():
            clean = is_cut_off_cleanly(map_in_order, line)
            if clean is None:
                break
            assert clean, line
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert line > 100
