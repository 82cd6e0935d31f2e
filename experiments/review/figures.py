"""Figures of ``experiments.plots`` as images inside the page.

Their text is drawn as outlines: no reader's computer lacks a font.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from experiments.plots.style import SIZE_INCHES, house_style, new_figure
from experiments.review.markup import Child, Html, element

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def figure_of(
    draw: Callable[[Axes], object],
    *,
    alt: str,
    caption: Child,
    height_inches: float = SIZE_INCHES[1],
) -> Html:
    """A figure with its caption; ``alt`` says what it shows to whoever cannot see it."""
    image = element("img", src=_data_uri(draw, height_inches), alt=alt)
    return element(
        "figure",
        element("div", image, class_="wide", tabindex="0", role="region", aria_label=alt),
        element("figcaption", caption),
    )


def _data_uri(draw: Callable[[Axes], object], height_inches: float) -> str:
    import matplotlib

    figure, ax = new_figure(height_inches)
    draw(ax)
    file = io.BytesIO()
    with house_style(), matplotlib.rc_context({"svg.fonttype": "path"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
