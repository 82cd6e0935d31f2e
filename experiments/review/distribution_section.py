"""How bad a year can get: the distribution of the years, and what each design trades for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.plots.downtime import plot_downtime_distribution
from experiments.plots.pareto import plot_pareto
from experiments.plots.tables import metrics_table
from experiments.review.figures import figure_of
from experiments.review.markup import Html, joined, listed, section
from experiments.review.wording import longest_years, value_words

if TYPE_CHECKING:
    from experiments.review.material import Material


def distribution_section(material: Material) -> Html:
    """The share of years above a downtime, a figure a profile."""
    figures = [
        joined(_years(material, profile), _trade(material, profile))
        for profile in material.profiles
    ]
    bad = [
        f"{design} under {profile}: one year in 20 has more than {value_words(value, 'min')} down."
        for design, profile, value in longest_years(material)
    ]
    return section("years", "Good years and bad years", joined(figures), listed(bad))


def _trade(material: Material, profile: str) -> Html | None:
    """What each design trades for what; None where there is one design, or no finished run."""
    summaries = [one for one in material.under(profile) if one.numbers]
    if len(summaries) < 2:
        return None
    hosts = {point.design_name: len(point.design.hosts) for point in material.study.points}
    return figure_of(
        lambda ax: plot_pareto(metrics_table(summaries), hosts, ax, seed=material.study.seed),
        alt=f"Downtime against split brain of each design under {profile}, with 95 % intervals",
        caption="Further left is less downtime, further down less split brain. A filled design is "
        "beaten by no other in everything at once, the number of its hosts included.",
    )


def _years(material: Material, profile: str) -> Html | None:
    runs = material.runs[material.runs["profile"] == profile]
    if not len(runs[runs["status"] == "ok"]):
        return None
    return figure_of(
        lambda ax: plot_downtime_distribution(runs, ax),
        alt=f"Share of years with more downtime than so many minutes, by design, under {profile}",
        caption="Each line is a design: how large a share of its years (upwards) has more minutes "
        "down than the value below. Both scales grow by factors of ten.",
    )
