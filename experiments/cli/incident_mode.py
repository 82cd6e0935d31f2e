"""``sengu run --estimator incident``: one incident at a time in place of whole years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from experiments.cli.errors import Problem
from experiments.cli.estimators import print_studies, read_metric, refuse_unread
from experiments.cli.options import workers_or_all
from experiments.cli.studies import endings_told, planned_study

INCIDENTS: Final = 20_000
"""As ``Order`` has it, which is not imported before it is used."""

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
    from experiments.incident_mode.render import CAPTION, render_incident_studies, row_of

    every = {parameter.name or "" for parameter in context.command.params}
    refuse_unread(context, every - READ, "--estimator incident")
    metric = read_metric(metrics, "incidents are chosen for one metric")
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
    head: dict[str, object] = {"seed": seed, "estimator": "incident"}
    shown = (row_of, render_incident_studies, CAPTION)
    print_studies(studies, head, *shown, as_json=as_json)
