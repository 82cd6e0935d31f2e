"""``python -m experiments.scaling``: what a second process brings, and what Dask costs.

The same study is executed, chunk by chunk, in one process, on a pool of two and on a Dask cluster
of two workers, and the wall times of each round are compared: medians over the rounds. Who comes
first changes from round to round, since a machine's pace does too. The start of the processes is
left out (about a second for a pool, three for a cluster, whatever the study); each executor is
warm, as it is after the first seconds of a real study. Wall time needs an idle machine with two
processors: the report says how much of it this process could not have.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from experiments.engines import shipped_design, shipped_profile
from experiments.study import Execution, Study, StudyPoint, execute
from experiments.study.dask_cluster import dask_executor
from experiments.study.directory import begin
from experiments.study.workers import InThisProcess, process_pool

DESIGN: Final = "deck-redis"
PROFILE: Final = "cloud-2015"
RUNS: Final = 200
ROUNDS: Final = 3
SPEED_UP_GOAL: Final = 1.7
OVERHEAD_GOAL: Final = 0.03
WARM_UP_RUNS: Final = 8


class Place(NamedTuple):
    """Where chunks are executed: a name, the executor, and how many chunks it has at a time."""

    name: str
    executor: Executor
    in_flight: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code 0, as a machine's speed is no failure."""
    parser = argparse.ArgumentParser(prog="scaling", description="Two processes, and Dask.")
    parser.add_argument("--runs", type=int, default=RUNS, help="simulated years of each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    busy = os.getloadavg()[0]
    took_s = measured(given.runs, given.rounds)
    alone_s, pool_s, dask_s = (median(took_s[name]) for name in ("one", "two", "dask"))
    speed_up = _median_ratio(took_s["one"], took_s["two"])
    overhead = _median_ratio(took_s["dask"], took_s["two"]) - 1.0
    print(f"{given.runs} years of {DESIGN} under {PROFILE}, {given.rounds} rounds, medians:")
    print(
        f"  one process {alone_s:.1f} s, two {pool_s:.1f} s, Dask with two workers {dask_s:.1f} s"
    )
    print(
        f"  two processes are {speed_up:.2f} times one (goal: {SPEED_UP_GOAL} on an idle machine)"
    )
    print(f"  Dask takes {100 * overhead:+.1f} % (goal: under {100 * OVERHEAD_GOAL:.0f} %)")
    print(f"  load of the machine before it began: {busy:.2f}")
    return 0


def measured(runs: int, rounds: int) -> dict[str, list[float]]:
    """The wall times, s, of each place: one, two, dask."""
    took_s: dict[str, list[float]] = {}
    with _places() as places:
        for place in places:
            executed_s(place, WARM_UP_RUNS)
        for number in range(rounds):
            first = number % len(places)
            for place in (*places[first:], *places[:first]):
                took_s.setdefault(place.name, []).append(executed_s(place, runs))
    return took_s


def _median_ratio(some: Sequence[float], others: Sequence[float]) -> float:
    return median(one / other for one, other in zip(some, others, strict=True))


@contextmanager
def _places() -> Iterator[tuple[Place, ...]]:
    with ExitStack() as stack:
        pool = stack.enter_context(process_pool(2))
        cluster, threads = stack.enter_context(dask_executor("local", 2))
        yield (
            Place("one", InThisProcess(), 1),
            Place("two", pool, 4),
            Place("dask", cluster, 2 * threads),
        )


def executed_s(place: Place, runs: int) -> float:
    """The wall time, s, in which the study is executed there, with chunks of the default size."""
    point = StudyPoint(DESIGN, shipped_design(DESIGN), PROFILE, shipped_profile(PROFILE))
    study = Study((point,), runs)
    with TemporaryDirectory(prefix="sengu-scaling-") as directory:
        journal = begin(Path(directory), study)
        started_s = time.perf_counter()
        execute(
            *(study, journal, place.executor),
            in_flight=place.in_flight,
            kept={},
            how=Execution(),
        )
        return time.perf_counter() - started_s


if __name__ == "__main__":
    sys.exit(main())
