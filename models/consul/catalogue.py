"""The catalogue: which nodes and services are registered, with which check statuses.

One copy, as the leader has committed it. A server that is cut off from the leader goes on with a
:class:`Snapshot` of the moment at which it was cut off. Source: ``consul.md`` sections 1.2, 2.3,
3 and 4. An external node has no agent and no check, so it is never critical and nothing but a
call removes it. The leader registers each server it sees alive under the service ``consul``
(``handleAliveMember`` in ``consul/leader.go``), whose health is that of its node. Left out:
sessions, transactions, external nodes under the name of an agent's.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from models.consul.spec import Status
from sim.engine import Kernel
from sim.state import Entity, computed, hidden, state
from sim.trace import Trace

SERVERS: Final = "consul"
"""The service of the servers themselves, in both eras."""


class Row(NamedTuple):
    """One registered instance of a service.

    ``healthy``: no check is critical, which is what DNS asks; ``passing``: all of them pass,
    which is what consul-template asks (a warning is healthy and not passing).
    """

    host: str
    tags: tuple[str, ...]
    healthy: bool
    passing: bool


class Snapshot(NamedTuple):
    """What a server knew at one moment: the rows of every service, the nodes, and the pairs
    (external node, address) and (key, value).
    """

    services: tuple[tuple[str, tuple[Row, ...]], ...]
    nodes: tuple[str, ...]
    external: tuple[tuple[str, str], ...] = ()
    kv: tuple[tuple[str, str], ...] = ()


class NodeRecord(Entity):
    """A node and its serfHealth; ``serf`` None: not registered (never joined, or left)."""

    name: Final[str]
    serf: Status | None = state(None)

    def __init__(self, kernel: Kernel, name: str) -> None:
        super().__init__(kernel, f"consul/catalogue/node/{name}")
        self.name = name


class CheckRecord(Entity):
    """A service check of one node as committed; ``status`` None: not registered."""

    node: Final[NodeRecord]
    tags: Final[tuple[str, ...]]
    status: Status | None = state(None)

    def __init__(
        self, kernel: Kernel, node: NodeRecord, service: str, check: str, tags: tuple[str, ...]
    ) -> None:
        super().__init__(kernel, f"consul/catalogue/{service}/{node.name}/{check}")
        self.node = node
        self.tags = tags


class ServiceRecord(Entity):
    """All instances of one service."""

    name: Final[str]
    checks: tuple[CheckRecord, ...] = state(())

    def __init__(self, kernel: Kernel, name: str) -> None:
        super().__init__(kernel, f"consul/catalogue/{name}")
        self.name = name

    @computed
    def rows(self) -> tuple[Row, ...]:
        """The registered instances by node name; critical of any check makes one unhealthy."""
        rows: dict[str, Row] = {}
        for check in self.checks:
            if check.status is None:
                continue
            healthy = check.status != "critical" and check.node.serf != "critical"
            passing = check.status == "passing" and check.node.serf == "passing"
            known = rows.get(check.node.name)
            tags = check.tags if known is None else tuple(sorted({*known.tags, *check.tags}))
            healthy = healthy and (known is None or known.healthy)
            passing = passing and (known is None or known.passing)
            rows[check.node.name] = Row(check.node.name, tags, healthy, passing)
        return tuple(rows[host] for host in sorted(rows))


class Catalogue(Entity):
    """Nodes, services and keys. ``index`` counts commits, as raft's last log index does.

    ``external``: (name, address) of the nodes without an agent, by name; an address is the name
    of a host. ``kv``: (key, value), by key.
    """

    trace: Final[Trace]
    external: tuple[tuple[str, str], ...] = state(())
    kv: tuple[tuple[str, str], ...] = hidden(())
    index: int = hidden(0)
    nodes: tuple[NodeRecord, ...] = state(())
    services: tuple[ServiceRecord, ...] = state(())
    _nodes: Final[dict[str, NodeRecord]]
    _services: Final[dict[str, ServiceRecord]]
    _servers: Final[dict[str, CheckRecord]]

    def __init__(
        self, kernel: Kernel, trace: Trace, hosts: tuple[str, ...], servers: tuple[str, ...]
    ) -> None:
        super().__init__(kernel, "consul/catalogue")
        self.trace = trace
        # The dicts change only while the world is built; their values are observable.
        self._nodes = {name: NodeRecord(kernel, name) for name in sorted(hosts)}
        self._services = {}
        self.nodes = tuple(self._nodes.values())
        self._servers = {host: self.enter(host, SERVERS, SERVERS, ()) for host in servers}

    # Reading ---------------------------------------------------------------------------------

    def node(self, name: str) -> NodeRecord | None:
        """Return the record of the agent's node ``name``; None if no agent has that name."""
        return self._nodes.get(name)

    def rows(self, service: str) -> tuple[Row, ...]:
        """Return the registered instances of a service, by node name."""
        record = self._services.get(service)
        return () if record is None else record.rows

    def listed(self, service: str) -> tuple[str, ...]:
        """Return the hosts that a query for ``service`` gets now, sorted."""
        return tuple(row.host for row in self.rows(service) if row.healthy)

    def has_node(self, name: str) -> bool:
        """Whether the node is registered, in whatever health."""
        record = self._nodes.get(name)
        return record is not None and record.serf is not None

    @computed
    def listed_nodes(self) -> tuple[tuple[str, str], ...]:
        """(name, address) of every node, dead ones included, sorted: ``/v1/catalog/nodes``."""
        agents = ((node.name, node.name) for node in self.nodes if node.serf)
        return tuple(sorted((*agents, *self.external)))

    @computed
    def passing_services(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Every registered service, by name, with (node, address) of its passing instances.

        A service whose instances all fail is still there, with none (``consul.md`` section 6).
        """
        listed = []
        for service in self.services:
            rows = service.rows
            if rows:
                passing = tuple((row.host, row.host) for row in rows if row.passing)
                listed.append((service.name, passing))
        return tuple(listed)

    def snapshot(self) -> Snapshot:
        """Return what a server knows that hears of no further commit."""
        services = tuple((service.name, service.rows) for service in self.services)
        nodes = tuple(node.name for node in self.nodes if node.serf)
        return Snapshot(services, nodes, self.external, self.kv)

    # Writing (by the leader alone) -----------------------------------------------------------

    def enter(self, host: str, service: str, check: str, tags: tuple[str, ...]) -> CheckRecord:
        """Make room for one check, unregistered as yet; called while the world is built."""
        record = self._services.get(service)
        if record is None:
            record = self._services[service] = ServiceRecord(self.kernel, service)
            self.services = tuple(self._services[name] for name in sorted(self._services))
        made = CheckRecord(self.kernel, self._nodes[host], service, check, tags)
        record.checks = tuple(sorted((*record.checks, made), key=lambda item: item.path))
        return made

    def set_check(self, record: CheckRecord, status: Status) -> None:
        """Commit the status that an agent has pushed."""
        if record.status != status:
            record.status = status
            self.index += 1

    def set_serf(self, node: NodeRecord, status: Status) -> None:
        """Commit serfHealth; services and other checks of the node stay as they are."""
        if node.serf != status:
            if status == "passing":
                self.join(node)
            else:
                node.serf = status
            self.index += 1
            self.trace.add(self.kernel.now, self.path, "serfHealth", node=node.name, status=status)

    def join(self, node: NodeRecord) -> None:
        """Enter a node that is alive, and its server if it runs one."""
        node.serf = "passing"
        if node.name in self._servers:
            self._servers[node.name].status = "passing"

    def deregister(self, node: NodeRecord) -> None:
        """Commit the removal of a node with its services and checks (``consul.md`` 2.3)."""
        node.serf = None
        for service in self.services:
            for check in service.checks:
                if check.node is node:
                    check.status = None
        self.index += 1
        self.trace.add(self.kernel.now, self.path, "deregister", node=node.name)

    def register_node(self, name: str, address: str) -> None:
        """Commit an external node; an address that it had is replaced (section 4: upsert).

        Raises ValueError for the name of an agent's node.
        """
        if name in self._nodes:
            raise ValueError(f"{name} is the node of an agent, which registers itself")
        self.external = _with(self.external, name, address)
        self._record("register-node", node=name, address=address)

    def deregister_node(self, name: str) -> None:
        """Commit the removal of an external node; raises ValueError as ``register_node`` does."""
        if name in self._nodes:
            raise ValueError(f"{name} is the node of an agent, which registers itself")
        self.external = _without(self.external, name)
        self._record("deregister-node", node=name)

    def put_key(self, key: str, value: str) -> None:
        """Commit a value of the KV store."""
        self.kv = _with(self.kv, key, value)
        self._record("put-key", key=key, value=value)

    def delete_key(self, key: str) -> None:
        """Commit the removal of a key (which need not exist)."""
        self.kv = _without(self.kv, key)
        self._record("delete-key", key=key)

    def _record(self, event: str, **fields: object) -> None:
        self.index += 1
        self.trace.add(self.kernel.now, self.path, event, **fields)


def _without(pairs: tuple[tuple[str, str], ...], name: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in pairs if pair[0] != name)


def _with(pairs: tuple[tuple[str, str], ...], name: str, value: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((*_without(pairs, name), (name, value))))
