"""The three numbers that a decision hangs on, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.review.markup import Child, Html, element, joined, scrolling
from experiments.review.wording import ASKED
from experiments.statistics import Interval

if TYPE_CHECKING:
    from experiments.comparison.paired import Ranking
    from experiments.review.material import Material


def glance(material: Material, profile: str) -> Html:
    """The three numbers that a decision hangs on, a row a design, the best of each marked."""
    rows: list[list[Child]] = []
    for summary in material.under(profile):
        cells = [
            _glance_cell(summary.design, summary.numbers.get(one.metric),
                         material.ranking(profile, one.column))
            for one in ASKED
        ]  # fmt: skip
        rows.append([summary.design, *cells])
    caption = f"Under {profile}, with 95 % intervals"
    head = ["", *(f"{one.name}, {one.unit}" for one in ASKED)]
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(
                # On a phone the cells stand below one another, each with its head.
                element("td", cell, data_label=head[place])
                for place, cell in enumerate(row[1:], start=1)
            ),
        )
        for row in rows
    ]
    return scrolling(
        caption,
        element("caption", caption),
        element("thead", element("tr", *(element("th", cell, scope="col") for cell in head))),
        element("tbody", *body),
        class_="glance cards",
    )


def _glance_cell(design: str, value: Interval | None, ranking: Ranking | None) -> Child:
    if value is None:
        return "-"
    if value.p_any_high is not None:
        said: Child = "none seen"
    else:
        head, bracket, rest = value.text().partition("[")
        bounds = rest.partition("]")[0]
        said = joined(
            element("b", head.strip()) if head.strip() else None,
            " ",
            element("span", f"{bracket}{bounds}]", class_="bounds"),
        )
    best = ranking is not None and ranking.standings[0].design == design
    return joined(said, element("span", " least", class_="least") if best else None)
