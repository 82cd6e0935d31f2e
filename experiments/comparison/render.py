"""Rankings as tables for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from experiments.comparison.paired import Ranking, Standing, flips
from experiments.comparison.pareto import unbeaten
from experiments.results.render import plain
from experiments.statistics import Interval, short_number

if TYPE_CHECKING:
    from rich.table import Table


def render_rankings(found: Sequence[Ranking], profile: str) -> Table:
    """The rankings under one profile, readable at 100 columns."""
    from rich import box
    from rich.table import Table

    shown = [one for one in found if one.profile == profile]
    table = Table(
        box=box.SIMPLE_HEAD,
        title=f"under {profile}, {shown[0].runs} paired years",
        title_justify="left",
        caption="Brackets: 95 % intervals. More than the best: mean of the differences in the same "
        f"years;\n(!) above 0 beyond the sampling error. Worse in: share of years.{_saved(shown)}",
        caption_justify="left",
    )
    table.add_column("", no_wrap=True)
    table.add_column("a year", justify="right")
    table.add_column("more than the best", justify="right")
    table.add_column("worse in", justify="right")
    for ranking in shown:
        table.add_row(ranking.metric.label.strip(), style="bold")
        for standing in ranking.standings:
            table.add_row(*_row(standing))
    return table


def _row(standing: Standing) -> tuple[str, str, str, str]:
    name = f"  {standing.rank} {standing.design}"
    if standing.difference is None or standing.p_better is None:
        return name, _cell(standing.value), "", ""
    mark = " (!)" if standing.sure else ""
    worse = _share(standing.p_better)
    return name, _cell(standing.value), _cell(standing.difference) + mark, worse


def _share(found: Interval) -> str:
    """A share of years with its interval, both in percent."""
    low, high = (
        "?" if bound is None else f"{100 * bound:.0f}" for bound in (found.low, found.high)
    )
    return f"{100 * found.estimate:.0f} % \\[{low}, {high}]"


def _saved(shown: Sequence[Ranking]) -> str:
    """What it brings that designs meet the same years, for the first metric."""
    of_first = [
        place.pairing_factor for place in shown[0].standings if place.pairing_factor is not None
    ]
    if not of_first:
        return ""
    least, most = (f"{short_number(one)}" for one in (min(of_first), max(of_first)))
    times = least if least == most else f"{least} to {most}"
    what = shown[0].metric.label.partition(",")[0]
    return f"\nIn the same years, the variance of a difference in {what} is {times} times smaller."


def _cell(interval: Interval) -> str:
    if interval.p_any_high is not None:
        return "0 (none seen)"
    return interval.text().replace("[", r"\[")


def flips_in_words(found: Sequence[Ranking]) -> str:
    """What changes with the profile; empty text if nothing does or there is one profile only."""
    sentences = flips(found)
    if not sentences:
        return ""
    return "The best design changes with the profile, beyond the sampling error:\n" + "\n".join(
        f"  {one}" for one in sentences
    )


def rankings_to_json(found: Sequence[Ranking], hosts: Mapping[str, int]) -> dict[str, object]:
    """The rankings, and by profile the designs that none beats, fit for ``json.dumps``."""
    profiles = dict.fromkeys(one.profile for one in found)
    best = {profile: unbeaten(found, profile, hosts) for profile in profiles}
    return {"rankings": _plain_rankings(found), "hosts": dict(hosts), "beaten_by_none": best}


def _plain_rankings(found: Sequence[Ranking]) -> list[dict[str, object]]:
    return [
        {
            "profile": one.profile,
            "metric": one.metric.column,
            "runs": one.runs,
            "standings": [
                {**{key: plain(value) for key, value in asdict(place).items()}, "sure": place.sure}
                for place in one.standings
            ],
        }
        for one in found
    ]
