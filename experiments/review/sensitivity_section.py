"""What would change the decision: one value at a time, from low to high."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.plots.tornado import plot_tornado
from experiments.review.figures import figure_of
from experiments.review.interval_cell import interval_cell
from experiments.review.markup import Child, Html, element, joined, section, table
from experiments.review.swings import best_changes

if TYPE_CHECKING:
    from experiments.review.material import Material


def sensitivity_section(material: Material) -> Html:
    """Minutes down a year with each value at its two ends; or how to ask for that."""
    if not material.swings:
        how = " ".join([material.command, "--sensitivity profile.people.crew=1,2"])
        return section(
            "sensitivity",
            "What would change the decision",
            element(
                "p",
                "No value was varied. Name the values that you doubt, each with a low and a high "
                "one, and the page is written with what they change:",
            ),
            element("pre", element("code", how), tabindex="0"),
        )
    return section(
        "sensitivity",
        "What would change the decision",
        element(
            "p",
            "Each row varies one value and leaves all others, in the same years. Minutes down a "
            "year; what is printed bold is another best design than with the value as it is.",
        ),
        *(
            joined(_table(material, profile), *_tornados(material, profile))
            for profile in material.profiles
        ),
    )


def _tornados(material: Material, profile: str) -> list[Html]:
    drawn = (tornado(material, design, profile) for design in material.designs)
    return [one for one in drawn if one is not None]


def tornado(material: Material, design: str, profile: str) -> Html | None:
    """A bar for each varied value, from minutes down with its low end to those with its high.

    A value whose runs failed at one end has no bar; None if no bar is left.
    """
    import pandas as pd

    metric = "downtime_minutes_per_year"
    ends: dict[str, dict[str, object]] = {}
    for swing in material.swings:
        value = swing.downtime(design, profile)
        if value is not None:
            row = ends.setdefault(swing.path, {"parameter": swing.path})
            at = f"at_{swing.end}"
            row |= {swing.end: swing.value, at: value.estimate}
            row |= {f"{at}_low": value.low, f"{at}_high": value.high}
    base = material.summary(design, profile).numbers.get(metric)
    whole = [row for row in ends.values() if {"at_low", "at_high"} <= row.keys()]
    if base is None or not whole:
        return None
    rows = [{**row, "base": base.estimate, "metric": metric} for row in whole]
    return figure_of(
        lambda ax: plot_tornado(pd.DataFrame(rows), ax, sample=f"{design} under {profile}"),
        alt=f"Minutes down of {design} under {profile} with each varied value low and high",
        caption=f"{design}: the longer a bar, the more hangs on that value.",
        height_inches=min(7.5, 3.6 + 0.7 * len(rows)),
    )


def _table(material: Material, profile: str) -> Html:
    ranking = material.ranking(profile, "downtime_s")
    best = ranking.standings[0].design if ranking else material.designs[0]
    changed = best_changes(material.swings, best, profile)
    rows: list[list[Child]] = [
        [
            "as it is",
            *(
                interval_cell(material.summary(design, profile).numbers.get(
                    "downtime_minutes_per_year"))
                for design in material.designs
            ),
        ]
    ]  # fmt: skip
    for swing in material.swings:
        head: Child = f"{swing.path} = {swing.value}"
        rows.append(
            [
                element("strong", head) if swing in changed else head,
                *(interval_cell(swing.downtime(design, profile)) for design in material.designs),
            ]
        )
    words = (
        f"The best design changes with {', '.join(f'{one.path} = {one.value}' for one in changed)}."
        if changed
        else f"{best} stays the best by its mean with every value."
    )
    return joined(
        table(["value", *material.designs], rows, caption=f"Under {profile}, minutes down a year"),
        element("p", words) if len(material.designs) > 1 else None,
    )
