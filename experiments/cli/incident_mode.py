"""``sengu run --estimator incident``: one incident at a time in place of whole years."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import workers_or_all
from experiments.cli.studies import endings_told, planned_study

if TYPE_CHECKING:
    from experiments.incident_mode import IncidentStudy, Metric

INCIDENTS: Final = 20_000
"""As ``Order`` has it, which is not imported before it is used."""

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
Incidents = Annotated[
    int,
    typer.Option(
        "--incidents", min=1, max=10_000_000, help="With --estimator incident: at least so many."
    ),
]

READ: Final = frozenset(
    (
        *("designs", "profile", "overrides", "seed", "workers", "as_json"),
        *("estimator", "incidents", "metrics"),
    )
)
"""The options of ``sengu run`` that incident mode reads."""


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


def run_incident_mode(
    context: typer.Context,
    designs: Sequence[str],
    profile: str,
    incidents: int,
    metrics: Sequence[str],
    seed: int,
    workers: int,
    overrides: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Carry out an incident study of each design, and print what they say.

    Raises Problem for options that it does not read, and where incident mode is not exact.
    """
    from experiments.cli.progress import shown_progress
    from experiments.incident_mode import NotExact, Order, run_incident_study

    every = {parameter.name or "" for parameter in context.command.params}
    refuse_unread(context, every - READ, "--estimator incident")
    metric = read_metric(metrics)
    points = planned_study(designs, [profile], overrides, 1, "1y", seed).points
    size = (incidents, metric, seed)
    orders = [
        Order(one.design_name, one.design, one.profile_name, one.profile, *size) for one in points
    ]
    studies = []
    total = sum(order.simulated for order in orders)
    with endings_told(None), shown_progress(total, silent=as_json) as progress:
        for order in orders:
            try:
                studies.append(run_incident_study(order, workers_or_all(workers), progress))
            except NotExact as error:
                raise Problem(
                    f"--estimator incident: {order.design_name} under {order.profile_name}: {error}"
                ) from None
    _print(studies, seed, as_json=as_json)


def read_metric(words: Sequence[str]) -> Metric:
    """The one metric that was asked for; raises Problem for several, and for one unknown."""
    from experiments.incident_mode import METRICS, metric_of

    if len(words) > 1:
        raise Problem("--metric: incidents are chosen for one metric; run others by themselves")
    try:
        return metric_of(words[0]) if words else METRICS[0]
    except ValueError as error:
        raise Problem(f"--metric: {error}") from None


def _print(studies: Sequence[IncidentStudy], seed: int, *, as_json: bool) -> None:
    from experiments.incident_mode.render import CAPTION, render_incident_studies, row_of

    if as_json:
        rows = [row_of(study) for study in studies]
        typer.echo(json.dumps({"seed": seed, "estimator": "incident", "rows": rows}, indent=2))
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(render_incident_studies(studies))
    console.print(CAPTION, highlight=False)
