"""``sengu run --estimator splitting``: years whose rare turns are followed several times."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from experiments.cli.errors import Problem
from experiments.cli.incident_mode import read_metric, refuse_unread
from experiments.cli.options import workers_or_all
from experiments.cli.studies import endings_told, planned_study

if TYPE_CHECKING:
    from experiments.incident_mode import Metric
    from experiments.splitting import SplittingStudy

SPLITS: Final = "1,8,8"
"""As ``SplittingOrder`` has them, which is not imported before it is used."""

SplitsAsked = Annotated[
    str,
    typer.Option(
        "--splits",
        metavar="N,N,...",
        help="With --estimator splitting: into how many a year is split when one, two, ... things "
        "are wrong at once.",
    ),
]

READ: Final = frozenset(
    (
        *("designs", "profile", "overrides", "years", "horizon", "seed", "workers", "as_json"),
        *("estimator", "splits", "metrics"),
    )
)
"""The options of ``sengu run`` that splitting reads."""


def run_splitting(
    context: typer.Context,
    designs: Sequence[str],
    profile: str,
    years: int,
    horizon: str,
    splits: str,
    metrics: Sequence[str],
    seed: int,
    workers: int,
    overrides: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Carry out a splitting study of each design, and print what they say.

    Raises Problem for options that it does not read.
    """
    from experiments.cli.progress import shown_progress
    from experiments.splitting import SplittingOrder, run_splitting_study

    every = {parameter.name or "" for parameter in context.command.params}
    refuse_unread(context, every - READ, "--estimator splitting")
    by_level, metric = read_splits(splits), _read_harm(metrics)
    study = planned_study(designs, [profile], overrides, years, horizon, seed)
    orders = [
        SplittingOrder(
            one.design_name,
            one.design,
            one.profile_name,
            one.profile,
            roots=years,
            horizon_ns=study.horizon_ns,
            splits=by_level,
            metric=metric,
            seed=seed,
        )
        for one in study.points
    ]
    with endings_told(None), shown_progress(years * len(orders), silent=as_json) as progress:
        studies = [run_splitting_study(one, workers_or_all(workers), progress) for one in orders]
    _print(studies, seed, as_json=as_json)


def read_splits(text: str) -> tuple[int, ...]:
    """The numbers of ``--splits``; raises Problem unless they are whole and from 1 up."""
    from experiments.splitting import check_splits

    try:
        splits = tuple(int(word) for word in text.split(","))
    except ValueError:
        splits = ()
    try:
        check_splits(splits)
    except ValueError as error:
        raise Problem(f"--{error}; got '{text[:60]}'") from None
    return splits


def _read_harm(words: Sequence[str]) -> Metric:
    from experiments.splitting import HARMS

    metric = read_metric(words)
    if metric.column not in HARMS:
        raise Problem(
            f"--metric: splitting estimates downtime or split-brain; got '{metric.word}' "
            "(incident mode has it)"
        )
    return metric


def _print(studies: Sequence[SplittingStudy], seed: int, *, as_json: bool) -> None:
    from experiments.splitting.render import CAPTION, render_splitting_studies, row_of

    if as_json:
        rows = [row_of(study) for study in studies]
        typer.echo(json.dumps({"seed": seed, "estimator": "splitting", "rows": rows}, indent=2))
        return
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(render_splitting_studies(studies))
    console.print(CAPTION, highlight=False)
