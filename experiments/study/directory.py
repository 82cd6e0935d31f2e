"""The directory of a study, from the first file to the last.

``spec.json`` is written first and ``complete.json`` last; in between, ``chunks/`` fills. Tables are
there once all runs have finished. So a directory says by itself what came of its study.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from experiments.results import TABLES, ResultsError, Tables, write_tables
from experiments.results.parquet import TableWriter, rows_of
from experiments.results.whole import remove_unfinished, written_whole
from experiments.study.document import SPEC, as_bytes, in_short, resolved, study_from
from experiments.study.errors import StudyError, StudyRefused
from experiments.study.journal import CHUNKS, DamagedChunk, Journal, runs_in
from experiments.study.plan import Chunk, Study
from experiments.study.precision import Stopping

COMPLETE: Final = "complete.json"
_TABLE_FILES: Final = tuple(f"{name}.parquet" for name in TABLES)
_COMPLETE_STUDYS: Final = frozenset({SPEC, COMPLETE})


def claim_directory(directory: Path, *, force: bool = False, study: Study | None = None) -> None:
    """Check, before hours of work, that the results of ``study`` may be written to ``directory``.

    The directory of a study that is complete is written over. Raises StudyRefused if it is not a
    directory or cannot be written, and, unless ``force``, if it holds a study that can be gone on
    with, or anything else than a study.
    """
    if directory.exists() and not directory.is_dir():
        raise StudyRefused(f"{directory}: is a file, not a directory")
    try:
        held = {entry.name for entry in directory.iterdir()} if directory.exists() else set()
    except OSError as error:
        raise StudyRefused(f"{directory}: cannot be read: {reason(error)}") from None
    if held and not held >= _COMPLETE_STUDYS and not is_unfinished(directory) and not force:
        raise StudyRefused(
            f"{directory}: is not empty and holds no study; name another directory, or write "
            "there with --force"
        )
    if is_unfinished(directory) and not force:
        raise StudyRefused(_unfinished(directory, study))
    nearest = next(place for place in (directory, *directory.absolute().parents) if place.exists())
    try:
        # Tried and not asked: root may write anywhere, except where nobody can.
        with TemporaryDirectory(dir=nearest):
            pass
    except OSError as error:
        raise StudyRefused(f"{directory}: {nearest}: {reason(error)}") from None


def is_unfinished(directory: Path) -> bool:
    """Whether ``directory`` holds a study that was begun and is not complete."""
    return (
        (directory / SPEC).is_file()
        and (directory / CHUNKS).is_dir()
        and not (directory / COMPLETE).exists()
    )


def _unfinished(directory: Path, study: Study | None) -> str:
    document = read_document(directory)
    points, years = document.get("points"), document.get("years")
    if not isinstance(points, list) or not isinstance(years, int):
        raise StudyRefused(f"{directory / SPEC}: is damaged: not what sengu wrote")
    most = "at most " if "precision" in document else ""
    done = f"{runs_in(directory)} of {most}{len(points) * years} runs done"
    differs = in_short(document, resolved(study)) if study is not None else ""
    other = f"another unfinished study ({done}): {differs}" if differs else ""
    return (
        f"{directory}: holds {other or f'this study unfinished ({done})'}; "
        f"`sengu resume {directory}` goes on with it, `--force` begins anew"
    )


def read_document(directory: Path) -> dict[str, Any]:
    """What ``spec.json`` holds; raises StudyRefused if there is none or it cannot be read."""
    path = directory / SPEC
    try:
        return _object_in(path)
    except (FileNotFoundError, NotADirectoryError):
        raise StudyRefused(f"{directory}: holds no study: there is no {path}") from None


def _object_in(path: Path) -> dict[str, Any]:
    """What a file of JSON holds; raises StudyRefused if it cannot be read, or no such error."""
    try:
        document = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise StudyRefused(f"{path}: cannot be read: {reason(error)}") from None
    except (ValueError, RecursionError):
        raise StudyRefused(f"{path}: is damaged: not JSON") from None
    if not isinstance(document, dict):
        raise StudyRefused(f"{path}: is damaged: not what sengu wrote")
    return document


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other processes from working on the study in ``directory`` during the block.

    The lock is the kernel's and goes with the process, however that ends. Where the system or the
    file system has no locks, nothing is kept. Raises StudyRefused if another process is at work.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        place = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise StudyRefused(f"{directory}: cannot be read: {reason(error)}") from None
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            os.close(place)
            raise StudyRefused(f"{directory}: another sengu is at work there") from None
    try:
        yield
    finally:
        os.close(place)


@contextmanager
def disk_errors_told(directory: Path) -> Iterator[None]:
    """Turn what a disk refuses into one line: StudyError."""
    try:
        yield
    except OSError as error:
        raise StudyError(f"{directory}: cannot be written: {reason(error)}") from None


def begin(directory: Path, study: Study) -> Journal:
    """Empty the directory of what studies leave there, write ``spec.json``, return the journal."""
    content = as_bytes(resolved(study))
    with disk_errors_told(directory):
        _clear(directory)
        (directory / CHUNKS).mkdir(parents=True)
        with written_whole(directory / SPEC, synced=True) as path:
            path.write_bytes(content)
    return Journal(directory, digest(content))


def reopen(directory: Path) -> tuple[Study, Journal]:
    """The unfinished study of a directory and its journal; raises StudyRefused if it has none."""
    document = read_document(directory)
    if not is_unfinished(directory):
        raise StudyRefused(f"{directory}: holds no unfinished study: there is no {CHUNKS}")
    study = study_from(document, directory)
    return study, Journal(directory, digest((directory / SPEC).read_bytes()))


def finish(
    directory: Path,
    study: Study,
    journal: Journal,
    chunks: Sequence[Chunk],
    stopping: Stopping | None = None,
) -> int:
    """Assemble the tables from the chunk files, mark the study complete, and drop the files.

    Rows stand in the order of points and replications. Memory holds a few row groups and one
    chunk. Returns how many runs failed; raises StudyError if the disk refuses or a file has
    been damaged since it was written.
    """
    if sum(chunk.runs for chunk in chunks) != study.runs:
        raise ValueError(f"{len(chunks)} chunks do not make up {study.runs} runs")
    failed = 0
    with disk_errors_told(directory):
        remove_unfinished(directory)
        with ExitStack() as stack:
            writers = {}
            for name, file in zip(TABLES, _TABLE_FILES, strict=True):
                path = stack.enter_context(written_whole(directory / file, synced=True))
                writers[name] = stack.enter_context(TableWriter(path, name))
            for chunk in sorted(chunks):
                with damage_told(directory):
                    tables = journal.tables(chunk)
                failed += tables["runs"]["status"].to_pylist().count("failed")
                for name, writer in writers.items():
                    writer.add(tables[name])
        _mark_complete(directory, study, failed, stopping)
        shutil.rmtree(directory / CHUNKS)
    return failed


@contextmanager
def damage_told(directory: Path) -> Iterator[None]:
    """Turn a chunk file that has been damaged since it was written into one line: StudyError."""
    try:
        yield
    except DamagedChunk as error:
        raise StudyError(f"{directory}: was damaged on the disk: {error}") from None


def write_study(directory: Path, study: Study, tables: Tables) -> None:
    """Write the directory of a study whose tables are at hand; raises StudyError."""
    begin(directory, study)
    with disk_errors_told(directory):
        write_tables(directory, tables)
        _mark_complete(directory, study, int((tables.runs["status"] == "failed").sum()))
        shutil.rmtree(directory / CHUNKS)


def _mark_complete(
    directory: Path, study: Study, failed: int, stopping: Stopping | None = None
) -> None:
    spec = digest((directory / SPEC).read_bytes())
    document = {"runs": study.runs, "failed": failed, "spec": spec, "years": study.replications}
    if stopping is not None:
        document["stopping"] = stopping.to_document()
    with written_whole(directory / COMPLETE, synced=True) as path:
        path.write_text(json.dumps(document) + "\n")


def failed_in(directory: Path) -> int | None:
    """How many runs of a complete study failed; None if it is not complete.

    Raises StudyRefused if its files are damaged or are not of one study.
    """
    path = directory / COMPLETE
    try:
        ending = _object_in(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    runs, failed = ending.get("runs"), ending.get("failed")
    if not isinstance(runs, int) or not isinstance(failed, int):
        raise StudyRefused(f"{path}: is damaged: not what sengu wrote")
    try:
        if ending.get("spec") != digest((directory / SPEC).read_bytes()):
            raise StudyRefused(f"{directory / SPEC}: is not what the study was run from")
        there = rows_of(directory, "runs")
    except OSError as error:
        raise StudyRefused(f"{directory / SPEC}: cannot be read: {reason(error)}") from None
    except ResultsError as error:
        raise StudyRefused(str(error)) from None
    if there != runs:
        raise StudyRefused(
            f"{directory}: runs.parquet has {there} runs, and {COMPLETE} says {runs}: "
            "they are not of one study"
        )
    return failed


def require_complete(directory: Path) -> int:
    """How many runs failed of the study that must be complete; raises StudyRefused if it is not."""
    failed = failed_in(directory)
    if failed is None:
        hint = f"; `sengu resume {directory}` ends it" if is_unfinished(directory) else ""
        raise StudyRefused(f"{directory}: there is no complete study{hint}")
    return failed


def stopping_in(directory: Path) -> Stopping | None:
    """How a complete study ended that was to end by precision; None for any other."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return Stopping.from_document(json.loads((directory / COMPLETE).read_bytes())["stopping"])
    return None


def _clear(directory: Path) -> None:
    # The marker first: what is half removed must not be taken for complete.
    for name in (COMPLETE, SPEC, *_TABLE_FILES):
        (directory / name).unlink(missing_ok=True)
    if (directory / CHUNKS).exists():
        shutil.rmtree(directory / CHUNKS)
    remove_unfinished(directory)


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def reason(error: OSError) -> str:
    """What the file system says, in a few words."""
    return (os.strerror(error.errno) if error.errno else str(error)).lower()
