"""From what a caller asks for to a study that can be run; what cannot be run is said beforehand.

Errors say what the command's say: SpecError for what stands in a file or a changed value,
ValueError for an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from experiments.api.documents import Design, Profile, design, profile
from experiments.planning import Note, horizon_ns, points_of
from experiments.study import Precision, Study
from models.quantities import printable
from sim.clock import parse_duration

DesignLike = str | Path | Design
ProfileLike = str | Path | Profile
"""What stands for a design or a profile: the name of a shipped one, a path, or an object."""

MOST_YEARS: Final = 10_000_000


def study_of(
    designs: DesignLike | Sequence[DesignLike],
    profiles: ProfileLike | Sequence[ProfileLike],
    *,
    years: int,
    seed: int,
    horizon: str,
    precision: float | None = None,
    metrics: Sequence[str] = ("downtime",),
    max_years: int = 100_000,
    note: Note = lambda text: None,
) -> Study:
    """The study of every design under every profile; ``note`` is told what may not be meant.

    Raises SpecError for a design or a profile that does not exist or is not sound, ValueError for
    any other argument that cannot be used.
    """
    loaded = [design(one) for one in several(designs)]
    under = [profile(one) for one in several(profiles)]
    points = points_of(
        [(one.name, one.spec) for one in loaded], [(one.name, one.spec) for one in under], note
    )
    most, asked = whole_number("years", years, 1, MOST_YEARS), None
    if precision is not None:
        asked = Precision(precision, tuple(metrics), years)
        most = whole_number("max_years", max_years, years, MOST_YEARS)
    return Study(points, most, whole_number("seed", seed), read_horizon(horizon), precision=asked)


def several(given: Any) -> list[Any]:
    """One or several, as a list; a text is one."""
    return list(given) if isinstance(given, (list, tuple)) else [given]


def whole_number(name: str, value: object, least: int = 0, most: int | None = None) -> int:
    """The value of an argument, if it is a whole number between these; else raises ValueError."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError(f"{name}: expected a whole number, got {printable(repr(value)[:60])}")
    number = int(value)
    if number < least or (most is not None and number > most):
        span = f"at least {least:,}" if most is None else f"from {least:,} to {most:,}"
        raise ValueError(f"{name}: must be {span}, not {number:,}")
    return number


def read_horizon(text: object) -> int:
    """The nanoseconds of ``horizon``; raises ValueError if it is no time above 0."""
    try:
        return horizon_ns(_text(text))
    except ValueError as error:
        raise ValueError(f"horizon: {error}") from None


def read_duration(name: str, text: object) -> int:
    """The nanoseconds of an argument such as ``"30s"``; raises ValueError."""
    try:
        return parse_duration(_text(text)[:60])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a text such as '30s', got {printable(repr(value)[:60])}")
    return value
