"""From a path (a pydantic error location, an `AtPath`) to a place in the document.

A `Place` is a node together with the way that led to it, so that an error can say both the line
and "in sentinel 'foo'".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from experiments.loading.nodes import ListNode, MappingNode, Mark, Node, ScalarNode
from experiments.loading.shapes import Shape, is_table, models_of, narrow, step
from models.quantities import shown
from models.spec import StrictModel, file_key


@dataclass(frozen=True, slots=True)
class Place:
    """A node, the shape that the model wants there, and the place around it."""

    node: Node
    shape: Shape
    key: str | int | None = None
    key_mark: Mark | None = None
    parent: Place | None = None

    @property
    def mark(self) -> Mark:
        """Where an error points: at a single value itself, at the key of anything larger."""
        if isinstance(self.node, ScalarNode) or self.key_mark is None:
            return self.node.mark
        return self.key_mark

    def child(self, key: str | int) -> Place | None:
        """The place one key or index deeper, or None if the document has none."""
        shape = step(self.shape, key)
        if isinstance(self.node, MappingNode) and isinstance(key, str):
            entry = self.node.entries.get(key)
            return Place(entry.node, shape, key, entry.mark, self) if entry else None
        if isinstance(self.node, ListNode) and isinstance(key, int):
            inside = 0 <= key < len(self.node.items)
            return Place(self.node.items[key], shape, key, None, self) if inside else None
        return None


def root_place(node: MappingNode, model: type[StrictModel]) -> Place:
    """The place of a whole document that should hold `model`."""
    return Place(node, (model,))


def locate(start: Place, path: Iterable[str | int]) -> Place:
    """The deepest place that `path` reaches from `start`.

    Elements that are no key of the document are passed over: a missing key, and the labels that
    pydantic adds for the arms of a union.
    """
    place = start
    for element in path:
        if arms := narrow(place.shape, element):
            place = replace(place, shape=arms)
            continue
        other = file_key(element) if isinstance(element, str) else element
        place = place.child(element) or place.child(other) or place
    return place


def key_mark(place: Place, key: str) -> Mark:
    """Where `key` itself stands in the mapping at `place`."""
    if isinstance(place.node, MappingNode) and key in place.node.entries:
        return place.node.entries[key].mark
    return place.mark


def enclosing(place: Place) -> Place:
    """The nearest mapping at or around `place` that a reader has a name for."""
    while place.parent is not None:
        if isinstance(place.node, MappingNode) and any(m.kind for m in models_of(place.shape)):
            return place
        place = place.parent
    return place


def path_text(place: Place, above: Place | None = None) -> str:
    """The way from `above` (or the top) to `place`, such as `hosts[2].disk`."""
    text = ""
    while place.parent is not None and place is not above:
        if isinstance(place.key, int):
            text = f"[{place.key}]{text}"
        else:
            text = f".{_key_text(str(place.key))}{text}"
        place = place.parent
    return text.removeprefix(".")


def phrase(place: Place) -> str:
    """What a reader calls the mapping at `place`: `sentinel 'foo'`, `disk of host 'a01'`."""
    kinds = [model.kind for model in models_of(place.shape) if model.kind]
    if not kinds:
        return path_text(place)
    if name := _name_of(place):
        return f"{kinds[0]} {shown(name)}"
    if isinstance(place.key, int) and place.parent is not None:
        return path_text(place)
    outer = phrase(enclosing(place.parent)) if place.parent is not None else ""
    return f"{kinds[0]} of {outer}" if outer and "'" in outer else kinds[0]


def _name_of(place: Place) -> str:
    named = place.child("name")
    if named is not None and isinstance(named.node, ScalarNode) and named.node.value is not None:
        return str(named.node.value)
    in_table = place.parent is not None and is_table(place.parent.shape)
    return str(place.key) if in_table else ""


def _key_text(key: str) -> str:
    return shown(key)[1:-1]
