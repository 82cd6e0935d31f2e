"""JSON schemas of specs, by which an editor completes keys and underlines mistakes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, NoDefault
from pydantic_core import SchemaError, SchemaSerializer
from pydantic_core.core_schema import WithDefaultSchema

from models.spec import StrictModel

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[StrictModel]) -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of the YAML files that hold a `model`."""
    schema = model.model_json_schema(
        by_alias=True, mode="validation", schema_generator=_DefaultsAsWritten
    )
    return {"$schema": _DIALECT, **schema}


class _DefaultsAsWritten(GenerateJsonSchema):
    """Shows a default as a file would say it (`30s`), not as the field holds it."""

    def get_default_value(self, schema: WithDefaultSchema) -> Any:
        default = super().get_default_value(schema)
        # Groups show their defaults field by field; a law has no one text that reads back.
        if isinstance(default, BaseModel) or hasattr(default, "sample_ns"):
            return NoDefault
        try:
            return SchemaSerializer(schema["schema"]).to_python(default, mode="json")
        except SchemaError:
            # A schema that refers to others cannot be built alone; what it holds is a group's.
            return default
