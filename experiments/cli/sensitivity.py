"""``sengu sensitivity``: which value of a design or a profile matters most."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from experiments.cli.errors import Problem
from experiments.cli.options import (
    PROFILE,
    AsJson,
    Design,
    Force,
    Horizon,
    Out,
    Overrides,
    Seed,
    Workers,
    Years,
    workers_or_all,
)
from experiments.cli.repeated import refuse_repeated_paths
from experiments.cli.studies import carried_out, complain_of_failures, planned_points

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sensitivity.indices import Indices, Method
    from experiments.sensitivity.ranges import Range
    from experiments.study import StudyResult

_VARY = (
    "A value and its two ends, as for --set; several times for several values. A path that begins "
    "with 'profile.' varies the profile."
)
_METRIC = "Of what: downtime, split-brain, writes-lost, false-failovers, missed-failovers, pages."
_METHOD = "one-at-a-time (a tornado), morris (screening), sobol (shares of the spread)."
_SAMPLES = "Trajectories of Morris, or base samples of Sobol (a power of two)."
_METHODS = ("one-at-a-time", "morris", "sobol")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="sensitivity")(sensitivity)


def sensitivity(
    design: Design,
    profile: Annotated[str, typer.Option("--profile", help=PROFILE)],
    vary: Annotated[list[str], typer.Option("--vary", metavar="PATH=LOW,HIGH", help=_VARY)],
    metric: Annotated[str, typer.Option("--metric", metavar="NAME", help=_METRIC)] = "downtime",
    method: Annotated[str, typer.Option("--method", metavar="NAME", help=_METHOD)] = (
        "one-at-a-time"
    ),
    samples: Annotated[int, typer.Option("--samples", min=4, max=4096, help=_SAMPLES)] = 16,
    years: Years = 50,
    horizon: Horizon = "1y",
    seed: Seed = 0,
    workers: Workers = 0,
    overrides: Overrides = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Say which of some values changes a metric most, all of them in the same years.

    Each range is what one thinks possible. By default each value goes to its two ends and all
    others stay; with `--out`, `sengu plot tornado DIR` draws it. Morris and Sobol vary all at once.

    Example: `sengu sensitivity deck-redis --profile cloud-2015 --vary
    sentinel.foo.down-after-milliseconds=1s,60s --vary profile.faults.vpn-flap.every.mean=7d,365d
    --out results`
    """
    from experiments.sensitivity.one_at_a_time import MEASURES

    _require(metric, tuple(MEASURES), "--metric")
    _require(method, _METHODS, "--method")
    ranges = _ranges(vary, between=method != "one-at-a-time")
    size = (years, horizon, seed)
    if method == "one-at-a-time":
        from experiments.sensitivity.one_at_a_time import names

        points = [(name, [sets] if sets else []) for name, sets in names(ranges)]
        cube = None
    else:
        cube = _sampled(cast("Method", method), ranges, samples, seed)
        points = [
            (
                f"{method}-{number}",
                [f"{one.path}={one.at(at)}" for one, at in zip(ranges, row, strict=True)],
            )
            for number, row in enumerate(cube)
        ]
    study = planned_points(design, profile, points, overrides or [], size)
    result = carried_out(study, workers_or_all(workers), out, force=force, silent=as_json)
    if cube is None:
        _tell_one_at_a_time(result, ranges, metric, as_json=as_json)
    else:
        _tell_indices(result, (cast("Method", method), ranges, cube, seed), metric, as_json=as_json)
    complain_of_failures(study, result, out)


def _require(word: str, known: Sequence[str], option: str) -> None:
    if word not in known:
        raise Problem(f"{option}: expected one of {', '.join(known)}; got '{word[:60]}'")


def _ranges(texts: Sequence[str], *, between: bool) -> list[Range]:
    from experiments.sensitivity.ranges import read_range

    refuse_repeated_paths("--vary", texts)
    found = []
    for text in texts:
        try:
            found.append(read_range(text))
        except ValueError as error:
            raise Problem(f"--vary {error}") from None
        if between and not found[-1].kind:
            raise Problem(f"--vary '{text[:60]}': Morris and Sobol need two numbers or two times")
    return found


def _sampled(method: Method, ranges: Sequence[Range], samples: int, seed: int) -> Any:
    from experiments.sensitivity.indices import NotInstalled, sample

    if method == "sobol" and samples & (samples - 1):
        raise Problem(f"--samples: Sobol's sequence needs a power of two, not {samples}")
    try:
        return sample(method, ranges, samples, seed)
    except NotInstalled as error:
        raise Problem(f"--method {method}: {error}") from None


def _tell_one_at_a_time(
    result: StudyResult, ranges: Sequence[Range], metric: str, *, as_json: bool
) -> None:
    from experiments.sensitivity.one_at_a_time import keep, sensitivities

    table = sensitivities(result, ranges, metric)
    keep(table, result.directory)
    _print(table, f"{metric} a year, one value at a time", as_json=as_json)


def _tell_indices(
    result: StudyResult,
    asked: tuple[Method, Sequence[Range], Any, int],
    metric: str,
    *,
    as_json: bool,
) -> None:
    from experiments.sensitivity.indices import analyse
    from experiments.sensitivity.one_at_a_time import keep
    from experiments.sensitivity.points import results_of

    method, ranges, cube, seed = asked
    values, errors = results_of(result, metric, len(cube))
    try:
        found = analyse(method, ranges, cube, values, errors, seed)
    except ValueError as error:
        raise Problem(f"--method {method}: {error}") from None
    keep(found.table, result.directory, f"{method}.csv")
    _print(found.table, _head(found, method, metric), as_json=as_json)


def _head(found: Indices, method: str, metric: str) -> str:
    left = f", {found.left_out} left out for failed runs" if found.left_out else ""
    return (
        f"{metric} a year by {method}: {found.blocks} samples{left}; noise of the years is at most "
        f"{100 * min(found.noise_share, 1.0):.0f} % of the spread"
    )


def _print(table: pd.DataFrame, title: str, *, as_json: bool) -> None:
    import json

    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        typer.echo(json.dumps({"title": title, "rows": rows}, indent=2))
        return
    from rich.console import Console

    from experiments.sensitivity.render import sensitivity_table

    Console(width=None if sys.stdout.isatty() else 100).print(sensitivity_table(table, title))
