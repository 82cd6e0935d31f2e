"""Faults at stated times from Python: what `sengu inject` does, returning an object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from experiments.api.display import Shown
from experiments.api.documents import Design, design
from experiments.api.planning import DesignLike, read_duration, several, whole_number
from experiments.inject.milestones import milestones
from experiments.inject.trial import TrialOrder, parse_script, run_trial
from sim.clock import NS_PER_S

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from experiments.api.picture import Picture

MOST_TRIALS = 1_000_000
AFTER_NS = 300 * NS_PER_S
"""How long a trial goes on after its last fault, unless said otherwise; as in `sengu inject`."""


def inject(
    into: DesignLike,
    faults: str | Sequence[str],
    *,
    trials: int = 1,
    until: str | None = None,
    seed: int = 0,
) -> Trials:
    """Let faults strike a design at rest; nothing else goes wrong.

    Args:
        into: the design, by name, by path, or as an object.
        faults: one or several, as after ``--fault``: ``"kill redis@a01 at 60s"``.
        trials: how many; in each, every timer stands at another point of its cycle.
        until: where to end, counted from the start of the script; 5 min after the last fault.
        seed: a whole number from 0.

    Raises SpecError for a design that is not sound, ValueError for any other argument.
    """
    chosen = design(into)
    script = parse_script(chosen.spec, tuple(str(one) for one in several(faults)))
    if not script:
        raise ValueError("faults: there are none")
    until_ns = max(fault.at_ns + (fault.lasts_ns or 0) for fault in script) + AFTER_NS
    if until is not None:
        until_ns = read_duration("until", until)
        if until_ns <= max(fault.at_ns for fault in script):
            raise ValueError(f"until: there is a fault after {until}")
    number = whole_number("trials", trials, 1, MOST_TRIALS)
    first = whole_number("seed", seed)
    orders = [TrialOrder(chosen.spec, script, until_ns, first, one) for one in range(number)]
    return Trials(chosen, orders)


class Trials(Shown):
    """Trials of a design under the same faults.

    Attributes:
        design: what was struck.
        milestones: a row a trial; s since the first fault, counts and writes as they are. The
            columns are those of the measured trials of Redis.
    """

    def __init__(self, chosen: Design, orders: Sequence[TrialOrder]) -> None:
        import pandas as pd

        self.design = chosen
        self._orders = tuple(orders)
        self._rows = [milestones(run_trial(order)) for order in orders]
        self.milestones: pd.DataFrame = pd.DataFrame(self._rows)

    def trace(self, trial: int = 0) -> pd.DataFrame:
        """What happened in a trial, a row an event: time_s (of the script), entity, event, words.

        Raises ValueError for a trial that there is not.
        """
        import pandas as pd

        done = run_trial(self._order(trial))
        rows = [
            (
                done.since_start_s(record.time_ns),
                record.entity,
                record.event,
                " ".join(f"{name}={value}" for name, value in record.fields),
            )
            for record in done.world.trace.records
            if record.time_ns >= done.start_ns
        ]
        return pd.DataFrame(rows, columns=["time_s", "entity", "event", "words"])

    def timeline(self, trial: int = 0) -> Picture:
        """A trial as a picture of lanes; raises ValueError for one that there is not."""
        from experiments.api.picture import Picture
        from experiments.timeline.draw import figure_of, title_of
        from experiments.timeline.timeline import trial_timeline

        order = self._order(trial)
        _, lanes = trial_timeline(order)
        title = title_of(order)
        return Picture(figure_of(lanes, title=title), title)

    def _order(self, trial: int) -> TrialOrder:
        return self._orders[whole_number("trial", trial, 0, len(self._orders) - 1)]

    def _tables(self) -> Iterable[Table]:
        from experiments.inject.tables import spread_table

        count = len(self._rows)
        title = f"{count} trial{'s' * (count > 1)} of {self.design.name}, s since the first fault"
        return [spread_table(self._rows, title)]

    def __repr__(self) -> str:
        return f"<{len(self._rows)} trials of {self.design.name}>"
