"""``sengu validate``: the models against measurements of the real programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import processors


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="validate")(validate)


def validate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="redis-sentinel.")],
    trials: Annotated[
        int, typer.Option("--trials", min=20, max=1_000_000, help="Of each configuration.")
    ] = 1000,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="The measurements, if not those of the source."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed gives the same numbers.")
    ] = 0,
    workers: Annotated[
        int, typer.Option("--workers", min=0, max=1024, help="Processes; 0: one a processor.")
    ] = 0,
) -> None:
    """Compare simulated failovers with measured ones, milestone by milestone.

    Eight configurations, 720 measured trials. A milestone of at least 40 measured values is *ok*
    if the medians differ by at most 60 ms and the 90th percentiles by at most 120 ms; *sample* if
    it is off by no more than the sampling error of the measured trials (99 %); else *MISS*, and
    the exit code is 1.

    Example: `sengu validate redis-sentinel --trials 200`
    """
    from rich.console import Console

    from experiments.validation.measurements import DATA, MeasurementsMissing
    from experiments.validation.redis_sentinel import validate_redis_sentinel
    from experiments.validation.registry import VALIDATIONS
    from experiments.validation.report import WIDTH, print_reports

    if model not in VALIDATIONS:
        raise Problem(f"'{model[:60]}' has no validation; there is {', '.join(VALIDATIONS)}")
    try:
        reports = validate_redis_sentinel(
            trials, data or DATA, seed=seed, workers=workers or processors()
        )
    except MeasurementsMissing as error:
        raise Problem(str(error)) from None
    console = Console()
    print_reports(reports, console if console.is_terminal else Console(width=WIDTH))
    if any(report.missed for report in reports):
        raise typer.Exit(1)
