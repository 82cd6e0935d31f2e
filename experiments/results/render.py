"""The summaries as a table for the terminal, and as JSON for machines."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from experiments.results.summary import DesignSummary
from experiments.statistics import KNOWN_LONGEST, THIN_EVENTS, Interval, short_number

if TYPE_CHECKING:
    from rich.table import Table

SIDE_BY_SIDE = 3
"""More designs than this do not fit beside each other in 100 columns."""

LABELS = {
    "availability": "availability (of writes)",
    "nines": "nines",
    "downtime_minutes_per_year": "downtime, min/year",
    "downtime_minutes_p50": "  median {period}",
    "downtime_minutes_p95": "  1 {period} in 20 is above",
    "downtime_minutes_p99": "  1 {period} in 100 is above",
    "failovers_true_per_year": "failovers/year, true",
    "failovers_false_per_year": "  false",
    "failovers_missed_per_year": "  missed",
    "split_brain_s_per_year": "split brain, s/year",
    "split_brain_unserved_s_per_year": "  of it not served, s/year",
    "p_split_brain": "  P(any in a {period})",
    "writes_lost_per_year": "acked writes lost/year",
    "pages_per_year": "pages/year",
    "interventions_per_year": "  and things done by hand",
    "name_empty_s_per_year": "name says nothing, s/year",
    "name_wrong_s_per_year": "  leads to the wrong host",
    "name_double_s_per_year": "  leads to two hosts",
    "recovery_debt_s_per_year": "up without a stand-by, s/year",
    "hosts_rewrites_per_year": "hosts files written/year",
    "dnsmasq_restarts_per_year": "  dnsmasq restarted",
}

OPTIONAL = ("split_brain_unserved_", "name_", "hosts_", "dnsmasq_")
"""Rows that begin so are left out where no design has what they tell of."""


def share(value: float) -> str:
    """An availability with two digits more than it has nines: 0.99998 and not 1.0."""
    if value >= 1.0 or value <= 0.0:
        return short_number(value)
    return f"{value:.{min(12, 2 + math.ceil(-math.log10(1.0 - value)))}f}"


def _numbers(name: str) -> Callable[[float], str]:
    return share if name == "availability" else short_number


def render_summary(summaries: Sequence[DesignSummary]) -> Table:
    """The headline table, readable at 100 columns.

    Up to `SIDE_BY_SIDE` designs stand side by side; more of them stand in blocks, one below the
    other. The caption says what the brackets are, and which means are too thin to quote.
    """
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, caption=_caption(summaries), caption_justify="left")
    table.add_column("", no_wrap=True)
    if len(summaries) <= SIDE_BY_SIDE:
        for summary in summaries:
            table.add_column(f"{summary.design}\n{summary.profile}", overflow="fold")
        for row in _side_by_side(summaries):
            table.add_row(*row)
        return table
    table.add_column("estimate [95 % interval]", overflow="fold")
    for summary in summaries:
        for number, (label, cell) in enumerate(_side_by_side([summary])):
            style = "bold" if number == 0 else None
            name = f"{summary.design}, {summary.profile}" if number == 0 else label
            table.add_row(name, cell, style=style)
        table.add_section()
    return table


def _caption(summaries: Sequence[DesignSummary]) -> str:
    values = [value for summary in summaries for value in _intervals(summary)]
    lines = [
        "Brackets: 95 % intervals. Downtime and split brain: gamma for rate x",
        "duration (Fay-Feuer); percentiles: order statistics; counts: exact Poisson,",
        "wider if they come in bursts; P(any): Clopper-Pearson.",
    ]
    if any("no mean" in str(value) for value in values):
        lines.append(
            f"no mean: fewer than {THIN_EVENTS} were seen, too few to average; the bounds hold."
        )
    if any(value.p_any_high is not None for value in values):
        lines.append("0 seen: 95 % upper bounds on the mean, and on the chance of any in a run.")
    if any(value.thin and KNOWN_LONGEST in value.method for value in values):
        lines.append(
            "Bounds on what was hardly seen assume: nothing outlasts the most seconds that"
        )
        lines.append("any run was not good.")
    return "\n".join(lines)


def _intervals(summary: DesignSummary) -> Iterator[Interval]:
    yield from summary.numbers.values()
    yield from summary.downtime_minutes_by_cause.values()
    yield from summary.seconds_by_class.values()


def _side_by_side(summaries: Sequence[DesignSummary]) -> Iterator[list[str]]:
    yield ["", *(_sample(summary) for summary in summaries)]
    period = "run" if any(summary.period == "run" for summary in summaries) else "year"
    for name, label in LABELS.items():
        if name.startswith(OPTIONAL) and _says_nothing(summaries, name):
            continue
        cells = (_cell(summary.numbers.get(name), _numbers(name)) for summary in summaries)
        yield [label.format(period=period), *cells]
    causes = list(dict.fromkeys(c for s in summaries for c in s.downtime_minutes_by_cause))
    if causes:
        yield ["downtime by cause, min/year", *("" for _ in summaries)]
    for cause in causes:
        found = (summary.downtime_minutes_by_cause.get(cause) for summary in summaries)
        yield [f"  {cause}", *(_cell(interval) for interval in found)]
    classes = list(dict.fromkeys(c for s in summaries for c in s.seconds_by_class))
    if classes:
        yield ["seconds a year by class", *("" for _ in summaries)]
    for name in classes:
        found = (summary.seconds_by_class.get(name) for summary in summaries)
        yield [f"  {name}", *(_cell(interval) for interval in found)]


def _says_nothing(summaries: Sequence[DesignSummary], name: str) -> bool:
    found = (summary.numbers.get(name) for summary in summaries)
    return all(value is None or value.estimate == 0 for value in found)


def _sample(summary: DesignSummary) -> str:
    failed = f", {summary.failed} failed" if summary.failed else ""
    if not summary.runs:
        return f"no run finished{failed}"
    return f"{summary.runs} runs{failed}, {summary.outages} outages"


def _cell(interval: Interval | None, number: Callable[[float], str] = short_number) -> str:
    if interval is None:
        return "-"
    if interval.p_any_high is not None:
        # A bound of nothing but "a year has no more than a year" says less than its probability.
        if interval.high is not None and KNOWN_LONGEST in interval.method:
            return f"0 seen (at most {number(interval.high)})"
        return f"0 seen (P(any) < {short_number(100 * interval.p_any_high)} %)"
    # Rich reads [..] as markup; a backslash makes it text.
    return interval.text(number).replace("[", r"\[")


def to_json(summaries: Sequence[DesignSummary]) -> list[dict[str, object]]:
    """The summaries as plain lists, dicts, numbers and text, fit for `json.dumps`.

    Intervals become objects with the fields of `Interval`. What is infinite (the nines of a design
    that never failed) becomes None, because JSON has no infinity.
    """
    return [
        {str(key): plain(value) for key, value in asdict(summary).items()} for summary in summaries
    ]


def plain(value: object) -> object:
    """`value` with infinities as None, all through its dicts."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
