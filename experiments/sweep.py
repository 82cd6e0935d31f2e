"""Sweeps: one design with some of its values varied, every combination under the same bad luck.

What is varied is what ``--set`` could set: ``sentinel.foo.quorum=1,2,3``, and behind ``profile.``
values of the profile. Point k of a sweep and point 0 differ in nothing else, so their years can be
compared one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from experiments.results import DesignSummary
from experiments.statistics import Interval, short_number

if TYPE_CHECKING:
    from rich.table import Table

MOST_POINTS: Final = 1000
"""More combinations than this are a slip of the keyboard."""

COLUMNS: Final = {
    "downtime_minutes_per_year": "downtime,\nmin/year",
    "split_brain_s_per_year": "split brain,\ns/year",
    "writes_lost_per_year": "acked writes\nlost/year",
    "failovers_false_per_year": "false\nfailovers",
    "pages_per_year": "pages/year",
}

# No path of a spec has more words than this.
_DEEPEST: Final = 12
_OPENING, _CLOSING = "{[(\"'", "}])\"'"


@dataclass(frozen=True)
class Variation:
    """A path, and the texts of the values that it takes in turn."""

    path: str
    values: tuple[str, ...]


def read_variation(text: str) -> Variation:
    """Read ``path=v1,v2,...``; commas inside brackets or quotes belong to a value.

    Raises ValueError, one line, for a text without a path or with fewer than two values.
    """
    path, equals, listed = text.partition("=")
    values = _split(listed)
    if not equals or not path.strip():
        raise ValueError(f"'{text[:60]}': expected path=value,value,... such as redis.foo.x=1,2")
    if len(values) < 2 or not all(values):
        raise ValueError(f"'{text[:60]}': a value is varied over at least two; use --set for one")
    return Variation(path.strip(), tuple(values))


def _split(listed: str) -> list[str]:
    parts, depth, quote = [""], 0, ""
    for letter in listed:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _OPENING:
            depth += 1
        elif letter in _CLOSING:
            depth -= 1
        if letter == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def combinations(variations: Sequence[Variation]) -> list[tuple[str, ...]]:
    """Return every combination as the texts that ``--set`` would take, the last varying fastest.

    Raises ValueError if there are more than :data:`MOST_POINTS`.
    """
    count = 1
    for variation in variations:
        count *= len(variation.values)
    if count > MOST_POINTS:
        raise ValueError(f"{count:,} combinations; at most {MOST_POINTS:,} are run at once")
    each = [[f"{one.path}={value}" for value in one.values] for one in variations]
    return [tuple(chosen) for chosen in product(*each)]


def label(chosen: Sequence[str]) -> str:
    """Return a point's name: what is varied, by as much of each path as tells them apart."""
    pairs = [one.partition("=") for one in chosen]
    paths = [path.split(".") for path, _, _ in pairs]
    words = 1
    while len({tuple(path[-words:]) for path in paths}) < len(paths) and words < _DEEPEST:
        words += 1
    names = [".".join(path[-words:]) for path in paths]
    return ", ".join(f"{name}={value}" for name, (_, _, value) in zip(names, pairs, strict=True))


def render_sweep(summaries: Sequence[DesignSummary], title: str) -> Table:
    """The points of a sweep, a row each, readable at 100 columns."""
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        caption="Brackets: 95 % intervals. All points meet the same bad luck.",
        caption_justify="left",
    )
    table.add_column("", no_wrap=True)
    for heading in COLUMNS.values():
        table.add_column(heading, justify="right")
    for summary in summaries:
        table.add_row(
            summary.design.replace(", ", "\n"),
            *(_cell(summary.numbers.get(name)) for name in COLUMNS),
        )
    return table


def _cell(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    if interval.p_any_high is not None:
        return "0\n(none seen)"
    text = interval.text().replace("[", r"\[")
    if interval.thin:
        return text.replace("] ", "]\n")
    estimate, bounds = text.split(" ", 1)
    return f"{short_number(interval.estimate) or estimate}\n{bounds}"
