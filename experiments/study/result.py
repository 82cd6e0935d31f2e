"""What a study leaves: its directory, and the ways to read it without reading all of it."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, NamedTuple

from experiments.results import TABLES, Tables, read_tables, table_from_rows
from experiments.results.parquet import batches
from experiments.results.stored import read_columns, summarise_stored
from experiments.study.directory import stopping_in

if TYPE_CHECKING:
    from experiments.results import DesignSummary
    from experiments.study.precision import Stopping


class FailedRun(NamedTuple):
    """The name of a run (``design/profile/replication``) and the last line of its traceback."""

    name: str
    reason: str


class Scratch:
    """A directory that is removed when nobody holds this object any more."""

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix="sengu-"))
        self._removal = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class StudyResult:
    """The tables of a finished study, and how many of its runs failed (they are rows too).

    ``scratch`` is what keeps the directory, if nobody asked for one.
    """

    def __init__(self, directory: Path, failed: int, scratch: Scratch | None = None) -> None:
        self.directory = directory
        self.failed = failed
        self.scratch = scratch

    @cached_property
    def stopping(self) -> Stopping | None:
        """How a study that was to end by precision has ended; None: it was to end by years."""
        return stopping_in(self.directory)

    @cached_property
    def tables(self) -> Tables:
        """All tables, in memory: for studies of which every column is wanted."""
        return read_tables(self.directory)

    def only(self, name: str, columns: Sequence[str]) -> Tables:
        """Some columns of one table, all its rows; the other tables are empty."""
        found = {other: table_from_rows(other, []) for other in TABLES}
        return Tables(**{**found, name: read_columns(self.directory, name, columns)})

    def summaries(self) -> list[DesignSummary]:
        """The summary of each point; reads one point at a time, and what it needs of that."""
        return summarise_stored(self.directory)

    def first_failure(self) -> FailedRun | None:
        """The first run that failed, in the order of the tables."""
        names = ("design", "profile", "replication", "status", "error")
        for rows in batches(self.directory, "runs", names):
            for row in rows.to_pylist() if "failed" in rows["status"].to_pylist() else ():
                if row["status"] == "failed":
                    return failed_run(row)
        return None


def failed_run(row: Mapping[str, object]) -> FailedRun:
    """The name and the reason of a failed run, from its row of ``runs``."""
    name = f"{row['design']}/{row['profile']}/{row['replication']}"
    return FailedRun(name, str(row["error"]).strip().splitlines()[-1])
