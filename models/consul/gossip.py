"""Gossip: when a server's member list says that a member has failed, and when it is back.

Program: memberlist and serf as in consul v0.5.2 and v1.19.2. Source: ``consul.md`` sections 2.1
to 2.3. The probes themselves are not simulated: the time from the loss of a member to the verdict
is drawn as section 2.2 gives it. Draws are keyed by the member and the instant of the loss, so
that all servers which lose a member at the same moment pass their verdict at the same moment, as
servers do that tell each other.
"""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

from models.consul.servers import Server
from models.consul.spec import ConsulSpec
from models.process import Process
from sim.clock import NS_PER_S, from_seconds
from sim.engine import Kernel, Occurrence
from sim.network import Network, Route
from sim.state import Entity, hidden, state
from sim.streams import Stream
from sim.watch import Watch

MemberStatus = Literal["alive", "failed", "left"]
Sight = Literal["blind", "heard", "silent"]

# The verdict reaches the leader within a few gossip rounds (consul.md section 2.2: 0 to 0.2 s).
_SPREAD_S: Final = 0.2
# An isolated node tries one failed member each 30 s, and is tried at the same mean rate by the
# others (consul.md section 2.3).
_RECONNECT_S: Final = 30.0
# New versions gossip to the dead for 30 s: short splits heal in about 1 s (section 2.3).
_GOSSIP_TO_THE_DEAD_NS: Final = 30 * NS_PER_S
_SHORT_SPLIT_S: Final = 2.0


def suspicion_s(members: int, spec: ConsulSpec) -> float:
    """Return how long a suspect may refute, in seconds (``consul.md`` section 2.1).

    2015: mult * ceil(log10(N + 1)) probe intervals; new: mult * max(1, log10 N), which in a
    healthy cluster is where the Lifeguard timer ends.
    """
    if spec.era == "2015":
        scale: float = math.ceil(math.log10(members + 1))
    else:
        scale = max(1.0, math.log10(members))
    interval_s: float = spec.gossip.probe_interval / NS_PER_S
    return spec.suspicion_multiplier * scale * interval_s


def first_probe_s(members: int, u: float) -> float:
    """Return the wait for the first probe of a dead member, at probe interval 1 s.

    N - 1 members walk shuffled lists, so the first of them to come by is the least of N - 1
    uniform times; scaled to the means of ``consul.md`` section 2.2 (0.74 s at N = 3, 0.9 s at
    5, 1 s from 10 on; straight lines between).
    """
    if members >= 10:
        mean_s = 1.0
    elif members >= 5:
        mean_s = 0.9 + 0.02 * (members - 5)
    else:
        mean_s = 0.74 + 0.08 * (members - 3)
    probers = max(1, members - 1)
    return mean_s * (probers + 1) * (1.0 - math.pow(u, 1.0 / probers))


def detection_ns(members: int, spec: ConsulSpec, draw: Stream, index: int) -> int:
    """Return the time from the loss of a member to the leader's verdict (section 2.2).

    ``index`` keys the draw (the instant of the loss, ns).
    """
    interval_s = spec.gossip.probe_interval / NS_PER_S
    probe_s = first_probe_s(members, draw.uniform_at(2 * index)) + 1.0
    spread_s = _SPREAD_S * draw.uniform_at(2 * index + 1)
    return from_seconds(probe_s * interval_s + suspicion_s(members, spec) + spread_s)


class Relay(NamedTuple):
    """A member that can probe for another: its process and the two routes."""

    process: Process
    near: Route
    far: Route


class MemberView(Entity):
    """What one server's member list says about one member.

    ``deadline_ns`` is when a suspicion that is under way ends in "failed", -1 if none is.
    ``returns``: how often the member has come back.
    """

    observer: Final[Server]
    member: Final[Process]
    direct: Final[Route | None]
    spec: Final[ConsulSpec]
    verdict_rank: Final[int]
    relays: tuple[Relay, ...] = state(())
    siblings: tuple[MemberView, ...] = hidden(())
    status: MemberStatus = state("left")
    returns: int = state(0)
    incarnation: int = hidden(0)
    deadline_ns: int = hidden(-1)
    failed_at_ns: int = hidden(0)
    verdict: Occurrence | None = hidden(None)

    def __init__(
        self,
        kernel: Kernel,
        observer: Server,
        member: Process,
        network: Network,
        spec: ConsulSpec,
    ) -> None:
        super().__init__(kernel, f"{observer.path}/member/{member.host.name}")
        self.observer = observer
        self.member = member
        here, there = observer.host, member.host.name
        self.direct = network.route(here, there) if here != there else None
        self.spec = spec
        self.verdict_rank = kernel.claim_rank(f"{self.path}/verdict")
        unseen: Sight = "blind"
        Watch(kernel, f"{self.path}/sight", self._sight, self._seen, initial=unseen)

    # What is true now ------------------------------------------------------------------------

    def _sight(self) -> Sight:
        if not self.observer.process.running:
            return "blind"
        return "heard" if self._heard() else "silent"

    def _heard(self) -> bool:
        """Whether a probe is answered, directly or through another member."""
        if not self.member.running:
            return False
        if self.direct is None or self.direct.open:
            return True
        return any(near.open and far.open and process.running for process, near, far in self.relays)

    # How it changes --------------------------------------------------------------------------

    def _seen(self, sight: Sight) -> None:
        self._forget()
        if sight == "heard":
            self._heard_again()
        elif sight == "silent" and self.status == "alive":
            self.incarnation = self.member.incarnation
            self._expect("failed", self._detection_at_ns())

    def _heard_again(self) -> None:
        if self.status == "alive":
            return  # Refuted before the verdict: nobody ever knows.
        now = self.kernel.now
        if self.status == "left" or self.member.incarnation != self.incarnation:
            self._set("alive")  # A restarted agent joins at once.
            return
        # One draw for all that heal at this moment: two sides merge as a whole.
        draw = self.kernel.stream("consul/gossip", "re-merge")
        u, v = draw.uniform_at(2 * now), draw.uniform_at(2 * now + 1)
        wait_s = min(_RECONNECT_S * u, -_RECONNECT_S * math.log(v))
        if self.spec.era == "new" and now - self.failed_at_ns < _GOSSIP_TO_THE_DEAD_NS:
            wait_s = _SHORT_SPLIT_S * u
        self._expect("alive", now + from_seconds(wait_s))

    def _detection_at_ns(self) -> int:
        """Return when the suspicion ends: a server in touch that suspected earlier is believed."""
        now = self.kernel.now
        for sibling in self.siblings:
            if self.observer.reaches(sibling.observer):
                if sibling.status == "failed":
                    return now + from_seconds(_SPREAD_S)
                if sibling.deadline_ns >= 0:
                    return sibling.deadline_ns
        draw = self.kernel.stream("consul/gossip", self.member.path)
        members = len(self.relays) + 2 - (self.observer.process is self.member)
        return now + detection_ns(members, self.spec, draw, now)

    def _expect(self, status: MemberStatus, at_ns: int) -> None:
        if status == "failed":
            self.deadline_ns = at_ns
        self.verdict = self.kernel.call_at(at_ns, self.verdict_rank, lambda: self._set(status))

    def _forget(self) -> None:
        self.deadline_ns = -1
        if self.verdict is not None:
            self.verdict.cancel()
            self.verdict = None

    def _set(self, status: MemberStatus) -> None:
        self._forget()
        self.status = status
        if status == "failed":
            self.failed_at_ns = self.kernel.now
        else:
            self.returns += 1

    def leave(self) -> None:
        """Hear that the member leaves on purpose (unless it cannot be heard)."""
        if self._sight() == "heard":
            self._forget()
            self.status = "left"
