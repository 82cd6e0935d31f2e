"""``sengu validate``: the models against measurements of the real programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import workers_or_all
from experiments.cli.studies import endings_told


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="validate")(validate)


_Model = Annotated[
    str, typer.Argument(metavar="WHAT", help="One of those above, redis-sentinel for example.")
]
_Trials = Annotated[
    int | None,
    typer.Option(
        "--trials",
        min=20,
        max=1_000_000,
        help="Of each configuration: 1000 for redis-sentinel, 4000 for mysqlfailover; of kills:"
        " 50 for interruptions.",
    ),
]
_Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="redis-sentinel: other measurements.")
]
_Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="The same seed, the same numbers."),
]
_Workers = Annotated[
    int, typer.Option("--workers", min=0, max=1024, help="Processes; 0: one a processor.")
]


def validate(
    model: _Model,
    trials: _Trials = None,
    data: _Data = None,
    seed: _Seed = None,
    workers: _Workers = 0,
) -> None:
    """Compare models with measurements of the real programs, and sengu with exact answers.

    *redis-sentinel*: 720 measured failovers in eight configurations, and 1,050 of our own in eight,
    milestone by milestone. One of at least 40 measured values is *ok* if the medians differ by at
    most 60 ms and the 90th percentiles by at most 120 ms.

    *mysqlfailover*: the executed table of its detection times (each figure within 2 % or 0.5 s,
    the larger; exits within 0.3 points) and of its false failovers (within 3 points).

    *exact*: reliability models whose answers are known by formula or Markov chain; a row is *ok*
    within 3 standard errors.

    *engines*: the fast engine against the naive one, line for line.

    *stages*: the stages of outages add up to the time down, to the nanosecond.

    *adjusted*: adjusted means against the means of other years, and what adjusting gains.

    *incident-mode*: its means against those of whole years, and its gain; an hour on two
    processors.

    *splitting*: its means against those of plain runs, and its gain; ten minutes on two processors.

    *interruptions*: studies that are killed and resumed give the same bits.

    *sample*: off by no more than the sampling error of what was measured (99 %). *MISS*: off by
    more, and the exit code is 1.

    Example: `sengu validate mysqlfailover --trials 400`
    """
    from rich.console import Console

    from experiments.validation.measurements import MeasurementsMissing
    from experiments.validation.registry import VALIDATIONS, Settings
    from experiments.validation.report import WIDTH, print_reports

    if model not in VALIDATIONS:
        raise Problem(f"'{model[:60]}' has no validation; there is {', '.join(VALIDATIONS)}")
    validation = VALIDATIONS[model]
    settings = Settings(workers_or_all(workers), trials, seed, data)
    for name in validation.unread(settings):
        raise Problem(f"validate {model}: --{name} would change nothing; leave it out")
    try:
        with endings_told(None):
            reports = validation.carry_out(settings)
    except MeasurementsMissing as error:
        raise Problem(str(error)) from None
    console = Console()
    print_reports(reports, console if console.is_terminal else Console(width=WIDTH))
    if any(report.missed for report in reports):
        raise typer.Exit(1)
