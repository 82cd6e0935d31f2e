"""What every data store of a world offers, whatever its program: to clients, meters and people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from experiments.stages import Stage
from models.application.pool import Server


class Store(Protocol):
    """A replicated data store: one master at a time, if all is well."""

    @property
    def name(self) -> str:
        """Its name in the design."""

    @property
    def servers(self) -> Mapping[str, Server]:
        """Its servers by address, sorted."""

    @property
    def first_master(self) -> Server:
        """The master that the design begins with."""

    @property
    def accepting(self) -> tuple[Server, ...]:
        """The masters that would acknowledge a write now; two are a split brain."""

    @property
    def protected(self) -> bool:
        """Whether the loss of the master's host would be survived now without a person."""

    @property
    def awaits(self) -> Stage:
        """While nobody accepts writes: the stage in which its failover is, or why none comes.

        One of detect, agree, elect, promote, repair and no-spare; of no meaning at other times.
        """

    @property
    def lost(self) -> float:
        """Acknowledged writes that are absent from what survives, so far."""

    @property
    def detection_ns(self) -> int:
        """How long its failure detector needs at the most, as configured."""

    @property
    def masters(self) -> frozenset[str]:
        """The addresses of the servers that take themselves for a master."""

    def server_on(self, host: str) -> Server | None:
        """Return the server on a host, if there is one."""

    def meter_writes(self, offered_per_s: Callable[[Server], float]) -> None:
        """Have what each server holds grow with what its clients write."""

    def when_roles_change(self, listener: Callable[[], object]) -> None:
        """Call ``listener`` after each change of a server's role."""

    def promoted(self, address: str) -> bool:
        """Whether that master was made one by a promotion, and is not just starting."""

    def close(self) -> None:
        """Bring the counts up to the end of the run."""
