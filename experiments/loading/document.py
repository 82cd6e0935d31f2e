"""Reading a YAML file into nodes, trusting nothing in it.

A spec may come from a stranger: a file of a gigabyte, a thousand nested brackets, nine aliases of
nine aliases. So the size is looked at before a byte is read, and the parser is taken as a stream
of events: each limit is checked before the memory is spent, and no object is ever constructed.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml

from experiments.loading.errors import SpecError
from experiments.loading.nodes import (
    Entry,
    ListNode,
    MappingNode,
    Mark,
    Node,
    ScalarNode,
    extent,
)
from experiments.loading.scalars import check_characters, unquoted
from experiments.loading.syntax import check_text, syntax_error
from models.quantities import shown

# The largest design of the examples has 12 kB and about 700 values.
MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_VALUES = 20_000
MAX_CHARACTERS = 1_000_000


def read_text(path: Path) -> str:
    """The text of a spec file.

    Raises `SpecError` if it is missing, not a regular file, larger than `MAX_BYTES`, unreadable
    or not UTF-8.
    """
    name = str(path)
    try:
        status = path.stat()
    except FileNotFoundError:
        raise SpecError(name, 0, 0, f"no such file{_near_names(path)}") from None
    except (OSError, ValueError) as error:
        raise SpecError(name, 0, 0, f"cannot be read: {_reason(error)}") from None
    if stat.S_ISDIR(status.st_mode):
        raise SpecError(name, 0, 0, "is a directory; name one YAML file in it")
    # A named pipe or a device would block or never end.
    if not stat.S_ISREG(status.st_mode):
        raise SpecError(name, 0, 0, "is not a regular file")
    if status.st_size > MAX_BYTES:
        raise _too_big(name, f"has {status.st_size:,} bytes")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SpecError(name, 0, 0, f"cannot be read: {_reason(error)}") from None
    if len(data) > MAX_BYTES:
        raise _too_big(name, "grew while it was read")
    return decode(data, name)


def decode(data: bytes, name: str) -> str:
    """`data` as text without a byte order mark; raises `SpecError` at the first byte not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        byte = data[error.start]
        message = f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8"
        raise SpecError(name, line, column, message) from None


def parse_document(text: str, name: str) -> MappingNode:
    """The one mapping that a spec file holds; raises `SpecError` for anything else."""
    node = parse_value(text, name)
    if node is None:
        raise SpecError(name, 1, 1, "the file is empty")
    if not isinstance(node, MappingNode):
        kind = "a list" if isinstance(node, ListNode) else shown(node.value)
        raise node.mark.error(f"expected 'key: value' at the top level, got {kind}")
    return node


def parse_value(text: str, name: str) -> Node | None:
    """Any one YAML value, or None if the text holds none; raises `SpecError`."""
    if len(text) > MAX_BYTES:
        raise _too_big(name, f"has {len(text):,} characters")
    text = text.removeprefix("\ufeff")
    check_text(text, name)
    builder = _Builder(name, YAML(typ="safe", pure=True).parse(text))
    try:
        return builder.document()
    except SpecError:
        raise
    # Besides its own errors, ruamel lets OverflowError, IndexError and others out on hostile text.
    except Exception as error:
        raise syntax_error(error, builder.last) from None


class _Builder:
    """Builds nodes from parser events, counting as it goes."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name = name
        self.events = events
        self.anchors: dict[str, Node] = {}
        self.values = 0
        self.characters = 0
        self.last = Mark(name, 1, 1)

    def document(self) -> Node | None:
        node: Node | None = None
        for event in self.events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if node is not None:
                raise self.mark(event).error("a second document begins here; a spec file holds one")
            if event.version or event.tags:
                raise self.mark(event).error("YAML directives (%) are not allowed")
            node = self.node(next(self.events), 1)
        if isinstance(node, ScalarNode) and node.value is None:
            return None
        return node

    def node(self, event: Any, depth: int) -> Node:
        mark = self.mark(event)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event.anchor, mark, depth)
        if event.tag is not None:
            raise mark.error(f"tag {shown(_short_tag(event.tag))} is not allowed")
        if depth > MAX_DEPTH:
            raise mark.error(f"nested more than {MAX_DEPTH} deep")
        self.count(1, len(event.value) if isinstance(event, yaml.ScalarEvent) else 0, mark)
        node: Node
        if isinstance(event, yaml.SequenceStartEvent):
            node = self.list_node(mark, depth)
        elif isinstance(event, yaml.MappingStartEvent):
            node = self.mapping(mark, depth)
        else:
            node = self.scalar(event, mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def scalar(self, event: Any, mark: Mark) -> ScalarNode:
        try:
            check_characters(event.value)
            return ScalarNode(event.value if event.style else unquoted(event.value), mark)
        except ValueError as error:
            raise mark.error(str(error)) from None

    def list_node(self, mark: Mark, depth: int) -> ListNode:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return ListNode(tuple(items), mark)

    def mapping(self, mark: Mark, depth: int) -> MappingNode:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key_mark = self.mark(event)
            key = self.key(self.node(event, depth + 1), key_mark)
            if key in entries:
                first = entries[key].mark.line
                raise key_mark.error(f"key {shown(key)} is there twice, first on line {first}")
            value = self.node(next(self.events), depth + 1)
            if isinstance(value, ScalarNode) and value.value is None:
                # The parser places a value that is not there on some later line.
                value = ScalarNode(None, key_mark)
            entries[key] = Entry(key_mark, value)
        return MappingNode(entries, mark)

    def key(self, node: Node, mark: Mark) -> str:
        if not isinstance(node, ScalarNode):
            raise mark.error("a key must be text, not a list or mapping; put { } in quotes")
        if node.value == "<<":
            raise mark.error("merge keys (<<) are not supported; write the keys out")
        if isinstance(node.value, str):
            return node.value
        raise mark.error(f"key {shown(node.value)} must be text; write it in quotes")

    def alias(self, anchor: str, mark: Mark, depth: int) -> Node:
        # An anchor is known only once its node is complete, so no node can contain itself.
        if anchor not in self.anchors:
            raise mark.error(f"alias '*{anchor}' has no anchor '&{anchor}' before it")
        node = self.anchors[anchor]
        size = extent(node)
        self.count(size.values, size.characters, mark)
        if depth + size.height - 1 > MAX_DEPTH:
            raise mark.error(f"nested more than {MAX_DEPTH} deep by alias '*{anchor}'")
        return node

    def count(self, values: int, characters: int, mark: Mark) -> None:
        self.values += values
        self.characters += characters
        if self.values > MAX_VALUES:
            raise mark.error(f"more than {MAX_VALUES:,} values, aliases written out")
        if self.characters > MAX_CHARACTERS:
            raise mark.error(f"more than {MAX_CHARACTERS:,} characters, aliases written out")

    def mark(self, event: Any) -> Mark:
        self.last = Mark(self.name, event.start_mark.line + 1, event.start_mark.column + 1)
        return self.last


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _too_big(name: str, found: str) -> SpecError:
    return SpecError(name, 0, 0, f"{found}; the limit is {MAX_BYTES:,}")


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _near_names(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())[:1000]
    except OSError:
        return f" (and no directory {shown(str(path.parent))})"
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(shown(name) for name in near)}?" if near else ""
