"""What every model's spec is made of: the strict base class, and values that bear their unit.

Specs are written by people, so the types here read what people write (`30s`, `12/y`, `50%`) and
refuse what could be read in two ways: a bare number has no unit, and `yes` is no text. In Python
code a spec is built from what the field holds: nanoseconds, events per year, a `Law`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from models.quantities import (
    NAME_PATTERN,
    check_bounded,
    check_positive,
    rate_reader,
    read_duration,
    read_law,
    read_name,
    read_probability,
    read_yes_no,
)
from sim.clock import NS_PER_S, YEAR_NS, format_duration
from sim.laws import Law

_RATE_PATTERN: Final = r"^\s*[0-9.]+([eE][-+]?[0-9]+)?\s*/\s*[0-9.]*\s*(y|w|d|h|min|s|ms|us|ns)\s*$"
_DURATION: Final = r"^\s*([0-9]+(\.[0-9]+)?\s*(y|w|d|h|min|s|ms|us|ns)\s*)+$"


class AtPath(ValueError):
    """Raised by a model's validator to point at one place of the file.

    `path` leads from the model that raises it to the value meant: keys as in the file (or field
    names) and list indices. A path that goes on where the file stops points at its last place.
    """

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def file_key(field_name: str) -> str:
    """The key in a file for a field: `down_after_milliseconds` -> `down-after-milliseconds`."""
    return field_name.rstrip("_").replace("_", "-")


class StrictModel(BaseModel):
    """Base of every spec: frozen, no unknown keys, no silent conversions, keys in kebab-case.

    `kind` is what errors call one of these (`sentinel` gives "in sentinel 'foo'"); a model that
    leaves it empty is named by its key in the model around it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=file_key,
        populate_by_name=True,
        allow_inf_nan=False,
    )
    kind: ClassVar[str] = ""


def _text_schema(description: str, pattern: str, *examples: str) -> WithJsonSchema:
    schema = {"type": "string", "description": description, "pattern": pattern}
    return WithJsonSchema({**schema, "examples": list(examples)})


_DURATION_TEXT: Final = PlainSerializer(format_duration, return_type=str, when_used="json")

Duration = Annotated[
    int,
    BeforeValidator(read_duration),
    AfterValidator(check_bounded),
    _DURATION_TEXT,
    _text_schema("a time with a unit", _DURATION, "30s", "5min", "4h"),
]
"""Nanoseconds, 0 or more; text with a unit in files."""

PositiveDuration = Annotated[Duration, AfterValidator(check_positive)]
"""Nanoseconds, more than 0; text with a unit in files."""

Rate = Annotated[
    float,
    BeforeValidator(rate_reader(YEAR_NS, "12/y", ("y", "d"))),
    PlainSerializer(lambda rate: f"{rate!r}/y", return_type=str, when_used="json"),
    _text_schema("events per time", _RATE_PATTERN, "12/y", "0.56/y", "1/30d"),
]
"""Events per year (of 8766 h), 0 or more; text such as `12/y` or `1/30d` in files."""

PerSecond = Annotated[
    float,
    BeforeValidator(rate_reader(NS_PER_S, "100/s", ("s", "min"))),
    PlainSerializer(lambda rate: f"{rate!r}/s", return_type=str, when_used="json"),
    _text_schema("events per time", _RATE_PATTERN, "100/s", "3/min"),
]
"""Events per second, 0 or more; text such as `100/s` in files."""

Probability = Annotated[
    float,
    BeforeValidator(read_probability),
    WithJsonSchema(
        {
            "description": "a probability, as a number or in percent",
            "examples": [0.5, "50%"],
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]+)?\s*%$"},
            ],
        }
    ),
]
"""Between 0 and 1; `0.5` or `50%` in files."""

_YES_NO_SCHEMA: Final = WithJsonSchema({"enum": ["yes", "no", True, False]})
YesNo = Annotated[bool, BeforeValidator(read_yes_no), _YES_NO_SCHEMA]
"""An on/off option of a real system, which its own file writes as yes or no."""

Name = Annotated[str, BeforeValidator(read_name), _text_schema("a name", NAME_PATTERN, "a01")]
"""A name: letters, digits and `_.-`, beginning with a letter or digit."""

LawField = Annotated[
    Law,
    PlainValidator(read_law),
    # Exact, where sim.laws.law_to_text rounds: a resolved spec is compared as text.
    PlainSerializer(repr, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "description": "a law of times: a mapping, or one fixed duration",
            "examples": ["30s", {"law": "exponential", "mean": "4h"}],
            "anyOf": [{"type": "object"}, {"type": "string", "pattern": _DURATION}],
        }
    ),
]
"""A `sim.laws.Law`; a mapping, or one fixed duration, in files."""
