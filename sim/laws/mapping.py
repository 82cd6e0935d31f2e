"""Laws as profiles write them: `{law: weibull, shape: 0.7, mean: 1000h}`, or `30s` for fixed."""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sim.clock import parse_duration, to_seconds
from sim.laws.base import Law
from sim.laws.bounded import Fixed, Uniform
from sim.laws.composed import Empirical, Mixture, Replay
from sim.laws.parametric import Exponential, Gamma, Lognormal, Weibull

# A law's accepted parameter sets, each with what makes the law of them. The names are the data's
# own; how a name is read is the same wherever it stands (_NUMBERS, or else a duration).
_Form = tuple[tuple[str, ...], Callable[..., Law]]
_NUMBERS: Final = frozenset({"shape", "log-sd"})
_FORMS: Final[dict[str, tuple[_Form, ...]]] = {
    "exponential": ((("mean",), Exponential), (("median",), Exponential.from_median)),
    "weibull": (
        (("mean", "shape"), Weibull.from_mean_shape),
        (("shape", "scale"), Weibull),
        (("median", "p95"), Weibull.from_median_p95),
    ),
    "lognormal": (
        (("median", "log-sd"), Lognormal),
        (("mean", "median"), Lognormal.from_mean_median),
        (("median", "p95"), Lognormal.from_median_p95),
    ),
    "gamma": ((("shape", "mean"), Gamma), (("mean", "p95"), Gamma.from_mean_p95)),
    "uniform": ((("low", "high"), Uniform),),
    "fixed": ((("value",), Fixed),),
}
_LISTED: Final = {"mixture": "of", "empirical": "values", "trace": "file"}
_LARGEST_TRACE_BYTES: Final = 16_000_000
"""Chosen: a million durations."""

_LAWS: Final = (*_FORMS, *_LISTED)


def law_from_mapping(data: Mapping[str, object] | str, base: Path | None = None) -> Law:
    """Return the law that `data` describes; a plain duration text is a fixed one.

    `base` is the folder that the file of a trace is relative to (the current one if None).
    Raises ValueError naming the wrong key, what was probably meant, and what is accepted.
    """
    if not isinstance(data, Mapping):
        return Fixed(_duration_s(data, "law"))
    name = _law_name(data)
    given = [str(key) for key in data if key != "law"]
    if name in _FORMS:
        return _parametric(name, data, given)
    key = _LISTED[name]
    _refuse_unknown(name, given, (key,))
    if key not in data:
        raise ValueError(f"{name} takes {_accepted(name)}; it is missing")
    if name == "trace":
        return Replay(_trace(data[key], base or Path()))
    items = data[key]
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise ValueError(f"{name} {key}: must be a list, not {items!r}")
    if name == "empirical":
        named = enumerate(items, start=1)
        return Empirical(tuple(_duration_s(item, f"{name} value {n}") for n, item in named))
    return _mixture(items, base)


def _law_name(data: Mapping[str, object]) -> str:
    if "law" not in data:
        close = difflib.get_close_matches("law", [str(key) for key in data], n=1)
        hint = f' (is "{close[0]}" meant?)' if close else ""
        raise ValueError(f'no key "law"{hint}; write for example {{law: exponential, mean: 4h}}')
    name = data["law"]
    if isinstance(name, str) and name in _LAWS:
        return name
    hint = _did_you_mean(str(name), _LAWS)
    raise ValueError(f"law: unknown law {_shown(name)}{hint}; the laws are {', '.join(_LAWS)}")


def _parametric(name: str, data: Mapping[str, object], given: list[str]) -> Law:
    forms = _FORMS[name]
    known = sorted({key for keys, _ in forms for key in keys})
    _refuse_unknown(name, given, known)
    for keys, make in forms:
        if set(keys) == set(given):
            return make(*(_parameter(name, key, data[key]) for key in keys))
    got = " + ".join(given) or "nothing"
    raise ValueError(f"{name} takes {_accepted(name)}; got {got}")


def _parameter(name: str, key: str, value: object) -> float:
    if key in _NUMBERS:
        return _number(value, f"{name} {key}")
    return _duration_s(value, f"{name} {key}")


def _mixture(items: Sequence[object], base: Path | None) -> Law:
    weights: list[float] = []
    laws: list[Law] = []
    for number, item in enumerate(items, start=1):
        where = f"mixture entry {number}"
        if not isinstance(item, Mapping):
            raise ValueError(f"{where}: must be {{weight: ..., law: ...}}, not {item!r}")
        _refuse_unknown(where, [str(key) for key in item], ("weight", "law"))
        for key in ("weight", "law"):
            if key not in item:
                raise ValueError(f'{where}: no key "{key}"; it takes weight + law')
        weights.append(_number(item["weight"], f"{where} weight"))
        try:
            laws.append(law_from_mapping(item["law"], base))
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
    return Mixture(tuple(weights), tuple(laws))


def _trace(file: object, base: Path) -> tuple[float, ...]:
    """Read a file of one duration in seconds a line; a first line of words is its header."""
    if not isinstance(file, str):
        raise ValueError(f"trace file: must be a path, not {file!r}")
    path = base / file
    try:
        if path.exists() and not path.is_file():
            raise ValueError(f"trace file: {path} is not a regular file")
        if path.stat().st_size > _LARGEST_TRACE_BYTES:
            raise ValueError(
                f"trace file: {path} is larger than {_LARGEST_TRACE_BYTES // 1_000_000} MB"
            )
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"trace file: cannot read {path}: {error}") from error
    values: list[float] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        value = _float(text)
        if value is not None and 0 <= value < math.inf:
            values.append(value)
        elif text and (number > 1 or value is not None or "," in text):
            raise ValueError(
                f'trace file: {path}:{number}: "{text}" is not a duration in seconds, 0 or longer'
            )
    if not values:
        raise ValueError(f"trace file: {path} holds no duration")
    return tuple(values)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _duration_s(value: object, where: str) -> float:
    # A bare number in a file arrives as one, and its text lets parse_duration say what is missing.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{where}: must be a duration such as 30s, not {value!r}")
    try:
        return to_seconds(parse_duration(str(value)))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{where}: must be a number, not {_shown(value)}")
    return float(value)


def _refuse_unknown(where: str, given: Iterable[str], known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            accepted = _accepted(where) if where in _LAWS else " + ".join(known)
            hint = _did_you_mean(key, known)
            raise ValueError(f'{where}: unknown key "{key}"{hint}; it takes {accepted}')


def _accepted(name: str) -> str:
    if name in _LISTED:
        return _LISTED[name]
    return ", or ".join(" + ".join(keys) for keys, _ in _FORMS[name])


def _did_you_mean(wrong: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, [str(key) for key in known], n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
