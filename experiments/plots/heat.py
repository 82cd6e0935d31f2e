"""A metric over two values of a design that were varied together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from experiments.plots.errors import NotDrawable
from experiments.plots.heading import foot, head, listed, rounded, sample
from experiments.plots.nines import NEVER_SEEN, TOO_FEW, cell_text
from experiments.plots.style import FONT_POINTS, GREY, SMALL_POINTS, house_style
from experiments.plots.tables import swept_values

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LABELS: Final = {
    "downtime_minutes_per_year": "downtime, min/year",
    "downtime_minutes_p95": "downtime of the worst year in 20, min",
    "split_brain_s_per_year": "split brain, s/year",
    "failovers_false_per_year": "false failovers/year",
    "failovers_missed_per_year": "missed failovers/year",
    "writes_lost_per_year": "acked writes lost/year",
    "pages_per_year": "pages/year",
}
"""The metrics that maps are usually drawn of, in words; others keep their names."""

MOST_WITH_BOUNDS: Final = 8
"""With more lines or columns than this, a field has no room for its interval."""

DARK: Final = 0.45
"""Below this lightness, writing is white."""


class Grid(NamedTuple):
    """The points of a sweep over two values: names and values of the axes, and the rows by place.

    ``x`` runs along the columns and ``y`` along the lines; ``cells`` by (y, x).
    """

    x: str
    y: str
    columns: list[str]
    lines: list[str]
    cells: dict[tuple[str, str], Mapping[str, Any]]


def plot_heat(
    metrics: pd.DataFrame,
    ax: Axes,
    *,
    metric: str = "downtime_minutes_per_year",
    seed: int | None = None,
) -> Axes:
    """Draws a metric of every point of a sweep over two values, a field a point.

    Colours are logarithmic if the greatest is ten times the least. A field that never saw any is
    white and hatched and has its upper bound; one with fewer than 30 events has its bounds only.

    Args:
        metrics: as `tables.metrics_table` makes it of a sweep: the column design holds
            `name=value, name=value`.
        ax: where to draw; returned. A colour bar is added beside it.
        metric: which, in column metric.
        seed: of the study, for the words under the title.

    Raises:
        NotDrawable: if the points do not vary two values, or lack the metric.
    """
    grid = grid_of(metrics, metric)
    rows = list(grid.cells.values())
    with house_style():
        values = _values(grid)
        _colours(ax, values, LABELS.get(metric, metric))
        for (line, column), row in grid.cells.items():
            _field(ax, grid.columns.index(column), grid.lines.index(line), row, values)
        ax.set_xticks(range(len(grid.columns)), grid.columns)
        ax.set_yticks(range(len(grid.lines)), grid.lines)
        ax.tick_params(length=0, labelsize=FONT_POINTS)
        ax.set_xlabel(grid.x)
        ax.set_ylabel(grid.y)
        for side in ax.spines.values():
            side.set_visible(False)
        period = str(rows[0]["period"])
        under = sample([row["runs"] for row in rows], period, list(metrics["profile"]), seed)
        head(ax, heat_title(grid, metric), under)
        foot(ax, _notes(rows), letters=105)
    return ax


def grid_of(metrics: pd.DataFrame, metric: str) -> Grid:
    """The points of a sweep in their order; raises NotDrawable if they do not vary two values."""
    chosen = metrics[metrics["metric"] == metric]
    rows = [{str(key): value for key, value in row.items()} for row in chosen.to_dict("records")]
    if not rows:
        raise NotDrawable(f"no point has {metric}")
    if metrics["profile"].nunique() > 1:
        raise NotDrawable("a map needs one profile; there are several")
    varied = [swept_values(str(row["design"])) for row in rows]
    names = sorted({tuple(values) for values in varied})
    if len(names) != 1 or len(names[0]) != 2:
        found = listed(list(names[0])) if len(names) == 1 and names[0] else "none"
        raise NotDrawable(f"a map needs a sweep over two values; varied here: {found}")
    x, y = names[0]
    columns = list(dict.fromkeys(values[x] for values in varied))
    lines = list(dict.fromkeys(values[y] for values in varied))
    cells: dict[tuple[str, str], Mapping[str, Any]] = {
        (at[y], at[x]): row for at, row in zip(varied, rows, strict=True)
    }
    return Grid(x, y, columns, lines, cells)


def _values(grid: Grid) -> np.ma.MaskedArray[Any, Any]:
    """Estimates by line and column; masked where none was seen, or no run is there."""
    found = np.full((len(grid.lines), len(grid.columns)), np.nan)
    for (line, column), row in grid.cells.items():
        if not row["p_any_high"] >= 0:
            found[grid.lines.index(line), grid.columns.index(column)] = row["estimate"]
    return np.ma.masked_where(~(found > 0), found)


def _colours(ax: Axes, values: np.ma.MaskedArray[Any, Any], label: str) -> None:
    from matplotlib.colors import LogNorm, Normalize

    ax.set_facecolor("white")
    seen = values.compressed()
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.1, 1.0)
    norm = LogNorm(low / 1.5, high) if high > 10 * low else Normalize(0, high)
    image = ax.imshow(values, cmap="cividis_r", norm=norm, aspect="auto")
    figure = ax.get_figure(root=True)
    if figure is not None and seen.size:
        bar = figure.colorbar(image, ax=ax, shrink=0.9, pad=0.02)
        bar.set_label(label)
        bar.ax.yaxis.set_major_formatter(lambda value, _: rounded(value))
        bar.outline.set_visible(False)


def _field(
    ax: Axes, column: int, line: int, row: Mapping[str, Any], values: np.ma.MaskedArray[Any, Any]
) -> None:
    from matplotlib.patches import Rectangle

    colour = "black"
    if np.ma.is_masked(values[line, column]):
        ax.add_patch(Rectangle((column - 0.5, line - 0.5), 1, 1, facecolor="white", hatch="//",
                               edgecolor="#E0E0E0", linewidth=0))  # fmt: skip
    else:
        image = ax.images[0]
        red, green, blue, _ = image.cmap(image.norm(values[line, column]))
        colour = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < DARK else "black"
    number, bounds = cell_text(row)
    if max(values.shape) > MOST_WITH_BOUNDS:
        number, bounds = number.removeprefix("only ").replace("none seen", "none"), ""
    at: dict[str, Any] = {"ha": "center", "textcoords": "offset points", "color": colour}
    ax.annotate(number, (column, line), xytext=(0, 2), va="bottom", fontsize=FONT_POINTS + 2,
                weight="bold", **at)  # fmt: skip
    ax.annotate(bounds, (column, line), xytext=(0, -2), va="top", fontsize=SMALL_POINTS, **at)
    ax.add_patch(Rectangle((column - 0.5, line - 0.5), 1, 1, fill=False, edgecolor=GREY,
                           linewidth=0.8))  # fmt: skip


def heat_title(grid: Grid, metric: str) -> str:
    """Where it is least, if the interval there lies apart from the worst point's."""
    label = LABELS.get(metric, metric)
    rows = list(grid.cells.items())
    sure = [(place, row) for place, row in rows if not row["thin"]]
    if len(sure) == len(rows):
        (line, column), best = min(rows, key=lambda item: item[1]["estimate"])
        worst = max(rows, key=lambda item: item[1]["estimate"])[1]
        if best["high"] < worst["low"]:
            return f"Least {label}: {rounded(best['estimate'])} at {grid.x}={column}, " + (
                f"{grid.y}={line}"
            )
    return f"{label} by {grid.x} and {grid.y}".capitalize()


def _notes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    notes = ["All points meet the same bad luck. Small: 95 % interval."]
    if any(row["p_any_high"] >= 0 for row in rows):
        notes.append(NEVER_SEEN)
    if any(row["thin"] and not row["p_any_high"] >= 0 for row in rows):
        notes.append(TOO_FEW)
    return [" ".join(notes)]
