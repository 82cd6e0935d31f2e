"""A cell of the table of a sweep says what the interval says."""

from __future__ import annotations

import pytest

from experiments.statistics.interval import Interval
from experiments.sweep import _cell


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        (Interval(42.0, 39.1, 46.4, "any", 20, 50), "42\n\\[39.1, 46.4]"),
        (
            Interval(42.0, 39.1, 46.4, "any", 20, 13, thin=True),
            "\\[39.1, 46.4]\n(13 seen: no mean)",
        ),
        (Interval(0.4, None, None, "any", 20, 1, thin=True), "\\[no interval]\n(1 seen: no mean)"),
        (None, "-"),
    ],
)
def test_a_mean_that_is_withheld_is_not_shown(interval: Interval | None, shown: str) -> None:
    """If this fails, a mean of few outages is printed in place of its lower bound."""
    assert _cell(interval) == shown
