"""``sengu run --estimator splitting``: years whose rare turns are followed several times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from experiments.cli.errors import Problem
from experiments.cli.estimators import print_studies, read_metric, refuse_unread
from experiments.cli.options import workers_or_all
from experiments.cli.studies import endings_told, planned_study

if TYPE_CHECKING:
    from experiments.incident_mode import Metric

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
    from experiments.splitting import orders_of, run_splitting_study
    from experiments.splitting.render import CAPTION, render_splitting_studies, row_of

    every = {parameter.name or "" for parameter in context.command.params}
    refuse_unread(context, every - READ, "--estimator splitting")
    by_level, metric = read_splits(splits), _read_harm(metrics)
    study = planned_study(designs, [profile], overrides, years, horizon, seed)
    orders = orders_of(study, by_level, metric)
    with endings_told(None), shown_progress(years * len(orders), silent=as_json) as progress:
        studies = [run_splitting_study(one, workers_or_all(workers), progress) for one in orders]
    head: dict[str, object] = {"seed": seed, "estimator": "splitting"}
    shown = (row_of, render_splitting_studies, CAPTION)
    print_studies(studies, head, *shown, as_json=as_json)


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

    metric = read_metric(words, "years are split for one metric")
    if metric.column not in HARMS:
        raise Problem(
            f"--metric: splitting estimates downtime or split-brain; got '{metric.word}' "
            "(incident mode has it)"
        )
    return metric
