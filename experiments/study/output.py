"""The directory of a study: its tables, and ``spec.json``, which says what was run.

Everything is written at the end, each file whole or not at all, ``spec.json`` last.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from experiments.results import TABLES, Tables, write_tables
from experiments.study.errors import StudyError
from experiments.study.plan import Study
from sim.clock import to_seconds

SPEC: Final = "spec.json"
_A_STUDYS: Final = frozenset({SPEC, *(f"{name}.parquet" for name in TABLES)})


def program_version() -> str:
    """The version of sengu, or ``unknown`` if it runs from a folder without being installed."""
    try:
        return version("sengu")
    except PackageNotFoundError:
        return "unknown"


def claim_directory(directory: Path, *, force: bool = False) -> None:
    """Check, before hours of work, that the results may be written to ``directory``.

    A study's directory is written over. Raises StudyError if it is not a directory or cannot be
    written, and, unless ``force``, if it holds anything else than a study.
    """
    if directory.exists() and not directory.is_dir():
        raise StudyError(f"{directory}: is a file, not a directory")
    try:
        held = {entry.name for entry in directory.iterdir()} if directory.exists() else set()
    except OSError as error:
        raise StudyError(f"{directory}: cannot be read: {_reason(error)}") from None
    if held and not held & _A_STUDYS and not force:
        raise StudyError(
            f"{directory}: is not empty and holds no study; name another directory, or write "
            "there with --force"
        )
    nearest = next(place for place in (directory, *directory.absolute().parents) if place.exists())
    try:
        # Tried and not asked: root may write anywhere, except where nobody can.
        with TemporaryDirectory(dir=nearest):
            pass
    except OSError as error:
        raise StudyError(f"{directory}: {nearest}: {_reason(error)}") from None


def write_study(directory: Path, study: Study, tables: Tables) -> None:
    """Write the tables and ``spec.json``; raises StudyError if the disk refuses."""
    try:
        write_tables(directory, tables)
        temporary = directory / f".{SPEC}.{os.getpid()}.tmp"
        try:
            temporary.write_text(json.dumps(resolved(study), indent=2) + "\n", encoding="utf-8")
            temporary.replace(directory / SPEC)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise StudyError(f"{directory}: cannot be written: {_reason(error)}") from None


def resolved(study: Study) -> dict[str, Any]:
    """What ``spec.json`` holds: all that decides the tables, every default filled in.

    Laws are written exactly (``Exponential(mean_s=...)``), so that two resolved specs are the same
    text if and only if they run the same.
    """
    return {
        "version": program_version(),
        "seed": study.seed,
        "years": study.replications,
        "horizon_s": to_seconds(study.horizon_ns),
        "engine": study.engine,
        "designs": {
            point.design_name: point.design.model_dump(mode="json", by_alias=True)
            for point in study.points
        },
        "profiles": {
            point.profile_name: point.profile.model_dump(mode="json", by_alias=True)
            for point in study.points
        },
    }


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
