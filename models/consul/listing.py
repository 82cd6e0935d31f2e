"""The catalogue as a program reads it over HTTP through the agent on its host.

Source: ``consul.md`` sections 1.2, 3 and 6. Reads of the lists go to the leader in both eras: 2015
allows no stale ones, and new programs that do (consul-template) refuse an answer older than 2 s.
Those 2 s, and the up to 7 s for which a new agent holds a failing read, are left out. A blocking
query that is under way when the agent's server falls silent hangs as :mod:`models.consul.hang`
says, whatever a query asked later would bring.
"""

from __future__ import annotations

from typing import Final, Literal

from models.consul.agent import Agent
from models.consul.catalogue import Catalogue
from sim.state import Entity, computed

Standing = Literal["answered", "error", "silent"]


class AgentListing(Entity):
    """Lists of nodes and services, seen from one host. Pure, and readable in guards."""

    agent: Final[Agent]
    catalogue: Final[Catalogue]

    def __init__(self, agent: Agent, catalogue: Catalogue) -> None:
        super().__init__(agent.kernel, f"{agent.path}/listing")
        self.agent = agent
        self.catalogue = catalogue

    def ask(self) -> int:
        """Return what tells a query that is asked now from others: the hangs that have begun."""
        return self.agent.hang.begun

    def standing(self, asked: int) -> Standing:
        """Return how a query that was asked then fares: answered, failed, or no word."""
        if not self.agent.process.running:
            return self._standing
        return self.agent.hang.befalls(asked) or self._standing

    @computed
    def _standing(self) -> Standing:
        """How a query asked now fares: one cell for all that ask the same agent."""
        agent, process = self.agent, self.agent.process
        if not process.alive:
            return "error"
        if not process.running:
            return "silent"
        if agent.reachability == "silent":
            return "silent"
        return "error" if agent.leader_in_reach is None else "answered"

    def nodes(self) -> tuple[tuple[str, str], ...]:
        """Return (name, address) of all nodes, dead ones included, by name then address."""
        return self.catalogue.listed_nodes

    def services(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Return all services by name, with (node, address) of the passing instances by node."""
        return self.catalogue.passing_services
