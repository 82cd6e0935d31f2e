"""Runs a study on an executor and assembles its tables in the order of points and replications.

Neither the executor, nor the number of workers, nor the order in which chunks finish can change a
bit of the tables: a run draws from streams keyed by seed and replication, and rows are put where
their chunk belongs, not where it came in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import TYPE_CHECKING, NamedTuple

from experiments.recording.rows import Row
from experiments.results import TABLES, Tables, concatenate, table_from_rows
from experiments.simulation import RunOrder, simulate_safely
from experiments.study.errors import StudyError
from experiments.study.packing import packed, unpacked
from experiments.study.plan import Chunk, ChunkQueue, Study
from experiments.study.workers import InThisProcess, interrupts_held, process_pool

if TYPE_CHECKING:
    import pandas as pd


class StudyResult(NamedTuple):
    """The tables of a study, and how many of its runs failed (they are rows of ``runs`` too)."""

    tables: Tables
    failed: int


class ChunkRows(NamedTuple):
    """What a worker sends back: the rows of a chunk by table, and the CPU time that it took, s."""

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


def run_study(
    study: Study,
    *,
    workers: int = 1,
    chunk_runs: int | None = None,
    finished: Callable[[int], object] = lambda runs: None,
) -> StudyResult:
    """Run a study on ``workers`` processes; one worker is this very process.

    Args:
        study: what to run.
        workers: processes.
        chunk_runs: runs in a chunk; None: about a second of CPU.
        finished: called with the number of runs of each chunk that has finished.

    Raises:
        StudyError: if a worker process was killed.
    """
    workers = min(workers, study.runs)
    if workers <= 1:
        return execute(
            study, InThisProcess(), in_flight=1, chunk_runs=chunk_runs, finished=finished
        )
    with process_pool(workers) as pool:
        # Two chunks for each worker: one at work, one at hand.
        return execute(study, pool, in_flight=2 * workers, chunk_runs=chunk_runs, finished=finished)


def execute(
    study: Study,
    executor: Executor,
    *,
    in_flight: int,
    chunk_runs: int | None = None,
    finished: Callable[[int], object] = lambda runs: None,
) -> StudyResult:
    """Run a study on ``executor``, with at most ``in_flight`` chunks handed to it at a time.

    The other arguments and what is raised are as for :func:`run_study`.
    """
    queue = ChunkQueue(study, chunk_runs)
    running: dict[Future[ChunkRows], Chunk] = {}
    parts: dict[Chunk, tuple[bytes, ...]] = {}
    try:
        while True:
            while len(running) < in_flight and (chunk := queue.next()) is not None:
                running[_submit(executor, study, chunk)] = chunk
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                chunk = running.pop(future)
                rows = future.result()
                queue.learn(chunk, rows.cpu_s)
                parts[chunk] = packed(chunk_tables(rows))
                finished(chunk.runs)
    except BrokenExecutor:
        raise StudyError(
            "a worker process was killed (out of memory?); nothing was written"
        ) from None
    tables = _assembled([unpacked(parts.pop(chunk)) for chunk in sorted(parts)])
    return StudyResult(tables, int((tables.runs["status"] == "failed").sum()))


def _submit(executor: Executor, study: Study, chunk: Chunk) -> Future[ChunkRows]:
    replications = range(chunk.first, chunk.last + 1)
    orders = tuple(study.order(chunk.point, replication) for replication in replications)
    with interrupts_held():
        return executor.submit(run_chunk, orders)


def chunk_tables(rows: ChunkRows) -> Tables:
    """Return the rows of a chunk as tables."""
    return Tables(**{name: table_from_rows(name, rows.rows[name]) for name in TABLES})


def _assembled(parts: list[Tables]) -> Tables:
    def joined(name: str) -> pd.DataFrame:
        tables: list[pd.DataFrame] = [getattr(part, name) for part in parts]
        # A column of an empty table has no values to tell its type by, when tables are joined.
        return concatenate(name, [table for table in tables if len(table)])

    return Tables(**{name: joined(name) for name in TABLES})
