"""Single published figures against simulated ones: what a table in print gives, and no sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.table import Table


class Figure(NamedTuple):
    """One figure: as published and as simulated, and how far apart they may be, in ``unit``.

    ``sampling``: between which values the published figure may lie if it is itself a sample's
    (99 %); None if that is not known. ``judged``: False for what is shown only, with its ``note``.
    """

    name: str
    real: float
    simulated: float
    allowed: float
    unit: str = "s"
    sampling: tuple[float, float] | None = None
    judged: bool = True
    note: str = ""

    @property
    def off(self) -> float:
        """Simulated less published."""
        return self.simulated - self.real

    @property
    def verdict(self) -> str:
        """``ok``; ``sample``, a miss inside the sampling error; ``MISS``; ``-`` for not judged."""
        if not self.judged:
            return "-"
        if abs(self.off) <= self.allowed:
            return "ok"
        if self.sampling is not None and self.sampling[0] <= self.real <= self.sampling[1]:
            return "sample"
        return "MISS"

    def sentence(self) -> str:
        """Say in one line how far it is off."""
        return (
            f"{self.name}: published {self.real:g} {self.unit}, simulated {self.simulated:.2f}, "
            f"allowed +- {self.allowed:.2f}"
        )


def figure_table(figures: Sequence[Figure]) -> Table:
    """Return the figures as a table."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="")
    table.add_column("figure", no_wrap=True)
    for name in ("published", "simulated", "difference", "allowed", ""):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in figures:
        table.add_row(
            one.name,
            f"{one.real:g} {one.unit}",
            f"{one.simulated:.2f}",
            f"{one.off:+.2f}",
            f"{one.allowed:.2f}" if one.judged else "-",
            one.verdict,
            one.note,
        )
    return table
