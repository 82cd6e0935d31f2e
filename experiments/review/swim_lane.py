"""An incident as a picture of lanes: plain SVG that a script of the page can zoom.

Every bar and mark carries its times (``data-a``, ``data-b``, s since the first fault), from which
``swim_lane.js`` moves them. Without scripts the picture shows the time from just before the first
fault until the harm has ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from experiments.durations import clock, lasting
from experiments.plots.style import BLACK, GREY, LOOKS, NOMINAL, UNKNOWN, Look, look
from experiments.review.lanes import Bar, Lane, Mark
from experiments.review.markup import Html, element

WIDTH: Final = 960
NAME: Final = 19
BAR: Final = 17
PITCH: Final = 44
AXIS: Final = 26
LETTER: Final = 6.6
"""Pixels: of the picture, a line of names, a bar, a lane, the axis, a letter of 12 px."""

TICKS_S: Final = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800),
)


def hatches() -> Html:
    """The patterns of all looks, once for the page; no state is told by its colour alone."""
    patterns = [_pattern(face) for face in dict.fromkeys(_looks()) if face.hatch]
    return element(
        "svg", element("defs", *patterns), width=0, height=0, class_="hatches", aria_hidden="true"
    )


def _looks() -> Iterable[Look]:
    yield UNKNOWN
    for states in LOOKS.values():
        yield from states.values()


def _hatch_id(face: Look) -> str:
    number = list(dict.fromkeys(one for one in _looks() if one.hatch)).index(face)
    return f"hatch-{number}"


_STROKES: Final = {
    "/": "M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6",
    "\\": "M-2 6 L2 10 M0 0 L8 8 M6 -2 L10 2",
    "x": "M0 0 L8 8 M0 8 L8 0",
    "|": "M4 0 V8",
    "-": "M0 4 H8",
    ".": "M2 2 h1.6 M6 6 h1.6",
}


def _pattern(face: Look) -> Html:
    return element(
        "pattern",
        element("rect", width=8, height=8, fill=face.face),
        element("path", d=_STROKES[face.hatch[0]], stroke=face.hatch_colour, stroke_width="1.4"),
        id=_hatch_id(face),
        width=8,
        height=8,
        patternUnits="userSpaceOnUse",
    )


def _fill(face: Look) -> str:
    return f"url(#{_hatch_id(face)})" if face.hatch else face.face


def swim_lanes(
    lanes: list[Lane], window: tuple[float, float], view: tuple[float, float], title: str
) -> Html:
    """The picture in its frame; ``window`` is all there is, ``view`` what is shown at first (s)."""
    height = PITCH * len(lanes) + AXIS
    rows = [_lane(lane, PITCH * number, view) for number, lane in enumerate(lanes)]
    picture = element(
        "svg",
        element("title", title),
        element("g", *_ticks(view, height), class_="axis"),
        *rows,
        viewbox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        role="img",
        tabindex="0",
        aria_label=f"{title}. Keys: plus and minus zoom, arrows move, 0 shows all.",
        class_="swim",
    )
    return element(
        "div",
        _tools(),
        element("div", picture, class_="wide swim-box"),
        element("p", "", class_="readout", aria_live="polite"),
        _legend(lanes),
        class_="timeline",
        data_from=window[0],
        data_to=window[1],
        data_view_from=view[0],
        data_view_to=view[1],
    )


def _tools() -> Html:
    buttons = (
        ("in", "+", "Zoom in"),
        ("out", "−", "Zoom out"),
        ("left", "←", "Earlier"),
        ("right", "→", "Later"),
        ("harm", "the outage", "Show the time from the first fault until the harm has ended"),
        ("all", "all", "Show the whole incident"),
    )
    return element(
        "div",
        *(
            element("button", sign, type="button", data_do=do, title=words, aria_label=words)
            for do, sign, words in buttons
        ),
        element("span", "drag, or click the picture and press + − ← → 0", class_="hint"),
        class_="tools",
        hidden=True,
    )


def _x(time_s: float, view: tuple[float, float]) -> float:
    return WIDTH * (time_s - view[0]) / (view[1] - view[0])


def _ticks(view: tuple[float, float], height: int) -> list[Html]:
    span_s = view[1] - view[0]
    step_s = next((one for one in TICKS_S if span_s / one <= WIDTH / 110), TICKS_S[-1])
    first, found = -int(-view[0] // step_s), []
    number = first
    while number * step_s <= view[1]:
        x = _x(number * step_s, view)
        anchor = "start" if x < 30 else "end" if x > WIDTH - 30 else "middle"
        found.append(element("line", x1=x, x2=x, y1=0, y2=height - AXIS + 6))
        found.append(element("text", clock(number * step_s), x=x, y=height - 6, text_anchor=anchor))
        number += 1
    return found


def _lane(lane: Lane, top: int, view: tuple[float, float]) -> Html:
    name = element("text", lane.name, x=0, y=top + 13, class_="lane-name")
    taken = LETTER * 1.15 * len(lane.name) + 12
    marks = []
    for mark in lane.marks:
        x = _x(mark.time, view)
        fits = x >= taken and x + LETTER * len(mark.label) + 6 <= WIDTH
        marks.append(_mark(mark, lane.name, x, top, shown=fits, inside=0 <= x <= WIDTH))
        if fits:
            taken = x + LETTER * len(mark.label) + 14
    return element(
        "g",
        name,
        *(_bar(bar, lane, top + NAME, view) for bar in lane.bars),
        *marks,
        class_=f"lane {lane.kind}",
        data_name=lane.name,
    )


def _bar(bar: Bar, lane: Lane, y: int, view: tuple[float, float]) -> Html:
    face = look(lane.kind, bar.state)
    left, right = (min(max(_x(time, view), 0.0), float(WIDTH)) for time in (bar.start, bar.end))
    outside = right <= 0 or left >= WIDTH
    fits = right - left >= LETTER * len(bar.state) + 8
    said = (
        f"{lane.name}: {bar.state}, {clock(bar.start)} to {clock(bar.end)} "
        f"({lasting(bar.end - bar.start)})"
    )
    halo = "bar-text" + (" on-hatch" if face.hatch else "")
    return element(
        "g",
        element("title", said),
        element("rect", x=left, y=y, width=max(right - left, 1.0), height=BAR, fill=_fill(face),
                stroke=GREY if face.face != BLACK else BLACK, stroke_width="0.6"),
        element("text", bar.state, x=(left + right) / 2, y=y + 13, text_anchor="middle",
                style=f"fill:{face.text}", class_=halo, visibility=None if fits else "hidden"),
        class_="bar",
        data_a=f"{bar.start:.3f}",
        data_b=f"{bar.end:.3f}",
        visibility="hidden" if outside else None,
    )  # fmt: skip


def _mark(mark: Mark, who: str, x: float, top: int, *, shown: bool, inside: bool) -> Html:
    return element(
        "g",
        element("title", f"{who}: {mark.label}, {clock(mark.time)}"),
        element("path", d=f"M0 {top + NAME} V{top + NAME + BAR}", stroke=BLACK,
                stroke_width="1.4"),
        element("path", d=f"M-4 {top + NAME - 4} h8 l-4 6 z"),
        element("text", mark.label, x=6, y=top + 12, class_="mark-label",
                visibility=None if shown else "hidden"),
        class_="mark",
        transform=f"translate({x:.2f} 0)",
        data_t=f"{mark.time:.3f}",
        visibility=None if inside else "hidden",
    )  # fmt: skip


def _legend(lanes: list[Lane]) -> Html:
    states = dict.fromkeys((lane.kind, bar.state) for lane in lanes for bar in lane.bars)
    items = [element("li", _swatch(NOMINAL), " pale: as it should be")]
    for kind, state in states:
        face = look(kind, state)
        named = "users" if kind == "class" else kind
        if face != NOMINAL:
            items.append(element("li", _swatch(face), f" {named}: {state}"))
    return element("ul", *items, class_="legend small")


def _swatch(face: Look) -> Html:
    return element(
        "svg",
        element("rect", x=0.5, y=0.5, width=25, height=13, fill=_fill(face), stroke=GREY),
        width=26,
        height=14,
        aria_hidden="true",
    )


def frame(seconds: float, least_s: float = 5.0) -> float:
    """The seconds to show beside something that lasts ``seconds``."""
    return max(least_s, 0.06 * seconds)


def views(
    harm_end_s: float, window: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The whole window, and the part of it to show at first: until the harm has ended (s)."""
    lead_s = frame(harm_end_s)
    view = (max(window[0], -lead_s), min(window[1], harm_end_s + lead_s))
    return window, view if view[1] > view[0] else window
