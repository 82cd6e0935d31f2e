"""A recipe: the ``sengu inject`` command of one failure of the talk, and how it is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from experiments.catalogue import load_design
from experiments.inject.event_log import EventLog
from experiments.inject.trial import Attach, Trial, TrialOrder, parse_script, run_trial
from experiments.statistics import mean, proportion
from sim.clock import parse_duration


@dataclass(frozen=True)
class Command:
    """One command; ``sets`` are overrides of the design, ``seed`` picks the trial that is drawn."""

    design: str
    faults: tuple[str, ...]
    until: str
    sets: tuple[str, ...] = ()
    seed: int = 0

    def order(self, replication: int = 0) -> TrialOrder:
        """Return the trial of that number, as the command would run it."""
        return replace(_first_order(self), replication=replication)

    def shell(self, picture: str) -> str:
        """Return the command as one writes it, a line an option, with the picture that it draws."""
        options = [f'--set "{text}"' for text in self.sets]
        options += [f'--fault "{text}"' for text in self.faults]
        options.append(f"--until {self.until}")
        if self.seed:
            options.append(f"--seed {self.seed}")
        options.append(f"--timeline {picture}")
        return " \\\n  ".join([f"sengu inject {self.design}", *options])


@cache
def _first_order(command: Command) -> TrialOrder:
    _, spec = load_design(command.design, command.sets)
    script = parse_script(spec, command.faults)
    return TrialOrder(spec, script, parse_duration(command.until), command.seed)


def trials(command: Command, n: int, *attach: Attach) -> Iterator[tuple[Trial, EventLog]]:
    """Run ``n`` trials, each with its own phases; ``attach`` is called with each before it runs."""
    for replication in range(n):
        trial = run_trial(command.order(replication), *attach)
        yield trial, EventLog(trial.world.trace.records, trial.fault_ns)


class Figure(NamedTuple):
    """A line of a recipe's table: what was counted, what came out, what was expected and where."""

    what: str
    here: str
    expected: str = ""


@dataclass(frozen=True)
class Recipe:
    """One item of ``deck.md`` section 3.

    ``item`` is its number (``3.1.4``), ``title`` a sentence, ``command`` what is drawn, ``also``
    further commands with a word on each; ``measure`` returns the figures of so many trials, of
    which ``n`` are published.
    """

    item: str
    title: str
    command: Command
    measure: Callable[[int], list[Figure]]
    n: int
    also: tuple[tuple[str, Command], ...] = ()

    @property
    def picture(self) -> str:
        """The name of its picture."""
        return f"{self.item}.png"


# Wording --------------------------------------------------------------------------------------


def share(count: int, n: int) -> str:
    """Return a probability in percent with its 95 % interval, and what it rests on."""
    found = proportion(count, n)
    low, high = (100 * (bound or 0.0) for bound in (found.low, found.high))
    return f"{100 * found.estimate:.0f} % [{low:.0f}, {high:.0f}] ({count} of {n})"


def average(values: Sequence[float], unit: str = "s", decimals: int = 1) -> str:
    """Return a mean with its 95 % interval and the extremes; equal values have no interval.

    Of zeros only, it says in how many trials something else is still possible.
    """
    if not values:
        return "never"
    if not any(values):
        most = 100 * (mean(values).p_any_high or 0.0)
        return f"none in {len(values)} trials (in at most {most:.0f} % of them)"
    unit = f" {unit}" if unit else ""
    if max(values) - min(values) < 10**-decimals / 2:
        return f"always {values[0]:.{decimals}f}{unit} ({len(values)} times)"
    found = mean(values)
    low, high = found.low, found.high
    text = f"{found.estimate:.{decimals}f}"
    if low is not None and high is not None:
        text += f" [{low:.{decimals}f}, {high:.{decimals}f}]"
    return f"{text}{unit}, from {min(values):.{decimals}f} to {max(values):.{decimals}f}"


def percent(value: float) -> str:
    """Return a share of time or load in whole percent."""
    return f"{100 * value:.0f} %"
