"""The table of a family of models: exact value, estimate, standard error, z."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table

from experiments.validation.exact.row import WITHIN_STANDARD_ERRORS, Row
from experiments.validation.report import Fact, Report


@dataclass(frozen=True)
class ExactReport(Report):
    """A report whose rows have exact answers."""

    rows: list[Row] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """The rows that are off, and the facts that do not hold, in words."""
        off = [row.sentence() for row in self.rows if not row.holds()]
        return off + [fact.text for fact in self.facts if not fact.holds]

    def render(self) -> RenderableType:
        """Return the report as a table and lines."""
        facts = [f"  {'ok  ' if fact.holds else 'MISS'}  {fact.text}" for fact in self.facts]
        return Group(f"[bold]{self.title}[/bold]", _table(self.rows), *facts, "")


def exact_report(title: str, rows: list[Row]) -> ExactReport:
    """Return the report of a family: its rows, and what they say together."""
    judged = [row for row in rows if row.judged]
    largest = max(abs(row.z) for row in judged)
    held = sum(row.holds() for row in judged)
    close = sum(row.is_close for row in judged)
    facts = [
        Fact(
            f"{held} of {len(judged)} within {WITHIN_STANDARD_ERRORS:g} standard errors "
            f"(largest |z| {largest:.2f}), {close} within 1 %",
            held == len(judged),
        )
    ]
    for row in rows:
        if row.first_z is not None:
            name = row.name.strip()
            text = f"{name}: off in a first sample (z {row.first_z:+.2f}), judged by a second"
            facts.append(Fact(text, row.holds()))
    printed = [row for row in rows if row.printed]
    if printed:
        other = [row.name for row in printed if not row.print_agrees]
        text = f"{len(printed) - len(other)} of {len(printed)} figures in print are the exact ones"
        facts.append(Fact(text + "".join(f"; not {name}" for name in other), not other))
    return ExactReport(title, facts=facts, rows=rows)


def _verdict(row: Row) -> str:
    if not row.judged:
        return "-"
    return "ok" if row.holds() else "MISS"


def _note(row: Row) -> str:
    notes = [] if row.print_agrees else ["differs"]
    return ", ".join(notes if row.first_z is None else [*notes, "2nd sample"])


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="")
    table.add_column("figure", no_wrap=True)
    for name in ("exact", "sengu", "std. error", "z", "off"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("in print", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in rows:
        table.add_row(
            f"{row.name} [{row.unit}]".replace("[", r"\[") if row.unit else row.name,
            f"{row.exact:.7g}",
            f"{row.estimate:.7g}",
            f"{row.standard_error:.2g}" if row.judged else "few events",
            f"{row.z:+.2f}" if row.judged else "-",
            f"{100 * row.off_share:+.2f} %",
            _verdict(row),
            row.printed or "-",
            _note(row),
        )
    return table
