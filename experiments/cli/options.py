"""Words and readers of options that several commands have."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast, get_args

import typer

from experiments.cli.errors import Problem

if TYPE_CHECKING:
    from sim.engine import Engine

PROFILE: Final = "What the design is put under: a name as in sengu list, or a YAML file."
SET: Final = (
    "Change one value, such as sentinel.foo.quorum=3; may be given several times. A path that "
    "begins with 'profile.' changes the profile: profile.people.crew=2."
)


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


def read_horizon(text: str) -> int:
    """The nanoseconds of ``--horizon``; raises Problem if it is no time above 0."""
    from sim.clock import YEAR_NS, parse_duration

    try:
        horizon_ns = parse_duration(text[:60])
    except ValueError as error:
        raise Problem(f"--horizon: {error}") from None
    if not 0 < horizon_ns <= 100 * YEAR_NS:
        raise Problem(f"--horizon: must be longer than 0s and at most 100y, not {text[:60]}")
    return horizon_ns


def read_engine(text: str) -> Engine:
    """The engine, if there is one of this name; else raises Problem."""
    from sim.engine import Engine

    engines = cast("tuple[str, ...]", get_args(Engine))
    if text not in engines:
        near = difflib.get_close_matches(text[:60], engines, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise Problem(f"--engine: expected one of {', '.join(engines)}; got '{text[:60]}'{hint}")
    return cast(Engine, text)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
