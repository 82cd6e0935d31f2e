"""The executors of a study: processes of this machine, or this very process.

On Ctrl-C a terminal interrupts every process of the group, and a system that shuts down terminates
them all. Workers are started with both signals blocked, so that none of them prints a traceback or
dies while its pool is being shut; they end with what they have at hand. The process that started
them hears of it while it waits, and never while it has a lock of theirs.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from queue import SimpleQueue
from typing import Final, ParamSpec, TypeVar

from experiments.interruption import heard, interruptions_held
from experiments.study.errors import StudyError

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

KILLED: Final = "a worker process was killed (out of memory?)"

_CTRL_C: Final = frozenset({signal.SIGINT})
_NOT_FOR_WORKERS: Final = _CTRL_C | {signal.SIGTERM} if hasattr(signal, "sigwaitinfo") else _CTRL_C
"""What workers do not hear; that their parent terminates them, they learn another way."""

_OBJECTS_OF_MANY_RUNS: Final = 1_000_000
"""So many must be new before Python looks for garbage by itself; a world is some ten thousands."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class InThisProcess(Executor):
    """Does the work at once, where it is handed in; an interrupt is not the work's failure."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call ``fn`` and return its finished future."""
        future: Future[T] = Future()
        try:
            future.set_result(heard(fn, *args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def process_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes, which finish their chunks if the block ends in an exception.

    They are not killed: one that dies while it sends a result leaves this process waiting for the
    rest of it. A chunk is about a second. Nor is the waiting for their end cut off, which would
    leave them to wait for ever. Raises StudyError if one of them was killed.
    """
    # Spawned, not forked: a fork copies the locks of threads that it does not copy.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=begin_worker)
    try:
        yield pool
    except BaseException as error:
        with interruptions_held():
            pool.shutdown(cancel_futures=True)
        if isinstance(error, BrokenExecutor):
            raise StudyError(KILLED) from None
        raise
    with interruptions_held():
        pool.shutdown()


def hand_in(pool: Executor, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Submit work; the workers that ``pool`` starts for it hear nothing of Ctrl-C and SIGTERM."""
    with interruptions_held(), processes_begin_deaf(_NOT_FOR_WORKERS):
        return pool.submit(fn, *args, **kwargs)


def wait_for(future: Future[T]) -> None:
    """Wait until it is done, however it ends, and meanwhile hear of Ctrl-C and SIGTERM."""
    done: SimpleQueue[Future[T]] = SimpleQueue()
    with interruptions_held():
        future.add_done_callback(done.put)
        heard(done.get)


def map_in_order(pool: Executor, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Hand in all the work, and yield what comes of it in the order of the items."""
    futures = deque(hand_in(pool, work, item) for item in items)
    while futures:
        with interruptions_held():
            wait_for(futures[0])
            result = futures.popleft().result()
        yield result


def begin_worker() -> None:
    """Prepare a fresh process: it ends when its parent does, and collects little garbage."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if signal.SIGTERM in _NOT_FOR_WORKERS:
        threading.Thread(target=_end_when_parent_says, daemon=True).start()
    set_modules_apart()
    collect_by_run()


def _end_with_parent() -> None:
    """Wait for the parent's end; a worker of a killed parent would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end_when_parent_says() -> None:
    """Wait for the SIGTERM by which a pool ends the workers that are left when one was killed.

    Anybody else's goes to the whole group, and so to the parent, who ends the work in good order.
    """
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
        pass
    os._exit(1)


def set_modules_apart() -> None:
    """Keep what has been imported out of every further garbage collection of this process.

    A run makes and drops a hundred thousand objects, and each full collection would go through
    the modules again: measured 4 to 18 % of a year's CPU.
    """
    gc.collect()
    gc.freeze()


def collect_by_run() -> None:
    """From now on have this process collect garbage after each run, and not in the middle of one.

    Amid a run it finds next to nothing: measured 6 % of a year's CPU.
    """
    gc.set_threshold(_OBJECTS_OF_MANY_RUNS, *gc.get_threshold()[1:])


def run_has_ended() -> None:
    """Give the memory of a world back, whose parts all know each other.

    Only after :func:`collect_by_run`: a process with much else to go through, such as a notebook's,
    does it when Python thinks fit.
    """
    if gc.get_threshold()[0] == _OBJECTS_OF_MANY_RUNS:
        gc.collect()


@contextmanager
def processes_begin_deaf(signals: Set[signal.Signals] = _CTRL_C) -> Iterator[None]:
    """Keep signals from this thread, and for good from the processes that it starts meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Whoever starts it inside would have signals unblocked by it.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
