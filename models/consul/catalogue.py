"""The catalogue: which nodes and services are registered, with which check statuses.

One copy, as the leader has committed it. A server that is cut off from the leader goes on with a
:class:`Snapshot` of the moment at which it was cut off. Source: ``consul.md`` sections 1.2, 2.3
and 3. Left out: nodes that no agent stands behind (section 4), KV, sessions.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from models.consul.spec import Status
from sim.engine import Kernel
from sim.state import Entity, computed, hidden, state
from sim.trace import Trace


class Row(NamedTuple):
    """One registered instance of a service; ``healthy`` is false if any check is critical."""

    host: str
    tags: tuple[str, ...]
    healthy: bool


class Snapshot(NamedTuple):
    """What a server knew at one moment: the rows of every service, and the nodes."""

    services: tuple[tuple[str, tuple[Row, ...]], ...]
    nodes: tuple[str, ...]


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
            known = rows.get(check.node.name)
            tags = check.tags if known is None else tuple(sorted({*known.tags, *check.tags}))
            healthy = healthy and (known is None or known.healthy)
            rows[check.node.name] = Row(check.node.name, tags, healthy)
        return tuple(rows[host] for host in sorted(rows))


class Catalogue(Entity):
    """Nodes and services. ``index`` counts commits, as raft's last log index does."""

    trace: Final[Trace]
    index: int = hidden(0)
    nodes: tuple[NodeRecord, ...] = hidden(())
    services: tuple[ServiceRecord, ...] = hidden(())
    _nodes: Final[dict[str, NodeRecord]]
    _services: Final[dict[str, ServiceRecord]]

    def __init__(self, kernel: Kernel, trace: Trace, hosts: tuple[str, ...]) -> None:
        super().__init__(kernel, "consul/catalogue")
        self.trace = trace
        # The dicts change only while the world is built; their values are observable.
        self._nodes = {name: NodeRecord(kernel, name) for name in sorted(hosts)}
        self._services = {}
        self.nodes = tuple(self._nodes.values())

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

    def snapshot(self) -> Snapshot:
        """Return what a server knows that hears of no further commit."""
        services = tuple((service.name, service.rows) for service in self.services)
        return Snapshot(services, tuple(node.name for node in self.nodes if node.serf))

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
            node.serf = status
            self.index += 1
            self.trace.add(self.kernel.now, self.path, "serfHealth", node=node.name, status=status)

    def deregister(self, node: NodeRecord) -> None:
        """Commit the removal of a node with its services and checks (``consul.md`` 2.3)."""
        node.serf = None
        for service in self.services:
            for check in service.checks:
                if check.node is node:
                    check.status = None
        self.index += 1
        self.trace.add(self.kernel.now, self.path, "deregister", node=node.name)
