"""The options of faults: what a kind of fault may be told beside its target."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal

from sim.clock import NS_PER_S

LARGEST_FACTOR: Final = 1e6
LONGEST_DELAY_NS: Final = NS_PER_S


@dataclass(frozen=True)
class FaultOptions:
    """Options of one fault; what its kind does not know stays at its default.

    Raises ValueError for a factor below 1, a loss probability that is not above 0 and at most 1,
    and an added time that is not above 0.
    """

    refuse: bool = False
    """Answer "no" at once (ICMP unreachable, RST) rather than fall silent."""
    direction: Literal["inbound", "outbound"] | None = None
    """Isolate a host one way only, seen from the host."""
    one_way: bool = False
    """Cut only the way from the first of a pair to the second."""
    factor: float | None = None
    """What the time that work takes is multiplied by."""
    added_fsync_ns: int | None = None
    """What is added to each fsync, ns."""
    p_loss: float | None = None
    """The probability that a packet is lost."""
    added_delay_ns: int | None = None
    """What is added to each one-way delay, ns."""
    noticed: Literal["at-once", "when-used"] | None = None
    """When somebody learns of a latent fault; None is ``when-used``."""

    def __post_init__(self) -> None:
        if self.factor is not None and not 1 <= self.factor <= LARGEST_FACTOR:
            raise ValueError(
                f"the factor of a slow host is 1 to {LARGEST_FACTOR:g}, not {self.factor:g}"
            )
        if self.p_loss is not None and not 0 < self.p_loss <= 1:
            raise ValueError(f"a loss probability is above 0 and at most 1, not {self.p_loss:g}")
        if self.added_delay_ns is not None and self.added_delay_ns > LONGEST_DELAY_NS:
            # Programs' time-outs are not held against the delay of a path, only against silence.
            raise ValueError("an added delay is at most 1s; for a longer one cut the path")
        for name in ("added_fsync_ns", "added_delay_ns"):
            added_ns = getattr(self, name)
            if added_ns is not None and added_ns <= 0:
                raise ValueError(f"{name} must be above 0, not {added_ns}")

    def given(self) -> tuple[str, ...]:
        """Return the names of the options that are not at their default."""
        return tuple(item.name for item in fields(self) if getattr(self, item.name) != item.default)
