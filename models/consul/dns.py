"""What a name resolves to when a program on a host asks the Consul agent there.

Source: ``consul.md`` section 3. Names: ``[tag.]service.service[.datacenter].consul`` and
``host.node[.datacenter].consul``. The address of a host is its name; that of an external node is
the name of the host to which it points, whatever its health (section 4). All TTLs are 0. Left out:
a follower's lag of up to 50 ms (new), SOA records, other record types, prepared queries.
"""

from __future__ import annotations

from typing import Final

from models.consul.agent import Agent
from models.consul.catalogue import Catalogue, Row, Snapshot
from models.consul.names import DnsAnswer, Question, parse
from models.consul.servers import Server
from models.consul.spec import Era
from sim.engine import Kernel

# A 2015 agent puts at most 3 addresses into a UDP answer (consul.md section 3).
_UDP_ANSWER_LIMIT: Final = 3


class Dns:
    """The DNS interface of all agents of one cluster."""

    def __init__(
        self,
        kernel: Kernel,
        era: Era,
        datacenter: str,
        agents: dict[str, Agent],
        catalogue: Catalogue,
    ) -> None:
        self.kernel = kernel
        self.era = era
        self.datacenter = datacenter
        self.agents = agents
        self.catalogue = catalogue

    def answer(self, name: str, from_host: str, query: int | None = None) -> DnsAnswer:
        """Return what a program on ``from_host`` gets for ``name`` now.

        Pure, and readable in guards. Without ``query`` the addresses are all of them, sorted;
        with a query number they are as one UDP answer has them: shuffled by a draw keyed to the
        host and that number, and in 2015 at most 3.
        """
        answer = self._answer(name, from_host)
        if query is None or answer.status != "noerror":
            return answer
        # A weight for each address: whoever else is listed changes the order of no two.
        shuffled = sorted(answer.addresses, key=lambda host: self._weight(from_host, host, query))
        limit = _UDP_ANSWER_LIMIT if self.era == "2015" else len(shuffled)
        return DnsAnswer("noerror", tuple(shuffled[:limit]))

    def _weight(self, from_host: str, address: str, query: int) -> float:
        return self.kernel.stream("consul/dns", from_host, address).uniform_at(query)

    def _answer(self, name: str, from_host: str) -> DnsAnswer:
        agent = self.agents[from_host]
        if not agent.process.running:
            return DnsAnswer("refused" if agent.process.refuses else "timeout")
        server = agent.server
        # A call to a server that was killed fails at once; one into silence hangs.
        if server is None or agent.reachability == "refused":
            return DnsAnswer("servfail")
        if agent.reachability == "silent":
            return DnsAnswer("timeout")
        return self._look_up(parse(name, self.datacenter), server)

    def _look_up(self, question: Question, server: Server) -> DnsAnswer:
        view: Catalogue | Snapshot = self.catalogue
        if self.era == "2015":
            # allow_stale is off: every query goes to the leader, or fails at once without one.
            if server.leader_in_reach is None:
                return DnsAnswer("servfail")
        elif server.frozen is not None:
            view = server.frozen
        if question.kind == "node":
            known = self._node(view, question.name)
            return DnsAnswer("noerror", (known,)) if known else DnsAnswer("nxdomain")
        if question.kind == "":
            return DnsAnswer("nxdomain")
        rows = [
            row
            for row in _rows(view, question.name)
            if not question.tag or question.tag in (tag.lower() for tag in row.tags)
        ]
        healthy = tuple(row.host for row in rows if row.healthy)
        if healthy:
            return DnsAnswer("noerror", healthy)
        return DnsAnswer("empty" if rows and self.era == "2015" else "nxdomain")

    def _node(self, view: Catalogue | Snapshot, name: str) -> str:
        """Return the host whose node has that name ("" if none); health is not asked (3)."""
        for host in sorted(self.agents):
            if host.lower() == name:
                held = view.has_node(host) if isinstance(view, Catalogue) else host in view.nodes
                return host if held else ""
        return next((address for node, address in view.external if node.lower() == name), "")


def _rows(view: Catalogue | Snapshot, service: str) -> tuple[Row, ...]:
    if isinstance(view, Catalogue):
        return view.rows(service)
    return next((rows for name, rows in view.services if name == service), ())
