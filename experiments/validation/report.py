"""What a validation says: facts that hold or not, and tables, printed for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.console import Console, Group, RenderableType
from rich.table import Table

from experiments.validation.comparison import (
    MEDIAN_WITHIN_S,
    P90_WITHIN_S,
    Comparison,
    quantiles,
)
from experiments.validation.figures import Figure, figure_table

WIDTH = 140
"""Columns of the report where the terminal does not say."""


class Fact(NamedTuple):
    """Something that was measured as yes or no, or as a share, and whether it is so here."""

    text: str
    holds: bool


@dataclass(frozen=True)
class Report:
    """One configuration against its measurements."""

    title: str
    comparisons: list[Comparison] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """What is off, in words; misses inside the sampling error are left out."""
        rows = [one.sampling_error() for one in self.comparisons if one.verdict == "MISS"]
        rows += [one.sentence() for one in self.figures if one.verdict == "MISS"]
        return rows + [fact.text for fact in self.facts if not fact.holds]

    def render(self) -> RenderableType:
        """Return the report as tables and lines."""
        parts: list[RenderableType] = [f"[bold]{self.title}[/bold]"]
        if self.comparisons:
            parts.append(_table(self.comparisons))
        if self.figures:
            parts.append(figure_table(self.figures))
        parts += [f"  {'ok  ' if fact.holds else 'MISS'}  {fact.text}" for fact in self.facts]
        unsure = [one for one in self.comparisons if one.verdict in ("sample", "MISS")]
        if unsure:
            parts.append("  The measured quantiles are known to these 99 % intervals:")
            parts += [f"    {one.verdict:6}  {one.sampling_error()}" for one in unsure]
        return Group(*parts, "")


def _table(comparisons: Sequence[Comparison]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="")
    for name in ("milestone", "n", "p10", "median", "p90", "n sim", "p10", "median", "p90"):
        table.add_column(name, justify="left" if name == "milestone" else "right", no_wrap=True)
    for name in ("d median", "d p90", "KS", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for one in comparisons:
        table.add_row(*_cells(one))
    return table


def _cells(one: Comparison) -> list[str]:
    def shown(values: Sequence[float]) -> list[str]:
        if not values:
            return ["-"] * 3
        digits = 0 if one.counts_writes else 3
        return [f"{value:.{digits}f}" for value in quantiles(values)]

    offs = ["-", "-"]
    if one.real and one.simulated:
        scale, unit = (1.0, "") if one.counts_writes else (1000.0, " ms")
        offs = [f"{scale * off:+.0f}{unit}" for off in (one.median_off, one.p90_off)]
    real, simulated = shown(one.real), shown(one.simulated)
    counts = [str(len(one.real)), str(len(one.simulated))]
    return [
        one.column,
        counts[0],
        *real,
        counts[1],
        *simulated,
        *offs,
        f"{one.distance:.2f}",
        one.verdict,
    ]


def print_reports(reports: Sequence[Report], console: Console) -> None:
    """Print all reports, then what is off."""
    for report in reports:
        console.print(report.render(), soft_wrap=True, highlight=False)
    console.print(_summary(reports), soft_wrap=True, highlight=False)
    for report in reports:
        for text in report.missed:
            console.print(f"missed: {report.title}: {text}", soft_wrap=True, highlight=False)


def _summary(reports: Sequence[Report]) -> str:
    """Return what was judged, by which rule, and how it came out."""
    parts = []
    rows = [one.verdict for report in reports for one in report.comparisons if one.judged]
    if rows:
        parts.append(
            f"{len(rows)} milestones judged (median within {1000 * MEDIAN_WITHIN_S:.0f} ms, p90 "
            f"within {1000 * P90_WITHIN_S:.0f} ms, median of writes within 3 %): {_counted(rows)}"
        )
    figures = [one.verdict for report in reports for one in report.figures if one.judged]
    if figures:
        parts.append(f"{len(figures)} figures judged: {_counted(figures)}")
    facts = [fact for report in reports for fact in report.facts]
    if facts:
        parts.append(f"{sum(fact.holds for fact in facts)} of {len(facts)} facts hold")
    return "; ".join(parts) + "."


def _counted(verdicts: Sequence[str]) -> str:
    return (
        f"{verdicts.count('ok')} ok, {verdicts.count('sample')} off by no more than the sampling "
        f"error of the measured trials, {verdicts.count('MISS')} missed"
    )
