"""``python -m experiments.memory``: the memory that the parent process of a study needs.

The workers' memory is that of one chunk. The parent sees all of them: it puts the chunk files
together and sums them up. Both are measured here on a study whose chunks are all there, made of a
few simulated years over and over, in a process of its own and through the very code of a study.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from experiments.engines import shipped_design, shipped_profile
from experiments.results import TABLES
from experiments.results.parquet import to_arrow
from experiments.study import Execution, Study, StudyPoint, resume_study
from experiments.study.directory import begin
from experiments.study.execution import chunk_tables, run_chunk
from experiments.study.journal import PackedChunk
from experiments.study.packing import as_stream
from experiments.study.plan import Chunk

DESIGN: Final = "deck-redis"
PROFILE: Final = "cloud-2015"
RUNS: Final = 1_000_000
GOAL_MB: Final = 1000.0
TEMPLATE_RUNS: Final = 5
INCIDENTS_KEPT: Final = 20
"""Of each run, the first so many; a quieter profile has no more."""
CHUNK_RUNS: Final = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns 1 if the goal is missed."""
    parser = argparse.ArgumentParser(prog="memory", description="Peak memory of a study's parent.")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--finish", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.finish is not None:
        print(json.dumps(finished(given.finish)))
        return 0
    found = measured(given.runs)
    print(
        f"{given.runs:,} runs, {found['incidents']:,.0f} incidents: peak {found['peak_mb']:,.0f} MB"
        f" (goal: under {GOAL_MB:,.0f}; {found['idle_mb']:,.0f} before the first chunk is read), "
        f"{found['cpu_s']:.0f} s of CPU"
    )
    return int(found["peak_mb"] >= GOAL_MB)


def measured(runs: int) -> dict[str, float]:
    """Peak memory in MB (`peak_mb`; `idle_mb` with all imported), `cpu_s` and `incidents`."""
    with TemporaryDirectory(prefix="sengu-memory-") as place:
        build(Path(place), runs)
        command = [sys.executable, "-m", "experiments.memory", "--finish", place]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(told))


def build(directory: Path, runs: int) -> None:
    """Write a study whose chunks are all there and not yet put together."""
    point = StudyPoint(DESIGN, shipped_design(DESIGN), PROFILE, shipped_profile(PROFILE))
    study = Study((point,), runs)
    journal = begin(directory, study)
    orders = tuple(study.order(0, number) for number in range(TEMPLATE_RUNS))
    tables = chunk_tables(run_chunk(orders))
    template = {name: to_arrow(name, getattr(tables, name)) for name in TABLES}
    few = tables.incidents[tables.incidents["incident"] < INCIDENTS_KEPT]
    template["incidents"] = to_arrow("incidents", few)
    for first in range(0, runs, CHUNK_RUNS):
        last = min(first + CHUNK_RUNS, runs) - 1
        rows = {name: repeated(table, first, last) for name, table in template.items()}
        streams = tuple(as_stream(rows[name]) for name in TABLES)
        journal.add(Chunk(0, first, last), PackedChunk(streams, 1.0))


def repeated(template: Any, first: int, last: int) -> Any:
    """The rows of the template's runs, over and over, as those of runs ``first`` to ``last``."""
    import numpy as np
    import pyarrow as pa

    times = -(-(last - first + 1) // TEMPLATE_RUNS)
    many = pa.concat_tables([template] * times)
    shift = first + TEMPLATE_RUNS * np.repeat(np.arange(times), template.num_rows)
    numbers = many["replication"].to_numpy() + shift
    place = many.schema.get_field_index("replication")
    many = many.set_column(place, many.schema.field(place), pa.array(numbers))
    return many.filter(pa.array(numbers <= last)).combine_chunks()


def finished(directory: Path) -> dict[str, float]:
    """Put the chunks together and sum them up; what it took of this process."""
    from pyarrow import parquet

    idle_mb = peak_mb()
    result = resume_study(directory, Execution())
    result.summaries()
    rows = parquet.ParquetFile(directory / "incidents.parquet").metadata.num_rows
    cpu_s = time.process_time()
    return {"peak_mb": peak_mb(), "idle_mb": idle_mb, "cpu_s": cpu_s, "incidents": float(rows)}


def peak_mb() -> float:
    """The most memory that this process has had, MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike the usage below, it does not begin with the memory of the parent.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        if "VmHWM" in lines:
            return int(lines["VmHWM"].split()[0]) * 1024 / 1e6
    # Linux counts in kB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    sys.exit(main())
