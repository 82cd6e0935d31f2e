"""What a person can do to a data store, whatever its program: the runbooks that are followed."""

from __future__ import annotations

from typing import Protocol

from experiments.building.stores import Store
from models.application.pool import Server


class Hands(Protocol):
    """The runbooks of one store. What is read here may be watched; nothing is drawn here.

    ``planned``: somebody is at work on the store on purpose, so nobody else is called.
    """

    planned: bool

    @property
    def store(self) -> Store:
        """The store."""

    def candidate(self) -> Server | None:
        """Return the stand-by that a person would promote now; None if none runs."""

    def ready_to_swap(self) -> bool:
        """Whether one master serves and a stand-by is in step with it."""

    def caught_up(self, server: Server) -> bool:
        """Whether that stand-by has all that the master had acknowledged when writes stopped."""

    def promote(self, server: Server) -> None:
        """Make ``server`` the master, point the others that run to it, publish its name."""

    def ready_stand_by(self) -> None:
        """Leave the stand-by as automation needs it, once no client is connected to it any more."""

    def stop_writes(self) -> None:
        """Make the master refuse writes, the first step of a swap."""

    def resume_writes(self) -> None:
        """Undo :meth:`stop_writes` where it still holds: the swap is given up."""

    def misnamed(self) -> bool:
        """Whether the name that people or scripts give the master leads elsewhere, or nowhere."""

    def make_serve(self) -> None:
        """Give the master its name, and let it write: what a failover may have left undone."""

    def astray(self) -> tuple[str, ...]:
        """Return what is not as it should be and runs: by name, to be put right by a person."""

    def put_right(self) -> None:
        """Put right all that is astray."""
