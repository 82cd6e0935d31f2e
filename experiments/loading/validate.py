"""From a YAML file to a validated, frozen spec, or to one error that says where and what.

The document goes through pydantic as JSON: that is the mode in which strict means "as written in
a file" (a list may fill a tuple, but text never becomes a number).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from experiments.loading.document import parse_document, read_text
from experiments.loading.errors import SpecError
from experiments.loading.nodes import MappingNode, Mark, plain
from experiments.loading.overrides import apply_override, override_mark
from experiments.loading.positions import Place, key_mark, locate, root_place
from experiments.loading.shapes import known_keys
from experiments.loading.wording import (
    about,
    missing_key,
    nearest,
    one_of,
    sentence,
    unknown_key,
)
from models.quantities import shown
from models.spec import AtPath, StrictModel, file_key

M = TypeVar("M", bound=StrictModel)


def load_spec(path: Path, model: type[M], overrides: Sequence[str] = ()) -> M:
    """The spec of type `model` in the YAML file `path`, after `overrides` (`path=value` each).

    Raises `SpecError` for a file that cannot be read, is not one YAML mapping within the limits
    of `document`, or does not fit the model; with several faults, for the first by line.
    """
    return parse_spec(read_text(path), str(path), model, overrides, folder=path.parent)


def parse_spec(
    text: str,
    name: str,
    model: type[M],
    overrides: Sequence[str] = (),
    *,
    folder: Path | None = None,
) -> M:
    """Like `load_spec`, of a text; `name` stands in errors where the file's path would.

    `folder` is what the files that a spec names (traces of laws) are relative to.
    """
    document = parse_document(text, name)
    changed = [document]
    for override in overrides:
        changed.append(apply_override(changed[-1], model, override))
    try:
        return _validated(changed[-1], model, folder)
    except SpecError as error:
        raise _blamed(error, changed, model, overrides, folder) from None


def _validated(document: MappingNode, model: type[M], folder: Path | None) -> M:
    try:
        # Only the file's own spelling of keys: the Python names would be a second way to say it.
        return model.model_validate_json(
            json.dumps(plain(document)), context={"folder": folder}, by_alias=True, by_name=False
        )
    except ValidationError as error:
        raise _first_fault(error, root_place(document, model)) from None


def _blamed(
    error: SpecError,
    changed: Sequence[MappingNode],
    model: type[M],
    overrides: Sequence[str],
    folder: Path | None,
) -> SpecError:
    """The error as one of the override without which it would not be there, if there is one.

    It may show at a place of the file that the override has made wrong: what is wrong is what the
    reader has just written, and not the file. ``changed``: the document after 0, 1, ... overrides.
    """
    for number, document in enumerate(changed):
        try:
            _validated(document, model, folder)
        except SpecError as found:
            if str(found) != str(error):
                continue
            if number == 0 or not error.line:
                return error
            mark = override_mark(overrides[number - 1])
            return mark.error(f"{error.message} ({error.file}:{error.line}:{error.column})")
    return error


def _first_fault(error: ValidationError, root: Place) -> SpecError:
    details = error.errors(include_url=False, include_input=False)
    mistyped = _mistyped(details, root)
    paths = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    faults = sorted(
        (
            _fault(detail, root)
            for detail in details
            # One slip of the finger is one fault: the key is unknown, not also missing.
            if not (detail["type"] == "missing" and detail["loc"] in mistyped)
            # Pydantic counts only valid items: with a fault inside, "too short" may be untrue.
            and not (detail["type"] == "too_short" and detail["loc"] in paths)
        ),
        key=lambda fault: (fault[0].line, fault[0].column),
    )
    mark, message = faults[0]
    # Several complaints about one place (the arms of a union) are one fault to the reader.
    more = len({fault_mark for fault_mark, _ in faults}) - 1
    return mark.error(f"{message} (and {more} more)" if more else message)


def _fault(detail: Any, root: Place) -> tuple[Mark, str]:
    """The place and the sentence for one of pydantic's error details."""
    kind, path = detail["type"], detail["loc"]
    cause = detail.get("ctx", {}).get("error")
    if kind == "extra_forbidden":
        place = locate(root, path[:-1])
        return key_mark(place, path[-1]), unknown_key(place, path[-1])
    if kind == "missing":
        place = locate(root, path[:-1])
        if isinstance(path[-1], int):
            return place.mark, about(place, f"missing item [{path[-1]}]")
        return place.mark, missing_key(place, path[-1])
    if path and path[-1] == "[key]":
        place, key = locate(root, path[:-2]), str(path[-2])
        return key_mark(place, key), about(place, _key_sentence(detail, place))
    if kind.startswith("union_tag"):
        return _tag_fault(detail, locate(root, path))
    if isinstance(cause, AtPath):
        return locate(locate(root, path), cause.path).mark, str(cause)
    place = locate(root, path)
    return place.mark, about(place, sentence(detail, place))


def _key_sentence(detail: Any, place: Place) -> str:
    words = sentence(detail, place)
    return words if detail["type"] == "value_error" else f"key {shown(detail['loc'][-2])}: {words}"


def _mistyped(details: Sequence[Any], root: Place) -> set[tuple[Any, ...]]:
    """The paths of missing keys that an unknown key beside them was probably meant to be."""
    found = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            *around, key = detail["loc"]
            found.add((*around, nearest(key, known_keys(locate(root, around).shape))))
    return found


def _tag_fault(detail: Any, place: Place) -> tuple[Mark, str]:
    """The fault of a mapping that should say by one key which kind of thing it is."""
    key = file_key(detail["ctx"]["discriminator"].strip("'"))
    tagged = place.child(key)
    if tagged is None:
        return place.mark, missing_key(place, key)
    tags = re.findall(r"'([^']*)'", detail["ctx"].get("expected_tags", ""))
    return tagged.mark, about(tagged, one_of(tags, tagged.node))
