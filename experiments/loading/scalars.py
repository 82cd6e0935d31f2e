"""What an unquoted YAML word means: YAML 1.2's core schema, minus what would surprise.

The older YAML 1.1 turns `no` into false, `12:30` into 750 and `010` into 8. Here a word is a
number, true/false or nothing only where nobody would read it otherwise, and text in all other
cases.
"""

from __future__ import annotations

import math
import re

from experiments.loading.nodes import Scalar

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# The largest number that tables (64-bit columns) can hold.
_LARGEST = 2**63 - 1


def unquoted(text: str) -> Scalar:
    """The value of an unquoted word.

    Raises `ValueError`, with a sentence for the reader, for numbers that are not finite, do not
    fit in 64 bits, or begin with 0 (octal to some readers, decimal to others).
    """
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _BASED.fullmatch(text):
        return _fitting(int(text, 0)) if len(text) <= 24 else _too_large(len(text))
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def check_characters(text: str) -> None:
    """Raises `ValueError` if text holds a control character or half of a surrogate pair."""
    if bad := _FORBIDDEN.search(text):
        raise ValueError(f"character U+{ord(bad.group()):04X} is not allowed in text")


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits.startswith("0"):
        hint = digits.lstrip("0")[:20] or "0"
        raise ValueError(
            f"number {text[:20]} begins with 0; write {hint}, or quote it if it is text"
        )
    # Checked before int(), which takes quadratic time and refuses above 4,300 digits.
    return _fitting(int(text)) if len(digits) <= 19 else _too_large(len(digits))


def _fitting(number: int) -> int:
    return number if abs(number) <= _LARGEST else _too_large(len(str(abs(number))))


def _too_large(digits: int) -> int:
    raise ValueError(f"a whole number of {digits:,} digits is too large (limit 2^63 - 1)")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large for a number")
    return number
