"""Where the minutes go: by cause, and by stage of the failover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.plots.waterfall import plot_waterfall
from experiments.review.figures import figure_of
from experiments.review.markup import Child, Html, element, joined, paragraphs, section, table
from experiments.statistics import Interval, short_number

if TYPE_CHECKING:
    from experiments.results import DesignSummary
    from experiments.review.material import Material


def minutes_section(material: Material) -> Html:
    """The downtime of each design by what it is charged to."""
    parts = [
        joined(
            stage_figure(material, profile),
            _by_cause(material, profile),
            _causes(profile, material.under(profile)),
        )
        for profile in material.profiles
    ]
    return section(
        "minutes",
        "Where the minutes go",
        paragraphs(
            "All seconds of an incident are charged to the fault that began it, also those that a "
            "second fault made worse. “aftermath” is downtime that begins without any fault at "
            "work: a late consequence of something that was already over. Bars have one scale for "
            "the whole table; a pale one without a number rests on fewer than 30 outages or years, "
            "too few to quote their mean.",
        ),
        *parts,
    )


def stage_figure(material: Material, profile: str) -> Html | None:
    """The minutes of each design, cut by what was waited for; None if there are none."""
    stages = material.stages
    parts = stages[(stages["profile"] == profile) & (stages["downtime_min_per_year"] > 0)]
    if parts.empty:
        return None
    return figure_of(
        lambda ax: plot_waterfall(parts, ax, by="stage"),
        alt=f"Minutes down a year of each design under {profile}, cut by stage of the outage",
        caption="Mean minutes down a year, cut by what was being waited for: until the failure was "
        "noticed, agreed on, a stand-by promoted, its name published, clients connected again.",
    )


def _by_cause(material: Material, profile: str) -> Html | None:
    """The minutes of each design, cut by cause; None if there are none."""
    import pandas as pd

    parts = pd.DataFrame(
        [
            (summary.design, profile, cause, value.estimate)
            for summary in material.under(profile)
            for cause, value in summary.downtime_minutes_by_cause.items()
            if value.estimate > 0
        ],
        columns=["design", "profile", "cause", "downtime_min_per_year"],
    )
    if parts.empty:
        return None
    return figure_of(
        lambda ax: plot_waterfall(parts, ax, by="cause"),
        alt=f"Minutes down a year of each design under {profile}, cut by cause",
        caption="Mean minutes down a year, cut by the fault that began the incident.",
    )


def _causes(profile: str, summaries: list[DesignSummary]) -> Html:
    causes: dict[str, float] = {}
    for summary in summaries:
        for cause, value in summary.downtime_minutes_by_cause.items():
            causes[cause] = max(causes.get(cause, 0.0), value.estimate)
    seen = sorted((one for one in causes if causes[one] > 0), key=lambda one: -causes[one])
    unseen = sorted(one for one in causes if not causes[one])
    greatest = max(causes.values(), default=0.0) or 1.0
    rows: list[list[Child]] = [
        [
            cause,
            *(
                _bar(summary.downtime_minutes_by_cause.get(cause), greatest)
                for summary in summaries
            ),
        ]
        for cause in seen
    ]
    return joined(
        table(
            ["cause", *(one.design for one in summaries)],
            rows,
            caption=f"Minutes down a year by cause under {profile}",
            class_="bars",
        ),
        element("p", f"Without any downtime in these years: {', '.join(unseen)}.")
        if unseen
        else None,
    )


def _bar(value: Interval | None, greatest: float) -> Child:
    if value is None:
        return "not in this design"
    if not value.estimate:
        return "0 seen"
    width = f"{100 * value.estimate / greatest:.1f}%"
    bounds = value.text().partition("[")[2].partition("]")[0]
    return joined(
        element("span", "", class_=f"bar-cell{' thin' * value.thin}", style=f"width:{width}"),
        None if value.thin else element("b", short_number(round(value.estimate, 1))),
        element("span", f" [{bounds}]", class_="bounds") if bounds else None,
    )
