"""Splitting studies as a table for the terminal, and as rows for JSON and pandas."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from experiments.splitting.study import SplittingStudy
from experiments.statistics import short_number

if TYPE_CHECKING:
    from rich.table import Table

CAPTION: Final = (
    "Mean with its 95 % interval (Fay-Feuer over trees: a run and its branches). Runs alone: the\n"
    "same years without branches; z: how many errors the two means differ by. Worth: how many\n"
    "trees that bear the same would say as much; no mean is given below 30. Reached: how often\n"
    "one, two, ... things came to be wrong at once, in runs and branches together."
)
"""What the columns mean."""


def render_splitting_studies(studies: Sequence[SplittingStudy]) -> Table:
    """One row a design; all of one metric under one profile. Readable at 100 columns."""
    from rich import box
    from rich.table import Table

    order = studies[0].order
    splits = " x ".join(map(str, order.splits))
    table = Table(
        box=box.SIMPLE_HEAD,
        title=f"{order.label}, under {order.profile_name}, split {splits}",
        title_justify="left",
    )
    table.add_column("", no_wrap=True)
    for head in ("mean", "runs alone", "z", "worth", "reached", "branches"):
        table.add_column(head, justify="right")
    for study in studies:
        scale = study.order.metric.scale
        mean = study.interval.text(partial(_scaled, scale))
        # Why there is none stands in the column of what it is worth.
        mean = mean.replace(f"({study.interval.events} seen: no mean)", "(no mean)")
        table.add_row(
            study.order.design_name,
            mean.replace("[", r"\["),
            _scaled(scale, study.own_mean_s),
            f"{study.z:+.1f}",
            f"{study.effective:,.0f}",
            " / ".join(f"{times:,}" for times in study.reached),
            f"{study.branches:,}",
        )
    return table


def _scaled(scale: float, value: float) -> str:
    return short_number(value / scale)


def row_of(study: SplittingStudy) -> dict[str, object]:
    """The study in the metric's unit, fit for ``json.dumps`` and for a data frame."""
    interval, scale = study.interval, study.order.metric.scale
    return {
        "design": study.order.design_name,
        "profile": study.order.profile_name,
        "metric": study.order.label,
        "estimate": interval.estimate / scale,
        "low": None if interval.low is None else interval.low / scale,
        "high": None if interval.high is None else interval.high / scale,
        "standard_error": study.standard_error / scale,
        "method": interval.method,
        "splits": list(study.order.splits),
        "roots": study.order.roots,
        "branches": study.branches,
        "reached": list(study.reached),
        "effective": study.effective,
        "runs_alone": study.own_mean_s / scale,
        "z": study.z,
        "thin": interval.thin,
    }
