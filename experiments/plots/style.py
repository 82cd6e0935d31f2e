"""One style for every figure: legible on a slide, in grey, and to a colour-blind reader.

Colours are Okabe and Ito's (M. Okabe and K. Ito, Color Universal Design, 2008). Because several of
them have the same lightness, no state is told by its colour alone: what is nominal is pale and
plain, what is worse is darker or hatched, and bars carry their state's name where it fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
PALE = "#EDF1F3"
WHITE = "#FFFFFF"
GREY = "#8C8C8C"

SIZE_INCHES = (13.333, 7.5)
"""16:9, the size of a slide, so that points are points on the slide."""

MARGIN_INCHES = 0.16
"""Nothing touches the edge of a slide."""

FONT_POINTS = 14
SMALL_POINTS = 12
"""Nothing is smaller."""

RC: dict[str, object] = {
    "font.size": FONT_POINTS,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 17,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": FONT_POINTS,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.labelsize": SMALL_POINTS,
    "ytick.labelsize": SMALL_POINTS,
    "legend.fontsize": SMALL_POINTS,
    "legend.frameon": False,
    "grid.color": "#D0D0D0",
    "grid.linewidth": 0.6,
    "hatch.linewidth": 1.1,
    "svg.fonttype": "none",
    # Element names in an SVG are hashed with this; a fixed one makes equal figures equal files.
    "svg.hashsalt": "sengu",
}


@dataclass(frozen=True)
class Look:
    """How a state is drawn: the face, a hatch ("" for none) and the colours of hatch and text."""

    face: str
    hatch: str = ""
    hatch_colour: str = BLACK
    text: str = BLACK


NOMINAL = Look(PALE)
FAILED = Look(VERMILLION, "//", "#FFD9C2")
UNKNOWN = Look(WHITE, "--", GREY)
"""For a state without an entry below: white, and named in the legend."""

LOOKS: dict[str, dict[str, Look]] = {
    "host": {
        "up": NOMINAL,
        "down": FAILED,
        "frozen": Look(SKY, "xx", "#2B7CAB"),
        "isolated": Look(ORANGE, "||", "#9C6B00"),
        "cut": Look(YELLOW, "\\\\", "#A39A10"),
        "slow": Look(PURPLE, "..", "#8F4A70"),
    },
    "process": {
        "master": Look(BLUE, text=WHITE),
        "slave": Look("#BFE0F5"),
        "loading": Look(YELLOW, "..", "#A39A10"),
        "recovering": Look(YELLOW, "..", "#A39A10"),
        "read-only": Look(ORANGE, "\\\\", "#9C6B00"),
        "frozen": Look(SKY, "xx", "#2B7CAB"),
        "stopped": FAILED,
        "down": FAILED,
    },
    "sentinel": {
        "ok": NOMINAL,
        "sdown": Look(YELLOW),
        "odown": Look(ORANGE),
        "failover": Look(BLUE, text=WHITE),
        "tilt": Look(PURPLE, "xx", "#8F4A70"),
        "down": FAILED,
    },
    "monitor": {
        "calm": NOMINAL,
        "suspects": Look(YELLOW),
        "failing-over": Look(BLUE, text=WHITE),
        "starting": Look(SKY, "..", "#2B7CAB"),
        "mode fail": Look(ORANGE, "\\\\", "#9C6B00"),
        "frozen": Look(SKY, "xx", "#2B7CAB"),
        "gone": FAILED,
    },
    "consul": {
        "leader": NOMINAL,
        "members failed": Look(YELLOW, "..", "#A39A10"),
        "no leader": FAILED,
    },
    "names": {
        "current": NOMINAL,
        "stale": Look(ORANGE, "\\\\", "#9C6B00"),
        "no dnsmasq": FAILED,
    },
    "load": {
        "none": Look(WHITE),
        "some": Look("#BFE0F5"),
        "all": Look(BLUE, text=WHITE),
        "overloaded": FAILED,
    },
    "name": {
        "right": NOMINAL,
        "wrong": Look(ORANGE, "\\\\", "#9C6B00"),
        "empty": Look(WHITE, "..", GREY),
        "double": Look(BLACK, text=WHITE),
        "error": FAILED,
    },
    "application": {
        "ok": NOMINAL,
        "failing": FAILED,
        "stale": Look(YELLOW, "..", "#A39A10"),
    },
    "class": {
        "good": NOMINAL,
        "unprotected": Look(YELLOW, "..", "#A39A10"),
        "degraded": Look(ORANGE),
        "down": FAILED,
        "split-brain": Look(BLACK, text=WHITE),
    },
}
"""The palette: kind of lane, state, look. Classes darken from good to split-brain."""

LineStyle = str | tuple[int, tuple[int, ...]]

SERIES: tuple[tuple[str, LineStyle], ...] = (
    (BLUE, "-"),
    (VERMILLION, "--"),
    (GREEN, "-."),
    (BLACK, ":"),
    (PURPLE, (0, (8, 2, 1, 2, 1, 2))),
    (SKY, (0, (12, 3))),
)
"""Colour and line style of the first, second, ... design; both differ."""


def look(kind: str, state: str) -> Look:
    """The look of a state in a lane of that kind; `UNKNOWN` for one that has none."""
    return LOOKS.get(kind, {}).get(state, UNKNOWN)


@contextmanager
def house_style() -> Iterator[None]:
    """Everything drawn inside has the house style; what the caller had set comes back after."""
    import matplotlib

    with matplotlib.rc_context(RC):  # type: ignore[arg-type]
        yield


def new_figure(height_inches: float = SIZE_INCHES[1]) -> tuple[Figure, Axes]:
    """An empty figure as wide as a slide, and its axes, without a window (Agg), outside pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with house_style():
        layout = ConstrainedLayoutEngine(w_pad=MARGIN_INCHES, h_pad=MARGIN_INCHES)
        figure = Figure(figsize=(SIZE_INCHES[0], height_inches), dpi=120, layout=layout)
        FigureCanvasAgg(figure)
        return figure, figure.add_subplot()


def save(fig: Figure, path: Path | str) -> Path:
    """Writes the figure as PNG or SVG, by the ending of `path`; equal figures give equal files.

    The file is whole or absent: what was there stays until the new one is written.

    Raises:
        ValueError: for another ending.
    """
    target = Path(path)
    ending = target.suffix.lower().lstrip(".")
    # A date or a version in the file would make every rebuild a change.
    metadata = {"png": {"Software": None}, "svg": {"Date": None}}
    if ending not in metadata:
        raise ValueError(f"{target}: figures are saved as .png or .svg")
    from experiments.results.whole import written_whole

    target.parent.mkdir(parents=True, exist_ok=True)
    with house_style(), written_whole(target) as beside:
        fig.savefig(beside, format=ending, metadata=metadata[ending])
    return target
