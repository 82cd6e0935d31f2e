"""What a Sentinel knows of a Redis: a name, a process to ping, an INFO reply, two commands.

Sentinel does not know how Redis works; the world's builder joins the two.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from models.process import Process


class Info(NamedTuple):
    """What INFO says, as far as Sentinel reads it.

    ``incarnation`` stands for ``run_id``; ``replicas`` are the addresses that a master lists.
    """

    role: str
    master: str
    link_up: bool
    incarnation: int
    replicas: tuple[str, ...]


class Instance(Protocol):
    """A Redis server as Sentinel sees it."""

    @property
    def address(self) -> str:
        """Its name."""

    @property
    def process(self) -> Process:
        """Its process."""

    def info(self) -> Info:
        """Return the INFO reply (observable)."""

    def priority(self) -> int:
        """Return ``replica-priority``; 0 is never promoted."""

    def offset(self) -> float:
        """Return the replication offset."""

    def link_down_ns(self) -> int:
        """Return for how long its link to its master has been down, 0 while it is up."""

    def replicaof_no_one(self) -> None:
        """Become a master."""

    def replicaof(self, address: str) -> None:
        """Become a replica of the server at ``address``."""
