"""One incident of a study on disk, run again up to its end and drawn second by second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import rounded
from experiments.plots.stored import StoredStudy
from experiments.plots.style import SIZE_INCHES, new_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from experiments.timeline.timeline import Timeline

AROUND_SHARE: Final = 0.08
LEAST_AROUND_S: Final = 15.0
"""What is shown before and after the incident: a share of it, or so much, whichever is more."""

LANE_INCHES: Final = 0.5
AROUND_INCHES: Final = 2.4
"""What a lane with its labels needs; title, axis and legend."""

DOWN: Final = "down"

NAME_KINDS: Final = ("name", "names", "application", "class")
"""The lanes that stay in the picture of the names: they, who uses them, and the verdict."""

COLUMNS: Final = (
    *("replication", "id", "start_s", "end_s", "cause", "target"),
    *("downtime_s", "split_brain_s", "writes_lost"),
)


def incident_timeline(study: StoredStudy) -> Figure:
    """All lanes of the chosen incident, or of the one with the most downtime."""
    return _figure(study, None)


def names_timeline(study: StoredStudy) -> Figure:
    """What the published names said during the chosen incident, and what it did to users."""
    return _figure(study, NAME_KINDS)


def _figure(study: StoredStudy, kinds: tuple[str, ...] | None) -> Figure:
    incident = chosen_incident(study)
    return incident_figure(incident, _run_again(study, incident), kinds)


def incident_figure(
    incident: dict[str, Any], timeline: Timeline, kinds: tuple[str, ...] | None = None
) -> Figure:
    """The lanes of an incident, those of the ``kinds`` if any are named, as high as they need.

    Raises NotDrawable if nothing happened to a name, and only names are to be shown.
    """
    from experiments.plots.timeline import plot_timeline

    intervals = without_the_dead(timeline.intervals)
    if kinds is not None:
        intervals = intervals[intervals["kind"].isin(kinds)]
        if not intervals["kind"].isin(NAME_KINDS[:1]).any():
            raise NotDrawable(f"nothing happened to a name in {incident['id']}")
    marks = timeline.marks[timeline.marks["lane"].isin(set(intervals["lane"]))]
    height_inches = AROUND_INCHES + LANE_INCHES * intervals["lane"].nunique()
    figure, ax = new_figure(max(SIZE_INCHES[1], height_inches))
    origin_s = float(incident["start_s"])
    plot_timeline(intervals, marks, ax, origin_s=origin_s, title=incident_title(incident))
    return figure


def without_the_dead(intervals: pd.DataFrame) -> pd.DataFrame:
    """The lanes without those that are down from the first to the last second.

    Such are Sentinels that were moved away long before: what is shown begins before the first
    fault, so whatever the incident has struck is up at first.
    """
    dead = intervals.groupby("lane", sort=False)["state"].agg(lambda states: set(states) == {DOWN})
    return intervals[~intervals["lane"].map(dead)]


def chosen_incident(study: StoredStudy) -> dict[str, Any]:
    """The row of the chosen incident; by default the one that was down longest, then split longest.

    Raises NotDrawable if there is none.
    """
    table = study.table("incidents", COLUMNS)
    wanted = study.choice.incident
    if wanted is not None:
        table = table[table["id"] == wanted]
        if table.empty:
            raise NotDrawable(f"{study.directory}: no incident '{wanted[:100]}'")
    if table.empty:
        raise NotDrawable(f"{study.directory}: there was no incident")
    return _worst(table)


def _worst(table: pd.DataFrame) -> dict[str, Any]:
    order = table.sort_values(["downtime_s", "split_brain_s"], ascending=False, kind="stable")
    return {str(key): value for key, value in order.iloc[0].items()}


def _run_again(study: StoredStudy, incident: dict[str, Any]) -> Timeline:
    from experiments.incidents.errors import IncidentError
    from experiments.incidents.stored_run import order_of
    from experiments.timeline.timeline import timeline_of

    try:
        order = order_of(study.directory, incident)
    except IncidentError as error:
        raise NotDrawable(str(error)) from None
    start_s, end_s = float(incident["start_s"]), float(incident["end_s"])
    around_s = max(LEAST_AROUND_S, AROUND_SHARE * (end_s - start_s))
    return timeline_of(order, max(0.0, start_s - around_s), end_s + around_s)


def incident_title(incident: dict[str, Any]) -> str:
    """What began it, and what it cost: "deck/cloud/17/3: host-crash of a01, 12.3 min down"."""
    harms = [
        f"{duration_in_words(float(incident[column]))} {word}"
        for column, word in (("downtime_s", "down"), ("split_brain_s", "split brain"))
        if float(incident[column]) > 0
    ]
    if float(incident["writes_lost"]) > 0:
        harms.append(f"{rounded(float(incident['writes_lost']))} writes lost")
    target = f" of {incident['target']}" if incident["target"] else ""
    cost = ", ".join(harms) or "nobody noticed"
    return f"{incident['cause']}{target}: {cost}\n({incident['id']})"


def duration_in_words(seconds: float) -> str:
    """A duration in the unit in which it is a number that one remembers."""
    for least, size, unit in ((7200.0, 3600.0, "h"), (120.0, 60.0, "min")):
        if seconds >= least:
            return f"{rounded(seconds / size)} {unit}"
    return f"{rounded(seconds)} s"
