"""What is assumed and from where: each number of a profile with its source, marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from experiments.building.fault_plan import targets_of
from experiments.review.markup import Child, Html, element, joined, section, table
from models.spec import file_key
from sim.laws import law_to_text

if TYPE_CHECKING:
    from experiments.design import DesignSpec
    from experiments.profile import FaultSpec, PeopleSpec, ProfileSpec
    from experiments.review.material import Material

_OPTIONS: Final = (
    "refuse", "direction", "one_way", "factor", "fsync", "p_loss", "delay", "noticed",
)  # fmt: skip

_ASSUMED: Final = re.compile(r"\bassum", re.IGNORECASE)
_CITED: Final = re.compile(r"\b[\w-]+\.md\b|\bslide|\bmeasured\b", re.IGNORECASE)


def standing(source: str) -> str:
    """Whether numbers are ``assumed``, taken from a source (``sourced``), or ``partly assumed``."""
    assumed, cited = bool(_ASSUMED.search(source)), bool(_CITED.search(source))
    if assumed:
        return "partly assumed" if cited else "assumed"
    return "sourced" if cited else "as stated"


def assumptions_section(material: Material) -> Html:
    """The faults and the people of each profile, and what each design says of itself."""
    designs = {point.design_name: point.design for point in material.study.points}
    profiles = {point.profile_name: point.profile for point in material.study.points}
    return section(
        "assumptions",
        "What is assumed, and from where",
        element(
            "p",
            "No result is better than these numbers. “sourced” means that the number is taken from "
            "the document that is named, “partly assumed” that the document gives only some of "
            "it, “assumed” that nobody has measured it. Change what you know better with --set.",
        ),
        *(_profile(name, profile, designs) for name, profile in profiles.items()),
        element("h3", "What the designs say of themselves"),
        element("dl", *(_described(name, design) for name, design in designs.items())),
    )


def _described(name: str, design: DesignSpec) -> Html:
    return joined(
        element("dt", name),
        element("dd", f"{design.title}. {design.description.strip()}"),
    )


def _profile(name: str, profile: ProfileSpec, designs: dict[str, DesignSpec]) -> Html:
    rows: list[list[Child]] = [
        [cause, *_fault(fault, designs)] for cause, fault in profile.faults.items()
    ]
    if profile.people is not None:
        rows.append(["people", *_people(profile.people)])
    counts: dict[str, int] = {}
    for row in rows:
        counts[str(row[-2])] = counts.get(str(row[-2]), 0) + 1
    total = ", ".join(f"{number} {words}" for words, number in sorted(counts.items()))
    return joined(
        element("h3", f"{name}: {profile.title}"),
        element("p", profile.description.strip()) if profile.description else None,
        table(
            ["what happens", "how often, how long", "strikes", "standing", "source"],
            rows,
            caption=f"The faults of {name}: {total}" if rows else f"{name} has no faults",
            class_="assumptions",
        ),
    )


def _fault(fault: FaultSpec, designs: dict[str, DesignSpec]) -> list[Child]:
    often = (
        f"each target every {law_to_text(fault.every)} of good time"
        if fault.every is not None
        else f"at a boot, with probability {fault.at_boot:g}"
    )
    if fault.together:
        often = often.replace("each target", "all targets at once,")
    ends = ""
    if fault.repaired_by == "crew":
        ends = "; until the crew has repaired it"
    elif fault.lasts is not None:
        ends = f"; lasts {law_to_text(fault.lasts)}"
    given = fault.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    options = [
        f"{file_key(name)} {given[file_key(name)]}" for name in _OPTIONS if file_key(name) in given
    ]
    return [
        f"{', '.join([fault.fault, *options])}: {often}{ends}",
        _struck(fault, designs),
        standing(fault.source),
        fault.source,
    ]


def _struck(fault: FaultSpec, designs: dict[str, DesignSpec]) -> Child:
    on = fault.on if isinstance(fault.on, str) else ", ".join(fault.on)
    by_number: dict[int, list[str]] = {}
    for name, design in designs.items():
        by_number.setdefault(len(targets_of(fault, design)), []).append(name)
    if len(by_number) == 1:
        return f"{on}: {min(by_number)} in each design"
    counts = [f"{number} in {', '.join(names)}" for number, names in by_number.items()]
    return f"{on}: {'; '.join(counts)}"


def _people(people: PeopleSpec) -> list[Child]:
    return [
        f"acknowledge a page in {law_to_text(people.acknowledge)}; fix a machine in "
        f"{law_to_text(people.fix)}; restart a program in {law_to_text(people.restart)}",
        f"a crew of {people.crew}",
        standing(people.source),
        people.source,
    ]
