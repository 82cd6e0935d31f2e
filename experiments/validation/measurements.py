"""Reads the measured tables of Redis Sentinel failovers."""

from __future__ import annotations

import csv
from pathlib import Path

from experiments.inject.milestones import Value

DATA = Path(__file__).parents[2] / "tests" / "fidelity" / "data" / "redis-real"
"""The copy in the repository (it is not part of an installed package)."""


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


def numbers(rows: list[dict[str, str]] | list[dict[str, Value]], column: str) -> list[float]:
    """Return the values of a column where there is one."""
    found = (row.get(column, "") for row in rows)
    return [float(value) for value in found if value not in ("", None)]
