"""The agent on each host: its server, its checks, and what survives which kind of restart.

Source: ``consul.md`` sections 1.2 (which server), 1.3 (restarts). On a server's host the one
process is agent and server, so both stop and stand still together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from models.consul.check import Check
from models.consul.hang import KEEPALIVE_NS, Hang, Link, link_to
from models.consul.servers import Server
from models.consul.spec import Era
from models.consul.sync import AntiEntropy, LeaderWord
from models.process import Process
from sim.engine import Occurrence
from sim.network import Network
from sim.state import Entity, computed, hidden, state
from sim.trace import Trace
from sim.watch import Watch

Reachability = Literal["none"] | Link
Standing = Literal["idle", "offered"] | Reachability


class Agent(Entity):
    """One agent. ``server`` is where its calls go: itself on a server's host, else a random one
    that it keeps; None if none could be reached when it last looked.
    """

    process: Final[Process]
    network: Final[Network]
    trace: Final[Trace]
    era: Final[Era]
    servers: Final[tuple[Server, ...]]
    own_server: Final[Server | None]
    anti_entropy: Final[AntiEntropy]
    hang: Final[Hang]
    give_up_rank: Final[int]
    server: Server | None = state(None)
    checks: tuple[Check, ...] = hidden(())
    giving_up: Occurrence | None = hidden(None)
    leave_listeners: tuple[Callable[[], object], ...] = hidden(())

    def __init__(
        self,
        process: Process,
        network: Network,
        trace: Trace,
        era: Era,
        servers: tuple[Server, ...],
        *,
        members: int,
        word_of_leader: Callable[[], LeaderWord | None],
    ) -> None:
        kernel = process.kernel
        super().__init__(kernel, f"consul/{process.host.name}")
        self.process = process
        self.network = network
        self.trace = trace
        self.era = era
        self.servers = servers
        own = [server for server in servers if server.process is process]
        self.own_server = own[0] if own else None
        self.server = self.own_server or self._pick(servers)
        self.give_up_rank = kernel.claim_rank(f"{self.path}/give-up")

        def heard() -> LeaderWord | None:
            word = word_of_leader()
            return word if word is not None and self.reaches(word.leader) else None

        self.anti_entropy = AntiEntropy(
            process,
            trace,
            era,
            servers[0].catalogue,
            members,
            lambda: self.leader_in_reach,
            heard,
        )

        def called() -> Server | None:
            hangs = era == "new" and self.own_server is None
            return self.server if hangs else None

        self.hang = Hang(f"{self.path}/hang", process, network, called, self._gave_up)
        process.program = self
        if self.own_server is None:
            chosen: Standing = "good"
            Watch(kernel, f"{self.path}/server", self._standing, self._stand, initial=chosen)

    # What is true now ------------------------------------------------------------------------

    def reaches(self, server: Server) -> bool:
        """Whether a call from here to that server is answered now."""
        if server is self.own_server:
            return self.process.running
        return (
            self.process.running
            and server.process.running
            and self.network.route(self.process.host.name, server.host).tcp
        )

    def is_refused_by(self, server: Server) -> bool:
        """Whether a call to that server fails at once (killed, or the way says no)."""
        return link_to(server, self.network, self.process.host.name) == "refused"

    @computed
    def reachability(self) -> Reachability:
        """How a call to its server fares now: answered, refused, into silence, or it has none."""
        server = self.server
        if server is None:
            return "none"
        if self.reaches(server):
            return "good"
        return "refused" if self.is_refused_by(server) else "silent"

    @computed
    def leader_in_reach(self) -> Server | None:
        """The leader that its calls get to now, through its server; None: they fail."""
        server = self.server
        if server is None or self.reachability != "good":
            return None
        return server.leader_in_reach

    # Which server ----------------------------------------------------------------------------

    def _pick(self, servers: tuple[Server, ...]) -> Server | None:
        return self.kernel.stream(self.path, "server").choice(servers) if servers else None

    def _reachable(self) -> tuple[Server, ...]:
        return tuple(server for server in self.servers if self.reaches(server))

    def _standing(self) -> Standing:
        if not self.process.running:
            return "idle"
        if self.reachability == "none" and self._reachable():
            return "offered"
        return self.reachability

    def _stand(self, standing: Standing) -> None:
        self._forget_giving_up()
        if standing in ("refused", "offered"):
            self._choose()
        elif standing == "silent" and self.era == "2015":
            wait_ns = self.kernel.stream(self.path, "keepalive").between(0, KEEPALIVE_NS)
            at_ns = self.kernel.now + wait_ns
            self.giving_up = self.kernel.call_at(at_ns, self.give_up_rank, self._choose)

    def _gave_up(self) -> None:
        if self.reachability == "silent":
            self._choose()

    def _choose(self) -> None:
        self.giving_up = None
        self.server = self._pick(self._reachable())

    def _forget_giving_up(self) -> None:
        if self.giving_up is not None:
            self.giving_up.cancel()
            self.giving_up = None

    # The life of the process -----------------------------------------------------------------

    def started(self) -> None:
        """Start with the statuses of the definitions, and send them at once."""
        if self.own_server is not None:
            self.own_server.started()
        else:
            self._choose()
        for check in self.checks:
            check.register()
        self.anti_entropy.started()

    def stopped(self) -> None:
        """Die without leaving."""
        if self.own_server is not None:
            self.own_server.stopped()
        for check in self.checks:
            check.stop()
        self.anti_entropy.stopped()
        self._forget_giving_up()

    def resumed(self, paused_ns: int) -> None:
        """Go on after a standstill."""
        if self.own_server is not None:
            self.own_server.resumed(paused_ns)
        for check in self.checks:
            check.resumed(paused_ns)

    def reload(self) -> None:
        """SIGHUP: statuses stay, every check draws its phase anew (no effect if not running)."""
        if self.process.running:
            self._record("reload")
            for check in self.checks:
                check.redraw()

    def leave(self) -> None:
        """Leave on purpose and stop: the node is deregistered at once (section 1.3)."""
        if self.process.running:
            self._record("leave")
            for listener in self.leave_listeners:
                listener()
        self.process.stop()

    def add_check(self, check: Check) -> None:
        """Take on one more check (while the world is built)."""
        self.checks = (*self.checks, check)
        self.anti_entropy.checks = self.checks

    def _record(self, event: str) -> None:
        self.trace.add(self.kernel.now, self.process.path, event)
