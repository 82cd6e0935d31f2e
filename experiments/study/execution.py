"""Runs a study on an executor, chunk by chunk, into a journal from which it can be gone on with.

Neither the executor, nor the number of workers, nor the order in which chunks finish, nor how often
the study was interrupted can change a bit of the tables: a run draws from streams keyed by seed
and replication, and rows are put where their chunk belongs, not where it came in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Final, Literal, NamedTuple

from experiments.interruption import heard, interruptions_held
from experiments.recording.rows import Row
from experiments.results import TABLES, Tables, table_from_rows
from experiments.simulation import RunOrder, simulate_safely
from experiments.study.dask_cluster import ClusterLost, dask_executor
from experiments.study.directory import (
    begin,
    damage_told,
    disk_errors_told,
    finish,
    locked,
    reopen,
)
from experiments.study.errors import RunFailed, StudyError, StudyRefused
from experiments.study.journal import Journal, PackedChunk
from experiments.study.looks import Looks
from experiments.study.packing import packed
from experiments.study.plan import Chunk, ChunkQueue, Study
from experiments.study.precision import Stopping
from experiments.study.result import Scratch, StudyResult, failed_run
from experiments.study.workers import (
    KILLED,
    InThisProcess,
    hand_in,
    process_pool,
    run_has_ended,
    wait_for,
)

OnError = Literal["record", "raise"]
"""What a failed run does: it is a row that says so, or it ends the study."""

_ONE_AT_A_TIME: Final = threading.Lock()


_TELLING_S: Final = 5.0
"""From here on, the pace of this very execution says more than the CPU time of earlier runs."""


@dataclass(frozen=True)
class Execution:
    """How to run a study; nothing of it shows in the tables of a study that has finished.

    Attributes:
        workers: processes; one is this very process.
        chunk_runs: runs in a chunk; None: about a second of CPU.
        on_error: what a failed run does.
        finished: called with the number of runs of each chunk that has finished.
        left: called with an estimate of the seconds left, as soon as there is one and after each
            chunk.
        dask: the address of a Dask scheduler to work there, "local" for one of its own with
            ``workers`` processes; None: no Dask.
        max_time_s: of a study with a precision: end at the last look that fits into this time.
        expected: of a study with a precision: called with the number of runs that it is expected to
            need, at first and after each look.
    """

    workers: int = 1
    chunk_runs: int | None = None
    on_error: OnError = "record"
    finished: Callable[[int], object] = lambda runs: None
    left: Callable[[float], object] = lambda seconds: None
    dask: str | None = None
    max_time_s: float | None = None
    expected: Callable[[int], object] = lambda runs: None


class ChunkRows(NamedTuple):
    """The rows of a chunk by table, and the CPU time that it took, s."""

    rows: dict[str, list[Row]]
    cpu_s: float


def run_chunk(orders: tuple[RunOrder, ...]) -> ChunkRows:
    """Simulate ``orders`` one after the other; a run that fails is a row that says so."""
    started_s = time.process_time()
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for order in orders:
        for name, of_run in simulate_safely(order).rows.items():
            rows[name] += of_run
        run_has_ended()
    return ChunkRows(rows, time.process_time() - started_s)


def chunk_tables(rows: ChunkRows) -> Tables:
    """Return the rows of a chunk as tables."""
    return Tables(**{name: table_from_rows(name, rows.rows[name]) for name in TABLES})


def packed_chunk(orders: tuple[RunOrder, ...]) -> PackedChunk:
    """Simulate ``orders`` and pack their tables: the work that a worker is given."""
    # A worker of Dask may have several threads, and a world has the process to itself.
    with _ONE_AT_A_TIME:
        started_s = time.process_time()
        chunk = run_chunk(orders)
        failures = (row for row in chunk.rows["runs"] if row["status"] == "failed")
        first = next(map(failed_run, failures), None)
        streams = packed(chunk_tables(chunk))
        told = f"{first.name} failed: {first.reason}" if first is not None else ""
        return PackedChunk(streams, time.process_time() - started_s, told)


def run_study(
    study: Study,
    how: Execution | None = None,
    *,
    directory: Path | None = None,
    workers: int = 1,
    chunk_runs: int | None = None,
    on_error: OnError = "record",
    finished: Callable[[int], object] = lambda runs: None,
    left: Callable[[float], object] = lambda seconds: None,
) -> StudyResult:
    """Run a study from its beginning.

    What a study has left in ``directory`` is removed first; None: a temporary directory, which
    goes with the result. The other arguments stand for an :class:`Execution` with these fields.

    Raises:
        StudyError: if a worker process was killed or the disk refuses.
        RunFailed: if a run failed and ``on_error`` is "raise".
        StudyRefused: if another process is at work in the directory, or Dask cannot be had.
    """
    how = how or Execution(workers, chunk_runs, on_error, finished, left)
    if directory is None:
        scratch = Scratch()
        return StudyResult(scratch.path, _begun(study, scratch.path, how), scratch)
    made = not directory.exists()
    with disk_errors_told(directory):
        directory.mkdir(parents=True, exist_ok=True)
    try:
        return StudyResult(directory, _begun(study, directory, how))
    except StudyRefused:
        with suppress(OSError):
            # What was not even begun leaves no empty directory; one that holds something stays.
            if made:
                directory.rmdir()
        raise


def _begun(study: Study, directory: Path, how: Execution) -> int:
    with locked(directory), _executor(how, study.runs) as executor:
        return _carried_on(study, begin(directory, study), {}, how, executor)


def resume_study(
    directory: Path,
    how: Execution,
    *,
    begun: Callable[[int, int], object] = lambda kept, damaged: None,
) -> StudyResult:
    """Go on with the unfinished study of ``directory`` from the chunks that are there.

    ``begun`` is called first, with the number of runs that are there, and of chunk files that were
    damaged, the runs of which are made again. Raises as :func:`run_study`, and
    StudyRefused if there is no unfinished study or this program would not run it in the same way.
    """
    with locked(directory):
        study, journal = reopen(directory)
        with disk_errors_told(directory):
            kept, damaged = journal.kept()
        runs = sum(chunk.runs for chunk in kept)
        begun(runs, damaged)
        with _executor(how, study.runs - runs) as executor:
            failed = _carried_on(study, journal, kept, how, executor)
    return StudyResult(directory, failed)


def _carried_on(
    study: Study,
    journal: Journal,
    kept: Mapping[Chunk, float],
    how: Execution,
    pool: tuple[Executor, int],
) -> int:
    executor, in_flight = pool
    done = execute(study, journal, executor, in_flight=in_flight, kept=kept, how=how)
    made = replace(study, replications=done.years)
    return finish(journal.place.parent, made, journal, done.chunks, done.stopping)


@contextmanager
def _executor(how: Execution, runs_left: int) -> Iterator[tuple[Executor, int]]:
    """What the chunks are run on, and how many of them at a time."""
    workers = min(how.workers, runs_left)
    # Two chunks for each worker: one at work, one at hand.
    if how.dask is not None and runs_left:
        with dask_executor(how.dask, how.workers) as (executor, threads):
            yield executor, 2 * threads
    elif workers <= 1:
        yield InThisProcess(), 1
    else:
        with process_pool(workers) as pool:
            yield pool, 2 * workers


class Executed(NamedTuple):
    """What has been run: the replications of each point, in which chunks, and why no more."""

    years: int
    chunks: list[Chunk]
    stopping: Stopping | None


def execute(
    study: Study,
    journal: Journal,
    executor: Executor,
    *,
    in_flight: int,
    kept: Mapping[Chunk, float],
    how: Execution,
) -> Executed:
    """Run what is not ``kept`` on ``executor``, at most ``in_flight`` chunks at a time.

    The journal then holds all the chunks that are returned. Raises as :func:`run_study`.
    """
    work = _Work(study, journal, kept, how)
    with interruptions_held():
        try:
            return work.run(executor, in_flight)
        except BrokenExecutor as error:
            work.keep_what_runs()
            told = str(error) if isinstance(error, ClusterLost) else KILLED
            raise StudyError(told) from None
        except (KeyboardInterrupt, RunFailed, StudyRefused):
            work.keep_what_runs()
            raise


class _Work:
    """The state of one execution: what is at work, and what the journal holds."""

    def __init__(
        self, study: Study, journal: Journal, kept: Mapping[Chunk, float], how: Execution
    ) -> None:
        self.study, self.journal, self.how = study, journal, how
        self.done = dict(kept)
        self.running: dict[Future[PackedChunk], Chunk] = {}
        self.finished: SimpleQueue[Future[PackedChunk]] = SimpleQueue()
        self.started_s = time.monotonic()
        self.cpu_s = 0.0
        self.aim = next(study.stages())
        self.queue = self.queue_to(self.aim)

    def queue_to(self, years: int) -> ChunkQueue:
        """What is still to be run up to a look."""
        kept = {chunk: cpu_s for chunk, cpu_s in self.done.items() if chunk.first < years}
        return ChunkQueue(replace(self.study, replications=years), self.how.chunk_runs, kept)

    def run(self, executor: Executor, in_flight: int) -> Executed:
        """Run from look to look, until one suffices or there are no more."""
        precision = self.study.precision
        if precision is None:
            self.run_to(self.aim, executor, in_flight)
            return Executed(self.aim, list(self.done), None)
        looks, limit = Looks(self.study, self.journal, precision), "years"
        stages = list(self.study.stages())
        for years, following in zip(stages, [*stages[1:], None], strict=True):
            self.run_to(years, executor, in_flight)
            with damage_told(self.journal.place.parent):
                look = looks.take(years, self.done)
            if look.is_enough(precision):
                limit = ""
                break
            if following is not None and self.is_too_late(following):
                limit = "time"
                break
            wanted = look.needed(precision) or self.study.replications
            self.aim = next((size for size in stages if size >= wanted), stages[-1])
        chunks = [chunk for chunk in self.done if chunk.first < years]
        return Executed(years, chunks, Stopping(precision, tuple(looks.taken), limit))

    def is_too_late(self, years: int) -> bool:
        """Whether there is no time to run up to this look, by the pace so far."""
        if self.how.max_time_s is None:
            return False
        passed_s = time.monotonic() - self.started_s
        ahead_s = self.seconds_to(years) or 0.0
        return passed_s + ahead_s > self.how.max_time_s

    def run_to(self, years: int, executor: Executor, in_flight: int) -> None:
        """Run all that is missing up to a look."""
        self.aim = max(self.aim, years)
        if self.study.precision is not None:
            self.how.expected(self.aim * len(self.study.points))
        self.queue = self.queue_to(years)
        self.tell_left()
        while True:
            while len(self.running) < in_flight and (chunk := self.queue.next()) is not None:
                orders = tuple(self.study.order(chunk.point, run) for run in chunk.replications)
                future = hand_in(executor, packed_chunk, orders)
                self.running[future] = chunk
                future.add_done_callback(self.finished.put)
            if not self.running:
                return
            self.take(heard(self.finished.get))

    def take(self, future: Future[PackedChunk]) -> None:
        chunk, packed_tables = self.running[future], future.result()
        if packed_tables.failure and self.how.on_error == "raise":
            del self.running[future]
            raise RunFailed(f"run {packed_tables.failure}")
        with disk_errors_told(self.journal.place.parent):
            self.journal.add(chunk, packed_tables)
        del self.running[future]
        self.done[chunk] = packed_tables.cpu_s
        self.queue.learn(chunk, packed_tables.cpu_s)
        self.cpu_s += packed_tables.cpu_s
        self.how.finished(chunk.runs)
        self.tell_left()

    def tell_left(self) -> None:
        left_s = self.seconds_to(self.aim)
        if left_s is not None:
            self.how.left(left_s)

    def seconds_to(self, years: int) -> float | None:
        """How long it will take to have run this many replications; None: nobody knows yet."""
        cpu_left_s = self.queue.cpu_left_s(years)
        if cpu_left_s is None:
            return None
        passed_s = time.monotonic() - self.started_s
        if passed_s > _TELLING_S and self.cpu_s:
            return cpu_left_s * passed_s / self.cpu_s
        return cpu_left_s / max(1, min(self.how.workers, self.study.runs))

    def keep_what_runs(self) -> None:
        """Wait for the chunks at work, which nobody can stop, and keep those that come out well."""
        # First what has come in: it stays kept if somebody is too impatient to wait for the rest.
        for future in sorted(self.running, key=lambda one: not one.done()):
            if not future.cancel():
                wait_for(future)
                # That which ends the study has been said already, or is about to be.
                with suppress(BrokenExecutor, StudyError):
                    self.take(future)
