"""A spec written out again, every default filled in, as YAML that reads back as the same spec.

Durations are texts with a unit, laws are mappings with their parameters to the nanosecond. One
thing does not read back: the values of a trace, which stay in the file that they came from.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from models.spec import StrictModel, file_key
from sim.clock import format_duration, from_seconds
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
    law_to_text,
)


def resolved_yaml(spec: StrictModel) -> str:
    """The YAML of ``spec``, with a line end after its last line."""
    writer = YAML()
    writer.width = 100
    writer.default_flow_style = False
    text = io.StringIO()
    writer.dump(_written(spec, spec.model_dump(mode="json", by_alias=True)), text)
    return text.getvalue()


def law_mapping(law: Law) -> Any:
    """The law as a file writes it: a mapping, or the text of a fixed duration."""
    match law:
        case Fixed():
            return _duration(law.value_s)
        case Exponential():
            return {"law": "exponential", "mean": _duration(law.mean_s)}
        case Weibull():
            return {"law": "weibull", "shape": law.shape, "scale": _duration(law.scale_s)}
        case Lognormal():
            return {"law": "lognormal", "median": _duration(law.median_s), "log-sd": law.log_sd}
        case Gamma():
            return {"law": "gamma", "shape": law.shape, "mean": _duration(law.mean_s)}
        case Uniform():
            return {"law": "uniform", "low": _duration(law.low_s), "high": _duration(law.high_s)}
        case Mixture():
            parts = zip(law.weights, law.laws, strict=True)
            of = [{"weight": weight, "law": law_mapping(part)} for weight, part in parts]
            return {"law": "mixture", "of": of}
        case Empirical():
            return {"law": "empirical", "values": [_duration(value) for value in law.values_s]}
        case Replay():
            return {"law": "trace", "file": law_to_text(law)}
        case _:
            raise TypeError(f"unknown law {law!r}")


def _duration(seconds: float) -> str:
    return format_duration(from_seconds(seconds))


def _written(value: Any, dumped: Any) -> Any:
    """``value`` ready for the YAML writer; ``dumped`` is what pydantic writes for it."""
    if isinstance(value, StrictModel):
        keys = {name: file_key(name) for name in type(value).model_fields}
        return CommentedMap(
            {key: _written(getattr(value, name), dumped[key]) for name, key in keys.items()}
        )
    if isinstance(value, Mapping):
        return CommentedMap({key: _written(item, dumped[key]) for key, item in value.items()})
    if isinstance(value, tuple):
        return _in_one_line([_written(*pair) for pair in zip(value, dumped, strict=True)])
    if hasattr(value, "sample_ns"):
        return _in_one_line(law_mapping(value))
    return dumped


def _in_one_line(value: Any) -> Any:
    if isinstance(value, Mapping):
        line = CommentedMap({key: _in_one_line(item) for key, item in value.items()})
        line.fa.set_flow_style()
        return line
    if isinstance(value, list):
        items = CommentedSeq([_in_one_line(item) for item in value])
        items.fa.set_flow_style()
        return items
    return value
