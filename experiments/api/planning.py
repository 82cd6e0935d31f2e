"""From what a caller asks for to a study that can be run; what cannot be run is said beforehand.

Errors say what the command's say: SpecError for what stands in a file or a changed value,
ValueError for an argument.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from experiments.api.documents import Design, Profile, design, profile
from experiments.building.fault_plan import killed_for_good
from experiments.building.world import build_world
from experiments.study import Precision, Study, StudyPoint
from models.quantities import printable
from sim.clock import YEAR_NS, parse_duration
from sim.engine import Kernel

DesignLike = str | Path | Design
ProfileLike = str | Path | Profile
"""What stands for a design or a profile: the name of a shipped one, a path, or an object."""

MOST_YEARS: Final = 10_000_000
LONGEST_YEARS: Final = 100


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
) -> Study:
    """The study of every design under every profile.

    Raises SpecError for a design or a profile that does not exist or is not sound, ValueError for
    any other argument that cannot be used.
    """
    loaded = [design(one) for one in several(designs)]
    under = [profile(one) for one in several(profiles)]
    for kind, names in (
        ("designs", [one.name for one in loaded]),
        ("profiles", [one.name for one in under]),
    ):
        if not names:
            raise ValueError(f"{kind}: there are none")
        for name in names:
            if names.count(name) > 1:
                called = f"two {kind} are called '{name}'; results could not tell them apart"
                raise ValueError(f"{called}; .named(...) gives another name")
    points = tuple(
        StudyPoint(each.name, each.spec, beside.name, beside.spec)
        for beside in under
        for each in loaded
    )
    for point in points:
        _build(point)
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
    horizon_ns = read_duration("horizon", text)
    if not 0 < horizon_ns <= LONGEST_YEARS * YEAR_NS:
        raise ValueError(
            f"horizon: must be longer than 0s and at most {LONGEST_YEARS}y, not {text}"
        )
    return horizon_ns


def read_duration(name: str, text: object) -> int:
    """The nanoseconds of an argument such as ``"30s"``; raises ValueError."""
    if not isinstance(text, str):
        raise ValueError(f"{name}: expected a text such as '30s', got {printable(repr(text)[:60])}")
    try:
        return parse_duration(text[:60])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _build(point: StudyPoint) -> None:
    """Build a world once, so that what cannot be built is said before a thousand runs fail."""
    try:
        world = build_world(point.design, point.profile, Kernel(), traced=False)
    except ValueError as error:
        raise ValueError(f"{point.design_name} under {point.profile_name}: {error}") from None
    operator = point.design.operator
    if operator is not None and operator.promote_by_hand and point.profile.people is None:
        _note(
            f"{point.profile_name} has no people: nobody promotes a stand-by of "
            f"{', '.join(operator.promote_by_hand)} in {point.design_name}"
        )
    for cause, names in killed_for_good(point.design, point.profile, world.processes).items():
        _note(
            f"in {point.design_name}, {cause} kills {', '.join(names)} for good: no restart is set"
        )


def _note(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=5)
