"""Reads the measured tables of Redis Sentinel failovers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from experiments.inject.milestones import Value

DATA: Final = Path(__file__).parents[2] / "tests" / "fidelity" / "data" / "redis-real"
"""The copy in the repository (it is not part of an installed package)."""

OWN: Final = DATA.parent / "own"
"""What we measured ourselves, in the same form."""


class MeasurementsMissing(Exception):
    """There are no measurements where they were looked for; the message says where."""


def read_measured(folder: Path, table: str) -> list[dict[str, str]]:
    """Return the rows of a configuration's CSV; raises MeasurementsMissing without the file."""
    path = folder / f"{table}.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except OSError:
        raise MeasurementsMissing(
            f"no measurements at {path}; give the folder with --data"
        ) from None


Rows = Sequence[Mapping[str, str]] | Sequence[Mapping[str, Value]]
"""Measured or simulated rows; empty or absent: it did not happen."""


def numbers(rows: Rows, column: str) -> list[float]:
    """Return the values of a column where there is one."""
    found = (row.get(column, "") for row in rows)
    return [float(value) for value in found if value != ""]


def lapses(rows: Rows, later: str, earlier: str) -> list[float]:
    """Return the differences of two columns where both have a value."""
    found = ((row.get(later, ""), row.get(earlier, "")) for row in rows)
    return [float(end) - float(start) for end, start in found if end != "" and start != ""]
