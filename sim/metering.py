"""Meters: how long a condition held, and the time integral of a quantity, between changes.

Nothing is sampled: a meter is a watch, and adds up when its reading changes, to the nanosecond.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sim.engine import Kernel
from sim.watch import Watch

Label = TypeVar("Label")


class StateMeter(Generic[Label]):
    """How long ``read()`` was each of its values, ns.

    ``listen`` hears every finished interval as (value, start ns, end ns); call :meth:`close` at
    the end of a run to finish the last one.
    """

    __slots__ = ("_heard", "_watch", "kernel", "since_ns", "totals_ns", "value")

    def __init__(
        self, kernel: Kernel, path: str, read: Callable[[], Label], initial: Label
    ) -> None:
        self.kernel = kernel
        self.value = initial
        self.since_ns = kernel.now
        self.totals_ns: dict[Label, int] = {}
        self._heard: list[Callable[[Label, int, int], object]] = []
        self._watch = Watch(kernel, path, read, self._changed, initial)

    def listen(self, heard: Callable[[Label, int, int], object]) -> None:
        """Have ``heard(value, start_ns, end_ns)`` called for each interval."""
        self._heard.append(heard)

    def close(self) -> None:
        """Finish the interval that is open now; the next one begins here."""
        self._changed(self.value)

    def _changed(self, value: Label) -> None:
        now = self.kernel.now
        if now > self.since_ns:
            passed_ns = now - self.since_ns
            self.totals_ns[self.value] = self.totals_ns.get(self.value, 0) + passed_ns
            for heard in self._heard:
                heard(self.value, self.since_ns, now)
        self.value, self.since_ns = value, now


class Integral:
    """The integral over time of ``read()``, in its unit times seconds."""

    __slots__ = ("_total", "meter")

    def __init__(self, kernel: Kernel, path: str, read: Callable[[], float]) -> None:
        self._total = 0.0
        self.meter = StateMeter(kernel, path, read, 0.0)
        self.meter.listen(self._add)

    def _add(self, value: float, start_ns: int, end_ns: int) -> None:
        self._total += value * (end_ns - start_ns) * 1e-9

    def total(self) -> float:
        """Return the integral from the start up to now."""
        self.meter.close()
        return self._total
