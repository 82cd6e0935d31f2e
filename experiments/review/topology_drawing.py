"""Draws a design as SVG: sites, hosts, what runs on them, and who watches or copies whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, WHITE
from experiments.review.markup import Html, element, joined, listed, table
from experiments.review.topology import KINDS, Kind, Topology, in_words, topology_of
from experiments.review.topology_layout import (
    HOST_HEAD,
    LINE,
    Box,
    Layout,
    Line,
    layout_of,
)

if TYPE_CHECKING:
    from experiments.design import DesignSpec

CHIPS: Final[dict[Kind, tuple[str, str, str]]] = {
    "redis": ("R", VERMILLION, WHITE),
    "mysql": ("M", BLUE, WHITE),
    "sentinel": ("S", ORANGE, BLACK),
    "monitor": ("F", SKY, BLACK),
    "consul": ("C", PURPLE, BLACK),
    "application": ("A", GREEN, WHITE),
}
"""The letter, the colour and the colour of the letter; the letter tells kinds apart in grey."""

LETTER: Final = 7.0
"""About the width of a letter of 13 px, to cut what would leave its box."""


def topology_figure(name: str, design: DesignSpec, identity: str) -> Html:
    """The drawing with its caption, its legend, and the same as a table."""
    topology = topology_of(design)
    also = topology.everywhere
    return element(
        "figure",
        element(
            "div",
            _drawing(name, topology, identity),
            class_="wide",
            tabindex="0",
            role="region",
            aria_label=f"Drawing of {name}",
        ),
        element(
            "figcaption",
            element("strong", name),
            f": {design.title}. {design.description.strip()}",
        ),
        element(
            "details",
            element("summary", "What is not drawn, and the drawing as a table"),
            listed(also) if also else None,
            table(
                ["host", "site", "what runs on it"],
                [
                    [host, site, "; ".join(one.text for one in topology.programs[host]) or "-"]
                    for site, hosts in topology.sites.items()
                    for host in hosts
                ],
                caption=f"What runs where in {name}",
            ),
        ),
        class_="topology",
    )


def legend() -> Html:
    """What the letters and lines of the drawings are."""
    letters = [
        element(
            "li",
            element("span", CHIPS[kind][0], class_="chip",
                    style=f"background:{CHIPS[kind][1]};color:{CHIPS[kind][2]}"),
            f" {words}",
        )
        for kind, words in KINDS.items()
    ]  # fmt: skip
    lines = [
        ("solid", "copies its data to, from master to stand-by"),
        ("dashed", "watches, and may promote the stand-by (a number: so many watchers)"),
        ("band", "the path between two sites, which the profile cuts, slows and makes lossy"),
    ]
    samples = [
        element("li", element("span", "", class_=f"sample {kind}"), f" {words}")
        for kind, words in lines
    ]
    return element("ul", *letters, *samples, class_="legend")


def _drawing(name: str, topology: Topology, identity: str) -> Html:
    layout = layout_of(topology)
    return element(
        "svg",
        element("title", f"Where everything runs in {name}", id=f"{identity}-title"),
        element("desc", in_words(topology), id=f"{identity}-desc"),
        *(_site(site, box) for site, box in layout.sites.items()),
        *(_band(topology, one, other, box) for one, other, box in layout.bands),
        *(_line(line) for line in layout.lines),
        *(_host(host, topology, layout) for host in layout.hosts),
        viewbox=f"0 0 {layout.width} {layout.height}",
        width=layout.width,
        height=layout.height,
        role="img",
        aria_labelledby=f"{identity}-title {identity}-desc",
        class_="drawing",
    )


def _text(x: float, y: float, words: str, **attributes: str | None) -> Html:
    return element("text", words, x=x, y=y, **attributes)


def _rect(box: Box, radius: int, **attributes: str) -> Html:
    return element(
        "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=radius, **attributes
    )


def _site(site: str, box: Box) -> Html:
    return joined(
        _rect(box, 10, fill="#F4F6F8", stroke="#B8C2CA"),
        _text(box.x + 14, box.y + 22, f"site {site}", class_="site"),
    )


def _band(topology: Topology, one: str, other: str, box: Box) -> Html:
    lines = [
        element("line", x1=box.x, x2=box.x + box.width, y1=y, y2=y, stroke=GREY, stroke_width="2")
        for y in (box.y + 2, box.y + 18)
    ]
    label = f"{topology.delay} each way" if box.width > 90 else topology.delay
    return joined(
        element("title", f"path between {one} and {other}"),
        element("rect", x=box.x, y=box.y + 2, width=box.width, height=16, fill="#E3E8EC"),
        *lines,
        _text(box.x + box.width / 2, box.y + 14, label, class_="small", text_anchor="middle"),
    )


def _host(host: str, topology: Topology, layout: Layout) -> Html:
    box = layout.hosts[host]
    room = int((box.width - 44) / LETTER)
    rows = []
    for number, program in enumerate(topology.programs[host]):
        y = box.y + HOST_HEAD + LINE * number + 3
        letter, back, front = CHIPS[program.kind]
        rows += [
            element("rect", x=box.x + 10, y=y, width=16, height=16, rx=3, fill=back),
            _text(box.x + 18, y + 12.5, letter, class_="letter", text_anchor="middle",
                  style=f"fill:{front}"),
            _text(box.x + 33, y + 12.5, shortened(program.text, room)),
        ]  # fmt: skip
    busy = " (busy disk)" if host in topology.busy else ""
    return joined(
        _rect(box, 6, fill=WHITE, stroke="#5A6872", stroke_width="1.3"),
        _text(box.x + 10, box.y + 18, f"{host}{busy}", class_="host"),
        *rows,
    )


def shortened(text: str, letters: int) -> str:
    """The text, or as much of it as there is room for."""
    return text if len(text) <= letters else text[: letters - 1] + "…"


def _line(line: Line) -> Html:
    (x1, y1), (x2, y2) = line.start, line.end
    relation = line.relation
    copies = relation.link == "copies"
    if line.bend:
        swing = line.bend
        path = f"M{x1} {y1} C{x1 + swing} {y1} {x2 + swing} {y2} {x2} {y2}"
        middle = (x1 + 0.75 * swing, (y1 + y2) / 2)
    else:
        reach = (x2 - x1) / 2
        path = f"M{x1} {y1} C{x1 + reach:.0f} {y1} {x2 - reach:.0f} {y2} {x2} {y2}"
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    colour = "#222222" if copies else "#9C6B00"
    points_left = line.bend > 0 or (not line.bend and x2 < x1)
    tip = 8 if points_left else -8
    label = f"×{relation.number}" if relation.number > 1 else ""
    return element(
        "g",
        element("title", f"{relation.source} {relation.link} {relation.target}: {relation.of}"),
        element("path", d=path, fill="none", stroke=colour, stroke_width="2.4" if copies else "1.6",
                stroke_dasharray=None if copies else "6 4"),
        element("path", d=f"M{x2} {y2} l{tip} -4.5 v9 z", fill=colour),
        _text(middle[0], middle[1] - 3, label, class_="small halo", text_anchor="middle")
        if label else None,
    )  # fmt: skip
