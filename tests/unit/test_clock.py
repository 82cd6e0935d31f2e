"""Time: integer nanoseconds, and text with a unit."""

import pytest

from sim.clock import (
    NS_PER_MS,
    NS_PER_S,
    YEAR_NS,
    format_duration,
    from_seconds,
    parse_duration,
    to_seconds,
)

MINUTE = 60 * NS_PER_S
HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("30s", 30 * NS_PER_S),
        ("5min", 5 * MINUTE),
        ("4h", 4 * HOUR),
        ("250ms", 250 * NS_PER_MS),
        ("1.5h", 90 * MINUTE),
        ("2d", 48 * HOUR),
        ("1w", 168 * HOUR),
        ("1y", YEAR_NS),
        ("1h30min", 90 * MINUTE),
        ("1h 30 min", 90 * MINUTE),
        ("10us", 10_000),
        ("5ns", 5),
        ("0s", 0),
        # 0.1 is no binary fraction: through a float this would be 100000000000000001 or so.
        ("100000000.1s", 100_000_000_100_000_000),
        ("19.9min", 1194 * NS_PER_S),
    ],
)
def test_a_duration_is_read_exactly(text: str, ns: int) -> None:
    """If this failed, timers of a design would not be the ones written in its file."""
    assert parse_duration(text) == ns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30", '"30" has no unit; write 30s, 30ms or 30min'),
        ("1h30", '"1h30" has no unit; write 30s'),
        ("30m", "ambiguous; write 30min or 30ms"),
        ("30sec", "did you mean 30s?"),
        ("30S", "did you mean 30s?"),
        ("4hours", "did you mean 4h?"),
        ("3fortnights", "the units are y, w, d, h, min, s, ms, us, ns"),
        ("-5s", "negative"),
        ("", "empty"),
        ("  ", "empty"),
        ("soon", "not a duration"),
        ("5s!", "not a duration"),
        ("1e3s", 'unknown unit "e"'),
        ("30min1h", "the longest first"),
        ("1h1h", "each unit once"),
        ("0.3ns", "not a whole number of nanoseconds"),
    ],
)
def test_a_wrong_duration_says_what_was_meant(text: str, message: str) -> None:
    """If this failed, a slip in a file would pass silently or be explained by a riddle."""
    with pytest.raises(ValueError, match=r".") as caught:
        parse_duration(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0s"),
        (90 * MINUTE, "1.5h"),
        (30 * MINUTE, "30min"),
        (64 * MINUTE, "64min"),
        (61 * MINUTE + NS_PER_S, "3661s"),
        (25 * HOUR + NS_PER_MS, "1d1h1ms"),
        (250 * NS_PER_MS, "250ms"),
        (120 * NS_PER_S, "2min"),
        (1000 * HOUR, "1000h"),
        (YEAR_NS, "1y"),
        (1, "1ns"),
    ],
)
def test_a_duration_is_shown_short(ns: int, text: str) -> None:
    """If this failed, reports and error messages would show times nobody would write."""
    assert format_duration(ns) == text


def test_a_negative_time_is_not_shown_as_a_duration() -> None:
    """If this failed, a time that ran backwards would be printed as if it were fine."""
    with pytest.raises(ValueError, match="negative"):
        format_duration(-1)


def test_seconds_are_rounded_to_the_nearest_nanosecond() -> None:
    """If this failed, 0.3 s would truncate to 299999999 ns and ticks would drift."""
    assert from_seconds(0.3) == 300 * NS_PER_MS
    assert from_seconds(1e-9) == 1
    assert from_seconds(-1.5) == -1_500_000_000
    assert to_seconds(1_500_000_000) == 1.5


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf")])
def test_a_time_must_be_finite(seconds: float) -> None:
    """If this failed, a NaN would travel as a time until something unrelated crashed."""
    with pytest.raises(ValueError, match="finite"):
        from_seconds(seconds)


def test_a_year_is_365_and_a_quarter_days() -> None:
    """If this failed, every figure per year would be off against the reference tables."""
    assert YEAR_NS == parse_duration("365.25d") == parse_duration("8766h")
