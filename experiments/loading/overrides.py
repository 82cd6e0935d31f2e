"""`--set path=value`: one value of a document replaced from the command line.

A path goes by keys, and through lists by index or by an item's `name`. It is applied to the
document before validation, so a value from the command line is checked like one from the file.
"""

from __future__ import annotations

from collections.abc import Mapping

from experiments.loading.document import parse_value
from experiments.loading.errors import SpecError
from experiments.loading.nodes import Entry, ListNode, MappingNode, Mark, Node, ScalarNode, moved
from experiments.loading.positions import Place, path_text, root_place
from experiments.loading.shapes import is_table, known_keys, models_of, step
from experiments.loading.wording import did_you_mean
from models.quantities import shown
from models.spec import StrictModel


def apply_override(document: MappingNode, model: type[StrictModel], text: str) -> MappingNode:
    """`document` with the override `text` (`path=value`) applied; the original is unchanged.

    The value is read as YAML. The last key of the path may be new (an option left at its
    default); whatever is above it must exist, or be an option group of `model`. Raises
    `SpecError`, with the path in place of a file, for a path that leads nowhere.
    """
    path, equals, value = text.partition("=")
    mark = override_mark(text)
    parts = path.strip().split(".")
    if not equals or not all(parts):
        raise mark.error("expected path=value, such as sentinel.foo.quorum=2")
    changed = _replaced(root_place(document, model), parts, _value(value, mark), mark)
    assert isinstance(changed, MappingNode)
    return changed


def override_mark(text: str) -> Mark:
    """The place that errors of an override have: `--set path`."""
    path = text.partition("=")[0].strip()
    return Mark(f"--set {shown(path, limit=200)[1:-1]}", 0, 0)


def _value(text: str, mark: Mark) -> Node:
    if not text.strip():
        raise mark.error("no value after '='; write null for nothing, '' for empty text")
    try:
        node = parse_value(text, mark.source)
    except SpecError as error:
        raise mark.error(f"{error.message} (in the value {shown(text)})") from None
    return moved(node, mark) if node is not None else ScalarNode(None, mark)


def _replaced(place: Place, parts: list[str], value: Node, mark: Mark) -> Node:
    """The node at `place` with `value` at the end of `parts`."""
    if not parts:
        return value
    match place.node:
        case MappingNode():
            return _in_mapping(place, place.node, parts, value, mark)
        case ListNode():
            return _in_list(place, place.node, parts, value, mark)
        case ScalarNode():
            at = path_text(place)
            raise mark.error(f"no {shown(parts[0])} under '{at}', which is a single value")


def _in_mapping(
    place: Place, node: MappingNode, parts: list[str], value: Node, mark: Mark
) -> MappingNode:
    key, rest = _matched(node.entries, parts)
    child = place.child(key)
    if child is None:
        # A missing option group may be begun; a missing entry of a table is a mistyped name.
        if rest and (is_table(place.shape) or not models_of(step(place.shape, key))):
            raise _nothing_there(place, key, [*node.entries, *known_keys(place.shape)], mark)
        empty = MappingNode({}, mark)
        child = Place(empty, step(place.shape, key), key, mark, place)
    # What is replaced as a whole does not stand in the file any more, nor does its key.
    key_mark = child.key_mark if rest else None
    entry = Entry(key_mark or mark, _replaced(child, rest, value, mark))
    return MappingNode({**node.entries, key: entry}, node.mark)


def _in_list(place: Place, node: ListNode, parts: list[str], value: Node, mark: Mark) -> ListNode:
    names = {_name(item): index for index, item in reversed(list(enumerate(node.items)))}
    names.pop("", None)
    key, rest = _matched(names, parts)
    index = names.get(key, int(key) if key.isdecimal() and len(key) < 10 else -1)
    child = place.child(index)
    if child is None:
        if key.isdecimal():
            at, count = path_text(place), len(node.items)
            raise mark.error(f"no item {shown(key)[1:-1]} under '{at}', which has {count}")
        raise _nothing_there(place, key, list(names), mark)
    items = list(node.items)
    items[index] = _replaced(child, rest, value, mark)
    return ListNode(tuple(items), node.mark)


def _matched(known: Mapping[str, object], parts: list[str]) -> tuple[str, list[str]]:
    """The longest key that `parts` begin with, and the parts after it: names may have dots."""
    for length in range(len(parts), 0, -1):
        if (key := ".".join(parts[:length])) in known:
            return key, parts[length:]
    return parts[0], parts[1:]


def _name(item: Node) -> str:
    entry = item.entries.get("name") if isinstance(item, MappingNode) else None
    if entry is None or not isinstance(entry.node, ScalarNode) or entry.node.value is None:
        return ""
    return str(entry.node.value)


def _nothing_there(place: Place, key: str, known: list[str], mark: Mark) -> SpecError:
    at = path_text(place)
    where = f"under '{at}'" if at else "at the top level"
    return mark.error(f"no {shown(key)} {where}{did_you_mean(key, known)}")
