"""Pydantic's errors as one short sentence each, in the words of the spec's reader."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from experiments.loading.nodes import ListNode, MappingNode, Node, ScalarNode
from experiments.loading.positions import Place, enclosing, path_text, phrase
from experiments.loading.shapes import choices, known_keys
from models.quantities import shown

_MAPPING = "a mapping (key: value)"
_EXPECTED = {
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "iterable_type": "a list",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "none_required": "nothing",
}
_BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than": ("more than {}", "gt"),
    "greater_than_equal": ("{} or more", "ge"),
    "less_than": ("less than {}", "lt"),
    "less_than_equal": ("{} or less", "le"),
    "multiple_of": ("a multiple of {}", "multiple_of"),
}
_LENGTHS: dict[str, tuple[str, str, str]] = {
    "too_short": ("at least", "min_length", "item"),
    "too_long": ("at most", "max_length", "item"),
    "string_too_short": ("at least", "min_length", "character"),
    "string_too_long": ("at most", "max_length", "character"),
}


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The one of `known` that `word` was probably meant to be, if any is near."""
    # difflib compares pair by pair; a word of a megabyte would keep it busy for minutes.
    folded = {name.lower().replace("_", "-"): name for name in known}
    word = word[:80].lower().replace("_", "-")
    near = difflib.get_close_matches(word, list(folded), n=3)
    # Two letters exchanged is the commonest slip, and difflib thinks little of it.
    near.sort(key=lambda name: sorted(name) != sorted(word))
    return folded[near[0]] if near else None


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`; did you mean 'quorum'?` for the nearest of `known`, or nothing if none is near."""
    near = nearest(word, known)
    return f"; did you mean {shown(near)}?" if near else ""


def in_phrase(place: Place) -> str:
    """` in sentinel 'foo'` for the mapping at or around `place`."""
    words = phrase(enclosing(place))
    return f" in {words}" if words else " at the top level"


def unknown_key(place: Place, key: str) -> str:
    """The sentence for a key that the mapping at `place` does not have."""
    known = known_keys(place.shape)
    hint = did_you_mean(key, known)
    if not hint and known:
        hint = f"; the keys here are {', '.join(known)}" if len(known) <= 12 else ""
    return f"unknown key {shown(key)}{_owner(place)}{hint}"


def missing_key(place: Place, key: str) -> str:
    """The sentence for a key that the mapping at `place` must have."""
    return f"missing key {shown(key)}{_owner(place)}"


def about(place: Place, sentence: str) -> str:
    """`sentence` with what it is about in front: `'quorum' in sentinel 'foo': ...`."""
    around = enclosing(place)
    path = path_text(place, above=around)
    words = phrase(around)
    if path:
        return f"'{path}'{f' in {words}' if words else ''}: {sentence}"
    return f"{words}: {sentence}" if words else sentence


def sentence(error: Any, place: Place) -> str:
    """What is wrong with the value at `place`; `error` is one of pydantic's error details."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        return one_of(choices(place.shape) or [str(context["expected"])], place.node)
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {_got(place.node, kind)}"
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"must be {words.format(context[key])}, got {_got(place.node, kind)}"
    if kind in _LENGTHS:
        words, key, thing = _LENGTHS[kind]
        plural = "" if context[key] == 1 else "s"
        return f"needs {words} {context[key]} {thing}{plural}, got {_size(place.node)}"
    if kind == "string_pattern_mismatch":
        return f"expected text like {context['pattern']}, got {_got(place.node, kind)}"
    return str(error["msg"]).replace("Input should be", "expected")


def one_of(known: Sequence[str], node: Node) -> str:
    """The sentence for a value that is not among `known`."""
    value = node.value if isinstance(node, ScalarNode) else None
    hint = did_you_mean(value, known) if isinstance(value, str) else ""
    if isinstance(value, int | float) and str(value) in known:
        hint = f'; write it in quotes, as "{value}"'
    listed = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return f"expected one of {listed}; got {_got(node, '')}{hint}"


def _owner(place: Place) -> str:
    around = enclosing(place)
    path = path_text(place, above=around)
    return f" in '{path}'{in_phrase(place) if phrase(around) else ''}" if path else in_phrase(place)


def _got(node: Node, kind: str) -> str:
    match node:
        case MappingNode():
            return "a mapping"
        case ListNode():
            return "a list"
        case ScalarNode(value=value):
            quotes = kind == "string_type" and value is not None
            return shown(value) + ("; write it in quotes" if quotes else "")


def _size(node: Node) -> int:
    match node:
        case MappingNode():
            return len(node.entries)
        case ListNode():
            return len(node.items)
        case ScalarNode(value=value):
            return len(str(value))
