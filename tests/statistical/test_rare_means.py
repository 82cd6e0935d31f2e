"""The interval of yearly downtime: what it promises, and that `make coverage` measures the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.coverage import (
    CONFIDENCE,
    LEAST,
    LOG_SDS,
    Cell,
    bounds,
    draw,
    grid,
    hall_bounds,
    measure,
)
from experiments.results.summary import MINUTES_PER_YEAR
from experiments.statistics import KNOWN_LONGEST, mean, poisson_rate, rare_mean

SECOND_MIN = 1 / 60.0
LENGTHS = st.lists(st.floats(1e-6, 1e5), min_size=1, max_size=60)


def in_years(parts: list[float], n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The parts dealt out to n years, one after the other."""
    year = np.arange(len(parts)) % n
    return np.bincount(year, weights=parts, minlength=n)[:n].astype(np.float64)


@pytest.mark.parametrize("law", LOG_SDS)
@pytest.mark.parametrize(
    ("unavailability", "outage", "years"),
    [
        (1e-2, "4 h", 30),
        (1e-3, "1 h", 100),
        (1e-4, "10 min", 1000),
        (1e-5, "15 s", 100),
        (1e-5, "10 min", 30),
        (1e-6, "4 h", 1000),
        (1e-8, "15 s", 100),
        (1e-8, "4 h", 30),
    ],
)
def test_downtime_interval_holds_the_truth(
    unavailability: float, outage: str, years: int, law: str
) -> None:
    """Reviews would rest on intervals that miss more often than they say, on the bad side."""
    found = measure(Cell(unavailability, outage, years, law), samples=1000)
    assert found.holds >= LEAST - 2 * found.error
    # Whatever is too short lies below the truth: the lower bound alone keeps half the promise.
    assert found.above <= (1 - CONFIDENCE) / 2 + 2 * found.error


@pytest.mark.parametrize("log_sd", ["s = 1.4", "s = 1.94"])
def test_hall_is_not_enough_for_rare_outages(log_sd: str) -> None:
    """The more complicated interval would have no reason to be."""
    found = measure(Cell(1e-6, "10 min", 100, log_sd), samples=1000)
    assert found.hall < 0.9 < LEAST <= found.holds


def test_the_grid_reaches_from_many_outages_to_none() -> None:
    """The committed table would not show what it is meant to show."""
    cells = list(grid())
    assert {cell.unavailability for cell in cells} == {10.0**-k for k in range(2, 9)}
    assert {cell.years for cell in cells} == {30, 100, 1000, 10_000}
    expected = sorted(cell.per_year * cell.years for cell in cells)
    assert expected[0] < 0.001
    assert expected[-1] > 1e5


@pytest.mark.parametrize("outage", ["10 min", "4 h"])
def test_coverage_is_of_the_intervals_that_are_printed(outage: str) -> None:
    """The committed coverage would be of another program than the one that makes the reports."""
    cell = Cell(1e-6, outage, 100, "s = 1.4")
    drawn = draw(cell, 200)
    low, high = bounds(drawn, cell.years)
    hall_low, hall_high = hall_bounds(drawn, cell.years)
    assert 0 < np.count_nonzero(drawn.counts) < 200
    last = np.cumsum(drawn.counts)
    for k, count in enumerate(drawn.counts):
        parts = drawn.parts[last[k] - count : last[k]]
        found = rare_mean(drawn.totals[k], parts, largest=MINUTES_PER_YEAR)
        assert (found.low, found.high) == (pytest.approx(low[k]), pytest.approx(high[k]))
        hall = mean(drawn.totals[k], largest=MINUTES_PER_YEAR)
        assert (hall.low or 0) == pytest.approx(max(hall_low[k], 0))
        assert hall.high == pytest.approx(hall_high[k])


@given(parts=LENGTHS, n=st.integers(2, 50), confidence=st.floats(0.01, 0.999))
def test_interval_holds_its_estimate_and_is_made_of_numbers(
    parts: list[float], n: int, confidence: float
) -> None:
    """A report would show a mean outside its own bounds, or a NaN."""
    found = rare_mean(in_years(parts, n), parts, confidence)
    assert found.low is not None and found.high is not None
    assert 0 <= found.low <= found.estimate <= found.high < math.inf
    assert found.estimate == pytest.approx(sum(parts) / n)
    assert (found.events, found.thin) == (len(parts), len(parts) < 30)


@given(parts=LENGTHS, n=st.integers(2, 50), less=st.floats(0.01, 0.99), more=st.floats(0.01, 0.99))
def test_more_confidence_never_shortens_the_interval(
    parts: list[float], n: int, less: float, more: float
) -> None:
    """A reader who asks to be surer would be told a shorter interval."""
    less, more = min(less, more), max(less, more)
    years = in_years(parts, n)
    inner, outer = rare_mean(years, parts, less), rare_mean(years, parts, more)
    slack = 1e-9 * inner.estimate
    assert (outer.low or 0) <= (inner.low or 0) + slack
    assert (outer.high or 0) >= (inner.high or 0) - slack


@given(parts=LENGTHS, n=st.integers(2, 50), scale=st.floats(1e-9, 1e9))
def test_seconds_and_minutes_tell_the_same(parts: list[float], n: int, scale: float) -> None:
    """The interval would depend on the unit that a metric happens to be in."""
    one = rare_mean(in_years(parts, n), parts)
    other = rare_mean(in_years(parts, n) * scale, np.array(parts) * scale)
    assert other.low == pytest.approx((one.low or 0) * scale, rel=1e-6)
    assert other.high == pytest.approx((one.high or 0) * scale, rel=1e-6)


def test_equal_outages_have_the_exact_poisson_interval() -> None:
    """Rate and duration would not fit together where only the rate is uncertain."""
    years = np.tile([0.0, 3.0, 0.0, 3.0, 6.0], 100)
    found = rare_mean(years, np.full(400, 3.0))
    exact = poisson_rate(400, 500.0)
    assert found.low == pytest.approx(3 * (exact.low or 0))
    # Above it only by the room for an unseen outage, longer than those seen.
    assert 3 * (exact.high or 0) < (found.high or 0) < 3 * (exact.high or 0) * 1.02


def test_bursts_are_wider_than_independent_outages() -> None:
    """Outages that come twenty in a year would be taken for twenty independent ones."""
    parts = np.ones(200)
    burst, calm = np.repeat([0.0, 20.0], [90, 10]), np.full(100, 2.0)
    assert (rare_mean(burst, parts).high or 0) > 1.3 * (rare_mean(calm, parts).high or 0)
    assert (rare_mean(burst, parts).low or 0) < 0.7 * (rare_mean(calm, parts).low or 0)


def test_nothing_seen_is_bounded_by_what_an_outage_could_last() -> None:
    """A design that never failed would be bounded by a year of downtime, or not at all."""
    years = np.zeros(1000)
    unknown = rare_mean(years)
    assert (unknown.low, unknown.high, unknown.p_any_high) == (
        0.0,
        None,
        pytest.approx(0.00299, abs=1e-5),
    )
    year = rare_mean(years, largest=MINUTES_PER_YEAR)
    assert year.high == pytest.approx(1573, rel=1e-3)
    day = rare_mean(years, largest=MINUTES_PER_YEAR, longest=1440.0)
    assert day.high == pytest.approx(3.689 / 1000 * 1440, rel=1e-3)
    assert KNOWN_LONGEST in day.method
    assert KNOWN_LONGEST not in year.method


def test_few_outages_have_bounds_and_say_on_what_they_rest() -> None:
    """A handful of short outages would be taken for all that can happen."""
    years = np.zeros(1000)
    years[:3] = (SECOND_MIN, 2 * SECOND_MIN, SECOND_MIN)
    short = rare_mean(years)
    assert "times the longest seen" in short.method
    long = rare_mean(years, longest=1440.0)
    assert KNOWN_LONGEST in long.method
    assert (long.high or 0) > 3 * 1440 / 1000 > (short.high or 0)
    assert str(short).endswith("(3 seen: no mean)")


@pytest.mark.parametrize(
    ("values", "parts", "message"),
    [
        ([], None, "at least one"),
        ([1.0, float("nan")], None, "failed runs"),
        ([1.0, -1.0], None, "below 0"),
        ([1.0, 2.0], [1.0, 1.0], "add up to"),
        ([1.0, 0.0], [1.0, 0.0], "no part may be 0"),
    ],
)
def test_samples_that_cannot_be_are_refused(
    values: list[float], parts: list[float] | None, message: str
) -> None:
    """Outages of another study would give a number its interval."""
    with pytest.raises(ValueError, match=message):
        rare_mean(values, parts)
