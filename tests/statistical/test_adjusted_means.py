"""Adjusted means against samples whose truth is known: no bias, and intervals that hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.statistics import Interval, mean
from experiments.statistics.adjusted import LEAST, adjusted

Floats = NDArray[np.float64]

PER_YEAR = 12.0
LOG_SD = 0.8
STUDIES = 1500


def a_study(random: np.random.Generator, years: int, noise: int) -> tuple[Floats, Floats]:
    """Yearly downtime of Poisson outages, lognormal with mean 1, of which 9 in 10 count, and their
    controls: how many, how long, and some that have nothing to do with it.
    """
    counts = random.poisson(PER_YEAR, years)
    of_year = np.repeat(np.arange(years), counts)
    lengths = random.lognormal(-(LOG_SD**2) / 2, LOG_SD, of_year.size)
    felt = np.where(random.random(of_year.size) < 0.9, lengths, 0.0)
    values = np.bincount(of_year, felt, minlength=years)
    surprise = np.bincount(of_year, lengths - 1.0, minlength=years)
    others = random.standard_normal((years, noise))
    return values, np.column_stack([counts - PER_YEAR, surprise, others])


@pytest.mark.parametrize(("years", "noise"), [(LEAST, 8), (100, 20)])
def test_the_mean_is_not_biased_and_intervals_hold(years: int, noise: int) -> None:
    """Weights fitted to what they correct would draw the mean, and make it look too sure."""
    random = np.random.default_rng(20261127)
    truth, held, held_plain, means = 0.9 * PER_YEAR, 0, 0, []
    for _ in range(STUDIES):
        values, controls = a_study(random, years, noise)
        interval = mean(adjusted(values, controls))
        means.append(interval.estimate)
        held += holds(interval, truth)
        held_plain += holds(mean(values), truth)
    error = float(np.std(means)) / math.sqrt(STUDIES)
    assert abs(float(np.mean(means)) - truth) < 3.5 * error
    assert held / STUDIES > held_plain / STUDIES - 0.02
    assert held / STUDIES > 0.92


def holds(interval: Interval, truth: float) -> bool:
    assert interval.low is not None and interval.high is not None
    return interval.low <= truth <= interval.high


def test_what_the_draws_explain_is_taken_out() -> None:
    """It would bring nothing: here they explain more than nine tenths."""
    values, controls = a_study(np.random.default_rng(3), 400, 10)
    left = adjusted(values, controls)
    assert values.var() > 9 * left.var()
    assert left.mean() == pytest.approx(0.9 * PER_YEAR, rel=0.03)


def test_a_linear_law_is_found_exactly() -> None:
    """The units of the controls, one in days and one in nanoseconds, would decide what enters."""
    random = np.random.default_rng(5)
    controls = random.standard_normal((60, 3)) * [1e-5, 1.0, 1e9]
    values = 7.0 + controls @ np.array([1e6, -2.0, 3e-9])
    np.testing.assert_allclose(adjusted(values, controls), 7.0, rtol=1e-9)


@pytest.mark.parametrize("controls", [np.zeros((40, 0)), np.zeros((40, 3))])
def test_nothing_to_go_by_changes_nothing(controls: Floats) -> None:
    """A study whose laws are all fixed would lose its numbers."""
    values = np.random.default_rng(7).exponential(size=40)
    np.testing.assert_array_equal(adjusted(values, controls), values)


@pytest.mark.parametrize("years", [1, 2, LEAST - 1])
def test_few_years_are_left_as_they_are(years: int) -> None:
    """A study of a year has nothing to learn weights from, and would fail or look too sure."""
    values, controls = a_study(np.random.default_rng(11), years, 4)
    np.testing.assert_array_equal(adjusted(values, controls), values)


def test_what_belongs_together_is_not_corrected_by_itself() -> None:
    """A stream's incidents would be corrected with weights that they have taught themselves."""
    random = np.random.default_rng(11)
    controls = random.standard_normal((100, 1))
    folds = np.repeat(np.arange(5), 20)
    values = np.where(folds == 2, 9.0, 1.0) * controls[:, 0]
    left = adjusted(values, controls, folds)
    assert np.allclose(left[folds == 2], 8.0 * controls[folds == 2, 0])
    assert np.array_equal(
        adjusted(values, controls, np.arange(100) % 5), adjusted(values, controls)
    )


def test_shapes_must_fit() -> None:
    """Years would be corrected with the draws of other years."""
    with pytest.raises(ValueError, match="do not fit"):
        adjusted(np.zeros(3), np.zeros((4, 1)))
