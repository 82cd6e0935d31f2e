"""Designs and profiles as objects: found by name or path, changed value by value, shown as tables.

What is changed is the document, not the object: a value from Python is checked exactly like one
from a file or from ``--set``, and wrong ones are told with the same words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from experiments.api.display import html_table
from experiments.catalogue import Document, Kind, find, is_path, shipped
from experiments.design import DesignSpec
from experiments.loading import SpecError, parse_spec
from experiments.profile import ProfileSpec
from models.quantities import printable
from models.spec import StrictModel

M = TypeVar("M", bound=StrictModel)


class Loaded(Generic[M]):
    """A document that was read, and the changes made to it.

    Attributes:
        name: what tables call it.
        spec: what it says, validated, every default filled in; frozen.
    """

    kind: ClassVar[Kind]
    model: ClassVar[type[StrictModel]]
    name: str
    spec: M

    def __init__(
        self, document: Document, overrides: Sequence[str] = (), name: str | None = None
    ) -> None:
        self.name = document.name if name is None else name
        self._document = document
        self._overrides = tuple(overrides)
        self.spec = self._read()

    def _read(self) -> M:
        document = self._document
        found: Any = parse_spec(
            document.text, document.label, self.model, self._overrides, folder=document.folder
        )
        return cast(M, found)

    def set(self, path: str, value: object, *, name: str | None = None) -> Self:
        """A copy in which one value is another; this one stays as it is.

        Args:
            path: as after ``--set``, such as ``sentinel.foo.quorum``.
            value: text as in a file (``"5s"``), a number, yes or no as a bool, None, or lists and
                dicts of these.
            name: what tables are to call the copy; by default its old name and what was set.

        Raises SpecError if there is no such value, or it cannot be this.
        """
        from experiments.sweep import label

        if "=" in path:
            raise ValueError(f"'{printable(path[:60])}': a path has no '='; the value comes after")
        override = f"{path}={written(value)}"
        name = f"{self.name}, {label([override])}" if name is None else name
        return type(self)(self._document, [*self._overrides, override], name)

    def named(self, name: str) -> Self:
        """The same under another name, for a study in which two would have one name."""
        return type(self)(self._document, self._overrides, name)

    @property
    def title(self) -> str:
        """The title that the file gives it."""
        return str(getattr(self.spec, "title", ""))

    @property
    def yaml(self) -> str:
        """The whole file, every default filled in."""
        from experiments.resolved import resolved_yaml

        return resolved_yaml(self.spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Loaded):
            return NotImplemented
        return self.name == other.name and self.spec == other.spec

    def __hash__(self) -> int:
        return hash((self.kind, self.name))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}: {self.title}>"


class Design(Loaded[DesignSpec]):
    """A design: hosts, what runs on them, and its timers. See :class:`Loaded`."""

    kind = "design"
    model = DesignSpec

    def _read(self) -> DesignSpec:
        """Also builds it, for what only shows then; raises SpecError."""
        from experiments.building.world import build_world
        from sim.engine import Kernel

        spec = super()._read()
        try:
            build_world(spec, ProfileSpec(title="nothing goes wrong"), Kernel(), traced=False)
        except ValueError as error:
            raise SpecError(self._document.label, 0, 0, str(error)) from None
        return spec

    def _repr_html_(self) -> str:
        from experiments.review.topology import topology_of

        topology = topology_of(self.spec)
        rows = [
            (host, site, "\n".join(program.text for program in topology.programs[host]) or "-")
            for site, hosts in topology.sites.items()
            for host in hosts
        ]
        note = "\n".join(topology.everywhere)
        title = f"{self.name}: {self.title}"
        return html_table(("host", "site", "what runs on it"), rows, title=title, note=note)


class Profile(Loaded[ProfileSpec]):
    """A profile: what goes wrong how often, and who repairs it. See :class:`Loaded`."""

    kind = "profile"
    model = ProfileSpec

    def _repr_html_(self) -> str:
        from sim.laws import law_to_text

        rows = []
        for cause, fault in self.spec.faults.items():
            strikes = fault.on if isinstance(fault.on, str) else ", ".join(fault.on)
            if fault.every is not None:
                often = law_to_text(fault.every)
            else:
                often = f"at a boot, with probability {fault.at_boot:g}"
            lasts = law_to_text(fault.lasts) if fault.lasts is not None else ""
            ends = "until repaired" if fault.repaired_by else lasts or "-"
            rows.append((cause, fault.fault, strikes, often, ends))
        people = self.spec.people
        note = "nobody to repair" if people is None else f"a crew of {people.crew}"
        heads = ("cause", "fault", "strikes", "every", "lasts")
        return html_table(heads, rows, title=f"{self.name}: {self.title}", note=note)


def design(source: str | Path | Design) -> Design:
    """A design: one that is shipped (``"deck-redis"``) or a YAML file.

    A text is a path if it has a separator in it or ends in ``.yaml``. Raises SpecError, with file,
    line, column and one sentence, for one that does not exist or is not sound.
    """
    return source if isinstance(source, Design) else Design(_found("design", source))


def profile(source: str | Path | Profile) -> Profile:
    """A profile, by its name (``"cloud-2015"``) or its YAML file; raises SpecError."""
    return source if isinstance(source, Profile) else Profile(_found("profile", source))


def parse_design(text: str, name: str = "design") -> Design:
    """A design from the text of a YAML file; ``name`` also stands for the file in errors."""
    return Design(Document(name, name, text, None))


def parse_profile(text: str, name: str = "profile") -> Profile:
    """A profile from the text of a YAML file; ``name`` also stands for the file in errors."""
    return Profile(Document(name, name, text, None))


def designs() -> tuple[str, ...]:
    """The names of the designs that are shipped."""
    return shipped("design")


def profiles() -> tuple[str, ...]:
    """The names of the profiles that are shipped."""
    return shipped("profile")


def _found(kind: Kind, source: object) -> Document:
    if not isinstance(source, (str, Path)):
        asked = f"expected a name, a path or a {kind}, not {type(source).__name__}"
        raise SpecError(kind, 0, 0, asked)
    word = str(source)
    if isinstance(source, Path) and not is_path(word):
        # A path is a path, also where a text of the same letters would be a name.
        word = f"./{word}"
    return find(kind, word)


def written(value: object) -> str:
    """The value as a file would have it; raises ValueError for what no file can hold."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        return json.dumps(_plain(value), allow_nan=False)
    except (TypeError, ValueError):
        kind = type(value).__name__
        raise ValueError(f"a value is text as in a file, a number or a bool, not {kind}") from None


def _plain(value: object) -> object:
    """Mappings and sequences of any kind as dicts and lists; numpy's numbers as Python's."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    if hasattr(value, "item"):
        return value.item()
    return value
