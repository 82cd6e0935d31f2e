"""What came out: every number with its interval, and how that interval was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from experiments.results.render import LABELS, OPTIONAL, share
from experiments.review.interval_cell import interval_cell
from experiments.review.markup import Html, element, joined, paragraphs, section, table
from experiments.statistics import short_number

if TYPE_CHECKING:
    from experiments.results import DesignSummary
    from experiments.review.material import Material

MEANINGS: Final = {
    "downtime_minutes_per_year": "less than the required share of requests succeed",
    "split_brain_s_per_year": "two or more servers of one store would accept writes",
    "p_split_brain": "a share: 0.1 is one year in ten",
    "writes_lost_per_year": "the client was told that they are safe, and they are gone",
    "failovers_true_per_year": "the master could not serve",
    "failovers_false_per_year": "the master could serve",
    "failovers_missed_per_year": "nobody promoted a stand-by in time",
    "pages_per_year": "times that somebody was called",
    "recovery_debt_s_per_year": "after outages, until a stand-by was ready again",
    "nines": "3 nines are 99.9 %, or 526 minutes a year; 4 nines 53 minutes",
}


def results_section(material: Material) -> Html:
    """A table for each profile, and what its brackets mean."""
    parts = []
    for profile in material.profiles:
        summaries = material.under(profile)
        if summaries:
            parts.append(_numbers(profile, summaries))
    return section(
        "results",
        "What came out",
        paragraphs(
            "Brackets are 95 % intervals: of a hundred such studies, about 95 would have intervals "
            "that hold the true value of the model. They say how much the luck of the simulated "
            "years matters, not how well the model or its assumptions fit your system. “No mean” "
            "stands where fewer than 30 were seen: too few to average, but the bounds hold.",
        ),
        *parts,
    )


def _numbers(profile: str, summaries: list[DesignSummary]) -> Html:
    rows = []
    for name, label in LABELS.items():
        values = [summary.numbers.get(name) for summary in summaries]
        if all(value is None for value in values):
            continue
        if name.startswith(OPTIONAL) and not any(value and value.estimate for value in values):
            continue
        period = summaries[0].period
        head = joined(
            _full_label(name, label.format(period=period)),
            element("small", f" {MEANINGS[name]}") if name in MEANINGS else None,
        )
        rows.append([head, *(interval_cell(value, _writer(name)) for value in values)])
    runs = ", ".join(f"{one.design} {one.runs}" for one in summaries)
    return table(
        ["", *(summary.design for summary in summaries)],
        rows,
        caption=f"Under {profile}; simulated years: {runs}",
        class_="numbers",
    )


def _full_label(name: str, label: str) -> str:
    """The label of the terminal's table, whole also where that one leans on the row above."""
    above = {
        "downtime_minutes_p": "downtime, min:",
        "failovers_false": "failovers/year,",
        "failovers_missed": "failovers/year,",
        "p_split": "split brain,",
        "interventions": "",
        "name_wrong": "the name",
        "name_double": "the name",
        "dnsmasq": "",
    }
    if not label.startswith("  "):
        return label
    prefix = next((words for start, words in above.items() if name.startswith(start)), "")
    words = label.strip().removeprefix("and ")
    unit = {"interventions_per_year": "/year", "dnsmasq_restarts_per_year": ", times a year"}
    seconds = ", s/year" if name.startswith("name_") else ""
    return f"{prefix} {words}{unit.get(name, '')}{seconds}".strip()


def _writer(name: str) -> Callable[[float], str]:
    return share if name == "availability" else short_number
