"""Studies that are killed at random moments, or whose chunk files are damaged, and gone on with.

Each trial begins a study as a user does, kills the command (SIGKILL, as a power cut or the kernel
out of memory) at a moment drawn uniformly over the time that the whole study takes, and goes on
with what it left, with other workers and other chunks. The tables must be those of the study that
nobody disturbed, byte for byte.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from experiments.results import TABLES
from experiments.study.directory import COMPLETE, is_unfinished
from experiments.study.journal import CHUNKS, runs_in
from experiments.validation.report import Fact, Report
from sim.streams import Streams

TRIALS: Final = 50
STUDY: Final = ("deck-redis", "--profile", "cloud-2015", "--seed", "5")
YEARS: Final = 30
HORIZON: Final = "120d"

WORKERS: Final[tuple[tuple[str, ...], ...]] = (
    ("--workers", "1"),
    ("--workers", "2"),
    ("--dask", "local", "--workers", "2"),
)
"""How studies are begun and gone on with, in turn."""


class Outcome(NamedTuple):
    """What became of a trial.

    ``kept``: the runs that were there after it was killed; None: it had finished, or it was killed
    before it had begun to write. ``damaged``: the chunk file that was cut afterwards, if one was.
    """

    begun: str
    resumed: str
    killed_after_s: float
    kept: int | None
    damaged: bool
    same: bool
    told: str

    @property
    def sentence(self) -> str:
        """The trial in words."""
        what = "nothing to go on with" if self.kept is None else f"{self.kept} runs kept"
        cut = ", one file of them cut" if self.damaged else ""
        end = "the same bytes" if self.same else f"OTHER BYTES: {self.told}"
        return (
            f"{self.begun}: killed after {self.killed_after_s:.2f} s, {what}{cut}; "
            f"{self.resumed}: {end}"
        )


@dataclass(frozen=True)
class _Whole:
    """The study that nobody disturbed: the bytes of its tables and the time that it took, s."""

    tables: tuple[bytes, ...]
    took_s: float


def validate_interruptions(trials: int = TRIALS) -> list[Report]:
    """Kill that many studies at random moments and go on with them; one report."""
    with TemporaryDirectory(prefix="sengu-interruptions-") as place:
        whole = {words: _undisturbed(Path(place), words) for words in WORKERS}
        tables = {one.tables for one in whole.values()}
        if len(tables) != 1:
            fact = Fact("1 worker, 2 workers and Dask make the same bytes", holds=False)
            return [Report(_TITLE, facts=[fact])]
        outcomes = list(_outcomes(Path(place), whole, trials))
    return [Report(_TITLE, facts=_facts(outcomes))]


_TITLE: Final = "Studies killed at random moments and gone on with"


def _facts(outcomes: Sequence[Outcome]) -> list[Fact]:
    went_on = [one for one in outcomes if one.kept is not None]
    damaged = [one for one in outcomes if one.damaged]
    same = sum(one.same for one in outcomes)
    begun = ", ".join(" ".join(words) for words in WORKERS)
    return [
        Fact(f"undisturbed, each of ({begun}) makes the same bytes", holds=True),
        Fact(
            f"{same} of {len(outcomes)} studies that were killed end with the same bytes "
            f"({len(went_on)} had begun and not finished; with {len(damaged)} of them a chunk file "
            "was cut too)",
            same == len(outcomes),
        ),
        Fact("some of them had begun, and some of these were damaged", bool(went_on and damaged)),
        *(Fact(one.sentence, one.same) for one in outcomes),
    ]


def _outcomes(place: Path, whole: dict[tuple[str, ...], _Whole], trials: int) -> Iterator[Outcome]:
    moments = Streams(seed=0, replication=0).stream("validation", "interruptions")
    for number in range(trials):
        begun = WORKERS[number % len(WORKERS)]
        resumed = WORKERS[(number + number % 2) % len(WORKERS)]
        after_s = moments.uniform() * whole[begun].took_s
        out = place / f"trial-{number}"
        told = _killed(out, begun, after_s)
        kept = runs_in(out) if is_unfinished(out) else None
        damaged = bool(kept) and number % 5 == 0 and _cut_a_file(out / CHUNKS)
        if kept is not None:
            told = _run("resume", str(out), *resumed, "--chunk-runs", str(1 + number % 4))
        elif not (out / COMPLETE).exists():
            told = _run("run", *_words(out), *resumed, "--force")
        same = _tables(out) == whole[begun].tables
        names = " ".join(begun), " ".join(resumed)
        yield Outcome(*names, after_s, kept, damaged, same, told)


def _undisturbed(place: Path, words: tuple[str, ...]) -> _Whole:
    out = place / "-".join(["whole", *words])
    started_s = time.monotonic()
    told = _run("run", *_words(out), *words, "--chunk-runs", "1")
    took_s = time.monotonic() - started_s
    tables = _tables(out)
    if tables is None:
        raise RuntimeError(f"the undisturbed study did not finish: {told}")
    return _Whole(tables, took_s)


def _words(out: Path) -> tuple[str, ...]:
    return (*STUDY, "--years", str(YEARS), "--horizon", HORIZON, "--out", str(out))


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "sengu", *words]


def _run(*words: str) -> str:
    """Run a command to its end and return what it said on stderr."""
    done = subprocess.run(_command(words), capture_output=True, text=True, check=False)
    return done.stderr.strip()


def _killed(out: Path, words: tuple[str, ...], after_s: float) -> str:
    """Begin the study, kill it after so long, wait until its workers have gone; its stderr."""
    process = subprocess.Popen(
        _command(["run", *_words(out), *words, "--chunk-runs", "1"]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    # The pipe closes only when the workers have ended too.
    return process.communicate()[1].strip()


def _cut_a_file(chunks: Path) -> bool:
    """Cut the first chunk file in half, as a full disk or a bad one does."""
    files = sorted(chunks.glob("*.zip"))
    if not files:
        return False
    files[0].write_bytes(files[0].read_bytes()[: files[0].stat().st_size // 2])
    return True


def _tables(out: Path) -> tuple[bytes, ...] | None:
    """The bytes of all tables; None if the study has not finished."""
    if not (out / COMPLETE).exists():
        return None
    return tuple((out / f"{name}.parquet").read_bytes() for name in TABLES)
