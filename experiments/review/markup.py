"""HTML and SVG written by functions, so that what comes from a file is text and never markup.

A child that is a `str` is escaped; only what these functions return (`Html`) is taken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

EMPTY_ELEMENTS: Final = frozenset({"meta", "br", "hr", "img", "col", "wbr"})
"""Elements of HTML that have neither content nor an end tag."""


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Iterable["Child"] | None
"""Text (escaped), markup, several of either, or nothing."""


def joined(*children: Child) -> Html:
    """The children one after another."""
    pieces = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Html):
            pieces.append(str(child))
        elif isinstance(child, str):
            pieces.append(escape(child))
        else:
            pieces.append(joined(*child))
    return Html("".join(pieces))


def element(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """An element. A trailing underscore of an attribute is dropped (``class_``), others are
    dashes (``aria_label``); ``True`` writes the bare name, ``None`` and ``False`` nothing.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in EMPTY_ELEMENTS:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def _attribute(key: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if name == "viewbox":
        name = "viewBox"
    if value is True:
        return f" {name}"
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f' {name}="{escape(text, quote=True)}"'


def table(
    head: Sequence[Child], rows: Iterable[Sequence[Child]], *, caption: str, class_: str = ""
) -> Html:
    """A table in a box of its own that scrolls where it is too wide; the first cells are heads."""
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell) for cell in row[1:]),
        )
        for row in rows
    ]
    return scrolling(
        caption,
        element("caption", caption),
        element("thead", element("tr", *(element("th", cell, scope="col") for cell in head))),
        element("tbody", *body),
        class_=class_,
    )


def scrolling(label: str, *parts: Child, class_: str = "") -> Html:
    """A table of ``parts`` in a box that scrolls where it is too wide, also by keyboard."""
    return element(
        "div",
        element("table", *parts, class_=class_ or None),
        class_="wide",
        tabindex="0",
        role="region",
        aria_label=label,
    )


def section(identity: str, title: str, *children: Child) -> Html:
    """A part of the page with its heading, which the navigation leads to."""
    heading = element("h2", title, id=f"{identity}-title")
    return element("section", heading, *children, id=identity, aria_labelledby=f"{identity}-title")


def paragraphs(*texts: Child) -> Html:
    """A paragraph a text."""
    return joined(*(element("p", text) for text in texts))


def listed(items: Iterable[Child], **attributes: str) -> Html:
    """An unordered list."""
    return element("ul", *(element("li", item) for item in items), **attributes)


def kept_whole(text: str, names: Iterable[str]) -> Html:
    """The text, in which no line ends inside one of the names, which have hyphens."""
    longest_first = sorted(set(names), key=lambda name: (-len(name), name))
    if not longest_first:
        return joined(text)
    pattern = re.compile(
        "|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in longest_first)
    )
    pieces: list[Child] = []
    end = 0
    for found in pattern.finditer(text):
        pieces += [text[end : found.start()], element("span", found[0], class_="name")]
        end = found.end()
    return joined(*pieces, text[end:])
