"""What stands around a drawing: the finding above, the sample under it, notes at the foot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from experiments.plots.style import FONT_POINTS, SMALL_POINTS
from experiments.statistics import short_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

QUIET = "#595959"
"""Text that comes second: 7 to 1 against white (WCAG 2.1 asks for 4.5)."""

TITLE_LETTERS = 84
NOTE_LETTERS = 128
"""What a line of a slide holds at the sizes of a title and of a note."""

LINE = 1.45
MOST_DECADES = 10.0**3.5
"""The ends of an axis of more decades than 3.5, divided: 2 and 5 would crowd it."""


def head(ax: Axes, title: str, under: str = "", *, above_points: float = 0.0) -> None:
    """Set the title, and quietly under it what was measured.

    ``above_points``: room to leave over the axes for what is written there.
    """
    lines = wrap(under, NOTE_LETTERS)
    base = 8.0 + above_points
    ax.set_title(fitted(title), pad=base + len(lines) * FONT_POINTS * LINE)
    if lines:
        ax.annotate("\n".join(lines), (0, 1), xycoords="axes fraction", xytext=(0, base),
                    textcoords="offset points", ha="left", va="bottom", color=QUIET,
                    annotation_clip=False, gid="sample")  # fmt: skip


def fitted(title: str) -> str:
    """The title in lines that a slide holds, about equally long; its own line ends stay."""
    lines = []
    for line in title.splitlines():
        number = math.ceil(len(line) / TITLE_LETTERS)
        # Lines of equal length have no last word alone; the slack is for where a word ends.
        width = min(TITLE_LETTERS, math.ceil(len(line) / max(number, 1)) + 8)
        lines += wrap(line, width, break_on_hyphens=False)
    return "\n".join(lines)


def foot(
    ax: Axes, notes: Iterable[str], *, below_points: float = 52.0, letters: int = NOTE_LETTERS
) -> None:
    """Write notes under the axes, ``below_points`` under their lower edge; none for no notes.

    ``letters`` of a line: fewer where something stands beside the axes.
    """
    lines = [part for note in notes if note for part in wrap(note, letters)]
    if lines:
        ax.annotate("\n".join(lines), (0, 0), xycoords="axes fraction",
                    xytext=(0, -below_points), textcoords="offset points", ha="left", va="top",
                    fontsize=SMALL_POINTS, color=QUIET, annotation_clip=False,
                    gid="notes")  # fmt: skip


def sample_of_runs(runs: pd.DataFrame, seed: int | None = None) -> str:
    """What was simulated, in words, from the finished rows of `results.RUNS` (or with a `status`).

    Needs design, profile and horizon_s.
    """
    from experiments.results.summary import YEAR_S

    points = runs.groupby(["design", "profile"], sort=False)
    counts = [len(rows) for _, rows in points]
    years = runs["horizon_s"].to_numpy(dtype=float) / YEAR_S
    is_year = bool((abs(years - 1) < 0.01).all())
    return sample(counts, "year" if is_year else "run", list(runs["profile"]), seed)


def sample(
    counts: Sequence[int], period: str, profiles: Sequence[object], seed: int | None = None
) -> str:
    """ "100 years a design under cloud-2015, seed 0": so much of it as is known.

    Args:
        counts: finished runs of each point.
        period: what a run is, "year" or "run".
        profiles: the names of the profiles, each any number of times.
        seed: of the study.
    """
    least, most = min(counts), max(counts)
    number = short_count(least) if least == most else f"{short_count(least)} to {short_count(most)}"
    each = " each" if len(counts) > 1 else ""
    names = list(dict.fromkeys(str(name) for name in profiles))
    said = f"{number} simulated {period}{'s' if most != 1 else ''}{each} under {listed(names)}"
    return said if seed is None else f"{said}, seed {seed}"


def rounded(value: float) -> str:
    """Three significant digits, as a reader says them: 0.0123, 45.6, 248,000, 7.76 million."""
    size = abs(value)
    if not 1e3 < size < 1e12:
        return short_number(value)
    to_three = round(value, 2 - math.floor(math.log10(size)))
    return f"{to_three / 1e6:.3g} million" if abs(to_three) >= 1e6 else f"{to_three:,.0f}"


def settle(ax: Axes) -> None:
    """Give the axes their final size, so that what follows can be placed by pixels."""
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.draw_without_rendering()


def log_ticks(axis: Axis) -> None:
    """Ticks at 1, 2 and 5 of each decade, written as readers say them; at 1 if there are many."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = axis.get_view_interval()
    subs = (1.0,) if high > MOST_DECADES * low else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(lambda value, _: rounded(value))


def short_count(number: int) -> str:
    """A count with its thousands told apart."""
    return f"{number:,}"


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def point_names(table: pd.DataFrame) -> list[str]:
    """The name of each row's design, with its profile if there are several."""
    if table["profile"].nunique() > 1:
        return [f"{d}, {p}" for d, p in zip(table["design"], table["profile"], strict=True)]
    return [str(design) for design in table["design"]]


def broken(name: str, letters: int = 26) -> str:
    """A name in lines of about so many letters, broken after its commas and hyphens."""
    return "\n".join(wrap(name, letters, break_long_words=False))
