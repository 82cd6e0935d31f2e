"""What the leader does when its member list changes: serfHealth in the catalogue.

Source: ``consul.md`` section 2.3. Written as "the catalogue is to say what the leader's member
list says": the events, the reconciliation by a new leader and the one each 60 s are one rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from models.consul.catalogue import Catalogue, NodeRecord
from models.consul.gossip import MemberStatus, MemberView
from models.consul.servers import Server
from sim.clock import from_seconds
from sim.engine import Kernel
from sim.state import Entity
from sim.watch import Watch

# The commit of a member event (consul.md section 2.3: about 20 ms), plus one fsync.
COMMIT_NS: Final = from_seconds(0.02)

_EVENTS: Final = {
    "alive": "EventMemberJoin",
    "failed": "EventMemberFailed",
    "left": "EventMemberLeave",
}

Wish = tuple[Server, MemberStatus] | None


class Reconciler(Entity):
    """Keeps one node's record in line with the member list of whoever leads."""

    leader: Final[Callable[[], Server | None]]
    views: Final[dict[str, MemberView]]
    node: Final[NodeRecord]
    catalogue: Final[Catalogue]
    rank: Final[int]

    def __init__(
        self,
        kernel: Kernel,
        node: NodeRecord,
        catalogue: Catalogue,
        views: dict[str, MemberView],
        leader: Callable[[], Server | None],
    ) -> None:
        super().__init__(kernel, f"consul/reconcile/{node.name}")
        self.leader = leader
        # By host of the observing server; filled while the world is built.
        self.views = views
        self.node = node
        self.catalogue = catalogue
        self.rank = kernel.claim_rank(self.path)
        Watch(kernel, f"{self.path}/wish", self._wish, self._react, initial=None)

    def _wish(self) -> Wish:
        """Return the leader that can commit and what it holds of the member; None without one."""
        leader = self.leader()
        if leader is None or not leader.has_quorum:
            return None
        return leader, self.views[leader.host].status

    def _agrees(self, status: MemberStatus) -> bool:
        wanted = {"alive": "passing", "failed": "critical", "left": None}[status]
        return self.node.serf == wanted

    def _react(self, wish: Wish) -> None:
        if wish is None:
            return
        leader, status = wish
        if self._agrees(status):
            return
        leader.record(_EVENTS[status], node=self.node.name)
        at_ns = self.kernel.now + COMMIT_NS + leader.process.host.fsync_ns
        self.kernel.call_at(at_ns, self.rank, self._write)

    def _write(self) -> None:
        wish = self._wish()
        # A leader that has changed its mind meanwhile has a later write under way.
        if wish is not None and not self._agrees(wish[1]):
            leader, status = wish
            leader.commit(lambda: self._apply(status))

    def _apply(self, status: MemberStatus) -> None:
        if status == "left":
            self.catalogue.deregister(self.node)
        else:
            self.catalogue.set_serf(self.node, "passing" if status == "alive" else "critical")
