"""What was given twice and counts once: of two values, nobody could say which one was meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.cli.errors import Problem


def refuse_repeated_options(command: Any, parent: Any, words: Sequence[str]) -> None:
    """Raise Problem for an option among ``words`` that takes one value and was given several."""
    context = command.context_class(command, info_name=command.name, parent=parent)
    given = command.make_parser(context).parse_args(args=[*words])[2]
    for option in given:
        counts_once = option.param_type_name == "option" and not option.multiple
        if counts_once and not option.is_flag and given.count(option) > 1:
            hint = "; sengu compare takes several" if option.name == "profile" else ""
            raise Problem(
                f"{command.name} {option.opts[0]}: is there {given.count(option)} times, and takes "
                f"one value{hint}"
            )


def refuse_repeated_paths(option: str, texts: Sequence[str]) -> None:
    """Raise Problem if two ``path=value`` of ``option`` have the same path."""
    values: dict[str, str] = {}
    for text in texts:
        path, _, value = text.partition("=")
        if path.strip() in values:
            raise Problem(
                f"{option} {path.strip()[:200]}: is there twice, with {values[path.strip()][:60]} "
                f"and with {value[:60]}; leave one out"
            )
        values[path.strip()] = value


def with_varied(overrides: Sequence[str], varied: Sequence[str]) -> list[str]:
    """Overrides for a point of a study: what is varied stands in the place of what was set."""
    paths = {text.partition("=")[0].strip() for text in varied}
    kept = [text for text in overrides if text.partition("=")[0].strip() not in paths]
    return [*kept, *varied]
