"""A question of a design review: what is tried, and what was expected to come out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from experiments.catalogue import load_design, load_profile, split_overrides
from experiments.gallery.outcome import Outcome
from experiments.study import Study, StudyPoint

PROFILE: Final = "cloud-2015"

Verdict = Literal["agrees", "agrees in part", "disagrees"]
"""How what came out stands to what was expected: by how many of its claims hold."""


@dataclass(frozen=True)
class Arm:
    """One of the things that are compared: a design, the values that it sets, a name for it.

    ``sets`` are as ``--set`` takes them; behind ``profile.`` they change the profile.
    """

    name: str
    design: str
    sets: tuple[str, ...] = ()

    def point(self) -> StudyPoint:
        """The point of a study; raises SpecError as the command would."""
        return _point(self)

    def command(self, years: int) -> str:
        """The command that gives this arm's numbers, a line an option."""
        options = [f"--profile {PROFILE} --years {years}", *(f"--set '{one}'" for one in self.sets)]
        return " \\\n    ".join([f"sengu run {self.design}", *options])


@cache
def _point(arm: Arm) -> StudyPoint:
    for_design, for_profile = split_overrides(list(arm.sets))
    _, design = load_design(arm.design, for_design)
    _, profile = load_profile(PROFILE, for_profile)
    return StudyPoint(arm.name, design, PROFILE, profile)


@dataclass(frozen=True)
class Claim:
    """Something that was expected, in words, and how to see in an outcome whether it is so."""

    text: str
    holds: Callable[[Outcome], bool]


@dataclass(frozen=True)
class Question:
    """One question: its arms run in the same ``years``.

    Attributes:
        number: 1 to 10, as in ``failures.md`` section 5.
        title: the question.
        asked: what is varied, and what is held.
        arms: what is compared, in the order of the table.
        years: simulated years of each arm.
        shown: the metrics of the table, keys of :data:`experiments.gallery.outcome.METRICS`.
        answer: two sentences out of an outcome, with its numbers and intervals.
        claims: what ``failures.md`` expects, in our words.
        beyond: what the answer does not know of.
        figure: the kind of its picture, as ``sengu plot`` has it; a waterfall is cut by cause.
    """

    number: int
    title: str
    asked: str
    arms: tuple[Arm, ...]
    years: int
    shown: tuple[str, ...]
    answer: Callable[[Outcome], tuple[str, str]]
    claims: tuple[Claim, ...]
    beyond: str
    figure: Literal["pareto", "waterfall", "names", "load", "ccdf"] = "pareto"

    @property
    def name(self) -> str:
        """The name of its page and its picture, without an ending."""
        return f"q{self.number:02d}"

    def study(self, years: int | None = None) -> Study:
        """The study that answers it, or a shorter one."""
        return Study(tuple(arm.point() for arm in self.arms), years or self.years)


def verdict_of(holds: Sequence[bool]) -> Verdict:
    """All claims hold: agrees; none: disagrees; else in part."""
    if all(holds):
        return "agrees"
    return "agrees in part" if any(holds) else "disagrees"


def varied(
    design: str, path: str, values: Sequence[str], *sets: str, names: Sequence[str] = ()
) -> tuple[Arm, ...]:
    """Arms of one design in which one value is varied; each is named by the value, or by name."""
    named = zip(names or values, values, strict=True)
    return tuple(Arm(name, design, (f"{path}={value}", *sets)) for name, value in named)
