"""Adjusted means as tables for the terminal, as rows for pandas and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from experiments.adjustment.means import AdjustedMean
from experiments.statistics import Interval, short_number

if TYPE_CHECKING:
    from rich.table import Table

_CAPTION: Final = (
    "Brackets: 95 % intervals of the mean (Hall's). Adjusted: less what is explained by faults\n"
    "and people that came, lasted or answered otherwise than their laws let expect (by control\n"
    "variates, cross-fitted). Smaller: how many times smaller the variance of a year is, and so\n"
    "the years that the same interval takes; 1: nothing is gained, the mean is as simulated."
)


def render_adjusted(found: Sequence[AdjustedMean]) -> Table:
    """The means of one point, or of one pair of designs, readable at 100 columns."""
    from rich import box
    from rich.table import Table

    first = found[0]
    title = first.design if not first.against else f"{first.design} less {first.against}"
    table = Table(
        box=box.SIMPLE_HEAD,
        title=f"{title}, under {first.profile}, {first.plain.n:,} years",
        title_justify="left",
    )
    table.add_column("", no_wrap=True)
    for head in ("as simulated", "adjusted", "smaller"):
        table.add_column(head, justify="right")
    for one in found:
        table.add_row(
            one.metric.label, _cell(one.plain), _cell(one.adjusted), times_smaller(one.factor)
        )
    return table


def caption() -> str:
    """What the columns mean, once for all tables."""
    return _CAPTION


def times_smaller(factor: float | None) -> str:
    """How many times smaller a variance is; nothing where that says nothing."""
    return f"{short_number(factor)} x" if factor is not None else ""


def rows_of(found: Sequence[AdjustedMean]) -> list[dict[str, object]]:
    """A row a mean, fit for ``json.dumps`` and for a data frame; values in the metric's unit."""
    return [
        {
            "design": one.design,
            "profile": one.profile,
            "less": one.against,
            "metric": one.metric.label.strip(),
            "years": one.plain.n,
            **_bounds("plain", one.plain),
            **_bounds("adjusted", one.adjusted),
            "variance_factor": one.factor,
            "thin": one.adjusted.thin,
        }
        for one in found
    ]


def _bounds(name: str, interval: Interval) -> dict[str, float | None]:
    return {
        name: interval.estimate,
        f"{name}_low": interval.low,
        f"{name}_high": interval.high,
    }


def _cell(interval: Interval) -> str:
    return interval.text().replace("[", r"\[")
