"""What a check does when its turn comes: the part in which a script and an HTTP check differ."""

from __future__ import annotations

from typing import Literal, Protocol

from models.consul.spec import Status

Outcome = Literal["passing", "warning", "critical", "hung"]


class CheckBody(Protocol):
    """One run, seen from the loop that starts it. Pure, and readable in guards."""

    def outcome(self) -> Outcome:
        """Return how a run that begins at this instant ends."""

    def hangs(self) -> bool:
        """Whether what is checked accepts and never answers."""

    def by_probe(self) -> Status:
        """Return what a run comes to that has waited, and is answered at this instant."""
