"""Designs and profiles by name, as they are shipped with the package, or by the path of a file.

A word with a separator in it, or that ends in ``.yaml`` or ``.yml``, is a path; any other word is
a name. Errors show a shipped file as ``designs/deck-redis.yaml:14:7: ...``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal, TypeVar

from experiments.design import DesignSpec
from experiments.loading import SpecError, parse_spec
from experiments.loading.document import decode, parse_document, read_text
from experiments.loading.overrides import apply_override
from experiments.loading.positions import locate, root_place
from experiments.loading.wording import did_you_mean
from experiments.profile import ProfileSpec
from models.quantities import shown
from models.spec import StrictModel

Kind = Literal["design", "profile"]

PROFILE_PREFIX: Final = "profile."
"""Begins the path of an override that is meant for the profile."""

_FOLDERS: Final[dict[Kind, str]] = {"design": "designs", "profile": "profiles"}
_MODELS: Final[dict[Kind, type[StrictModel]]] = {"design": DesignSpec, "profile": ProfileSpec}
_ENDINGS: Final = (".yaml", ".yml")

_MOST_NAMES: Final = 1000
_LONGEST_NAME: Final = 255
"""Of the files beside that a mistyped name is held against, and of a name for a file system."""

M = TypeVar("M", bound=StrictModel)


@dataclass(frozen=True)
class Document:
    """A design or profile as text.

    Attributes:
        name: what tables call it: the file's name without its ending.
        label: what errors call it: the path as given, or ``designs/x.yaml``.
        text: its YAML.
        folder: what files that it names are relative to, if it has a place on the disk.
    """

    name: str
    label: str
    text: str
    folder: Path | None


def is_path(word: str) -> bool:
    """Whether ``word`` names a file and not something shipped."""
    return word.endswith(_ENDINGS) or any(sign in word for sign in {"/", os.sep})


def shipped(kind: Kind) -> tuple[str, ...]:
    """The names of the shipped designs or profiles, sorted."""
    found = (entry.name for entry in _folder(kind).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def find(kind: Kind, word: str) -> Document:
    """The design or profile that ``word`` names; raises SpecError if there is none."""
    if is_path(word):
        path = Path(word)
        return Document(path.stem, word, read_text(path), path.parent)
    names = shipped(kind)
    if word not in names:
        raise SpecError(f"{kind} {shown(word)}", 0, 0, _unknown(kind, word, names))
    resource = _folder(kind) / f"{word}.yaml"
    label = f"{_FOLDERS[kind]}/{word}.yaml"
    folder = resource.parent if isinstance(resource, Path) else None
    return Document(word, label, decode(resource.read_bytes(), label), folder)


def load_design(word: str, overrides: Sequence[str] = ()) -> tuple[str, DesignSpec]:
    """The name and the spec of a design, after ``overrides``; raises SpecError."""
    return _load("design", word, DesignSpec, overrides)


def load_profile(word: str, overrides: Sequence[str] = ()) -> tuple[str, ProfileSpec]:
    """The name and the spec of a profile, after ``overrides``; raises SpecError."""
    return _load("profile", word, ProfileSpec, overrides)


def error_at(
    kind: Kind, word: str, overrides: Sequence[str], path: Sequence[str], message: str
) -> SpecError:
    """An error at a place of a design or profile that can be read: its file, or an override."""
    document, model = find(kind, word), _MODELS[kind]
    node = parse_document(document.text, document.label)
    for override in overrides:
        node = apply_override(node, model, override)
    error = locate(root_place(node, model), path).mark.error(message)
    return _with_prefix(error) if kind == "profile" else error


def split_overrides(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """Overrides for designs, and those for the profile (``profile.faults.x.every=4h``), cut."""
    for_design = [text for text in overrides if not text.startswith(PROFILE_PREFIX)]
    for_profile = [text for text in overrides if text.startswith(PROFILE_PREFIX)]
    return for_design, [text.removeprefix(PROFILE_PREFIX) for text in for_profile]


def _load(kind: Kind, word: str, model: type[M], overrides: Sequence[str]) -> tuple[str, M]:
    document = find(kind, word)
    try:
        spec = parse_spec(document.text, document.label, model, overrides, folder=document.folder)
    except SpecError as error:
        raise (_with_prefix(error) if kind == "profile" else error) from None
    return document.name, spec


def _with_prefix(error: SpecError) -> SpecError:
    """An override's error with what its writer wrote, and should find again in what he reads."""
    if not error.file.startswith("--set "):
        return error
    file = f"--set {PROFILE_PREFIX}{error.file.removeprefix('--set ')}"
    return SpecError(file, error.line, error.column, error.message)


def _folder(kind: Kind) -> Traversable:
    return files("experiments") / _FOLDERS[kind]


def _unknown(kind: Kind, word: str, names: Sequence[str]) -> str:
    if _is(word, Path.is_dir):
        return f"there is no such {kind}, and a directory of that name; name one YAML file in it"
    files = {f"./{word}": word, **{f"{word}{end}": f"{word}{end}" for end in _ENDINGS}}
    beside = next((write for write, file in files.items() if word and _is(file, Path.is_file)), "")
    if beside:
        return f"there is no such {kind}; did you mean the file {shown(beside)}?"
    here = sorted(path.name for end in _ENDINGS for path in Path().glob(f"*{end}"))
    hint = did_you_mean(word, names) or did_you_mean(word, here[:_MOST_NAMES])
    looked_for = word if Path(word[:_LONGEST_NAME]).suffix else f"{word}.yaml"
    nowhere = f", nor a file {shown(looked_for)} here; there are {', '.join(names)}"
    return f"there is no such {kind}{hint or nowhere}"


def _is(name: str, what: Callable[[Path], bool]) -> bool:
    try:
        return what(Path(name))
    except (OSError, ValueError):
        return False
