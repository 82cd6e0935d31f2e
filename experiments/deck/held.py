"""How long each value of a reading held in a trial."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

from experiments.inject.trial import Trial
from sim.clock import NS_PER_S, from_seconds
from sim.metering import StateMeter

T = TypeVar("T")


class Held(Generic[T]):
    """``seconds`` by value, ``begun`` how often each began; from ``after_s`` past the first fault.

    Made before the trial begins, closed when it has ended.
    """

    def __init__(
        self, trial: Trial, name: str, read: Callable[[], T], initial: T, after_s: float = 0.0
    ) -> None:
        self.seconds: defaultdict[T, float] = defaultdict(float)
        self.begun: Counter[T] = Counter()
        self._from_ns = trial.fault_ns + from_seconds(after_s)
        self._meter = StateMeter(trial.world.kernel, f"deck/{name}", read, initial=initial)
        self._meter.listen(self._heard)

    def _heard(self, value: T, start_ns: int, end_ns: int) -> None:
        held_ns = end_ns - max(start_ns, self._from_ns)
        if held_ns > 0:
            self.seconds[value] += held_ns / NS_PER_S
            self.begun[value] += start_ns >= self._from_ns

    def close(self) -> None:
        """Finish the open interval."""
        self._meter.close()

    def add(self, other: Held[T]) -> None:
        """Take in what another trial has held."""
        for value, held_s in other.seconds.items():
            self.seconds[value] += held_s
        self.begun += other.begun

    def shares(self) -> dict[T, float]:
        """Return the share of the time that each value held."""
        total = sum(self.seconds.values())
        return {value: held_s / total for value, held_s in self.seconds.items()}
