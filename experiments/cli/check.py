"""``sengu check``: is this file a sound design or profile?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.errors import say

if TYPE_CHECKING:
    from experiments.catalogue import Document, Kind
    from experiments.design import DesignSpec
    from experiments.profile import ProfileSpec


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="check")(check)


def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="YAML files, or names as in sengu list.")
    ],
) -> None:
    """Check designs and profiles without running them.

    Whether a file is a design or a profile is seen from its keys. Every file is checked; the exit
    code is 2 if one of them is wrong.

    Example: `sengu check my-design.yaml my-profile.yaml`
    """
    wrong = 0
    for word in files:
        try:
            typer.echo(f"ok: {_checked(word)}")
        except Exception as error:
            if say(error) is None:
                raise
            wrong += 1
    if wrong:
        raise typer.Exit(2)


def _checked(word: str) -> str:
    from experiments.design import DesignSpec
    from experiments.loading import parse_spec
    from experiments.profile import ProfileSpec

    document = _document(word)
    if _kind(document) == "profile":
        spec = parse_spec(document.text, document.label, ProfileSpec, folder=document.folder)
        return f"profile {document.name}, {profile_in_words(spec)}"
    design = parse_spec(document.text, document.label, DesignSpec, folder=document.folder)
    _build(document, design)
    return f"design {document.name}, {design_in_words(design)}"


def _document(word: str) -> Document:
    from experiments.catalogue import find, is_path, shipped

    if not is_path(word) and word in shipped("profile"):
        return find("profile", word)
    return find("design", word)


def _kind(document: Document) -> Kind:
    """Whether the file means to be a design or a profile; raises SpecError if it says neither."""
    from experiments.design import DesignSpec
    from experiments.loading import SpecError
    from experiments.loading.document import parse_document
    from experiments.loading.shapes import known_keys
    from experiments.loading.wording import nearest
    from experiments.profile import ProfileSpec

    def likeness(known: Iterable[str]) -> int:
        own = [key for key in known if key not in both]
        return sum(2 * (key in own) or bool(nearest(key, own)) for key in keys)

    keys = list(parse_document(document.text, document.label).entries)
    for_design, for_profile = known_keys((DesignSpec,)), known_keys((ProfileSpec,))
    both = {*for_design} & {*for_profile}
    as_design, as_profile = likeness(for_design), likeness(for_profile)
    if as_design == as_profile and not both & {*keys}:
        raise SpecError(
            document.label,
            1,
            1,
            "neither a design (hosts, network, redis, applications) nor a profile (faults, people)",
        )
    return "design" if as_design > as_profile else "profile"


def _build(document: Document, design: DesignSpec) -> None:
    """Raise SpecError for what only shows when the design is built (two processes of one name)."""
    from experiments.building.world import build_world
    from experiments.loading import SpecError
    from experiments.profile import ProfileSpec
    from sim.engine import Kernel

    try:
        build_world(design, ProfileSpec(title="nothing goes wrong"), Kernel(), traced=False)
    except ValueError as error:
        raise SpecError(document.label, 0, 0, str(error)) from None


def design_in_words(design: DesignSpec) -> str:
    """What a design consists of, such as ``5 hosts at 2 sites, 2 Redis, 3 Sentinels``."""
    sentinels = sum(len(group.processes) for group in design.sentinel.values())
    instances = sum(len(group.instances) for group in design.applications.values())
    parts = [
        f"{_count(len(design.hosts), 'host')} at {_count(len(design.sites), 'site')}",
        f"{sum(len(group.hosts) for group in design.redis.values())} Redis",
        _count(sentinels, "Sentinel"),
        f"{sum(len(group.hosts) for group in design.mysql.values())} MySQL",
        f"{len(design.mysqlfailover)} mysqlfailover",
        _count(len(design.consul.servers) if design.consul else 0, "Consul server"),
        _count(instances, "application instance"),
    ]
    return ", ".join(part for part in parts if not part.startswith("0 "))


def profile_in_words(profile: ProfileSpec) -> str:
    """What a profile consists of, such as ``9 kinds of fault, a crew of 1``."""
    people = f"a crew of {profile.people.crew}" if profile.people else "nobody to repair"
    return f"{_count(len(profile.faults), 'kind')} of fault, {people}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
