"""What consul-template is configured with: ``consul.md`` section 6."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from models.spec import LawField, PositiveDuration, StrictModel
from sim.laws import Uniform

Version = Literal["0.10", "0.39"]

# 0.39.1: the longest wait is 4 times the shortest unless stated (consul.md section 6).
_MAX_FACTOR: Final = 4


class WaitSpec(StrictModel):
    """Quiescence: a change is rendered ``min`` after the last one, ``max`` at the latest."""

    kind: ClassVar[str] = "wait"
    min: PositiveDuration
    max: PositiveDuration | None = None

    @property
    def max_ns(self) -> int:
        """The longest wait."""
        return self.max if self.max is not None else _MAX_FACTOR * self.min


class ConsulTemplateSpec(StrictModel):
    """``version``: 0.10 is v0.10.0 (2015), 0.39 is v0.39.1. ``wait`` is off by default.

    ``fetch_delay`` is the time from a commit to the data in the program and the file on disk, drawn
    once for all queries that one commit wakes: RPC return, render and fsync, 5 to 50 ms
    (``consul.md`` section 6, [K]: general knowledge, not measured).
    """

    kind: ClassVar[str] = "consul-template"
    version: Version = "0.10"
    wait: WaitSpec | None = None
    fetch_delay: LawField = Uniform(0.005, 0.05)
