"""Reading what people write in specs: `30s`, `12/y`, `50%`, `yes`, a name, a law.

Each reader takes a value as it came out of a file and gives what a field holds, or raises
`ValueError` with a sentence for the writer. In Python code numbers are already in the field's
unit; in a file (pydantic's JSON mode) a number without a unit is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeGuard, cast

from pydantic import ValidationInfo

from sim.clock import parse_duration
from sim.laws import Law, law_from_mapping

# Times and tables are 64-bit: 292 years in nanoseconds.
_LONGEST_NS: Final = 2**63 - 1
_RATE: Final = re.compile(
    r"(?P<count>[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]{1,3})?)\s*/\s*"
    r"(?P<number>[0-9]*\.?[0-9]*)\s*(?P<unit>[a-z]+)"
)
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"


def shown(value: object, limit: int = 60) -> str:
    """`value` as an error shows it: YAML's words, one line, at most about `limit` characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + printable(value[:limit]) + ("..." if len(value) > limit else "") + "'"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return printable(str(value)[:limit])


def printable(text: str) -> str:
    """`text` on one line: line breaks and control characters as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def read_duration(value: object, info: ValidationInfo) -> int:
    """Nanoseconds of a text such as `30s`."""
    if isinstance(value, int) and not isinstance(value, bool) and info.mode == "python":
        return value
    if not isinstance(value, str) or len(value) > 60:
        raise ValueError(f"expected a duration such as 30s, got {shown(value)}{_unit_hint(value)}")
    return parse_duration(value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unit_hint(value: object) -> str:
    if _is_number(value):
        return f"; add a unit: {value}s, {value}ms or {value}min"
    return ""


def check_bounded(value_ns: int) -> int:
    """The same duration, if it is from 0 to 292 years."""
    if value_ns < 0:
        raise ValueError("a duration is 0s or longer")
    if value_ns > _LONGEST_NS:
        raise ValueError("a duration is at most 292y")
    return value_ns


def check_positive(value_ns: int) -> int:
    """The same duration, if it is more than 0."""
    if value_ns == 0:
        raise ValueError("must be longer than 0s")
    return value_ns


def rate_reader(
    per_ns: int, example: str, units: tuple[str, str]
) -> Callable[[object, ValidationInfo], float]:
    """A reader of rates into events per `per_ns` nanoseconds; errors suggest `units`."""

    def read(value: object, info: ValidationInfo) -> float:
        number = float(value) if _is_number(value) else None
        if number is not None and info.mode == "python":
            return _checked_rate(number, value)
        match = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None or len(match.group()) > 60:
            hint = (
                f"; add a unit: {value}/{units[0]} or {value}/{units[1]}"
                if number is not None
                else ""
            )
            raise ValueError(f"expected a rate such as {example}, got {shown(value)}{hint}")
        every_ns = parse_duration((match["number"] or "1") + match["unit"])
        if every_ns == 0:
            raise ValueError(f"{shown(value)}: the time after / must be longer than 0")
        # The quotient first: it is exactly 1 for the rate's own unit, so 0.56/y stays 0.56.
        return _checked_rate(float(match["count"]) * (per_ns / every_ns), value)

    return read


def _checked_rate(rate: float, value: object) -> float:
    if rate < 0:
        raise ValueError(f"a rate is 0 or more, got {shown(value)}")
    if not math.isfinite(rate):
        raise ValueError(f"{shown(value)} is too large for a rate")
    return rate


def read_probability(value: object) -> float:
    """Between 0 and 1, of a number or a text such as `50%`."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,40})?\s*%", value):
        number = float(value.rstrip("% ")) / 100
    elif _is_number(value):
        number = float(value)
    else:
        raise ValueError(f"expected a probability such as 0.5 or 50%, got {shown(value)}")
    if not 0 <= number <= 1:
        raise ValueError(f"a probability is between 0 and 1 (0% and 100%), got {shown(value)}")
    return number


def read_law(value: object, info: ValidationInfo) -> Law:
    """A law of a mapping or of one fixed duration; traces are in the context's `folder`."""
    if hasattr(value, "sample_ns"):
        return cast(Law, value)
    if isinstance(value, Mapping) or (isinstance(value, str) and len(value) <= 60):
        # A trace's file is named relative to the file that names it.
        return law_from_mapping(value, (info.context or {}).get("folder"))
    hint = _unit_hint(value)
    raise ValueError(f"expected a law or a duration such as 30s, got {shown(value)}{hint}")


def read_yes_no(value: object) -> bool:
    """True or false of yes or no."""
    if isinstance(value, bool):
        return value
    if value not in ("yes", "no"):
        raise ValueError(f"expected yes or no, got {shown(value)}")
    return value == "yes"


def read_name(value: object) -> str:
    """The same text, if it is a name."""
    if not isinstance(value, str):
        hint = "" if isinstance(value, Mapping | list | None) else "; write it in quotes"
        raise ValueError(f"expected a name, got {shown(value)}{hint}")
    if not re.fullmatch(NAME_PATTERN, value) or value.endswith("\n"):
        allowed = "letters, digits and _ . - (a letter or digit first)"
        raise ValueError(f"{shown(value)} is not a name; a name is made of {allowed}")
    return value
