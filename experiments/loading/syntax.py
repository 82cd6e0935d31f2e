"""YAML syntax errors in words that help: what is wrong at this place and what to do.

The parser speaks of block mappings and flow sequences; the reader knows indentation, quotes and
brackets.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.error import MarkedYAMLError

from experiments.loading.errors import SpecError
from experiments.loading.nodes import Mark

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_COLON = (
    "a ':' is not allowed here; check the indentation and the line above, "
    "and quote text that contains ': '"
)
_MISPLACED = ("expected <block end>", "expected the node content", "<document start>")
_INDENT = "not valid here; check the indentation, and quote text that holds special characters"


def check_text(text: str, name: str) -> None:
    """Raises `SpecError` at the first control character (NUL and the like)."""
    if bad := _CONTROL.search(text):
        before = text[: bad.start()]
        line, column = before.count("\n") + 1, bad.start() - (before.rfind("\n") + 1) + 1
        message = f"character U+{ord(bad.group()):04X} is not allowed in a file"
        raise SpecError(name, line, column, message)


def syntax_error(error: Exception, last: Mark) -> SpecError:
    """A `SpecError` for whatever the YAML parser raised; `last` is the last place it reached."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if isinstance(error, OverflowError) or str(error).startswith("chr()"):
        # What Python says of it is different from version to version.
        return last.error("not valid YAML after this: \\U has the number of no character")
    if not isinstance(error, MarkedYAMLError) or mark is None:
        return last.error(f"not valid YAML after this: {_one_line(str(error))}")
    context, problem = error.context or "", error.problem or ""
    message = _sentence(problem)
    if opened := _opened(context, problem, mark):
        # Where it was opened is where the reader must look; it shows only where it went wrong.
        mark, message = error.context_mark, opened
    return SpecError(last.source, mark.line + 1, mark.column + 1, message)


def _opened(context: str, problem: str, mark: Any) -> str:
    if "unexpected end of stream" in problem:
        return "this quote is never closed"
    if context.startswith("while parsing a flow"):
        bracket = "[" if "sequence" in context else "{"
        return f"this {bracket} is not closed where it should be, before {_place(mark)}"
    return ""


def _sentence(problem: str) -> str:
    if "\\t" in problem:
        return "a tab is not allowed here; indent with spaces"
    if "cannot start any token" in problem:
        character = problem.split("'")[1]
        return f"a value cannot begin with {character}; write it in quotes"
    if "mapping values are not allowed" in problem:
        return _COLON
    if any(words in problem for words in _MISPLACED):
        return _INDENT
    if "expected ':'" in problem:
        return "expected ':' after the key"
    return f"not valid YAML: {_one_line(problem)}"


def _place(mark: Any) -> str:
    return f"{mark.line + 1}:{mark.column + 1}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:120]
