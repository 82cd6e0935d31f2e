"""``make demo``: the talk's Redis design, with and without the operator who moves the Sentinels.

Two designs that differ in one thing, under the same bad luck; what the numbers say is computed
from the tables, not written here.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from experiments.catalogue import load_design, load_profile
from experiments.cli.progress import shown_progress
from experiments.results import render_summary, summarise
from experiments.statistics import Interval, mean, short_number
from experiments.study import Study, StudyPoint, run_study, write_study
from experiments.study.workers import processors

if TYPE_CHECKING:
    import pandas as pd

DESIGNS: Final = ("deck-redis", "deck-redis-never-moved")
PROFILE: Final = "cloud-2015"
YEARS: Final = 100
OUT: Final = Path("demo-output")
FAULT: Final = "cut east-west at 60s for 45s"

WHAT: Final = f"""\
Two designs, {{years}} simulated years each, under the profile {PROFILE}: hosts and programs crash,
machines pause, and the link between the two sites flaps.
  {DESIGNS[0]}: after each failover an operator moves a Sentinel to the other host.
  {DESIGNS[1]}: nobody does. Nothing else differs, and both meet the same faults.
The question: what is the operator worth?
"""

COMPARED: Final = {
    "downtime_s": ("minutes of downtime a year", 60.0),
    "failovers_false": ("failovers a year away from a master that was well", 1.0),
    "split_brain_s": ("seconds of split brain a year", 1.0),
}
"""A column of the runs, what it is called here, and what it is divided by."""


def main(years: int = YEARS, out: Path = OUT) -> int:
    """Run the demonstration, write its figures to ``out``, and return the exit code."""
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(WHAT.format(years=years), highlight=False)
    under = load_profile(PROFILE)
    study = Study(tuple(StudyPoint(*load_design(name), *under) for name in DESIGNS), years)
    started_s = time.monotonic()
    with shown_progress(study.runs, silent=False) as finished:
        result = run_study(study, workers=processors(), finished=finished)
    took_s = time.monotonic() - started_s
    write_study(out, study, result.tables)
    summaries = summarise(result.tables)
    console.print(render_summary(summaries))
    console.print(f"{study.runs} years in {took_s:.0f} s.\n", highlight=False)
    for line in what_they_say(result.tables.runs):
        console.print(line, highlight=False)
    for path, what in _figures(result.tables.runs, out):
        console.print(f"{path}: {what}", highlight=False)
    return 1 if result.failed else 0


def what_they_say(runs: pd.DataFrame) -> list[str]:
    """A sentence for each column of ``COMPARED``: which design has more, and if that is sure.

    Year by year, as both designs meet the same faults: the interval is that of the mean difference.
    """
    done = runs[runs["status"] == "ok"]
    one, other = (done[done["design"] == name].set_index("replication") for name in DESIGNS)
    paired = one.index.intersection(other.index)
    lines = []
    for column, (words, unit) in COMPARED.items():
        first, second = (
            of_design.loc[paired, column].to_numpy(dtype=float) / unit for of_design in (one, other)
        )
        lines.append(
            f"{DESIGNS[0]} has {short_number(float(first.mean()))} {words}, "
            f"{DESIGNS[1]} {short_number(float(second.mean()))}: {_sure(mean(first - second))}."
        )
    return lines


def _sure(difference: Interval) -> str:
    low, high = difference.low, difference.high
    if low is None or high is None or low <= 0 <= high:
        return "which has more cannot be told from so few years"
    shown = f"{short_number(difference.estimate)} [{short_number(low)}, {short_number(high)}]"
    return f"paired year by year, {shown} apart"


def _figures(runs: pd.DataFrame, out: Path) -> list[tuple[Path, str]]:
    """Draw the figures and return where each is and what it shows."""
    from experiments.inject.trial import TrialOrder, parse_script
    from experiments.plots import new_figure, plot_downtime_distribution, save
    from experiments.timeline.draw import draw_trial
    from sim.clock import NS_PER_S

    figure, ax = new_figure()
    plot_downtime_distribution(runs, ax)
    downtime, incident = out / "downtime.png", out / "incident.png"
    save(figure, downtime)
    _, design = load_design(DESIGNS[0])
    draw_trial(TrialOrder(design, parse_script(design, (FAULT,)), 300 * NS_PER_S), incident)
    return [
        (downtime, "how bad a year can get, design by design"),
        (incident, f"one incident of {DESIGNS[0]}, second by second: {FAULT}"),
    ]


if __name__ == "__main__":
    sys.exit(main())
