"""Incident studies as a table for the terminal, and as rows for JSON and pandas."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from experiments.incident_mode.study import IncidentStudy
from experiments.statistics import short_number

if TYPE_CHECKING:
    from rich.table import Table

CAPTION: Final = (
    "Mean of a year that begins at rest, with its 95 % interval (Fay-Feuer; jackknife over\n"
    "streams of 128 incidents), less what durations that were drawn explain where that helps.\n"
    "Seen in: incidents that bore any. Worth: how many that bear the same would say as much.\n"
    "Gathered: how much of a year begins in ways that were hardly simulated. No mean is given if\n"
    "worth is below 30 or gathered above 50 %: ask for more --incidents then."
)
"""What the columns mean."""


def render_incident_studies(studies: Sequence[IncidentStudy]) -> Table:
    """One row a design; all of one metric under one profile. Readable at 100 columns."""
    from rich import box
    from rich.table import Table

    order = studies[0].order
    table = Table(
        box=box.SIMPLE_HEAD,
        title=f"{order.metric.label}, under {order.profile_name}, one incident at a time",
        title_justify="left",
    )
    table.add_column("", no_wrap=True)
    for head in ("mean", "seen in", "worth", "gathered", "incidents"):
        table.add_column(head, justify="right")
    for study in studies:
        interval, scale = study.estimate.interval, study.order.metric.scale
        mean = interval.text(partial(_scaled, scale))
        # Why there is none stands in the columns: not that too few were seen.
        mean = mean.replace(f"({interval.events} seen: no mean)", "(no mean)")
        table.add_row(
            study.order.design_name,
            mean.replace("[", r"\["),
            f"{interval.events:,}",
            f"{study.estimate.effective:,.0f}",
            f"{100 * study.estimate.gathered_share:.0f} %",
            f"{study.incidents:,}",
        )
    return table


def _scaled(scale: float, value: float) -> str:
    return short_number(value / scale)


def row_of(study: IncidentStudy) -> dict[str, object]:
    """The study in the metric's unit a year, fit for ``json.dumps`` and for a data frame."""
    interval, scale = study.estimate.interval, study.order.metric.scale
    return {
        "design": study.order.design_name,
        "profile": study.order.profile_name,
        "metric": study.order.metric.label,
        "estimate": interval.estimate / scale,
        "low": None if interval.low is None else interval.low / scale,
        "high": None if interval.high is None else interval.high / scale,
        "standard_error": study.estimate.standard_error / scale,
        "method": interval.method,
        "incidents": study.incidents,
        "seen": interval.events,
        "effective": study.estimate.effective,
        "gathered_share": study.estimate.gathered_share,
        "states": study.states,
        "thin": interval.thin,
    }
