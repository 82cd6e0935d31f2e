"""What consul-template sees of Consul, and what it does with it: all that it needs of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

Entries = tuple[tuple[str, str], ...]
"""(node, address) of nodes or of instances, in the order in which the template writes them."""

Line = tuple[str, tuple[str, ...]]
"""A line of the hosts file: an address and its names."""

Write = Callable[[tuple[Line, ...]], bool]
"""Replaces the file; returns whether it differs from what was there."""

Command = Callable[[Callable[[int], None]], None]
"""Starts the command of the template; calls back with its exit code when it has ended."""


class CatalogueView(Protocol):
    """The catalogue through the agent on the same host. Pure, and readable in guards."""

    def ask(self) -> int:
        """Return what tells queries that are asked now from those asked at another time."""

    def standing(self, asked: int) -> Literal["answered", "error", "silent"]:
        """Return how queries that were asked then fare at this moment; an error stays theirs."""

    def nodes(self) -> Entries:
        """Return all nodes, dead ones included, sorted by name then address."""

    def services(self) -> tuple[tuple[str, Entries], ...]:
        """Return all services by name, each with its passing instances by node then id."""
