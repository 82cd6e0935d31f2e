"""Which designs no other one beats in everything at once: what they lose, and what they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from experiments.comparison.paired import Ranking

LOSSES: Final = ("downtime_s", "split_brain_s", "writes_lost")
"""The columns of ``runs`` that count, beside the number of hosts."""


def unbeaten(found: Sequence[Ranking], profile: str, hosts: Mapping[str, int]) -> list[str]:
    """The designs under a profile that no other is as good as in all and better in one.

    By their means over the paired years, and ``hosts``, the hosts of each; in the order of the
    first ranking.
    """
    losses: dict[str, list[float]] = {}
    for ranking in found:
        if ranking.profile == profile and ranking.metric.column in LOSSES:
            for place in ranking.standings:
                losses.setdefault(place.design, []).append(place.value.estimate)
    points = {design: (*of_design, hosts[design]) for design, of_design in losses.items()}
    return [
        design
        for design, point in points.items()
        if not any(beats(other, point) for other in points.values())
    ]


def beats(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether ``one`` is nowhere worse than ``other``, and better somewhere."""
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
