"""Tables of sensitivities for the terminal, the greatest first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from experiments.statistics import short_number

if TYPE_CHECKING:
    from rich.table import Table

ORDER_BY: Final = ("ST", "mu_star")
"""The index by which rows are put in order; without one, by the width of the bar."""


def sensitivity_table(table: pd.DataFrame, title: str) -> Table:
    """The rows of `sensitivities` or of `Indices`, readable at 100 columns."""
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    by = next((name for name in ORDER_BY if name in table), None)
    if by is None:
        return _tornado(shown, table)
    # A path is copied: it must not be broken.
    shown.add_column("", no_wrap=True)
    columns = [name for name in table.columns if name not in ("parameter", "low", "high")]
    for name in columns:
        shown.add_column(name, justify="right")
    for row in table.sort_values(by, ascending=False, kind="stable").to_dict("records"):
        head = f"{row['parameter']}\n  {row['low']} to {row['high']}"
        shown.add_row(head, *(short_number(float(row[name])) for name in columns))
    return shown


def _tornado(shown: Table, table: pd.DataFrame) -> Table:
    shown.add_column("", no_wrap=True)
    for head in ("at low", "as it is", "at high", "low less\nas it is", "high less\nas it is"):
        shown.add_column(head, justify="right")
    shown.caption = "Brackets: 95 % intervals of the differences in the same years."
    shown.caption_justify = "left"
    rows = table.to_dict("records")
    for row in sorted(rows, key=lambda one: -abs(one["at_high"] - one["at_low"])):
        shown.add_row(
            f"{row['parameter']}\n  {row['low']} to {row['high']}",
            *(short_number(float(row[name])) for name in ("at_low", "base", "at_high")),
            *(_difference(row, end) for end in ("low", "high")),
        )
    return shown


def _difference(row: Mapping[Hashable, Any], end: str) -> str:
    estimate, low, high = (row[f"{end}_less_base{tail}"] for tail in ("", "_low", "_high"))
    if estimate == 0.0 and (pd.isna(low) or pd.isna(high)):
        return "no difference"
    bounds = ", ".join("?" if pd.isna(one) else short_number(float(one)) for one in (low, high))
    return f"{short_number(float(estimate))}\n\\[{bounds}]"
