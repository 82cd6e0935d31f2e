"""The value types of specs: what a file may write, what a field then holds, what comes back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.spec import (
    Duration,
    LawField,
    Name,
    PerSecond,
    PositiveDuration,
    Probability,
    Rate,
    StrictModel,
    YesNo,
    file_key,
)
from sim.clock import NS_PER_S
from sim.laws import Exponential, Fixed


class Values(StrictModel):
    duration: Duration = 0
    positive_duration: PositiveDuration = 1
    rate: Rate = 0.0
    per_second: PerSecond = 0.0
    probability: Probability = 0.0
    law: LawField = Fixed(0.0)
    yes_no: YesNo = False
    name: Name = "a"


def from_file(key: str, value: object) -> object:
    """What the field `key` holds if a file says `value`."""
    read = Values.model_validate_json(json.dumps({key: value}), by_alias=True, by_name=False)
    return getattr(read, key.replace("-", "_"))


ACCEPTED = [
    ("duration", "0s", 0),
    ("duration", "1h30min", 5400 * NS_PER_S),
    ("positive-duration", "1ns", 1),
    ("rate", "12/y", 12.0),
    ("rate", "0.56/y", 0.56),
    ("rate", "3/d", 3 * 365.25),
    ("rate", "1/30d", 365.25 / 30),
    ("rate", " 1e-3 / y ", 0.001),
    ("rate", "0/y", 0.0),
    ("per-second", "100/s", 100.0),
    ("per-second", "3/min", 0.05),
    ("per-second", "1/500ms", 2.0),
    ("probability", 0, 0.0),
    ("probability", 1, 1.0),
    ("probability", 0.25, 0.25),
    ("probability", "50%", 0.5),
    ("probability", "99.9 %", 0.999),
    ("law", "30s", Fixed(30.0)),
    ("law", {"law": "exponential", "mean": "4h"}, Exponential(4 * 3600.0)),
    ("yes-no", "yes", True),
    ("yes-no", "no", False),
    ("yes-no", True, True),
    ("name", "a01.example-x_y", "a01.example-x_y"),
    ("name", "7", "7"),
]


@pytest.mark.parametrize(("key", "written", "held"), ACCEPTED)
def test_accepted_text(key: str, written: object, held: object) -> None:
    """A sound value would be refused, or stand for another quantity than written."""
    assert from_file(key, written) == (
        pytest.approx(held, rel=1e-15) if isinstance(held, float) else held
    )


REFUSED = [
    ("duration", 30, "add a unit: 30s, 30ms or 30min"),
    ("duration", 1.5, "add a unit: 1.5s, 1.5ms or 1.5min"),
    ("duration", "30", "no unit"),
    ("duration", "-3s", "negative"),
    ("duration", "293y", "at most 292y"),
    ("duration", "1" * 100 + "s", "expected a duration"),
    ("duration", True, "got true"),
    ("duration", None, "got nothing"),
    ("positive-duration", "0s", "longer than 0s"),
    ("rate", 3, "add a unit: 3/y or 3/d"),
    ("rate", "3", "expected a rate such as 12/y, got '3'"),
    ("rate", "3/", "expected a rate"),
    ("rate", "3/0d", "must be longer than 0"),
    ("rate", "-3/y", "0 or more"),
    ("rate", "3/m", "ambiguous"),
    ("rate", "3/fortnight", "unknown unit"),
    ("rate", "1e308/ns", "too large"),
    ("rate", False, "got false"),
    ("per-second", 100, "add a unit: 100/s or 100/min"),
    ("probability", 1.01, "between 0 and 1"),
    ("probability", -0.1, "between 0 and 1"),
    ("probability", "101%", "between 0 and 1"),
    ("probability", "0.5", "expected a probability"),
    ("probability", True, "expected a probability"),
    ("law", 30, "add a unit"),
    ("law", ["30s"], "expected a law"),
    ("law", "30", "no unit"),
    ("yes-no", "on", "expected yes or no, got 'on'"),
    ("yes-no", 1, "expected yes or no, got 1"),
    ("yes-no", [], "expected yes or no, got a list"),
    ("name", "", "is not a name"),
    ("name", "-a", "is not a name"),
    ("name", "a\n", "is not a name"),
    ("name", "a/b", "is not a name"),
    ("name", "é", "is not a name"),
    ("name", 7, "write it in quotes"),
]


@pytest.mark.parametrize(("key", "written", "words"), REFUSED)
def test_refused_text(key: str, written: object, words: str) -> None:
    """An ambiguous or impossible value would be taken for some number."""
    with pytest.raises(ValidationError) as caught:
        from_file(key, written)
    (detail,) = caught.value.errors()
    assert words in detail["msg"]


def test_python_code_passes_what_the_field_holds() -> None:
    """Tests and notebooks could not build a spec without writing text."""
    values = Values(duration=5 * NS_PER_S, rate=12.0, law=Exponential(60.0))
    assert (values.duration, values.rate, values.law) == (5 * NS_PER_S, 12.0, Exponential(60.0))
    with pytest.raises(ValidationError, match="0s or longer"):
        Values(duration=-1)
    with pytest.raises(ValidationError, match="0 or more"):
        Values(rate=-1.0)
    with pytest.raises(ValidationError, match="between 0 and 1"):
        Values(probability=float("nan"))


@given(st.integers(0, 2**63 - 1), st.floats(0, 1e30), st.floats(0, 1))
def test_written_out_and_read_back(duration_ns: int, rate: float, p: float) -> None:
    """A study's resolved spec would not reproduce the study."""
    values = Values(duration=duration_ns, rate=rate, per_second=rate, probability=p)
    written = values.model_dump_json(by_alias=True, exclude={"law"})
    assert Values.model_validate_json(written) == values


def test_specs_are_frozen_and_closed() -> None:
    """A run could change the design that its results are filed under."""
    values = Values()
    with pytest.raises(ValidationError, match="frozen"):
        values.rate = 1.0  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Values.model_validate({"rat": 1.0})


def test_keys_in_files_are_in_kebab_case() -> None:
    """The options would not be spelled as the real systems spell them."""
    assert file_key("down_after_milliseconds") == "down-after-milliseconds"
    assert file_key("class_") == "class"
    assert "positive-duration" in Values.model_json_schema()["properties"]
