"""Runs a study on an executor, chunk by chunk, into a journal from which it can be gone on with.

Neither the executor, nor the number of workers, nor the order in which chunks finish, nor how often
the study was interrupted can change a bit of the tables: a run draws from streams keyed by seed
and replication, and rows are put where their chunk belongs, not where it came in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

from experiments.recording.rows import Row
from experiments.results import TABLES, Tables, table_from_rows
from experiments.simulation import RunOrder, simulate_safely
from experiments.study.directory import begin, disk_errors_told, finish, locked, reopen
from experiments.study.errors import RunFailed, StudyError
from experiments.study.journal import Journal, PackedChunk
from experiments.study.packing import packed
from experiments.study.plan import Chunk, ChunkQueue, Study
from experiments.study.result import Scratch, StudyResult, failed_run
from experiments.study.workers import InThisProcess, interrupts_held, process_pool

OnError = Literal["record", "raise"]
"""What a failed run does: it is a row that says so, or it ends the study."""

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
    """

    workers: int = 1
    chunk_runs: int | None = None
    on_error: OnError = "record"
    finished: Callable[[int], object] = lambda runs: None
    left: Callable[[float], object] = lambda seconds: None


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
    return ChunkRows(rows, time.process_time() - started_s)


def chunk_tables(rows: ChunkRows) -> Tables:
    """Return the rows of a chunk as tables."""
    return Tables(**{name: table_from_rows(name, rows.rows[name]) for name in TABLES})


def packed_chunk(orders: tuple[RunOrder, ...]) -> PackedChunk:
    """Simulate ``orders`` and pack their tables: the work that a worker is given."""
    started_s = time.process_time()
    chunk = run_chunk(orders)
    failures = (row for row in chunk.rows["runs"] if row["status"] == "failed")
    first = next(map(failed_run, failures), None)
    streams = packed(chunk_tables(chunk))
    told = f"{first.name} failed: {first.reason}" if first is not None else ""
    return PackedChunk(streams, time.process_time() - started_s, told)


def run_study(
    study: Study,
    *,
    directory: Path | None = None,
    workers: int = 1,
    chunk_runs: int | None = None,
    on_error: OnError = "record",
    finished: Callable[[int], object] = lambda runs: None,
    left: Callable[[float], object] = lambda seconds: None,
) -> StudyResult:
    """Run a study from its beginning on this machine's processors.

    What a study has left in ``directory`` is removed first; None: a temporary directory, which
    goes with the result. The other arguments are those of :class:`Execution`.

    Raises:
        StudyError: if a worker process was killed or the disk refuses.
        RunFailed: if a run failed and ``on_error`` is "raise".
        StudyRefused: if another process is at work in the directory.
    """
    how = Execution(workers, chunk_runs, on_error, finished, left)
    if directory is None:
        scratch = Scratch()
        return StudyResult(scratch.path, _begun(study, scratch.path, how), scratch)
    with disk_errors_told(directory):
        directory.mkdir(parents=True, exist_ok=True)
    return StudyResult(directory, _begun(study, directory, how))


def _begun(study: Study, directory: Path, how: Execution) -> int:
    with locked(directory):
        return _carried_on(study, begin(directory, study), {}, how, directory)


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
        begun(sum(chunk.runs for chunk in kept), damaged)
        failed = _carried_on(study, journal, kept, how, directory)
    return StudyResult(directory, failed)


def _carried_on(
    study: Study, journal: Journal, kept: Mapping[Chunk, float], how: Execution, directory: Path
) -> int:
    runs_left = study.runs - sum(chunk.runs for chunk in kept)
    workers = min(how.workers, runs_left)
    if workers <= 1:
        chunks = execute(study, journal, InThisProcess(), in_flight=1, kept=kept, how=how)
    else:
        with process_pool(workers) as pool:
            # Two chunks for each worker: one at work, one at hand.
            chunks = execute(study, journal, pool, in_flight=2 * workers, kept=kept, how=how)
    return finish(directory, study, journal, chunks)


def execute(
    study: Study,
    journal: Journal,
    executor: Executor,
    *,
    in_flight: int,
    kept: Mapping[Chunk, float],
    how: Execution,
) -> list[Chunk]:
    """Run what is not ``kept`` on ``executor``, at most ``in_flight`` chunks at a time.

    Returns all chunks that the journal then holds. Raises as :func:`run_study`.
    """
    work = _Work(study, journal, kept, how)
    try:
        work.run(executor, in_flight)
    except BrokenExecutor:
        work.keep_what_runs()
        raise StudyError("a worker process was killed (out of memory?)") from None
    except (KeyboardInterrupt, RunFailed):
        work.keep_what_runs()
        raise
    return work.chunks


class _Work:
    """The state of one execution: what is at work, and what the journal holds."""

    def __init__(
        self, study: Study, journal: Journal, kept: Mapping[Chunk, float], how: Execution
    ) -> None:
        self.study, self.journal, self.how = study, journal, how
        self.queue = ChunkQueue(study, how.chunk_runs, kept)
        self.chunks = list(kept)
        self.running: dict[Future[PackedChunk], Chunk] = {}
        self.started_s = time.monotonic()
        self.cpu_s = 0.0

    def run(self, executor: Executor, in_flight: int) -> None:
        self.tell_left()
        while True:
            while len(self.running) < in_flight and (chunk := self.queue.next()) is not None:
                self.running[_submit(executor, self.study, chunk)] = chunk
            if not self.running:
                return
            done, _ = wait(self.running, return_when=FIRST_COMPLETED)
            for future in done:
                self.take(future)

    def take(self, future: Future[PackedChunk]) -> None:
        chunk, packed_tables = self.running[future], future.result()
        if packed_tables.failure and self.how.on_error == "raise":
            del self.running[future]
            raise RunFailed(f"run {packed_tables.failure}")
        with disk_errors_told(self.journal.place.parent):
            self.journal.add(chunk, packed_tables)
        # Only now: an interrupt before this line finds the chunk among those still to be kept.
        del self.running[future]
        self.chunks.append(chunk)
        self.queue.learn(chunk, packed_tables.cpu_s)
        self.cpu_s += packed_tables.cpu_s
        self.how.finished(chunk.runs)
        self.tell_left()

    def tell_left(self) -> None:
        cpu_left_s = self.queue.cpu_left_s()
        if cpu_left_s is None:
            return
        passed_s = time.monotonic() - self.started_s
        if passed_s > _TELLING_S and self.cpu_s:
            self.how.left(cpu_left_s * passed_s / self.cpu_s)
        else:
            self.how.left(cpu_left_s / max(1, min(self.how.workers, self.study.runs)))

    def keep_what_runs(self) -> None:
        """Wait for the chunks at work, which nobody can stop, and keep those that come out well."""
        for future in list(self.running):
            if not future.cancel():
                # That which ends the study has been said already, or is about to be.
                with suppress(BrokenExecutor, StudyError):
                    self.take(future)


def _submit(executor: Executor, study: Study, chunk: Chunk) -> Future[PackedChunk]:
    orders = tuple(study.order(chunk.point, replication) for replication in chunk.replications)
    with interrupts_held():
        return executor.submit(packed_chunk, orders)
