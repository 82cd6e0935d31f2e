"""The HTTP API of the agent on a host, for what registers nodes and keys: one commit a call.

Source: ``consul.md`` sections 1.2 and 4. The answer is 200 when the call is committed and 500 when
it cannot be (no leader, no server); None when nobody answers: the connection is refused, or
breaks because the agent dies. A call hangs while the agent's server is silent and fails when the
agent gives that server up; it hangs too while the agent or a leader without a quorum does. New
versions hold a call for which there is no leader for up to 7 s. If the host goes down the caller
does as well, and ``done`` is never called. What the client itself takes is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from models.consul.agent import Agent
from models.consul.catalogue import Catalogue
from models.consul.servers import Server
from models.consul.sync import RPC_HOLD_NS
from sim.state import Entity, hidden, state
from sim.watch import Watch

Status = Literal[200, 500] | None
Done = Callable[[Status], object]
Outlook = Literal["off", "gone", "hung", "no-server", "silent", "no-leader", "no-quorum", "good"]


class Request(NamedTuple):
    """A call under way. ``server`` is the silent one to which the agent has passed it, if any."""

    number: int
    apply: Callable[[], object]
    done: Done
    server: Server | None
    since_ns: int


class HttpApi(Entity):
    """The API of one agent. ``waiting`` are the calls that can neither succeed nor fail yet."""

    agent: Final[Agent]
    catalogue: Final[Catalogue]
    commit_ns: Final[int]
    rank: Final[int]
    waiting: tuple[Request, ...] = state(())
    calls: int = hidden(0)

    def __init__(self, agent: Agent, catalogue: Catalogue, commit_ns: int) -> None:
        kernel = agent.kernel
        super().__init__(kernel, f"{agent.path}/http")
        self.agent = agent
        self.catalogue = catalogue
        self.commit_ns = commit_ns
        self.rank = kernel.claim_rank(self.path)
        Watch(kernel, f"{self.path}/outlook", self._prospect, self._look_again, initial=None)

    # The calls -------------------------------------------------------------------------------

    def register_node(self, name: str, address: str, done: Done) -> None:
        """``PUT /v1/catalog/register``: enter a node, or give it another address."""
        self._call(lambda: self.catalogue.register_node(name, address), done)

    def deregister_node(self, name: str, done: Done) -> None:
        """``PUT /v1/catalog/deregister``: remove a node; 200 also if there is none."""
        self._call(lambda: self.catalogue.deregister_node(name), done)

    def put_kv(self, key: str, value: str, done: Done) -> None:
        """``PUT /v1/kv/<key>``."""
        self._call(lambda: self.catalogue.put_key(key, value), done)

    def delete_kv(self, key: str, done: Done) -> None:
        """``DELETE /v1/kv/<key>``; 200 also if there is none."""
        self._call(lambda: self.catalogue.delete_key(key), done)

    # One call --------------------------------------------------------------------------------

    def _call(self, apply: Callable[[], object], done: Done) -> None:
        self.calls += 1
        request = Request(self.calls, apply, done, None, self.kernel.now)
        wait_ns = self.commit_ns if self._outlook() == "good" else 0
        # Never answered within the caller's own turn, as no program is.
        self._later(wait_ns, lambda: self._attempt(request))

    def _later(self, wait_ns: int, call: Callable[[], object]) -> None:
        self.kernel.call_at(self.kernel.now + wait_ns, self.rank, call)

    def _outlook(self) -> Outlook:
        """Return what stands between a call and its commit now."""
        agent, process = self.agent, self.agent.process
        if not process.running:
            if process.host.down:
                return "off"
            return "hung" if process.alive or process.host.paused else "gone"
        server = agent.server
        if server is None:
            return "no-server"
        if not agent.reaches(server):
            return "no-server" if agent.is_refused_by(server) else "silent"
        leader = server.leader_in_reach
        if leader is None:
            return "no-leader"
        return "good" if leader.has_quorum else "no-quorum"

    def _attempt(self, request: Request) -> None:
        """Settle a call as things stand, or let it wait."""
        outlook = self._outlook()
        if outlook == "off":
            return
        if outlook == "gone":
            request.done(None)
        elif outlook in ("hung", "no-quorum"):
            self._wait(request)
        elif request.server is not None and request.server is not self.agent.server:
            # The agent has given up the server to which it had passed the call.
            request.done(500)
        elif outlook == "silent":
            self._wait(request._replace(server=self.agent.server))
        elif outlook == "good":
            leader = self.agent.leader_in_reach
            written = leader is not None and leader.commit(request.apply)
            request.done(200 if written else 500)
        elif outlook == "no-leader" and self._holds(request):
            self._wait(request)
        else:
            request.done(500)

    def _holds(self, request: Request) -> bool:
        held_ns = self.kernel.now - request.since_ns
        return self.agent.era == "new" and held_ns < RPC_HOLD_NS

    def _wait(self, request: Request) -> None:
        self.waiting = (*self.waiting, request)
        left_ns = request.since_ns + RPC_HOLD_NS - self.kernel.now
        if self.agent.era == "new" and left_ns > 0:
            self._later(left_ns, lambda: self._hold_ends(request.number))

    def _hold_ends(self, number: int) -> None:
        for request in self.waiting:
            if request.number == number:
                self._release((request,))

    def _prospect(self) -> tuple[Outlook, Server | None] | None:
        """Return what the calls that wait depend on; None if none waits."""
        return (self._outlook(), self.agent.server) if self.waiting else None

    def _look_again(self, prospect: object) -> None:
        if prospect is not None:
            self._release(self.waiting)

    def _release(self, requests: tuple[Request, ...]) -> None:
        self.waiting = tuple(request for request in self.waiting if request not in requests)
        for request in requests:
            self._attempt(request)
