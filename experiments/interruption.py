"""Requests to end a study: Ctrl-C and SIGTERM, as exceptions that come at a good moment.

Python raises what a signal's handler raises between any two instructions of the main thread. In
the midst of a pool's code that leaves a lock taken, and the pool waiting for it for ever.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import currentframe
from types import FrameType
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Handler = Callable[[int, FrameType | None], object]

_REQUESTS: Final = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """This process was asked to end."""


@contextmanager
def terminations_raised() -> Iterator[None]:
    """Let SIGTERM raise Terminated in the block; only the main thread can hear signals."""
    if not _hears():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _hears() -> bool:
    return threading.current_thread() is threading.main_thread()


class _Hold:
    """A handler before the handlers of the process; it passes on to them what may be heard now.

    One that is over keeps nothing back. Should a request come before all handlers are back, the
    rest of them is put back when it is called the next time.
    """

    def __init__(self, handlers: Mapping[int, _Handler]) -> None:
        self._handlers = handlers
        self._missed: list[int] = []
        self.is_open = False
        self.is_over = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.is_over:
            self.put_back()
        if self.is_over or self.is_open:
            self._handlers[number](number, frame)
        else:
            self._missed.append(number)

    def tell_missed(self) -> None:
        """Pass on what has waited, which usually raises: however many requests, they are one."""
        missed, self._missed = self._missed, []
        if missed:
            number = signal.SIGTERM if signal.SIGTERM in missed else missed[0]
            self._handlers[number](number, currentframe())

    def put_back(self) -> None:
        """Make the handlers before it those of the process again."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)


def _current_hold() -> _Hold | None:
    found = (signal.getsignal(number) for number in _REQUESTS)
    holds = (handler for handler in found if isinstance(handler, _Hold))
    return next((hold for hold in holds if not hold.is_over), None)


@contextmanager
def interruptions_held() -> Iterator[None]:
    """In the block Ctrl-C and SIGTERM wait for a call through :func:`heard`, or for its end.

    What has no handler in Python, such as a SIGTERM that simply ends the process, still does so.
    """
    if not _hears() or _current_hold() is not None:
        yield
        return
    before = {number: signal.getsignal(number) for number in _REQUESTS}
    handlers = {int(number): handler for number, handler in before.items() if callable(handler)}
    hold = _Hold(handlers)
    try:
        for number in handlers:
            signal.signal(number, hold)
        yield
    finally:
        hold.is_over = True
        hold.put_back()
        hold.tell_missed()


def heard(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call it, and hear of Ctrl-C and SIGTERM at once: it leaves no lock taken if it is cut off."""
    hold = _current_hold() if _hears() else None
    if hold is None:
        return call(*args, **kwargs)
    try:
        hold.is_open = True
        hold.tell_missed()
        return call(*args, **kwargs)
    finally:
        hold.is_open = False
