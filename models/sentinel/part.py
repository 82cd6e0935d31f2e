"""What all parts of a Sentinel have in common: they follow its timer, and go when it goes."""

from __future__ import annotations

from typing import Protocol

from sim.grid import Timer


class Part(Protocol):
    """A record or channel of a Sentinel."""

    def regrid(self, ticks: Timer) -> None:
        """Follow the Sentinel's timer, which has started anew."""

    def retire(self) -> None:
        """Be no more."""
