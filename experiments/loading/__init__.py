"""Reading validated, frozen specs out of YAML.

SpecError      the one error: file, line, column, one sentence
load_spec      a spec from a file, with `--set` overrides
parse_spec     the same from a text
json_schema    a model's schema for editors
"""

from experiments.loading.errors import SpecError
from experiments.loading.schema import json_schema
from experiments.loading.validate import load_spec, parse_spec

__all__ = ["SpecError", "json_schema", "load_spec", "parse_spec"]
