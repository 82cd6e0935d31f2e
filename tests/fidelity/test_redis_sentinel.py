"""Redis Sentinel against measured failovers: eight configurations, and eight of our own."""

from __future__ import annotations

from functools import cache

import pytest

from experiments.validation.configurations import CONFIGURATIONS, OWN_CONFIGURATIONS, simulated
from experiments.validation.measurements import DATA, OWN, read_measured
from experiments.validation.redis_sentinel import compare
from experiments.validation.report import Report

TRIALS = 240
"""Noise of a simulated median of a uniform second: 0.03 s."""
MORE_TRIALS = 1000
"""The same for a Sentinel that is the first in a third of the trials."""

# In the 47 failovers of C6 the second of three +sdown fell late: median 5.66 s, where three
# independent cycles give 5.54 +- 0.05 s (the same Sentinels, one by one, are as they should be).
# It is an accident: in the same configuration measured again (data/own) it does not show. All that
# follows inherits it; in C6 the lapses between milestones are judged, and in its repetitions all.
LATE_STARTS = {"C6, 6 s"}


# Who is the first to ask and to try hangs on the milliseconds between the starts: simulated 60 and
# 60 ms apart, measured 62 and 25.
STARTED_TOGETHER = "C6, 6 s, started together"

STOPPED_AGAIN = (STARTED_TOGETHER, "C6, 6 s, started apart")

# In a cluster this young a Sentinel's PINGs to both replicas still go out together, as it heard of
# them in one INFO: the first of the two is then not earlier than either.
HEARD_OF_TOGETHER = ("M2", "S1_sdown_replica")

ALL = {**CONFIGURATIONS, **OWN_CONFIGURATIONS}


@cache
def report(name: str) -> Report:
    one = ALL[name]
    measured = read_measured(DATA if name in CONFIGURATIONS else OWN, one.table)
    trials = MORE_TRIALS if name in (*STOPPED_AGAIN, "M7") else TRIALS
    return compare(one, measured, simulated(one, measured, range(trials)))


@pytest.mark.parametrize("name", ALL)
def test_milestones_fall_when_they_fell_in_reality(name: str) -> None:
    """If this fails, detection, election or failover takes another time than real Redis takes."""
    missed = [
        one.sampling_error()
        for one in report(name).comparisons
        if one.verdict == "MISS"
        and not one.column.endswith("_convert")
        and (name not in LATE_STARTS or "sdown" in one.column or " - " in one.column)
        and (name, one.column) != HEARD_OF_TOGETHER
        and (name != STARTED_TOGETHER or not one.column.endswith(("_odown", "_try")))
    ]
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize("name", ALL)
def test_what_happens_is_what_happened(name: str) -> None:
    """If this fails, failovers come when they did not, or writes survive that were lost."""
    wrong = [fact.text for fact in report(name).facts if not fact.holds]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "large"),
    [
        *((name, 100) for name in ("C1", "C3", "C1, down-after 1 s")),
        *((name, 200) for name in STOPPED_AGAIN),
    ],
)
def test_the_large_samples_meet_the_rule_without_excuse(name: str, large: int) -> None:
    """If this fails, medians are off by 60 ms or p90s by 120 ms where reality is well known."""
    off = [
        one.sampling_error()
        for one in report(name).comparisons
        if len(one.real) >= large
        and not one.passes
        # Mixtures with a gap of 1 s at a quantile: the sampling error of what was measured is
        # larger than the rule. (The returned master's link is judged from its restart on.)
        and not one.column.endswith(("_odown", "_convert", "old_link_up"))
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
