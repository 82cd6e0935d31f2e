"""A figure that shows itself in Jupyter as a small PNG, and saves itself as the command does.

matplotlib shows only figures of `pyplot`, which keeps them for ever; the figures of sengu belong
to nobody but their owner.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN_DPI: Final = 80
"""A slide of 13.3 inches is then 1067 pixels wide: as wide as a notebook, and readable there."""

COLOURS: Final = 64
"""A figure has about ten colours; the rest are the grey edges of letters. A third of the bytes."""


class Picture:
    """A figure, ready to be shown, saved or changed.

    Attributes:
        figure: matplotlib's, for what is not offered here.
        about: what it shows, in words; its text where pictures are not shown.
    """

    def __init__(self, figure: Figure, about: str) -> None:
        self.figure = figure
        self.about = about

    def save(self, path: Path | str) -> Path:
        """Write it as .png or .svg, by the ending; raises ValueError for another ending."""
        from experiments.plots.style import save

        return save(self.figure, path)

    def png(self, dpi: int = SHOWN_DPI) -> bytes:
        """Its PNG, in few colours; the same figure gives the same bytes."""
        from PIL import Image

        from experiments.plots.style import house_style

        drawn, small = BytesIO(), BytesIO()
        with house_style():
            self.figure.savefig(drawn, format="png", dpi=dpi, metadata={"Software": None})
        with Image.open(drawn) as image:
            image.convert("RGB").quantize(COLOURS).save(small, format="png", optimize=True)
        return small.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()

    def __repr__(self) -> str:
        return f"<picture of {self.about}>"
