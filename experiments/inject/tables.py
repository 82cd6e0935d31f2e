"""Many trials as tables: a row a trial for a file, quantiles of each milestone for a reader."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.table import Table

from experiments.inject.milestones import Milestones
from experiments.results.whole import written_whole


class Spread(NamedTuple):
    """A column over the trials in which it has a value: how many these are, and its quantiles."""

    column: str
    n: int
    smallest: float
    p10: float
    median: float
    p90: float
    largest: float


def spreads(rows: Sequence[Milestones]) -> list[Spread]:
    """Return the spread of every numeric column that has a value, in the order of appearance."""
    found = []
    for column in columns(rows):
        values = [row[column] for row in rows if column in row]
        numeric = [float(value) for value in values if not isinstance(value, str)]
        if numeric:
            quantiles = [float(q) for q in np.quantile(numeric, (0.0, 0.1, 0.5, 0.9, 1.0))]
            found.append(Spread(column, len(numeric), *quantiles))
    return found


def columns(rows: Sequence[Milestones]) -> list[str]:
    """Return the columns of all rows, in the order of appearance."""
    return list(dict.fromkeys(column for row in rows for column in row))


def spread_table(rows: Sequence[Milestones], title: str) -> Table:
    """Return the spreads as a table for the terminal; times in s since the first fault."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("milestone", no_wrap=True)
    for name in ("n", "min", "p10", "median", "p90", "max"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in spreads(rows):
        shown = (f"{value:.3f}".rstrip("0").rstrip(".") or "0" for value in one[2:])
        table.add_row(one.column, str(one.n), *shown)
    return table


def write_csv(rows: Sequence[Milestones], path: Path) -> None:
    """Write one row a trial, whole or not at all; empty where something did not happen.

    Raises OSError.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = columns(rows)
    writer.writerow(["trial", *names])
    for trial, row in enumerate(rows):
        writer.writerow([trial, *(_cell(row.get(name, "")) for name in names)])
    with written_whole(path) as beside:
        beside.write_text(text.getvalue(), encoding="utf-8")


def _cell(value: object) -> object:
    return round(value, 6) if isinstance(value, float) else value
