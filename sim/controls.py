"""Control variates: how far what a run drew lies from what it had to expect.

A year with twice the outages that its laws promise is a bad year of a design and a bad draw at
once. What was drawn is known, and so is its mean; their difference is 0 on average, whatever the
models make of it, and tells the one from the other (``experiments/statistics/adjusted.py``).

There is one number for each kind of draw, summed over the run:

* of a duration (how long a fault lasts, when somebody answers a page): drawn less mean, seconds. It
  counts when it is drawn, also if the run ends before it is over.
* of arrivals whose law is exponential: faults that struck, less time spent waiting for them over
  their mean, a count.

Each is a martingale over the course of the run: a next draw has nothing to do with what came
before. So its mean at the end is 0 exactly, though how many draws there are is decided by the run
itself (optional stopping).
"""

from __future__ import annotations

from sim.laws import Exponential, Fixed, Law, Replay


class Arrivals:
    """Faults of one source, against the time for which it waited to strike; times in ns."""

    __slots__ = ("_mean_ns", "_since_ns", "_struck", "_waited_ns", "name")

    def __init__(self, name: str, every: Exponential) -> None:
        self.name = name
        self._mean_ns = every.mean_s * 1e9
        self._struck = 0
        self._waited_ns = 0
        self._since_ns: int | None = None

    def wait(self, now_ns: int) -> None:
        """It waits from now on."""
        self._since_ns = now_ns

    def strike(self, now_ns: int) -> None:
        """It strikes now."""
        self._waited_ns = self._waited(now_ns)
        self._since_ns = None
        self._struck += 1

    def surprise(self, now_ns: int) -> float:
        """How many more have struck than was to be expected up to now."""
        return self._struck - self._waited(now_ns) / self._mean_ns

    def _waited(self, now_ns: int) -> int:
        return self._waited_ns + (now_ns - self._since_ns if self._since_ns is not None else 0)


class Controls:
    """The control variates of one run, by the name of what was drawn."""

    __slots__ = ("_arrivals", "_sums_s")

    def __init__(self) -> None:
        self._sums_s: dict[str, float] = {}
        self._arrivals: list[Arrivals] = []

    def drawn(self, name: str, law: Law, drawn_ns: int) -> None:
        """Count a duration that was drawn from ``law``; one that is not random counts nowhere."""
        if not isinstance(law, Fixed | Replay):
            self._sums_s[name] = self._sums_s.get(name, 0.0) + drawn_ns * 1e-9 - law.mean_s

    def arrivals(self, name: str, every: Law) -> Arrivals | None:
        """The count of a new source of faults; None if its law has a memory."""
        if not isinstance(every, Exponential):
            return None
        counted = Arrivals(name, every)
        self._arrivals.append(counted)
        return counted

    def of_durations(self) -> dict[str, float]:
        """The control variates of durations alone, by name, s."""
        return dict(self._sums_s)

    def values(self, now_ns: int) -> dict[str, float]:
        """All control variates up to now, by name; sources of one name are added up."""
        found = self.of_durations()
        for counted in self._arrivals:
            found[counted.name] = found.get(counted.name, 0.0) + counted.surprise(now_ns)
        return {name: found[name] for name in sorted(found)}
