"""The designs in the same years: who has more of what, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.plots.paired import plot_paired
from experiments.review.figures import figure_of
from experiments.review.interval_cell import interval_cell
from experiments.review.markup import Child, Html, element, joined, paragraphs, scrolling, section
from experiments.statistics import short_number

if TYPE_CHECKING:
    import pandas as pd

    from experiments.comparison.paired import Ranking, Standing
    from experiments.review.material import Material

MOST_DIFFERENCES: Final = 3
"""Figures of differences; the table has all of them."""

STANDING_HEADS: Final = ("a year", "more than the best", "worse than the best in")


def comparison_section(material: Material) -> Html | None:
    """The designs in the same years; None if there is one design only."""
    if not material.rankings:
        return None
    parts = []
    for profile in material.profiles:
        found = [one for one in material.rankings if one.profile == profile]
        parts.append(_ranking_table(profile, found))
        parts += _differences(material, profile)
    return section(
        "comparison",
        "The designs in the same years",
        paragraphs(
            "All designs meet the same bad luck: a host or a path that two of them share fails at "
            "the same times in both. So the difference of a year is that of the designs, and its "
            "interval is narrower than two intervals side by side. A difference is marked “sure” "
            "if its interval lies above 0.",
        ),
        *parts,
    )


def _differences(material: Material, profile: str) -> list[Html]:
    """How the best design by downtime and each other one differ, year by year."""
    ranking = material.ranking(profile, "downtime_s")
    if ranking is None:
        return []
    best, *others = (standing.design for standing in ranking.standings)
    runs = material.runs[material.runs["profile"] == profile]
    return [_difference_figure(runs, best, other, profile) for other in others[:MOST_DIFFERENCES]]


def _difference_figure(runs: pd.DataFrame, best: str, other: str, profile: str) -> Html:
    return figure_of(
        lambda ax: plot_paired(runs, ax, first=other, second=best),
        alt=f"How much more downtime {other} has than {best}, year by year, under {profile}",
        caption=f"Years in which {other} was down longer than {best} are on the right.",
    )


def _ranking_table(profile: str, found: list[Ranking]) -> Html:
    head = ["", *STANDING_HEADS]
    caption = f"Under {profile}, {found[0].runs} paired years"
    blocks = [
        element(
            "tbody",
            element(
                "tr",
                element("th", ranking.metric.label.strip(), scope="rowgroup", colspan=len(head)),
                class_="block",
            ),
            *(_standing_row(standing) for standing in ranking.standings),
        )
        for ranking in found
    ]
    return scrolling(
        caption,
        element("caption", caption),
        element("thead", element("tr", *(element("th", cell, scope="col") for cell in head))),
        *blocks,
        class_="ranking cards",
    )


def _standing_row(standing: Standing) -> Html:
    cells = [interval_cell(standing.value), _difference(standing), _worse(standing)]
    return element(
        "tr",
        element("th", f"{standing.rank} {standing.design}", scope="row"),
        *(
            element("td", cell, data_label=label)
            for label, cell in zip(STANDING_HEADS, cells, strict=True)
        ),
    )


def _difference(standing: Standing) -> Child:
    if standing.difference is None:
        return "the best"
    mark = element("strong", " sure", class_="sure") if standing.sure else None
    return joined(interval_cell(standing.difference), mark)


def _worse(standing: Standing) -> Child:
    if standing.p_better is None:
        return ""
    return f"{short_number(100 * standing.p_better.estimate)} % of the years"
