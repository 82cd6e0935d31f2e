"""The looks of a study at its own results while it runs, from the chunks of its journal."""

from __future__ import annotations

from collections.abc import Iterable

from experiments.results.sample import Sample, read_sample
from experiments.study.journal import Journal
from experiments.study.plan import Chunk, Study
from experiments.study.precision import MEASURED, Look, Precision, look_at


class Looks:
    """Takes in the chunks between one look and the next, and says what all of them say.

    Of the runs it keeps some columns and sums, about 160 bytes a run.
    """

    def __init__(self, study: Study, journal: Journal, precision: Precision) -> None:
        self.journal, self.precision = journal, precision
        self.names = [(point.design_name, point.profile_name) for point in study.points]
        self.samples: list[list[Sample]] = [[] for _ in study.points]
        self.years = 0
        self.taken: list[Look] = []

    def take(self, years: int, chunks: Iterable[Chunk]) -> Look:
        """Look at replications 0 to ``years`` - 1 of each point, which ``chunks`` hold.

        Raises DamagedChunk if a file does not hold what its name says any more.
        """
        for chunk in sorted(chunks):
            if self.years <= chunk.first < years:
                tables = self.journal.tables(chunk, ("runs", "incidents"))
                sample = read_sample([tables["runs"]], [tables["incidents"]], measured=MEASURED)
                self.samples[chunk.point].append(sample)
        # In one piece from here on: small arrays cost more than what they hold.
        self.samples = [[Sample.joined(pieces)] for pieces in self.samples]
        self.years = years
        look = look_at(years, self.names, [one for (one,) in self.samples], self.precision)
        self.taken.append(look)
        return look
