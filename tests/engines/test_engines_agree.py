"""Whole worlds under storms of faults: naive, fast and audit tell the same story, line for line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.catalogue import load_design
from experiments.engines import (
    Hastened,
    compare_engines,
    design_names,
    first_difference,
    shipped_profile,
    stress,
    stressed_order,
)
from sim.laws import Exponential
from sim.streams import Streams

# The other designs of the whole system differ from it in one thing each.
LIKE_DECK_FULL = ("deck-full-manual", "deck-full-quiet-admin", "deck-full-third-site")
STORMS = [
    (design, replication)
    for design in design_names()
    for replication in range(1 if design in LIKE_DECK_FULL else 3)
]


@pytest.mark.parametrize(("design", "replication"), STORMS)
def test_engines_agree_in_a_storm(design: str, replication: int) -> None:
    """If this fails, a guard of a model is too narrow, and every study is wrong by it."""
    order = stressed_order(design, "cloud-2015", replication, factor=8000, horizon_s=1200.0)
    comparison = compare_engines(order)
    assert comparison.difference is None, comparison.difference
    assert comparison.faults > 3


@pytest.mark.parametrize("design", ["deck-redis", "sentinel-3-hosts"])
def test_engines_agree_where_faults_seldom_overlap(design: str) -> None:
    """If this fails, recovery from a single fault is not slept through exactly."""
    order = stressed_order(design, "cloud-2015", 7, factor=500, horizon_s=3600.0)
    comparison = compare_engines(order)
    assert comparison.difference is None, comparison.difference
    assert comparison.faults > 0


def test_engines_agree_where_replicas_follow_replicas() -> None:
    """If this fails, a chain of replicas after a failover is slept through."""
    sets = ["hosts.a03={site: east, boot: 2min}", "redis.foo.replicas=[a02, a03]"]
    _, design = load_design("deck-redis", sets)
    order = stressed_order("deck-redis", "cloud-2015", 3, factor=2000, horizon_s=1500.0)
    comparison = compare_engines(replace(order, design=design))
    assert comparison.difference is None, comparison.difference
    assert comparison.faults > 3


def test_stress_multiplies_rates_and_leaves_durations() -> None:
    """If this fails, the comparisons run under other faults than they say."""
    calm = shipped_profile("cloud-2015")
    stormy = stress(calm, 500)
    for cause, fault in calm.faults.items():
        hastened = stormy.faults[cause].every
        if fault.every is None or hastened is None:
            assert stormy.faults[cause] == fault
            continue
        assert hastened.mean_s == pytest.approx(fault.every.mean_s / 500)
        assert stormy.faults[cause].lasts == fault.lasts
    with pytest.raises(ValueError, match="positive factor"):
        stress(calm, 0)


def test_a_hastened_law_is_the_law_divided() -> None:
    """If this fails, the stressed faults have another law than the profile's, hastened."""
    law = Exponential(1000.0)
    hastened = Hastened(law, 4)
    assert hastened.median_s == law.median_s / 4
    assert hastened.quantile(0.3) == law.quantile(0.3) / 4
    assert hastened.cdf(100.0) == law.cdf(400.0)
    assert hastened.residual_at(0.2, 0.7) == law.residual_at(0.2, 0.7) / 4
    drawn, whole = (Streams(1, 0).stream("a") for _ in range(2))
    assert hastened.sample_ns(drawn) == round(law.sample_ns(whole) / 4)
    assert hastened.first_residual_ns(drawn) == round(law.first_residual_ns(whole) / 4)


def test_a_difference_is_shown_with_what_came_before() -> None:
    """If this fails, a difference between engines is missed, or is reported at another line."""
    same = [str(number) for number in range(20)]
    assert first_difference(same, same, "fast") is None
    shown = first_difference(same, [*same[:10], "other", *same[11:]], "fast")
    assert shown is not None
    assert shown.startswith("line 11 differs (20 naive, 20 fast)")
    assert "  both    9\n  naive   10" in shown
    assert "  fast    other" in shown
    assert first_difference(same, same[:-1], "fast") is not None
