"""A study on disk as the figures read it: what was asked for of it, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.plots.errors import NotDrawable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Choice:
    """What of a study is to be drawn.

    Attributes:
        designs: their names; none: all.
        profile: its name; None: all.
        by: into what the downtime is cut, "stage" or "cause"; None: stages if the study has them.
        metric: a word of `experiments.plots.kinds.METRICS`; None: downtime.
        incident: the id of the incident for a timeline; None: the worst.
    """

    designs: tuple[str, ...] = ()
    profile: str | None = None
    by: str | None = None
    metric: str | None = None
    incident: str | None = None


class StoredStudy:
    """The directory of a complete study, and what was chosen of it.

    Raises NotDrawable if there is no complete study, or it lacks what was chosen.
    """

    def __init__(self, directory: Path, choice: Choice) -> None:
        from experiments.study import StudyRefused
        from experiments.study.directory import read_document, require_complete

        self.directory, self.choice = directory, choice
        try:
            self.document: dict[str, Any] = read_document(directory)
            require_complete(directory)
        except StudyRefused as error:
            raise NotDrawable(str(error)) from None
        points = self.document["points"]
        self._known("design", choice.designs, [str(point["design"]) for point in points])
        chosen = () if choice.profile is None else (choice.profile,)
        self._known("profile", chosen, [str(point["profile"]) for point in points])

    def _known(self, kind: str, chosen: Sequence[str], there: Sequence[str]) -> None:
        for name in chosen:
            if name not in there:
                listed = ", ".join(dict.fromkeys(there))
                raise NotDrawable(f"{self.directory}: no {kind} '{name[:60]}'; there: {listed}")

    @property
    def seed(self) -> int:
        """The seed of the study."""
        return int(self.document["seed"])

    def of_choice(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of the chosen designs, in the order of the choice, under the chosen profile."""
        import pandas as pd

        if self.choice.profile is not None:
            table = table[table["profile"] == self.choice.profile]
        if not self.choice.designs:
            return table.reset_index(drop=True)
        parts = [table[table["design"] == design] for design in self.choice.designs]
        return pd.concat(parts, ignore_index=True)

    def table(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of a table, of what was chosen; design and profile are among them."""
        from experiments.results.stored import read_columns

        return self.of_choice(read_columns(self.directory, name, ["design", "profile", *columns]))

    def runs(self, *columns: str) -> pd.DataFrame:
        """The finished runs; replication, status, horizon_s and the ``columns``."""
        runs = self.table("runs", ["replication", "status", "horizon_s", *columns])
        finished = runs[runs["status"] == "ok"].reset_index(drop=True)
        if finished.empty:
            raise NotDrawable(f"{self.directory}: no run of that finished")
        return finished

    @cached_property
    def sample(self) -> str:
        """What was simulated, in words."""
        from experiments.plots.heading import sample_of_runs

        return sample_of_runs(self.runs(), self.seed)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The numbers of the summaries, as `tables.metrics_table` makes them."""
        from experiments.plots.tables import metrics_table
        from experiments.results.stored import summarise_stored

        metrics = self.of_choice(metrics_table(summarise_stored(self.directory)))
        if metrics.empty:
            raise NotDrawable(f"{self.directory}: no run of that finished")
        return metrics

    def one_profile(self) -> str:
        """The profile, if there is one only."""
        names = list(dict.fromkeys(str(point["profile"]) for point in self.document["points"]))
        if self.choice.profile is not None:
            return self.choice.profile
        if len(names) > 1:
            raise NotDrawable(f"there are several profiles: choose with --profile: {names}")
        return names[0]
