"""``sengu show``: what a design resolves to, and which faults of a profile strike it where."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import PROFILE, SET, Design
from experiments.cli.repeated import refuse_repeated_paths

if TYPE_CHECKING:
    from experiments.design import DesignSpec
    from experiments.profile import FaultSpec, PeopleSpec


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="show")(show)


def show(
    design: Design,
    profile: Annotated[str, typer.Option("--profile", help=PROFILE)] = "",
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=SET)
    ] = None,
) -> None:
    """Show a design as it is understood, every default filled in; the output is a design file.

    With `--profile`, comments at its end say which faults strike which of its parts, by which
    laws, and where the numbers come from.

    Example: `sengu show deck-redis --profile cloud-2015 --set sentinel.foo.quorum=1`
    """
    from experiments.catalogue import load_design, load_profile, split_overrides
    from experiments.resolved import resolved_yaml

    refuse_repeated_paths("--set", overrides or [])
    for_design, for_profile = split_overrides(overrides or [])
    if for_profile and not profile:
        raise Problem("--set profile...: there is no --profile to change")
    name, spec = load_design(design, for_design)
    lines = [f"# design {name}, every default filled in", resolved_yaml(spec).rstrip("\n")]
    if profile:
        profile_name, under = load_profile(profile, for_profile)
        lines.append(f"\n# profile {profile_name}: {under.title}")
        lines += [f"# {line}" for line in textwrap.wrap(under.description, 96)]
        for cause, fault in under.faults.items():
            lines += [f"# {line}".rstrip() for line in _fault_lines(cause, fault, spec)]
        if under.people is not None:
            lines += [f"# {line}".rstrip() for line in _people_lines(under.people)]
    typer.echo("\n".join(lines))


def _fault_lines(cause: str, fault: FaultSpec, design: DesignSpec) -> Iterator[str]:
    from experiments.building.fault_plan import targets_of
    from sim.laws import law_to_text

    ends = ""
    if fault.repaired_by == "crew":
        ends = ", until the crew has repaired it"
    elif fault.lasts is not None:
        ends = f", lasts {law_to_text(fault.lasts)}"
    yield ""
    yield f"{cause}: {_in_words(fault)}"
    targets = targets_of(fault, design)
    at_once = ", all at once" if fault.together and len(targets) > 1 else ""
    struck = f"{', '.join(targets)}{at_once}" if targets else "nothing in this design"
    yield f"  strikes {struck}"
    if fault.every is not None:
        yield f"  every {law_to_text(fault.every)} of good time{ends}"
    else:
        yield f"  at a boot with probability {fault.at_boot:g}{ends}"
    yield f"  source: {fault.source}"


def _in_words(fault: FaultSpec) -> str:
    """The kind of fault and its options, such as ``loss, p-loss 0.5``."""
    from models.spec import file_key

    given = fault.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    names = ("refuse", "direction", "one_way", "factor", "fsync", "p_loss", "delay", "noticed")
    said = [
        f"{file_key(name)} {given[file_key(name)]}" for name in names if file_key(name) in given
    ]
    return ", ".join([fault.fault, *said])


def _people_lines(people: PeopleSpec) -> Iterator[str]:
    from sim.laws import law_to_text

    yield ""
    yield f"people: a crew of {people.crew}"
    yield f"  acknowledge: {law_to_text(people.acknowledge)}"
    yield f"  fix a machine: {law_to_text(people.fix)}"
    yield f"  restart a program: {law_to_text(people.restart)}"
    yield f"  source: {people.source}"
