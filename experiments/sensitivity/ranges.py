"""Ranges of values: two ends as a file would have them, and every value between as text again."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from experiments.sweep import read_variation
from sim.clock import parse_duration

DECADE: Final = 10.0
"""Ends that far apart are stepped by factors: between 1 s and 60 s, 30 s is not the middle."""

_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Range:
    """A path of a spec, and the two ends between which its value may lie; ``low`` is the lower.

    ``kind`` is "whole", "number" or "time"; of another kind, values have no between.
    """

    path: str
    low: str
    high: str
    kind: str

    @property
    def is_logarithmic(self) -> bool:
        """Whether values are stepped by factors."""
        low, high = self._ends()
        return low > 0 and high / low >= DECADE

    def at(self, share: float) -> str:
        """The value that lies ``share`` of the way from low to high, 0 to 1, as text."""
        low, high = self._ends()
        if self.is_logarithmic:
            value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            value = low + share * (high - low)
        if self.kind == "time":
            return f"{round(value)}ns"
        return str(round(value)) if self.kind == "whole" else repr(value)

    def _ends(self) -> tuple[float, float]:
        return _value(self.kind, self.low), _value(self.kind, self.high)


def read_range(text: str) -> Range:
    """Read ``path=low,high``; raises ValueError, one line, for anything else.

    The ends are what ``--set`` takes; a range is one only between numbers or between times.
    """
    variation = read_variation(text)
    if len(variation.values) != 2:
        raise ValueError(f"'{text[:60]}': expected two values, the low and the high one")
    low, high = variation.values
    kind = _kind(low, high)
    if kind and _value(kind, low) >= _value(kind, high):
        raise ValueError(f"'{text[:60]}': {low} is not below {high}")
    return Range(variation.path, low, high, kind)


def _kind(low: str, high: str) -> str:
    """What both ends are; empty if they have nothing between them."""
    if all(_NUMBER.fullmatch(end) for end in (low, high)):
        whole = all(re.fullmatch(r"[-+]?\d+", end) for end in (low, high))
        return "whole" if whole else "number"
    try:
        parse_duration(low), parse_duration(high)
    except ValueError:
        return ""
    return "time"


def _value(kind: str, end: str) -> float:
    return float(parse_duration(end)) if kind == "time" else float(end)
