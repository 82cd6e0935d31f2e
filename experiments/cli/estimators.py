"""What the estimators of ``sengu run`` share: their option, the metric, how they print."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from experiments.cli.errors import Problem

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.incident_mode import Metric

S = TypeVar("S")

ESTIMATORS: Final = ("years", "incident", "splitting")

Estimator = Annotated[
    str,
    typer.Option(
        "--estimator",
        metavar="years|incident|splitting",
        help="Simulate whole years; or one incident at a time with the rare ones forced; or years "
        "that are split where they come near the worst.",
    ),
]


def read_estimator(text: str) -> str:
    """The estimator of this name; raises Problem if there is none."""
    if text not in ESTIMATORS:
        from experiments.loading.wording import did_you_mean

        hint = did_you_mean(text, ESTIMATORS)
        raise Problem(
            f"--estimator: expected one of {', '.join(ESTIMATORS)}; got '{text[:60]}'{hint}"
        )
    return text


def refuse_unread(context: typer.Context, names: Collection[str], when: str) -> None:
    """Raise Problem if one of the options called ``names`` was given, as nothing would read it."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        given = source is not None and source.name == "COMMANDLINE"
        if given and parameter.name in names:
            raise Problem(f"{parameter.opts[0]} is not read with {when}; leave it out")


def read_metric(words: Sequence[str], why_one: str) -> Metric:
    """The one metric that was asked for; raises Problem for several, and for one unknown."""
    from experiments.incident_mode import METRICS, metric_of

    if len(words) > 1:
        raise Problem(f"--metric: {why_one}; run others by themselves")
    try:
        return metric_of(words[0]) if words else METRICS[0]
    except ValueError as error:
        raise Problem(f"--metric: {error}") from None


def print_studies(
    studies: Sequence[S],
    head: dict[str, object],
    row_of: Callable[[S], dict[str, object]],
    table_of: Callable[[Sequence[S]], Table],
    caption: str,
    *,
    as_json: bool,
) -> None:
    """Print the studies of an estimator: a table, or JSON that begins with ``head``."""
    if as_json:
        typer.echo(json.dumps({**head, "rows": [row_of(study) for study in studies]}, indent=2))
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table_of(studies))
    console.print(caption, highlight=False)
