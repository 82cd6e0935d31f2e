"""The results of a study: its tables as data frames, its numbers with intervals, its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from experiments.api.display import Shown
from experiments.plots.tables import metrics_table
from experiments.results import DesignSummary, Tables, render_summary
from experiments.study.result import StudyResult
from experiments.sweep import render_sweep

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from experiments.api.comparing import Comparison
    from experiments.api.picture import Picture
    from experiments.incidents import Replay, Shrunk


class Results:
    """What a study has found.

    Attributes:
        directory: where its tables are; a temporary one goes with this object.
        failed: how many runs did not finish. They are rows of ``tables.runs`` and count nowhere
            else.
        notes: what of the designs and profiles may not be meant, a sentence each.
    """

    def __init__(self, stored: StudyResult, notes: Sequence[str] = ()) -> None:
        self._stored = stored
        self.notes = tuple(notes)
        self.directory = stored.directory
        self.failed = stored.failed

    @property
    def tables(self) -> Tables:
        """The tables (``docs/metrics.md`` has their columns), each a data frame.

        ``tables.runs``: a row a run; ``tables.incidents``; and the others.
        """
        return self._stored.tables

    def summary(self) -> Summary:
        """The headline numbers of each design, with 95 % intervals."""
        return Summary(self._stored.summaries(), self.notes)

    def overview(self) -> Overview:
        """Five numbers of each design, a row a design: for many of them, such as a sweep's."""
        return Overview(self._stored.summaries())

    def compare(self) -> Comparison:
        """The designs against each other, year by year under the same bad luck.

        Raises ValueError if there is only one.
        """
        from experiments.api.comparing import Comparison

        return Comparison.of(self._stored)

    def adjusted(self) -> pd.DataFrame:
        """The means with what was drawn taken out, as ``sengu adjust`` prints them.

        A row for each design and metric, and for each design less the first of its profile: the
        mean and its bounds as simulated (``plain``) and ``adjusted``, in the metric's unit.
        """
        import pandas as pd

        from experiments.adjustment.means import adjusted_means
        from experiments.adjustment.render import rows_of

        return pd.DataFrame(rows_of(adjusted_means(self.directory)))

    def incidents(self, worst: int | None = None, *, by: str = "downtime_s") -> pd.DataFrame:
        """The incidents, the worst first.

        Args:
            worst: how many; None: all.
            by: the column of ``tables.incidents`` that they are ordered by, such as
                ``split_brain_s`` or ``writes_lost``; those in which it is 0 are left out.

        Raises ValueError for another column.
        """
        from experiments.api.planning import whole_number

        table = self.tables.incidents
        numbers = [str(name) for name in table.select_dtypes("number").columns]
        if by not in numbers:
            raise ValueError(f"by: expected one of {', '.join(numbers)}; got '{str(by)[:60]}'")
        struck = table[table[by] > 0].sort_values(by, ascending=False, kind="stable")
        if worst is not None:
            struck = struck.head(whole_number("worst", worst, 1))
        return struck.reset_index(drop=True)

    def replay(self, incident: str) -> Replay:
        """What happened in an incident, second by second; see :func:`sengu.replay`."""
        from experiments.incidents import replay

        return replay(self.directory, incident)

    def shrink(self, incident: str, *, keep: str | None = None) -> Shrunk:
        """The fewest faults that still cause an incident; see :func:`sengu.shrink`."""
        from experiments.incidents import shrink

        return shrink(self.directory, incident, keep=keep)

    def figure(
        self,
        kind: str,
        *,
        designs: Iterable[str] = (),
        profile: str | None = None,
        by: str | None = None,
        metric: str | None = None,
        incident: str | None = None,
    ) -> Picture:
        """A figure of the study, as ``sengu plot KIND`` draws it.

        Args:
            kind: a key of ``experiments.plots.kinds.KINDS``: nines, ccdf, waterfall, timeline, ...
            designs: names of those to draw; none: all.
            profile: its name; None: all.
            by: cut the downtime by "stage" or by "cause".
            metric: of heat, paired and convergence: downtime, split-brain, writes-lost, ...
            incident: of timeline and names: its id; None: the worst.

        Raises ValueError for an unknown kind, and NotDrawable (a ValueError) if the study lacks
        what the figure needs.
        """
        from experiments.api.picture import Picture
        from experiments.plots.kinds import KINDS, figure_of
        from experiments.plots.stored import Choice

        if kind not in KINDS:
            raise ValueError(f"expected one of {', '.join(KINDS)}; got '{str(kind)[:60]}'")
        choice = Choice(tuple(designs), profile, by, metric, incident)
        return Picture(figure_of(kind, self.directory, choice), KINDS[kind].line)

    def __repr__(self) -> str:
        summaries = self._stored.summaries()
        names = ", ".join(dict.fromkeys(one.design for one in summaries))
        runs = sum(one.runs for one in summaries)
        failed = f", {self.failed} failed" if self.failed else ""
        return f"<results of {names}: {runs} runs{failed}>"

    def __str__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


class Summary(Shown):
    """The headline numbers of designs, as `sengu run` prints them.

    Attributes:
        designs: the summary of each point: ``numbers`` by metric, each an ``Interval``.
        notes: as those of the results.
    """

    def __init__(self, designs: list[DesignSummary], notes: Sequence[str] = ()) -> None:
        self.designs = designs
        self.notes = tuple(notes)

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each number: design, profile, metric, estimate, low, high, text, ..."""
        return metrics_table(self.designs)

    def of(self, design: str, profile: str | None = None) -> DesignSummary:
        """The summary of one design (under one profile); raises ValueError if there is none."""
        for one in self.designs:
            if one.design == design and profile in (None, one.profile):
                return one
        known = ", ".join(dict.fromkeys(one.design for one in self.designs))
        under = "" if profile is None else f" under '{str(profile)[:60]}'"
        raise ValueError(f"no design '{str(design)[:60]}'{under}; there are {known}")

    def _tables(self) -> Iterable[Table | str]:
        return [render_summary(self.designs), *(f"Note: {text}." for text in self.notes)]

    def __repr__(self) -> str:
        return f"<summary of {', '.join(one.design for one in self.designs)}>"


class Overview(Summary):
    """The same in five columns, a row a design, as `sengu sweep` prints them."""

    def _tables(self) -> Iterable[Table | str]:
        found: list[Table | str] = []
        for profile in dict.fromkeys(one.profile for one in self.designs):
            shown = [one for one in self.designs if one.profile == profile]
            runs = "/".join(str(number) for number in sorted({one.runs for one in shown}))
            found.append(render_sweep(shown, f"under {profile}, {runs} runs a point"))
        return found
