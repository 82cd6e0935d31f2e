"""From designs and profiles to the points of a study; what cannot be run is said beforehand.

The command and the Python interface both plan here, so that they refuse and remark the same things
in the same words. Errors are ValueError, one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from experiments.building.fault_plan import killed_for_good
from experiments.building.world import build_world
from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from experiments.study import StudyPoint
from sim.clock import YEAR_NS, parse_duration
from sim.engine import Kernel

LONGEST_YEARS: Final = 100


class FaultRefused(ValueError):
    """A fault of a profile that strikes what a design lacks, or what it cannot strike.

    Attributes:
        profile: the name of the profile.
        cause: the name of the fault.
        message: what is wrong with what it strikes, and in which design.
    """

    def __init__(self, profile: str, cause: str, message: str) -> None:
        super().__init__(f"{profile}: fault '{cause}': {message}")
        self.profile, self.cause, self.message = profile, cause, message


Note = Callable[[str], object]
"""Called with a remark: something that can be run and is perhaps not meant."""


def points_of(
    designs: Sequence[tuple[str, DesignSpec]],
    profiles: Sequence[tuple[str, ProfileSpec]],
    note: Note,
) -> tuple[StudyPoint, ...]:
    """Every design under every profile, each built once to see that it can be.

    Raises ValueError for two of one name, and for what cannot be built (FaultRefused if it is a
    fault of the profile).
    """
    for kind, names in (
        ("designs", [name for name, _ in designs]),
        ("profiles", [name for name, _ in profiles]),
    ):
        if not names:
            raise ValueError(f"{kind}: there are none")
        for name in names:
            if names.count(name) > 1:
                raise ValueError(
                    f"two {kind} are called '{name}'; results could not tell them apart"
                )
    points = tuple(StudyPoint(*design, *profile) for profile in profiles for design in designs)
    for point in points:
        _try_to_build(point, note)
    return points


def _try_to_build(point: StudyPoint, note: Note) -> None:
    """Build a world once, so that what cannot be built is said before a thousand runs fail."""
    try:
        world = build_world(point.design, point.profile, Kernel(), traced=False)
    except ValueError as error:
        for cause in sorted(point.profile.faults):
            if _cannot_strike(point, cause):
                told = f"{error} (in the design {point.design_name})"
                raise FaultRefused(point.profile_name, cause, told) from None
        raise ValueError(f"{point.design_name} under {point.profile_name}: {error}") from None
    operator = point.design.operator
    if operator is not None and operator.promote_by_hand and point.profile.people is None:
        note(
            f"{point.profile_name} has no people: nobody promotes a stand-by of "
            f"{', '.join(operator.promote_by_hand)} in {point.design_name}"
        )
    for cause, names in killed_for_good(point.design, point.profile, world.processes).items():
        note(
            f"in {point.design_name}, {cause} kills {', '.join(names)} for good: no restart is set"
        )


def _cannot_strike(point: StudyPoint, cause: str) -> bool:
    """Whether the design cannot be built under this fault alone, though it can without any."""
    alone = point.profile.model_copy(update={"faults": {cause: point.profile.faults[cause]}})
    without = point.profile.model_copy(update={"faults": {}})
    try:
        build_world(point.design, without, Kernel(), traced=False)
    except ValueError:
        return False
    try:
        build_world(point.design, alone, Kernel(), traced=False)
    except ValueError:
        return True
    return False


def horizon_ns(text: str) -> int:
    """The nanoseconds of a run's length, such as ``1y``.

    Raises ValueError if it is no time above 0 and up to `LONGEST_YEARS`.
    """
    found_ns = parse_duration(text[:60])
    if not 0 < found_ns <= LONGEST_YEARS * YEAR_NS:
        raise ValueError(f"must be longer than 0s and at most {LONGEST_YEARS}y, not {text[:60]}")
    return found_ns
