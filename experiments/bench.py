"""``make bench``: how fast the engine is on this machine, as ratios measured in one run.

Seconds differ from machine to machine and with what else runs on it; ratios of CPU times that were
taken in turn, in one process, hardly do. Medians over the rounds. A naive year would take hours,
so a few minutes of it are timed and extrapolated: the naive engine simulates every tick, faults or
no faults, so its cost per simulated second does not depend on what happens.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from dataclasses import dataclass, replace
from itertools import chain
from statistics import median
from typing import Final

import simpy
from rich.console import Console
from rich.table import Table

from experiments.building.fault_plan import targets_of
from experiments.building.world import build_world
from experiments.engines import shipped_design, shipped_profile
from experiments.recording.recorder import Recorder
from experiments.simulation import RunOrder
from experiments.study.execution import chunk_tables, run_chunk
from experiments.study.packing import packed
from experiments.study.workers import collect_by_run, run_has_ended, set_modules_apart
from sim.clock import YEAR_NS, from_seconds
from sim.engine import Kernel
from sim.fault_sources import FaultSource, source_path
from sim.faults import Effect, FaultBoard
from sim.repair import Crew
from sim.trace import Trace

DESIGN: Final = "deck-redis"
WHOLE: Final = "deck-full"
"""The design of the talk's whole system; its cost is told beside that of the Redis design."""
PROFILE: Final = "cloud-2015"
NAIVE_S: Final = 200.0
TIMEOUTS: Final = 100_000
ROUNDS: Final = 5
WARM_UP_RUNS: Final = 10
MEMORY_RUNS: Final = 100
MEMORY_CPU_S: Final = 30.0
"""The runs for memory stop here."""


@dataclass(frozen=True)
class Figure:
    """A measured ratio, the goal beside it (empty if there is none) and whether it is met."""

    name: str
    ratio: float
    goal: str = ""
    met: bool | None = None


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns the exit code 0, as a machine's speed is no failure."""
    parser = argparse.ArgumentParser(prog="bench", description="Ratios measured in one run.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--memory-runs", type=int, default=MEMORY_RUNS)
    given = parser.parse_args(arguments)
    # As a study's workers do.
    set_modules_apart()
    collect_by_run()
    figures = speed_figures(given.rounds) + memory_figures(given.memory_runs)
    figures += whole_figures(given.rounds)
    if given.json:
        print(json.dumps({one.name: one.ratio for one in figures}, indent=2))
    else:
        Console().print(_table(figures))
    return 0


def _table(figures: list[Figure]) -> Table:
    table = Table(title=f"{DESIGN} under {PROFILE}, CPU time", box=None, title_justify="left")
    table.add_column("")
    for name in ("measured", "goal", ""):
        table.add_column(name, justify="right")
    for one in figures:
        verdict = "" if one.met is None else "met" if one.met else "missed"
        table.add_row(one.name, f"{one.ratio:,.4g}", one.goal, verdict)
    return table


# ------------------------------------------------------------------ speed


@dataclass(frozen=True)
class Round:
    """CPU times of one round, taken in turn, and what the simulated year contained."""

    timeout_s: float
    naive_year_s: float
    fast_year_s: float
    drawing_s: float
    faults: int
    drawn: int
    events: int


def speed_figures(rounds: int) -> list[Figure]:
    """Return the ratios of speed; medians of the rounds' own ratios."""
    measured = [_round(_order(number)) for number in range(rounds)]
    faster = median(one.naive_year_s / one.fast_year_s for one in measured)
    events = median(one.events / one.faults for one in measured)
    cost = median(one.fast_year_s / one.faults / one.timeout_s for one in measured)
    drawing = median(one.drawing_s / one.drawn / one.timeout_s for one in measured)
    return [
        Figure("fast / naive (naive extrapolated)", faster, ">= 100,000", faster >= 100_000),
        Figure("kernel events per fault", events),
        Figure("cost of a fault, in bare SimPy timeouts", cost, "<= 500", cost <= 500),
        Figure("of which drawing the fault", drawing),
        Figure("bare SimPy timeout, us", 1e6 * median(one.timeout_s for one in measured)),
        Figure("a year, CPU s", median(one.fast_year_s for one in measured)),
        Figure("the slowest year, CPU s", max(one.fast_year_s for one in measured)),
        Figure("faults in a year", median(one.faults for one in measured)),
    ]


def whole_figures(rounds: int) -> list[Figure]:
    """Return the ratios of the whole system, each round beside a year of the Redis design."""
    measured = [(_round(_order(n, WHOLE)), _round(_order(n))) for n in range(rounds)]
    faster = median(whole.naive_year_s / whole.fast_year_s for whole, _ in measured)
    events = median(whole.events / whole.faults for whole, _ in measured)
    dearer = median(
        (whole.fast_year_s / whole.faults) / (part.fast_year_s / part.faults)
        for whole, part in measured
    )
    return [
        Figure(f"{WHOLE}: fast / naive (extrapolated)", faster, ">= 100,000", faster >= 100_000),
        Figure(f"{WHOLE}: kernel events per fault", events),
        Figure(f"{WHOLE}: cost of a fault / {DESIGN}'s", dearer, "<= 3", dearer <= 3),
        Figure(f"{WHOLE}: a year, CPU s", median(whole.fast_year_s for whole, _ in measured)),
    ]


def _order(replication: int, design: str = DESIGN) -> RunOrder:
    spec, profile = shipped_design(design), shipped_profile(PROFILE)
    return RunOrder(design, spec, PROFILE, profile, replication=replication)


def _round(order: RunOrder) -> Round:
    timeout_s = time_timeouts()
    naive = replace(order, engine="naive", horizon_ns=from_seconds(NAIVE_S))
    naive_s, _, _ = time_run(naive)
    # What a few minutes leave behind is not to be extrapolated to a year.
    time_collecting()
    fast_s, faults, events = time_run(order)
    fast_s += time_collecting()
    drawing_s, drawn = time_drawing(order)
    extrapolated_s = naive_s * YEAR_NS / naive.horizon_ns
    return Round(timeout_s, extrapolated_s, fast_s, drawing_s, faults, drawn, events)


def time_timeouts() -> float:
    """Return the CPU time of one timeout in a SimPy process that does nothing else, s."""
    environment = simpy.Environment()

    def loop() -> simpy.events.ProcessGenerator:
        for _ in range(TIMEOUTS):
            yield environment.timeout(1)

    environment.process(loop())
    started_s = time.process_time()
    environment.run()
    return (time.process_time() - started_s) / TIMEOUTS


def time_run(order: RunOrder) -> tuple[float, int, int]:
    """Return the CPU time of a run, s, its faults and its kernel events; building is left out."""
    kernel = Kernel(engine=order.engine, seed=order.seed, replication=order.replication)
    world = build_world(order.design, order.profile, kernel, traced=False)
    Recorder(world)
    started_s = time.process_time()
    kernel.run_until(order.horizon_ns)
    return time.process_time() - started_s, world.board.numbered, kernel.events


def time_collecting() -> float:
    """Return the CPU time, s, of giving back the memory of the runs so far, as after each run."""
    started_s = time.process_time()
    run_has_ended()
    return time.process_time() - started_s


def time_drawing(order: RunOrder) -> tuple[float, int]:
    """Return the CPU time, s, of a year of the same faults that do nothing, and their number."""
    kernel = Kernel(seed=order.seed, replication=order.replication)
    trace = Trace(enabled=False)
    board, people = FaultBoard(kernel, trace), order.profile.people
    crew = None
    if people is not None:
        crew = Crew(kernel, "crew", people.crew, people.acknowledge, people.fix, trace)
    for cause, spec in order.profile.faults.items():
        for target in targets_of(spec, order.design):
            effects = [(target, Effect(lambda: None, lambda: None))]
            path, repairer = source_path(cause, target), crew if spec.repaired_by else None
            if spec.every is None:
                continue
            FaultSource(
                kernel, board, path, cause, spec.fault, effects, spec.every, spec.lasts, repairer
            )
    started_s = time.process_time()
    kernel.run_until(order.horizon_ns)
    return time.process_time() - started_s, board.numbered


# ------------------------------------------------------------------ memory


def memory_figures(runs: int) -> list[Figure]:
    """Return the growth of a worker's peak memory over at most ``runs`` years, rows kept.

    What a study keeps of each chunk is kept; 10,000 years are extrapolated from the growth.
    """
    kept: list[tuple[bytes, ...]] = []
    rows = 0
    for number in range(WARM_UP_RUNS):
        _keep(number, kept)
    before_mb = _peak_mb()
    end_s = time.process_time() + MEMORY_CPU_S
    done = 0
    while done < runs and time.process_time() < end_s:
        rows += _keep(WARM_UP_RUNS + done, kept)
        done += 1
    kept_mb_per_year = sum(map(len, chain(*kept))) / len(kept) / 1e6
    per_1000_years_mb = (_peak_mb() - before_mb) / done * 1000
    return [
        Figure("rows kept per year", rows / done),
        Figure("of which memory, MB per 1,000 years", 1000 * kept_mb_per_year),
        Figure(f"growth of the peak, MB per 1,000 years (from {done})", per_1000_years_mb),
        Figure("10,000 years, MB (extrapolated)", before_mb + 10 * per_1000_years_mb),
    ]


def _keep(replication: int, kept: list[tuple[bytes, ...]]) -> int:
    """Run a year, keep it as a study does, and return its number of rows."""
    tables = chunk_tables(run_chunk((_order(replication),)))
    kept.append(packed(tables))
    return sum(map(len, tables))


def _peak_mb() -> float:
    # Linux counts in kB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    sys.exit(main())
