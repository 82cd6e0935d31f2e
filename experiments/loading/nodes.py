"""A YAML document as a small immutable tree in which every value knows its place.

The tree stands between the YAML parser and validation: overrides rebuild parts of it, validation
reads it as plain data, and an error finds its line in it. Being immutable, a subtree may safely be
shared by several aliases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from experiments.loading.errors import SpecError

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place: the file's name with line and column counted from 1, or an override (line 0)."""

    source: str
    line: int
    column: int

    def error(self, message: str) -> SpecError:
        """A `SpecError` at this place."""
        return SpecError(self.source, self.line, self.column, message)


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """Text, a number, true/false, or nothing."""

    value: Scalar
    mark: Mark


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of nodes, in the file's order."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a mapping; `mark` is the key's place."""

    mark: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys (always text) and their entries, in the file's order."""

    entries: Mapping[str, Entry]
    mark: Mark


Node: TypeAlias = ScalarNode | ListNode | MappingNode


def plain(node: Node) -> Any:
    """The node as dicts, lists and scalars, without places."""
    match node:
        case ScalarNode():
            return node.value
        case ListNode():
            return [plain(item) for item in node.items]
        case MappingNode():
            return {key: plain(entry.node) for key, entry in node.entries.items()}


def moved(node: Node, mark: Mark) -> Node:
    """The same node with `mark` as the place of everything in it."""
    match node:
        case ScalarNode():
            return ScalarNode(node.value, mark)
        case ListNode():
            return ListNode(tuple(moved(item, mark) for item in node.items), mark)
        case MappingNode():
            entries = {key: Entry(mark, moved(e.node, mark)) for key, e in node.entries.items()}
            return MappingNode(entries, mark)


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a node is once its aliases are written out."""

    values: int
    characters: int
    height: int


def extent(node: Node) -> Extent:
    """Counts of values and characters under `node`, itself included, and its height (scalar: 1)."""
    match node:
        case ScalarNode():
            return Extent(1, len(str(node.value)), 1)
        case ListNode():
            parts, keys = [extent(item) for item in node.items], 0
        case MappingNode():
            parts = [extent(entry.node) for entry in node.entries.values()]
            keys = sum(len(key) for key in node.entries)
    return Extent(
        values=1 + sum(part.values for part in parts),
        characters=keys + sum(part.characters for part in parts),
        height=1 + max((part.height for part in parts), default=0),
    )
