"""One number with its uncertainty: the form in which every result leaves sengu.

A result is never a bare number, and an interval is never "0 +- 0" because nothing happened in the
sample. Where a bound cannot be had from the sample, it is None and `method` says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

THIN_EVENTS = 30
"""Fewer events than this and a mean must not be quoted (failures.md, section 3.2)."""

KNOWN_LONGEST = "the longest known of beside them"
"""In a method's text: the bound rests on something longer than the outages that were seen."""


def short_number(value: float) -> str:
    """`value` with three significant digits, without an exponent where a reader can do without."""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e9 or size < 1e-4:
        return f"{value:.2e}"
    decimals = max(0, 2 - math.floor(math.log10(size)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Interval:
    """An estimate and the bounds that hold it with the stated confidence.

    Attributes:
        estimate: the number itself, in the unit of the function that made it.
        low: lower bound, None where the sample gives none.
        high: upper bound, None where the sample gives none.
        method: how the bounds were made, in words.
        n: how many observations (years, runs, trials) stand behind the estimate.
        events: how many events were seen in them, None where the question has no events.
        thin: True when a mean rests on fewer than `THIN_EVENTS` events: `text` leaves it out.
        p_any_high: for a sample of zeros only, the upper bound on the probability that an
            observation is not zero; None otherwise.
        period: what one observation is ("year" or "run"), for the text of a sample of zeros.
        confidence: the nominal coverage.
    """

    estimate: float
    low: float | None
    high: float | None
    method: str
    n: int
    events: int | None
    thin: bool = False
    p_any_high: float | None = None
    period: str = "year"
    confidence: float = 0.95

    def text(self, number: Callable[[float], str] = short_number) -> str:
        """One line: `12.3 [10.1, 15.9]`, with the numbers written by `number`.

        A thin mean is not written, but why and its bounds: `[0.31, 512] (12 seen: no mean)`.
        """
        if self.p_any_high is not None:
            return f"{number(self.estimate)} ({self.never_seen(number)})"
        if self.thin:
            return f"{self._bounds(number)} ({self.events} seen: no mean)"
        return f"{number(self.estimate)} {self._bounds(number)}"

    def _bounds(self, number: Callable[[float], str]) -> str:
        """The bounds in brackets; one that is infinite says as little as one that is missing."""
        low = None if self.low is None or math.isinf(self.low) else number(self.low)
        high = None if self.high is None or math.isinf(self.high) else number(self.high)
        if low is None and high is None:
            return "[no interval]"
        if low is None:
            return f"[at most {high}]"
        return f"[at least {low}]" if high is None else f"[{low}, {high}]"

    def never_seen(self, number: Callable[[float], str] = short_number) -> str:
        """What a sample of zeros does say; empty text for any other sample."""
        if self.p_any_high is None:
            return ""
        share = f"{short_number(100 * self.p_any_high)} %"
        sure = f"{short_number(100 * self.confidence)} %"
        most = "" if self.high is None else f"; at most {number(self.high)}"
        return (
            f"seen in none of {self.n} {self.period}s; "
            f"P(any in a {self.period}) < {share} at {sure}{most}"
        )

    def __str__(self) -> str:
        return self.text()


def require_confidence(confidence: float) -> None:
    """Raises ValueError unless 0 < confidence < 1 (95 given for 95 % is the usual slip)."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be between 0 and 1, for example 0.95, not {confidence}")
