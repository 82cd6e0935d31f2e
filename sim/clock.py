"""Simulated time: an integer number of nanoseconds inside, text with a unit in files.

Integers, because two engines must agree event for event: adding 0.1 s ten times has to land on
the same instant as adding 1 s once. Text needs a unit, because "30" is read as seconds by one
person and as milliseconds by the next.
"""

import difflib
import math
import re
from fractions import Fraction
from typing import Final

NS_PER_S: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000
YEAR_NS: Final = 8766 * 3600 * NS_PER_S
"""A year of 365.25 days = 8766 h, in nanoseconds."""

# From the longest to the shortest: the order in which a compound text must be written.
_UNITS_NS: Final[dict[str, int]] = {
    "y": YEAR_NS,
    "w": 7 * 24 * 3600 * NS_PER_S,
    "d": 24 * 3600 * NS_PER_S,
    "h": 3600 * NS_PER_S,
    "min": 60 * NS_PER_S,
    "s": NS_PER_S,
    "ms": NS_PER_MS,
    "us": 1_000,
    "ns": 1,
}
_MEANT: Final[dict[str, str]] = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("wk", "week", "weeks"), "w"),
    **dict.fromkeys(("yr", "a", "year", "years"), "y"),
    **dict.fromkeys(("msec", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("\u00b5s", "\u03bcs", "usec", "micros", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("nsec", "nanos", "nanosecond", "nanoseconds"), "ns"),
}
_PART: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([^\W\d_]*)\s*")


def from_seconds(seconds: float) -> int:
    """Return `seconds` in nanoseconds, rounded to the nearest (halves to even).

    Raises ValueError for NaN and infinities. A float carries 53 bits, so above about 97 days
    the result is only as fine as the float itself.
    """
    if not math.isfinite(seconds):
        raise ValueError(f"a time must be finite, not {seconds}")
    return round(seconds * NS_PER_S)


def to_seconds(ns: int) -> float:
    """Return `ns` nanoseconds in seconds, the nearest float."""
    return ns / NS_PER_S


def parse_duration(text: str) -> int:
    """Return the duration written as `text`, in nanoseconds, exactly.

    Accepts numbers with units y (8766 h), w, d, h, min, s, ms, us, ns, alone (`1.5h`) or from
    long to short (`1h30min`). Raises ValueError, saying what to write instead, for a missing or
    unknown unit, a negative duration, units out of order, or a fraction of a nanosecond.
    """
    if not text.strip():
        raise ValueError(f'"{text}" is empty; write a number and a unit, such as 30s or 5min')
    if text.strip().startswith("-"):
        raise ValueError(f'"{text}" is negative; a duration is 0s or longer')
    total = Fraction(0)
    position = 0
    previous_ns: int | None = None
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(f'"{text}" is not a duration; write for example 30s, 5min or 1h30min')
        unit_ns = _unit_ns(text, number=part[1], unit=part[2])
        if previous_ns is not None and unit_ns >= previous_ns:
            raise ValueError(f'"{text}": write each unit once, the longest first, as in 1h30min')
        total += Fraction(part[1]) * unit_ns
        previous_ns = unit_ns
        position = part.end()
    if total.denominator != 1:
        raise ValueError(f'"{text}" is not a whole number of nanoseconds, the finest time there is')
    return total.numerator


def _unit_ns(text: str, *, number: str, unit: str) -> int:
    known = _UNITS_NS.get(unit)
    if known is not None:
        return known
    if not unit:
        raise ValueError(f'"{text}" has no unit; write {number}s, {number}ms or {number}min')
    if unit in ("m", "M"):
        # Minutes to a reader of systemd, milliseconds to a reader in a hurry, months to YAML's.
        raise ValueError(
            f'"{text}": the unit "{unit}" is ambiguous; write {number}min or {number}ms'
        )
    meant = _MEANT.get(unit.lower()) or next(
        iter(difflib.get_close_matches(unit.lower(), [*_UNITS_NS, *_MEANT], n=1)), None
    )
    if meant is None:
        raise ValueError(f'"{text}": unknown unit "{unit}"; the units are {", ".join(_UNITS_NS)}')
    raise ValueError(
        f'"{text}": unknown unit "{unit}"; did you mean {number}{_MEANT.get(meant, meant)}?'
    )


def format_duration(ns: int) -> str:
    """Return the shortest text that `parse_duration` reads back as exactly `ns`.

    Numbers below 1 are not used (`30min`, not `0.5h`); of two equally short texts the one without
    a decimal point wins, then the one in the longer unit. Raises ValueError if `ns` is negative.
    """
    if ns < 0:
        raise ValueError(f"{ns} ns is negative; a duration is 0 or longer")
    if ns == 0:
        return "0s"
    texts = [
        f"{number}{unit}"
        for unit, unit_ns in _UNITS_NS.items()
        if ns >= unit_ns and (number := _decimal(ns, unit_ns)) is not None
    ]
    texts.append(_compound(ns))
    # min() keeps the first of equals, and the units come longest first.
    return min(texts, key=lambda text: (len(text), "." in text))


def _decimal(ns: int, unit_ns: int) -> str | None:
    """Return ns / unit_ns as an exact decimal text, or None if it has no finite one."""
    whole, rest = divmod(ns, unit_ns)
    digits = ""
    # 16 decimals are enough for every finite one: a day is 2**16 * 3**3 * 5**11 ns, and no unit
    # has more factors 2 or 5.
    while rest and len(digits) < 16:
        digit, rest = divmod(rest * 10, unit_ns)
        digits += str(digit)
    if rest:
        return None
    return f"{whole}.{digits}" if digits else str(whole)


def _compound(ns: int) -> str:
    text = ""
    for unit, unit_ns in _UNITS_NS.items():
        count, ns = divmod(ns, unit_ns)
        if count:
            text += f"{count}{unit}"
    return text
