"""Redis Sentinel against 720 measured failovers: eight configurations, milestone by milestone."""

from __future__ import annotations

from functools import cache

import pytest

from experiments.validation.configurations import CONFIGURATIONS, simulated
from experiments.validation.measurements import DATA, read_measured
from experiments.validation.redis_sentinel import compare
from experiments.validation.report import Report

TRIALS = 240
"""Noise of a simulated median of a uniform second: 0.03 s."""

# In the 47 failovers of C6 the second of three +sdown fell late: median 5.66 s, where three
# independent cycles give 5.54 +- 0.05 s (the same Sentinels, one by one, are as they should be).
# All that follows inherits this one accident; there the lapses between milestones are judged.
LATE_STARTS = {"C6, 6 s"}


@cache
def report(name: str) -> Report:
    one = CONFIGURATIONS[name]
    measured = read_measured(DATA, one.table)
    return compare(one, measured, simulated(one, measured, range(TRIALS)))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_milestones_fall_when_they_fell_in_reality(name: str) -> None:
    """If this fails, detection, election or failover takes another time than real Redis takes."""
    missed = [
        one.sampling_error()
        for one in report(name).comparisons
        if one.verdict == "MISS"
        and not one.column.endswith("_convert")
        and (name not in LATE_STARTS or "sdown" in one.column or " - " in one.column)
    ]
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_happens_is_what_happened(name: str) -> None:
    """If this fails, failovers come when they did not, or writes survive that were lost."""
    wrong = [fact.text for fact in report(name).facts if not fact.holds]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["C1", "C3"])
def test_the_large_samples_meet_the_rule_without_excuse(name: str) -> None:
    """If this fails, medians are off by 60 ms or p90s by 120 ms where reality is well known."""
    off = [
        one.sampling_error()
        for one in report(name).comparisons
        if len(one.real) >= 100
        and not one.passes
        # A mixture with a gap of 1 s at the median: its own sampling error is larger than the rule.
        and not one.column.endswith(("_odown", "_convert"))
    ]
    assert not off, "\n".join(off)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("C1", "ret_lost"),
        ("C4", "w_acked_after_fault"),
        ("C6, 3 s", "w_acked_after_fault"),
        ("C6, 6 s", "lost_after_fault"),
        ("C7", "lost_after_fault"),
    ],
)
def test_as_many_writes_are_lost(name: str, column: str) -> None:
    """If this fails, the price of a split brain or of a restarted master is off by over 3 %."""
    (one,) = (one for one in report(name).comparisons if one.column == column)
    assert one.passes, one.sampling_error()
