"""Every kind of figure by its name, drawn from the directory of a study: what `sengu plot` calls.

Each reads of the study what it needs, and leaves the drawing to the function of its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from experiments.plots.errors import NotDrawable
from experiments.plots.incident import incident_timeline, names_timeline
from experiments.plots.stored import Choice, StoredStudy
from experiments.plots.style import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METRICS: Final[Mapping[str, Mapping[str, str]]] = {
    "heat": {
        "downtime": "downtime_minutes_per_year",
        "worst-year": "downtime_minutes_p95",
        "split-brain": "split_brain_s_per_year",
        "writes-lost": "writes_lost_per_year",
        "false-failovers": "failovers_false_per_year",
        "missed-failovers": "failovers_missed_per_year",
        "pages": "pages_per_year",
    },
    "paired": {
        "downtime": "downtime_s",
        "split-brain": "split_brain_s",
        "writes-lost": "writes_lost",
    },
    "convergence": {
        word: word
        for word in ("downtime", "split-brain", "writes-lost", "availability", "recovery-debt")
    },
}
"""What ``--metric`` may say, by kind of figure, and the column or metric that it means."""


class Kind(NamedTuple):
    """A kind of figure: what it shows, in a line, and how to draw it."""

    line: str
    figure: Callable[[StoredStudy], Figure]


def figure_of(kind: str, directory: Path | str, choice: Choice | None = None) -> Figure:
    """The figure of a study, the size of a slide; tables and timelines are as high as they must.

    Args:
        kind: a key of `KINDS`.
        directory: of a complete study.
        choice: what of it to draw; by default all.

    Raises:
        KeyError: for an unknown kind.
        NotDrawable: if the study lacks what the figure needs; the message says what.
    """
    return KINDS[kind].figure(StoredStudy(Path(directory), choice or Choice()))


def _slide(draw: Callable[[StoredStudy, Axes], None]) -> Callable[[StoredStudy], Figure]:
    """Make of what draws on axes what makes a slide."""

    def figure_of_study(study: StoredStudy) -> Figure:
        figure, ax = new_figure()
        draw(study, ax)
        return figure

    return figure_of_study


def _metric(study: StoredStudy, kind: str) -> str:
    word = study.choice.metric or "downtime"
    known = METRICS[kind]
    if word not in known:
        raise NotDrawable(f"--metric: expected one of {', '.join(known)}; got '{word[:60]}'")
    return known[word]


def _nines(study: StoredStudy) -> Figure:
    from experiments.plots.nines import nines_height, plot_nines

    points = study.metrics.drop_duplicates(["design", "profile"])
    figure, ax = new_figure(nines_height(len(points)))
    plot_nines(study.metrics, ax, seed=study.seed)
    return figure


def _ccdf(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.downtime import plot_downtime_distribution

    plot_downtime_distribution(study.runs("downtime_s"), ax, seed=study.seed)


def _waterfall(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.parts import parts_of
    from experiments.plots.waterfall import plot_waterfall

    by, parts = parts_of(study)
    plot_waterfall(parts, ax, by=by, sample=study.sample)


def _heat(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.heat import plot_heat

    plot_heat(study.metrics, ax, metric=_metric(study, "heat"), seed=study.seed)


def _pareto(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.pareto import plot_pareto
    from experiments.plots.tables import hosts_of

    plot_pareto(study.metrics, hosts_of(study.document), ax, seed=study.seed)


def _paired(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.paired import plot_paired

    metric = _metric(study, "paired")
    study.one_profile()
    runs = study.runs(metric)
    names = list(dict.fromkeys(runs["design"]))
    if len(names) != 2:
        raise NotDrawable(
            f"a difference is of two designs, and here {'is' if len(names) == 1 else 'are'} "
            f"{', '.join(names)}: choose with --design A --design B"
        )
    plot_paired(runs, ax, first=names[0], second=names[1], metric=metric, seed=study.seed)


def _convergence(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.convergence import convergence_table, plot_convergence
    from experiments.results import read_tables
    from experiments.study.directory import stopping_in

    metric = _metric(study, "convergence")
    tables = read_tables(study.directory)
    runs, incidents = study.of_choice(tables.runs), study.of_choice(tables.incidents)
    stopping = stopping_in(study.directory)
    steps = convergence_table(runs, incidents, metric)
    plot_convergence(
        steps,
        ax,
        stopped_at=stopping.looks[-1].years if stopping and stopping.reached else None,
        error_share=stopping.precision.error_share if stopping else None,
        seed=study.seed,
    )


def _names(study: StoredStudy) -> Figure:
    from experiments.plots.names import STATES, plot_name_states

    if study.choice.incident is not None:
        return names_timeline(study)
    figure, ax = new_figure()
    columns = [column for column, _ in STATES.values()]
    plot_name_states(study.runs(*columns), ax, seed=study.seed)
    return figure


def _load(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.load import plot_loads

    columns = ["replication", "application", "backend", "requests", "share", "overloaded_s"]
    plot_loads(study.table("loads", columns), ax, seed=study.seed)


def _tornado(study: StoredStudy, ax: Axes) -> None:
    from experiments.plots.parts import sensitivity_of
    from experiments.plots.tornado import plot_tornado

    plot_tornado(sensitivity_of(study), ax, sample=study.sample)


KINDS: Final[Mapping[str, Kind]] = {
    "nines": Kind("availability, nines, downtime and harm, a row a design", _nines),
    "ccdf": Kind("how bad a year can get: share of years above a downtime", _slide(_ccdf)),
    "waterfall": Kind("where the minutes go, by stage or by cause", _slide(_waterfall)),
    "timeline": Kind("one incident, second by second; the worst, or ID", incident_timeline),
    "tornado": Kind("which value matters most, of a sensitivity study", _slide(_tornado)),
    "heat": Kind("a metric over the two values of a sweep", _slide(_heat)),
    "pareto": Kind("downtime against split brain, with the hosts that it takes", _slide(_pareto)),
    "paired": Kind("two designs in the same years: the differences", _slide(_paired)),
    "convergence": Kind("the mean and its interval as years are added", _slide(_convergence)),
    "names": Kind("how long names were empty, wrong, double; with ID, when", _names),
    "load": Kind("how requests fall on the instances of an application", _slide(_load)),
}
"""The figures by name."""
