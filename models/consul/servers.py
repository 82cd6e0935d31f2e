"""The servers: raft with its real timers, a leader with a lease, and what each server knows.

Program: hashicorp/raft as in consul v0.5.2 and v1.19.2 (neither has pre-vote). Source:
``consul.md`` section 5.1. Simplifications: an election round is one instant (its round trip is
2 ms against timers of seconds); the timer of a candidate that falls back to follower is not
restarted. A candidate raises its term at each try (``electSelf`` in ``raft.go``); those that cannot
bring it a majority are counted together once they matter, each with its own (really two
candidates that are cut off together raise each other's).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from models.consul.catalogue import Catalogue, Snapshot
from models.consul.lease import Lease
from models.process import Process
from sim.alarm import Alarm
from sim.clock import from_seconds
from sim.engine import Kernel
from sim.grid import Paired
from sim.laws import Uniform
from sim.network import Network
from sim.state import Entity, computed, hidden, state
from sim.ticker import Ticker
from sim.watch import Watch

Role = Literal["follower", "candidate", "leader"]

# At multiplier 1; the election timeout equals it (consul.md section 5.1).
HEARTBEAT_TIMEOUT_S: Final = 1.0
# Barrier, then reading the state that only a leader keeps (consul.md section 5.1, marked [K]).
ESTABLISH_LOW_NS: Final = from_seconds(0.05)
ESTABLISH_HIGH_NS: Final = from_seconds(0.5)


class Server(Entity):
    """One server. ``known`` is the leader it believes in (itself, if it leads), None if none.

    ``established``: it leads and has finished taking over, so it serves the catalogue.
    ``frozen``: what it knew when it lost the leader; None while it hears of every commit.
    ``in_vain_since_ns``: its tries without a chance are counted up to here; -1: it makes none.
    """

    host: Final[str]
    process: Final[Process]
    network: Final[Network]
    catalogue: Final[Catalogue]
    heartbeat_timeout_ns: Final[int]
    silence: Final[Alarm]
    timer: Final[Ticker]
    establish_rank: Final[int]
    lease: Final[Lease]
    others: tuple[Server, ...] = state(())
    role: Role = state("follower")
    term: int = state(0)
    known: Server | None = state(None)
    established: bool = state(False)
    frozen: Snapshot | None = state(None)
    frozen_index: int = hidden(0)
    in_vain_since_ns: int = hidden(-1)

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        network: Network,
        catalogue: Catalogue,
        multiplier: int,
    ) -> None:
        super().__init__(kernel, f"consul/server/{process.host.name}")
        self.host = process.host.name
        self.process = process
        self.network = network
        self.catalogue = catalogue
        self.heartbeat_timeout_ns = from_seconds(HEARTBEAT_TIMEOUT_S * multiplier)
        self.silence = Alarm(kernel, f"{self.path}/heartbeat-timeout")
        self.silence.arm(0)
        self.establish_rank = kernel.claim_rank(f"{self.path}/establish")
        self.lease = Lease(kernel, self, multiplier)
        # Followers and candidates both wait U(1,2) timeouts from one look to the next, and both
        # timeouts are equal (consul.md section 5.1), so one loop serves the two.
        self.timer = Ticker(
            kernel, f"{self.path}/timer", self._timer_grid(), self._would_stand, self._stand
        )
        Watch(kernel, f"{self.path}/contact", self._contact, self._contacted, initial=None)
        Watch(kernel, f"{self.path}/in-vain", self._stands_in_vain, self._count_from_now, False)

    # What is true now ------------------------------------------------------------------------

    def reaches(self, other: Server) -> bool:
        """Whether a call from here to the other server is answered now."""
        return (
            self.process.running
            and other.process.running
            and self.network.route(self.host, other.host).tcp
        )

    @property
    def majority(self) -> int:
        """How many servers make a quorum, itself included."""
        return (len(self.others) + 1) // 2 + 1

    @computed
    def has_quorum(self) -> bool:
        """Whether it runs and reaches enough servers to commit, if it is the leader."""
        reached = sum(1 for other in self.others if self.reaches(other))
        return self.process.running and reached + 1 >= self.majority

    @computed
    def leader_in_reach(self) -> Server | None:
        """The leader to which this server forwards a request now (itself, if it leads)."""
        known = self.known
        if known is None or not (known.role == "leader" and known.established):
            return None
        if known is self:
            return self if self.process.running else None
        return known if self.reaches(known) else None

    @property
    def index(self) -> int:
        """Its last log index: a candidate behind a voter does not get the vote."""
        return self.catalogue.index if self.frozen is None else self.frozen_index

    # Followers and candidates ----------------------------------------------------------------

    def _timer_grid(self) -> Paired:
        timeout_ns, life = self.heartbeat_timeout_ns, self.process.incarnation
        stream = self.kernel.stream(self.path, "election-timer", str(life))
        first_ns = self.kernel.now + timeout_ns + stream.between(0, timeout_ns)
        return Paired(first_ns, timeout_ns, 2 * timeout_ns, stream)

    def _contact(self) -> Server | None:
        """Return the leader whose heartbeats arrive here now."""
        heard = [other for other in self.others if other.role == "leader" and self.reaches(other)]
        return max(heard, key=lambda other: other.term, default=None)

    def _contacted(self, leader: Server | None) -> None:
        self._count_tries()
        if leader is None:
            if self.role != "leader":
                self._lose_contact()
        elif leader.term < self.term:
            # A candidate that was cut off has counted its term up; the leader's next entry is
            # answered with that term, and the leader gives way ("peer has newer term").
            leader.step_down("newer-term")
            leader.term = self.term
        else:
            if self.role == "leader":
                self.step_down("newer-term")
            self.role, self.term, self.known = "follower", leader.term, leader
            self.frozen = None
            self.silence.disarm()

    def _lose_contact(self) -> None:
        """Heartbeats have ended; the last came up to one heartbeat interval ago."""
        timeout_s = self.heartbeat_timeout_ns / 1e9
        between = Uniform(timeout_s / 10, timeout_s / 5)
        age_ns = between.first_residual_ns(self.kernel.stream(self.path, "last-contact"))
        self.silence.arm(self.kernel.now - age_ns + self.heartbeat_timeout_ns)
        if self.frozen is None:
            self.frozen_index = self.catalogue.index
            self.frozen = self.catalogue.snapshot()

    def _may_win(self) -> bool:
        free = [o for o in self.others if o.known is None and self.reaches(o)]
        return len(free) + 1 >= self.majority

    def _would_stand(self) -> bool:
        return (
            self.process.running
            and self.role != "leader"
            and self.silence.due
            and (self.known is not None or self._may_win())
        )

    def _stands_in_vain(self) -> bool:
        """Whether it asks for votes at each timeout and cannot get enough of them."""
        waits = self.process.running and self.role != "leader" and self.silence.due
        return waits and self.known is None and not self._may_win()

    def _count_from_now(self, in_vain: bool) -> None:
        self._count_tries()
        self.in_vain_since_ns = self.kernel.now if in_vain else -1

    def _count_tries(self) -> None:
        """Raise its term by the tries that it has made in vain and that are not yet counted."""
        since_ns, now = self.in_vain_since_ns, self.kernel.now
        if since_ns >= 0:
            grid = self.timer.grid
            assert isinstance(grid, Paired)
            self.term += grid.count_until(now) - grid.count_until(since_ns)
            self.in_vain_since_ns = now

    def _stand(self) -> None:
        """Ask for votes; who knows a leader refuses and does not even note the term."""
        if not self._would_stand() or self._disk_too_slow():
            return
        self.role, self.known = "candidate", None
        self.term += 1
        votes, highest = 1, self.term
        for other in self.others:
            if other.known is not None or not self.reaches(other):
                continue
            other._count_tries()
            if other.term >= self.term:
                highest = max(highest, other.term)
                continue
            other.term, other.role = self.term, "follower"
            votes += self.index >= other.index
        if highest > self.term:
            self.term, self.role = highest, "follower"
        elif votes >= self.majority:
            self.lead()

    def _disk_too_slow(self) -> bool:
        return self.process.host.fsync_ns > self.heartbeat_timeout_ns

    # The leader ------------------------------------------------------------------------------

    def lead(self) -> None:
        """Become leader now, and serve the catalogue once established."""
        self.role, self.known, self.frozen = "leader", self, None
        # Its first entry: the log of whoever does not get it is behind from here on.
        self.catalogue.index += 1
        self.silence.disarm()
        self.record("leader-elected", term=self.term)
        term, draw = self.term, self.kernel.stream(self.path, "establish")
        at_ns = self.kernel.now + draw.between(ESTABLISH_LOW_NS, ESTABLISH_HIGH_NS)
        self.kernel.call_at(at_ns, self.establish_rank, lambda: self._establish(term))

    def _establish(self, term: int) -> None:
        if self.role == "leader" and self.term == term and self.process.alive:
            self.established = True
            self.record("leader-established", term=term)

    def commit(self, apply: Callable[[], object]) -> bool:
        """Write to the catalogue; False (and nothing written) if it cannot be committed now.

        The leader's loop stands still during an fsync: one longer than the heartbeat timeout costs
        it the leadership. That is an assumption about the effect (``deck.md`` 3.2k): raft's
        heartbeats have a routine of their own, which a slow disk by itself does not hold up, so a
        real leader is lost when the whole process starves, as it does on a host short of I/O.
        """
        if not (self.role == "leader" and self.established and self.has_quorum):
            return False
        if self._disk_too_slow():
            self.step_down("slow-fsync")
            return False
        apply()
        return True

    def step_down(self, reason: str) -> None:
        """Stop leading (no effect on a server that does not lead)."""
        if self.role == "leader":
            self.role, self.known, self.established = "follower", None, False
            self.record("leader-lost", reason=reason)
            self._lose_contact()

    # The life of the process -----------------------------------------------------------------

    def started(self) -> None:
        """Come up as a follower with the log of the disk and no leader heard of yet."""
        self.silence.arm(self.kernel.now)
        self.timer.regrid(self._timer_grid())

    def stopped(self) -> None:
        """Die; term and log are on disk."""
        self._count_tries()
        self.step_down("stopped")
        self.role, self.known = "follower", None

    def resumed(self, paused_ns: int) -> None:
        """Go on after a standstill."""
        self.lease.resumed(paused_ns)

    def record(self, event: str, **fields: object) -> None:
        """Trace one event of this server."""
        self.catalogue.trace.add(self.kernel.now, self.path, event, **fields)
