"""JSON schemas of specs, by which an editor completes keys and underlines mistakes."""

from __future__ import annotations

from typing import Any

from models.spec import StrictModel

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[StrictModel]) -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of the YAML files that hold a `model`."""
    return {"$schema": _DIALECT, **model.model_json_schema(by_alias=True, mode="validation")}
