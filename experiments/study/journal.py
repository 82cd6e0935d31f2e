"""The chunks of a study that have finished, a file each, written whole and renamed into place.

``chunks/<point>-<first>-<last>.zip`` holds the tables of these replications as Arrow streams. Zip
keeps a checksum of each, so a file that a disk has cut or changed is noticed, and its runs are
made again. How a study is cut into files has no part in its results.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from experiments.results import TABLES
from experiments.results.whole import remove_unfinished, written_whole
from experiments.study.packing import unpacked
from experiments.study.plan import Chunk

CHUNKS: Final = "chunks"
_ABOUT: Final = "about.json"
_NAME: Final = re.compile(r"(\d+)-(\d+)-(\d+)\.zip")


class PackedChunk(NamedTuple):
    """What a worker sends back: the streams of `packed`, its CPU time, and the first failure.

    ``failure`` names the run and ends with the last line of its traceback; empty if none failed.
    """

    streams: tuple[bytes, ...]
    cpu_s: float
    failure: str = ""


class DamagedChunk(Exception):
    """A chunk file that does not hold what its name says."""


class Journal:
    """The chunk files of one study in ``directory``; ``digest`` is that of its ``spec.json``."""

    def __init__(self, directory: Path, digest: str) -> None:
        self.place = directory / CHUNKS
        self.digest = digest

    def add(self, chunk: Chunk, finished: PackedChunk) -> None:
        """Keep a chunk; raises OSError if the disk refuses."""
        about = {"study": self.digest, "cpu_s": finished.cpu_s}
        members = {f"{name}.arrow": one for name, one in zip(TABLES, finished.streams, strict=True)}
        with (
            written_whole(self._path(chunk)) as path,
            zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file,
        ):
            file.writestr(zipfile.ZipInfo(_ABOUT), json.dumps(about))
            for name, data in members.items():
                file.writestr(zipfile.ZipInfo(name), data)

    def tables(self, chunk: Chunk, names: Iterable[str] = TABLES) -> dict[str, Any]:
        """The Arrow tables of a chunk by name, "runs" among them; raises DamagedChunk."""
        return self._read(chunk, names)[0]

    def kept(self) -> tuple[dict[Chunk, float], int]:
        """The chunks that are there and sound, with their CPU times, s, and how many were not.

        The others are removed, and what a killed process left half written.
        """
        remove_unfinished(self.place)
        sound: dict[Chunk, float] = {}
        bad, last = 0, Chunk(-1, -1, -1)
        for chunk in sorted(chunks_in(self.place)):
            try:
                if (last.point, last.last) >= (chunk.point, chunk.first):
                    raise DamagedChunk("overlaps another")
                sound[chunk] = self._read(chunk)[1]
                last = chunk
            except DamagedChunk:
                bad += 1
                self.remove(chunk)
        return sound, bad

    def remove(self, chunk: Chunk) -> None:
        """Remove the file of a chunk."""
        self._path(chunk).unlink(missing_ok=True)

    def _path(self, chunk: Chunk) -> Path:
        return self.place / f"{chunk.point}-{chunk.first}-{chunk.last}.zip"

    def _read(self, chunk: Chunk, names: Iterable[str] = TABLES) -> tuple[dict[str, Any], float]:
        try:
            with zipfile.ZipFile(self._path(chunk)) as file:
                about = json.loads(file.read(_ABOUT))
                tables = {name: unpacked(name, file.read(f"{name}.arrow")) for name in names}
            if about["study"] != self.digest:
                raise DamagedChunk("is of another study")
            if tables["runs"]["replication"].to_pylist() != list(chunk.replications):
                raise DamagedChunk("holds other runs")
            return tables, float(about["cpu_s"])
        # On bytes that anything may have happened to, zip and Arrow raise what they happen to.
        except Exception as error:
            raise DamagedChunk(f"{self._path(chunk).name}: {error}") from None


def chunks_in(place: Path) -> Iterator[Chunk]:
    """The chunks that the files of a directory are named after, in no order."""
    for entry in place.iterdir() if place.is_dir() else ():
        if found := _NAME.fullmatch(entry.name):
            yield Chunk(*map(int, found.groups()))


def runs_in(directory: Path) -> int:
    """How many runs the chunk files of a study stand for, by their names."""
    return sum(chunk.runs for chunk in chunks_in(directory / CHUNKS))
