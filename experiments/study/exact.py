"""Specs as JSON that reads back as exactly the same spec, and where two such documents differ.

A YAML file has the parameters of laws to the nanosecond, and a Weibull law given by its mean has a
scale between two of them. Here every float is written so that it reads back bit for bit, and the
values of a trace are written out: a study goes on without the files that it was begun from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from models.spec import StrictModel, file_key
from sim.laws import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Law,
    Lognormal,
    Mixture,
    Replay,
    Uniform,
    Weibull,
)

LAW: Final = "=law"
"""The key that marks a law; no name in a spec may contain its sign."""

_LAWS: Final = {
    law.__name__: law
    for law in (
        Empirical,
        Exponential,
        Fixed,
        Gamma,
        Lognormal,
        Mixture,
        Replay,
        Uniform,
        Weibull,
    )
}
_SHOWN: Final = 60

M = TypeVar("M", bound=StrictModel)


def to_document(spec: StrictModel) -> Any:
    """Return the spec as what JSON can hold, every default filled in."""
    return _written(spec, spec.model_dump(mode="json", by_alias=True))


def from_document(document: Any, model: type[M]) -> M:
    """Return the spec that a document of :func:`to_document` holds.

    Raises ValueError for a law that cannot be read back, or for what the model refuses.
    """
    return model.model_validate(_read(document))


def _written(value: Any, dumped: Any) -> Any:
    """``value`` for JSON; ``dumped`` is what pydantic writes for it."""
    if isinstance(value, StrictModel):
        keys = {name: file_key(name) for name in type(value).model_fields}
        return {key: _written(getattr(value, name), dumped[key]) for name, key in keys.items()}
    if isinstance(value, Mapping):
        return {key: _written(item, dumped[key]) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_written(*pair) for pair in zip(value, dumped, strict=True)]
    if hasattr(value, "sample_ns"):
        return _law_document(value)
    return dumped


def _law_document(law: Law) -> dict[str, Any]:
    name = type(law).__name__
    if _LAWS.get(name) is not type(law):
        return {LAW: name, "text": repr(law)}
    fields = dataclasses.fields(law)
    return {LAW: name, **{one.name: _parameter(getattr(law, one.name)) for one in fields}}


def _parameter(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_parameter(item) for item in value]
    return _law_document(value) if hasattr(value, "sample_ns") else value


def _read(document: Any) -> Any:
    if isinstance(document, list):
        return tuple(_read(item) for item in document)
    if not isinstance(document, dict):
        return document
    values = {key: _read(item) for key, item in document.items()}
    return _law(values) if LAW in values else values


def _law(values: dict[str, Any]) -> Law:
    name = values.pop(LAW)
    if name not in _LAWS:
        raise ValueError(f"the law {str(name)[:_SHOWN]} cannot be read back")
    try:
        law: Law = _LAWS[name](**values)
    except TypeError:
        raise ValueError(f"{name} has other parameters than {', '.join(values)}") from None
    for parameter, value in values.items():
        # A mixture divides its weights by their sum, which would move them by a bit once more.
        object.__setattr__(law, parameter, value)
    return law


def differences(there: Any, here: Any, path: str = "") -> Iterator[str]:
    """Yield ``path: x there, y here`` for each value in which two documents differ."""
    if isinstance(there, dict) and isinstance(here, dict) and LAW not in {*there, *here}:
        for key in dict.fromkeys([*there, *here]):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(there.get(key), here.get(key), inner)
    elif there != here:
        yield f"{path}: {_shown(there)} there, {_shown(here)} here"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict) and LAW in value:
        parameters = ", ".join(f"{key}={item}" for key, item in value.items() if key != LAW)
        value = f"{value[LAW]}({parameters})"
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
