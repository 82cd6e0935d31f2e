"""Words and readers of options that several commands have."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, cast, get_args

import typer

from experiments.cli.errors import Problem

if TYPE_CHECKING:
    from experiments.study import Precision
    from sim.engine import Engine

DESIGN: Final = "A name as in sengu list, or a YAML file."
PROFILE: Final = "What the design is put under: a name as in sengu list, or a YAML file."
SET: Final = (
    "Change one value, such as sentinel.foo.quorum=3; may be given several times. A path that "
    "begins with 'profile.' changes the profile: profile.people.crew=2."
)


Designs = Annotated[
    list[str], typer.Argument(metavar="DESIGN", help="Names as in sengu list, or YAML files.")
]
Design = Annotated[str, typer.Argument(metavar="DESIGN", help=DESIGN)]
Years = Annotated[
    int, typer.Option("--years", min=1, max=10_000_000, help="Independent runs of each design.")
]
Horizon = Annotated[str, typer.Option("--horizon", help="Length of each run: 30d, 1y, ...")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same numbers.")]
Workers = Annotated[
    int, typer.Option("--workers", min=0, max=1024, help="Processes; 0: one a processor.")
]
Overrides = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=SET)]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Write tables and spec.json there.")
]
Force = Annotated[bool, typer.Option("--force", help="Write to DIR whatever it holds.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and no progress.")]
"""The options that every command with a study of its own has."""

DASK: Final = (
    "Run on the Dask scheduler at this address (tcp://...), or on a cluster of one's own: local."
)
Dask = Annotated[str | None, typer.Option("--dask", metavar="ADDRESS", help=DASK)]
PrecisionAsked = Annotated[
    str | None,
    typer.Option("--precision", metavar="5%", help="Run until so precise; --years is the least."),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        help="Of what: downtime (default), split-brain, writes-lost, availability, recovery-debt; "
        "may be given several times. With --estimator incident one, and others are known.",
    ),
]
EngineAsked = Annotated[
    str, typer.Option("--engine", metavar="fast|naive|audit", help="fast, or two slow checks.")
]
ON_ERROR: Final = "A failed run is recorded as a row, or ends the study with its error."
OnErrorAsked = Annotated[str, typer.Option("--on-error", metavar="record|raise", help=ON_ERROR)]
ChunkRuns = Annotated[
    int | None, typer.Option("--chunk-runs", min=1, help="Runs in a chunk.", hidden=True)
]
MAX_YEARS: Final = 100_000
MaxYears = Annotated[
    int | None,
    typer.Option(
        "--max-years", min=1, max=10_000_000, help=f"With --precision: at most ({MAX_YEARS:,})."
    ),
]
MaxTime = Annotated[
    str | None,
    typer.Option("--max-time", metavar="10min", help="With --precision: at most about so long."),
]
"""The options of a study that ends by precision, and of one that does not run in processes."""


class Ending(NamedTuple):
    """When a study is to end: replications at most, precision asked for, and limit of time."""

    years: int
    precision: Precision | None
    max_time_s: float | None


def read_ending(
    years: int,
    precision: str | None,
    metrics: Sequence[str],
    max_years: int | None,
    max_time: str | None,
) -> Ending:
    """What these options ask for together; raises Problem if they do not fit or cannot be read."""
    if precision is None:
        for option, value in (
            ("--metric", metrics),
            ("--max-years", max_years),
            ("--max-time", max_time),
        ):
            if value:
                raise Problem(f"{option}: says when a study with --precision ends; there is none")
        return Ending(years, None, None)
    from experiments.study import Precision

    most = MAX_YEARS if max_years is None else max_years
    if most < years:
        raise Problem(f"--max-years: {most} is less than --years, {years}, the least")
    error_share = _read_share(precision)
    try:
        asked = Precision(error_share, tuple(dict.fromkeys(metrics)) or ("downtime",), years)
    except ValueError as error:
        option = "--precision" if "%" in str(error) else "--metric"
        if "first look" in str(error):
            option = "--years"
        raise Problem(f"{option}: {error}") from None
    return Ending(most, asked, None if max_time is None else read_max_time(max_time))


def _read_share(text: str) -> float:
    words = text.strip()[:60]
    try:
        if words.endswith("%"):
            return float(words[:-1]) / 100.0
        return float(words)
    except ValueError:
        raise Problem(f"--precision: expected a share such as 5%, got '{words}'") from None


def read_max_time(text: str) -> float:
    """The seconds of ``--max-time``; raises Problem if it is no time above 0."""
    from sim.clock import parse_duration, to_seconds

    try:
        limit_s = to_seconds(parse_duration(text[:60]))
    except ValueError as error:
        raise Problem(f"--max-time: {error}") from None
    if limit_s <= 0:
        raise Problem("--max-time: must be longer than 0s")
    return limit_s


def read_horizon(text: str) -> int:
    """The nanoseconds of ``--horizon``; raises Problem if it is no time above 0."""
    from experiments.planning import horizon_ns

    try:
        return horizon_ns(text)
    except ValueError as error:
        raise Problem(f"--horizon: {error}") from None


def read_engine(text: str) -> Engine:
    """The engine, if there is one of this name; else raises Problem."""
    from sim.engine import Engine

    engines = cast("tuple[str, ...]", get_args(Engine))
    if text not in engines:
        near = difflib.get_close_matches(text[:60], engines, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise Problem(f"--engine: expected one of {', '.join(engines)}; got '{text[:60]}'{hint}")
    return cast(Engine, text)


def workers_or_all(asked: int) -> int:
    """The processes that ``--workers`` asks for; 0 asks for one a processor."""
    from experiments.study.workers import processors

    return asked or processors()
