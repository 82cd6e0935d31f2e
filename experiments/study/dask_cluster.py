"""Dask distributed as one more executor: a cluster that is there, or one of this machine's own.

The cluster runs what a pool of processes would: chunks. A worker that dies is Dask's to replace,
and its chunks are run again; if that happens over and over, the study ends, and what has finished
is kept. Workers must have the very source of sengu that the study was begun with.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final, ParamSpec, TypeVar

from experiments.study.document import source_digest
from experiments.study.errors import StudyRefused
from experiments.study.workers import collect_by_run, processes_begin_deaf, set_modules_apart

P = ParamSpec("P")
T = TypeVar("T")

LOCAL: Final = "local"
_PATIENCE_S: Final = 10.0
"""Assumed: a scheduler that has not answered by then will not."""

_QUIET: Final = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}
"""Of our own cluster: what only a dashboard would show is not measured. By default a worker looks
at its stack a hundred times a second. With that and a limit of memory, which a pool has not either,
it costs 9 % more CPU than a process of a pool, without them 2 % (two cores, three rounds each), and
since garbage is collected by the run no more than can be told from nothing (eight rounds)."""


class ClusterLost(BrokenExecutor):
    """The scheduler is gone, or workers die of the same chunk again and again."""


@contextmanager
def dask_executor(address: str, workers: int) -> Iterator[tuple[Executor, int]]:
    """An executor on the scheduler at ``address``, and how many threads its workers have.

    "local": a cluster of ``workers`` processes of this machine, which ends with the block.
    Raises StudyRefused if Dask is not installed, or the scheduler cannot be reached.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise StudyRefused(
            "--dask: Dask is not installed here; pip install 'sengu[dask]' brings it"
        ) from None
    _keep_quiet()
    cluster = None
    try:
        with processes_begin_deaf():
            if address == LOCAL:
                with import_module("dask").config.set(_QUIET):
                    cluster = distributed.LocalCluster(
                        n_workers=workers,
                        threads_per_worker=1,
                        # Any port: the usual one may be another cluster's, and Dask warns of that.
                        dashboard_address="127.0.0.1:0",
                        memory_limit=0,
                    )
            client = distributed.Client(
                cluster or address, timeout=_PATIENCE_S, set_as_default=False
            )
    except (OSError, ValueError, ImportError) as error:
        if cluster is not None:
            cluster.close()
        raise StudyRefused(f"--dask {address}: cannot be reached: {_in_short(error)}") from None
    try:
        yield _on(client, address)
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _keep_quiet() -> None:
    """Have Dask's log say nothing: what goes wrong is told once, in a line of ours."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


def _on(client: Any, address: str) -> tuple[Executor, int]:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
        threads = sum(client.nthreads().values())
        client.run(set_modules_apart)
        if address == LOCAL:
            # Processes of a cluster that is there have other work too, and logs of their own.
            client.run(collect_by_run)
            client.run(_keep_quiet)
    except (OSError, TimeoutError) as error:
        raise StudyRefused(f"--dask {address}: has no workers: {_in_short(error)}") from None
    return DaskExecutor(client), max(1, threads)


class DaskExecutor(Executor):
    """Hands work to a Dask client; a chunk once handed over is waited for, as at a pool."""

    def __init__(self, client: Any) -> None:
        # Impure: Dask would take two runs of one chunk for the same.
        self._executor = client.get_executor(pure=False)
        self._digest = source_digest()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run ``fn`` on a worker that has the same source."""
        told: Future[T] = Future()
        # Whether a worker has begun with it is not known here, so it cannot be called back.
        told.set_running_or_notify_cancel()
        try:
            theirs = self._executor.submit(run_by_the_same, self._digest, fn, *args, **kwargs)
        except RuntimeError as error:
            raise ClusterLost(f"the Dask scheduler is gone: {_in_short(error)}") from None
        theirs.add_done_callback(partial(_pass_on, told))
        return told


def _pass_on(told: Future[T], theirs: Future[T]) -> None:
    if theirs.cancelled():
        told.set_exception(ClusterLost("the Dask scheduler is gone"))
        return
    error = theirs.exception()
    if error is None:
        told.set_result(theirs.result())
    elif type(error).__name__ == "KilledWorker":
        told.set_exception(ClusterLost("Dask workers were killed, again and again (memory?)"))
    elif type(error).__module__.startswith("distributed."):
        told.set_exception(ClusterLost(f"the Dask cluster is gone: {_in_short(error)}"))
    else:
        told.set_exception(error)


def run_by_the_same(digest: str, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call ``fn`` if this process has the source of that digest; else raise StudyRefused."""
    if source_digest() != digest:
        raise StudyRefused(
            f"--dask: a worker has another sengu: source {source_digest()} there, {digest} here"
        )
    return fn(*args, **kwargs)


def _in_short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
