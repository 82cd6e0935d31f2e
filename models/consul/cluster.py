"""One Consul datacenter: servers, agents, member lists, catalogue and DNS, wired together.

Model card: ``docs/models/consul.md``. Programs: consul v0.5.2 (``era: "2015"``) and v1.19.2
(``"new"``). Source: ``consul.md`` sections 1, 2, 3, 5 and 10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from models.consul.agent import Agent
from models.consul.catalogue import Catalogue
from models.consul.check import Check
from models.consul.check_body import CheckBody
from models.consul.deck_check import DeckCheck, RoleProbe
from models.consul.dns import Dns
from models.consul.gossip import MemberView, Relay
from models.consul.http import HttpApi
from models.consul.http_check import HttpCheck, HttpProbe
from models.consul.listing import AgentListing
from models.consul.membership import Reconciler
from models.consul.names import DnsAnswer
from models.consul.servers import Server
from models.consul.spec import CheckSpec, ConsulSpec, HttpCheckSpec
from models.consul.sync import LeaderWord
from models.process import Process
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, computed
from sim.trace import Trace


class ConsulCluster(Entity):
    """``processes`` holds the Consul process of every host that runs an agent, by host name.

    ``name_servers``: what the name server of a host answers to ``host`` or ``dig`` there, for each
    host that has one of its own; on the others the agent is taken to be asked.

    Raises ValueError if a server of the spec has no process, or if an external node bears the name
    of an agent's or points to no host.
    """

    spec: Final[ConsulSpec]
    network: Final[Network]
    trace: Final[Trace]
    catalogue: Final[Catalogue]
    servers: Final[dict[str, Server]]
    agents: Final[dict[str, Agent]]
    views: Final[dict[tuple[str, str], MemberView]]
    dns: Final[Dns]
    name_servers: Final[dict[str, Callable[[str], DnsAnswer]]]
    _apis: Final[dict[str, HttpApi]]

    def __init__(
        self,
        kernel: Kernel,
        trace: Trace,
        network: Network,
        spec: ConsulSpec,
        processes: Mapping[str, Process],
    ) -> None:
        super().__init__(kernel, "consul")
        missing = sorted(set(spec.servers) - set(processes))
        if missing:
            raise ValueError(f"consul servers without a process: {', '.join(missing)}")
        ordered = {host: processes[host] for host in sorted(processes)}
        self.spec = spec
        self.network = network
        self.trace = trace
        self.catalogue = Catalogue(kernel, trace, tuple(ordered), tuple(sorted(set(spec.servers))))
        self.servers = {
            host: Server(kernel, ordered[host], network, self.catalogue, spec.multiplier)
            for host in sorted(set(spec.servers))
        }
        everyone = tuple(self.servers.values())
        for server in everyone:
            server.others = tuple(other for other in everyone if other is not server)
        self.agents = {
            host: Agent(
                process,
                network,
                trace,
                spec.era,
                everyone,
                members=len(ordered),
                word_of_leader=partial(self._word_of_leader, host),
            )
            for host, process in ordered.items()
        }
        self.views = {}
        for host in ordered:
            self._watch_member(host, ordered)
        self.dns = Dns(kernel, spec.era, spec.datacenter, self.agents, self.catalogue)
        # Filled while the world is built; what they answer is observable.
        self.name_servers = {}
        self._apis = {}
        self._place_external_nodes()

    def _place_external_nodes(self) -> None:
        nodes = self.spec.external_nodes
        for name, address in nodes.items():
            if name in self.agents:
                raise ValueError(f"external node {name} bears the name of an agent's node")
            if address not in self.network.site_of:
                raise ValueError(f"external node {name} points to {address}, which is no host")
        self.catalogue.external = tuple(sorted(nodes.items()))

    def _watch_member(self, host: str, processes: Mapping[str, Process]) -> None:
        """Make every server's view of one member, and what the leader makes of it."""
        member = processes[host]
        views: dict[str, MemberView] = {}
        for server in self.servers.values():
            view = MemberView(self.kernel, server, member, self.network, self.spec)
            view.relays = tuple(
                Relay(
                    relay,
                    self.network.route(server.host, relay.host.name),
                    self.network.route(relay.host.name, host),
                )
                for relay in processes.values()
                if relay not in (member, server.process)
            )
            views[server.host] = self.views[server.host, host] = view
        for view in views.values():
            view.siblings = tuple(other for other in views.values() if other is not view)
        node = self.catalogue.node(host)
        assert node is not None
        Reconciler(self.kernel, node, self.catalogue, views, lambda: self.leader)
        self.agents[host].leave_listeners = tuple(view.leave for view in views.values())

    def _word_of_leader(self, host: str) -> LeaderWord | None:
        """Return what gossip tells the agent on ``host``; None to a member held for failed.

        When members return, a client takes the servers into its list anew, and a server does not.
        """
        leader = self.leader
        if leader is None:
            return None
        view = self.views[leader.host, host]
        if view.status != "alive":
            return None
        return LeaderWord(leader, leader.term, 0 if host in self.servers else view.returns)

    @computed
    def leader(self) -> Server | None:
        """The server that leads, runs and has taken over; of two, the one elected later."""
        leading = [
            server
            for server in self.servers.values()
            if server.role == "leader" and server.established and server.process.running
        ]
        return max(leading, key=lambda server: server.term, default=None)

    def listed(self, service: str) -> tuple[str, ...]:
        """Return the hosts of a service that the catalogue as committed would list, sorted."""
        return self.catalogue.listed(service)

    def register_check(
        self, host: str, service: str, tags: tuple[str, ...], spec: CheckSpec, probe: RoleProbe
    ) -> Check:
        """Give the agent on ``host`` an instance of ``service`` with one check.

        The check looks up the name of the service under its first tag, if it has one, at the name
        server of the host. Called while the world is built, before the processes start.
        """
        name = ".".join((*tags[:1], service, "service", self.spec.datacenter, "consul"))

        def resolve() -> DnsAnswer:
            ask = self.name_servers.get(host)
            return self.dns.answer(name, host) if ask is None else ask(name)

        body = DeckCheck(spec.script, host, resolve, probe)
        return self._add_check(host, service, tags, spec, body)

    def register_http_check(
        self, host: str, service: str, tags: tuple[str, ...], spec: HttpCheckSpec, probe: HttpProbe
    ) -> Check:
        """Give the agent on ``host`` an instance of ``service`` with an HTTP check.

        ``probe`` is what the application on that host would answer. Called while the world is
        built, before the processes start.
        """
        return self._add_check(host, service, tags, spec, HttpCheck(probe))

    def _add_check(
        self,
        host: str,
        service: str,
        tags: tuple[str, ...],
        spec: CheckSpec | HttpCheckSpec,
        body: CheckBody,
    ) -> Check:
        agent = self.agents[host]
        check = Check(
            agent.process,
            self.trace,
            spec,
            body,
            self.catalogue.enter(host, service, spec.check_id, tags),
            agent.anti_entropy.push_change,
            era=self.spec.era,
            commit_ns=self.spec.commit_time,
        )
        agent.add_check(check)
        return check

    def http(self, host: str) -> HttpApi:
        """Return the HTTP API of the agent on ``host``."""
        if host not in self._apis:
            agent = self.agents[host]
            self._apis[host] = HttpApi(agent, self.catalogue, self.spec.commit_time)
        return self._apis[host]

    def listing(self, host: str) -> AgentListing:
        """Return what the agent on ``host`` says is in the catalogue."""
        return AgentListing(self.agents[host], self.catalogue)

    def bootstrap(self) -> None:
        """Put the cluster into its steady state at the present instant: call once, before the run.

        A leader has been elected, every running agent has joined, and every check has run once.
        """
        running = [server for server in self.servers.values() if server.process.running]
        if running:
            first = self.kernel.stream(self.path, "first-leader").choice(running)
            for server in self.servers.values():
                server.term = 1
            first.lead()
            first.established = True
            for server in running:
                server.known = first
        for (_, host), view in self.views.items():
            view.status = "alive" if self.agents[host].process.running else "left"
        for host, agent in self.agents.items():
            node = self.catalogue.node(host)
            agent.anti_entropy.failing = False
            if agent.process.running and node is not None:
                self.catalogue.join(node)
                for check in agent.checks:
                    check.status = check.body.by_probe()
                    check.record.status = check.status
