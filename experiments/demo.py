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
from experiments.cli.options import processors
from experiments.cli.progress import shown_progress
from experiments.results import DesignSummary, render_summary, summarise
from experiments.statistics import Interval, short_number
from experiments.study import Study, StudyPoint, run_study, write_study

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
    "downtime_minutes_per_year": "minutes of downtime a year",
    "failovers_false_per_year": "failovers a year away from a master that was well",
    "split_brain_s_per_year": "seconds of split brain a year",
}


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
    summaries = summarise(*result.tables)
    console.print(render_summary(summaries))
    console.print(f"{study.runs} years in {took_s:.0f} s.\n", highlight=False)
    for line in what_they_say(summaries):
        console.print(line, highlight=False)
    for path, what in _figures(result.tables.runs, out):
        console.print(f"{path}: {what}", highlight=False)
    return 1 if result.failed else 0


def what_they_say(summaries: list[DesignSummary]) -> list[str]:
    """A sentence for each metric of ``COMPARED``: which design has more, and if that is sure."""
    one, other = summaries
    lines = []
    for metric, words in COMPARED.items():
        first, second = one.numbers[metric], other.numbers[metric]
        less, more = sorted(((first, one), (second, other)), key=lambda pair: pair[0].estimate)
        lines.append(
            f"{less[1].design} has {short_number(less[0].estimate)} {words}, "
            f"{more[1].design} {short_number(more[0].estimate)}: {_sure(less[0], more[0])}."
        )
    return lines


def _sure(less: Interval, more: Interval) -> str:
    if less.high is not None and more.low is not None and less.high < more.low:
        return "the 95 % intervals are apart"
    return "the 95 % intervals overlap, so more years are needed to tell"


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
