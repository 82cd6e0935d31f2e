"""The answer in sentences, made from the numbers: who loses least, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from experiments.comparison.paired import Ranking, Standing, flips
from experiments.statistics import Interval, short_number

if TYPE_CHECKING:
    from experiments.results import DesignSummary
    from experiments.review.material import Material


class Asked(NamedTuple):
    """A metric of the answer: its column of ``runs``, its number in summaries, name and unit."""

    column: str
    metric: str
    name: str
    unit: str


ASKED: Final = (
    Asked("downtime_s", "downtime_minutes_per_year", "downtime", "min a year"),
    Asked("split_brain_s", "split_brain_s_per_year", "split brain", "s a year"),
    Asked("writes_lost", "writes_lost_per_year", "loss of acknowledged writes", "writes a year"),
)

CONFIDENT: Final = "beyond the sampling error"


def question(material: Material) -> str:
    """What the page answers."""
    under = joined_words(material.profiles)
    if len(material.designs) == 1:
        return f"How does {material.designs[0]} fare under {under}?"
    return f"Which of {joined_words(material.designs)} loses least under {under}?"


def joined_words(words: tuple[str, ...] | list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def answers(material: Material, profile: str) -> list[str]:
    """Sentences on one profile: a metric each, and what most of the minutes come from."""
    found = []
    for asked in ASKED:
        ranking = material.ranking(profile, asked.column)
        if ranking is not None:
            best = material.summary(ranking.standings[0].design, profile)
            found.append(ranked_words(ranking, best.numbers.get(asked.metric), asked))
    if not found:
        found = [_alone(one) for one in material.under(profile) if one.numbers]
    found += [words for one in material.under(profile) if (words := _causes(one))]
    return found


def flip_words(material: Material) -> list[str]:
    """What changes with the profile; one sentence that nothing does, if there are several."""
    if len(material.profiles) < 2 or not material.rankings:
        return []
    found = flips(material.rankings)
    if found:
        return [f"The best design changes with the profile, {CONFIDENT}. {one}." for one in found]
    return ["No best design changes with the profile beyond the sampling error."]


def value_words(value: Interval, unit: str) -> str:
    """An estimate with its interval, as a sentence has it: ``95.2 min a year [80, 120]``."""
    if value.p_any_high is not None:
        return (
            f"none seen in {value.n} simulated {value.period}s (less than one "
            f"{value.period} in {max(1, int(1 / value.p_any_high))} has any)"
        )
    if value.thin and value.low is not None and value.high is not None:
        return f"between {short_number(value.low)} and {short_number(value.high)} {unit}"
    number, bracket, rest = value.text().partition(" [")
    return f"{number} {unit} [{rest}" if bracket else f"{number} {unit}"


def ranked_words(ranking: Ranking, value: Interval | None, asked: Asked) -> str:
    """One metric: who has least of it, and how the others stand to that one."""
    best, *others = ranking.standings
    never = [one.value.p_any_high is not None for one in ranking.standings]
    if all(never):
        return f"No {asked.name} was seen in any design ({ranking.runs} paired years)."
    said = f"Least {asked.name}: {best.design}, {value_words(value or best.value, asked.unit)}."
    return " ".join([said, *(_against(one, asked, ranking.runs) for one in others)])


def _against(other: Standing, asked: Asked, runs: int) -> str:
    """How another design stands to the best."""
    difference = other.difference
    if difference is None or difference.p_any_high is not None:
        return f"{other.design} had the same in every one of the {runs} paired years."
    if other.sure:
        return f"{other.design} has {value_words(difference, asked.unit)} more, {CONFIDENT}."
    low, high = difference.low, difference.high
    if low is None or high is None:
        return f"{runs} years are too few to tell {other.design} from it."
    return (
        f"{other.design} cannot be told from it by {runs} years (the difference is between "
        f"{short_number(low)} and {short_number(high)} {asked.unit})."
    )


def _alone(summary: DesignSummary) -> str:
    numbers = summary.numbers
    return (
        f"{summary.design} is down for "
        f"{value_words(numbers['downtime_minutes_per_year'], 'min a year')}, with split brain for "
        f"{value_words(numbers['split_brain_s_per_year'], 's a year')}."
    )


def _causes(summary: DesignSummary) -> str:
    """Which causes most of the downtime is charged to."""
    causes = {
        name: value.estimate
        for name, value in summary.downtime_minutes_by_cause.items()
        if value.estimate > 0
    }
    total = sum(causes.values())
    if not total:
        return ""
    most = [f"{name} ({short_share(value / total)})" for name, value in [*causes.items()][:3]]
    return f"Of the minutes down of {summary.design}, most come from {joined_words(most)}."


def short_share(share: float) -> str:
    """A share in per cent with two digits at most."""
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{short_number(round(100 * share, 1))} %"


def longest_years(material: Material) -> Iterator[tuple[str, str, Interval]]:
    """The design, the profile and the year that 1 in 20 is worse than, minutes."""
    for summary in material.summaries:
        value = summary.numbers.get("downtime_minutes_p95")
        if value is not None:
            yield summary.design, summary.profile, value
