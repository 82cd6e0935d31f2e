"""``make deck``: the figures, pictures and tables of ``docs/deck.md``, made anew.

What the page shows is kept in ``docs/deck/figures.json``; tests hold the page to it, and it to the
code: of each recipe a pilot of few trials is kept too, which a test runs again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from experiments.deck.recipe import Recipe
from experiments.deck.recipes import RECIPES
from experiments.readme import fill
from experiments.study.workers import map_in_order, process_pool, processors
from experiments.timeline.draw import draw
from experiments.timeline.timeline import trial_timeline

PAGE: Final = Path("docs/deck.md")
FIGURES: Final = Path("docs/deck/figures.json")
IMAGES: Final = Path("docs/images/deck")
PILOT: Final = 2
"""Trials of each recipe that a test runs again."""

# Bars of a dozen flat colours: a palette makes the file a third of its size.
_COLOURS: Final = 256

Rows = Sequence[Sequence[str]]


def figures_of(recipe: Recipe, n: int) -> list[list[str]]:
    """Return the figures of ``n`` trials of a recipe as rows of text."""
    return [list(figure) for figure in recipe.measure(n)]


def by_item(item: str) -> Recipe:
    """Return the recipe of an item (``3.1.4``); raises KeyError for one that is not there."""
    return {recipe.item: recipe for recipe in RECIPES}[item]


# The parts of the page ------------------------------------------------------------------------


def overview() -> str:
    """Return the table of all recipes."""
    heads = "| item | what goes wrong | `sengu inject` | picture |"
    lines = [heads, "| --- | --- | --- | --- |"]
    for one in RECIPES:
        link = f"[{one.item}](#{anchor(one)})"
        picture = f"[{one.picture}](images/deck/{one.picture})"
        strikes = ", ".join(f"`{fault}`" for fault in one.command.faults)
        lines.append(f"| {link} | {one.title} | `{one.command.design}`: {strikes} | {picture} |")
    return "\n".join(lines)


def heading(recipe: Recipe) -> str:
    """Return the heading of a recipe's section."""
    return f"{recipe.item} {recipe.title}"


def anchor(recipe: Recipe) -> str:
    """Return what a link to that heading ends in."""
    kept = (sign for sign in heading(recipe).lower() if sign.isalnum() or sign in " _-")
    return "".join(kept).replace(" ", "-")


def section(recipe: Recipe, rows: Rows) -> str:
    """Return commands, picture and figures of a recipe."""
    parts = [_block(recipe.command.shell(recipe.picture))]
    for number, (words, command) in enumerate(recipe.also, start=1):
        parts += [f"{words}:", _block(command.shell(f"{recipe.item}-{number}.png"))]
    parts.append(f"![{recipe.title}](images/deck/{recipe.picture})")
    parts.append(table(rows, recipe.n))
    return "\n\n".join(parts)


def _block(command: str) -> str:
    return f"```sh\n{command}\n```"


def table(rows: Rows, n: int) -> str:
    """Return figures as a table; the expected ones have a column if there are any."""
    known = any(row[2] for row in rows)
    heads = [f"{n} trials", "sengu", *(["expected"] if known else [])]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    lines += [f"| {' | '.join(row[: len(heads)])} |" for row in rows]
    return "\n".join(lines)


def sections(root: Path) -> dict[str, str]:
    """Return what stands between the page's markers, by the marker's name."""
    kept: Mapping[str, Any] = json.loads((root / FIGURES).read_text(encoding="utf-8"))
    parts = {f"deck-{one.item}": section(one, kept[one.item]["figures"]) for one in RECIPES}
    return {"deck-table": overview(), **parts}


# Making it anew -------------------------------------------------------------------------------


def picture(recipe: Recipe, folder: Path) -> Path:
    """Draw the first trial of a recipe's command into ``folder``."""
    from PIL import Image

    _, timeline = trial_timeline(recipe.command.order())
    path = draw(timeline, folder / recipe.picture, title=heading(recipe))
    with Image.open(path) as drawn:
        small = drawn.convert("RGB").quantize(
            _COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    small.save(path, optimize=True)
    return path


def _make(item: str) -> tuple[str, dict[str, Any]]:
    recipe = by_item(item)
    picture(recipe, IMAGES)
    pilot = figures_of(recipe, PILOT)
    return item, {"trials": recipe.n, "figures": figures_of(recipe, recipe.n), "pilot": pilot}


def main() -> int:
    """Run all recipes, draw them and rewrite the page; returns the exit code."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    items = [recipe.item for recipe in RECIPES]
    with process_pool(processors()) as pool:
        kept = dict(map_in_order(pool, _make, items))
    FIGURES.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), sections(Path())), encoding="utf-8")
    print(f"{PAGE}: {len(items)} recipes, as they are now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
