"""Elections by randomised timeouts: split votes and the time without a leader.

Ongaro's analysis (``failures.md`` section 2.6), in units of the least election timeout: timeouts
are uniform from 1 to 2 after the last heartbeat, heartbeats come every 1/2, a message takes a
latency l. The vote is split if so many servers time out within l of the first that no majority is
left for it. As in the analysis, all timers begin anew when the first candidate's request arrives,
also those of candidates, so that rounds do not overlap, and a heartbeat takes no time.
"""

from __future__ import annotations

from functools import partial
from math import comb
from typing import Final, NamedTuple

from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import board_of, wear
from experiments.validation.exact.row import Row, Samples, ratio_of
from sim.clock import NS_PER_S, from_seconds, to_seconds
from sim.engine import Kernel
from sim.faults import Effect
from sim.grid import Regular
from sim.laws import Exponential, Uniform
from sim.state import Entity, hidden, state

UNIT_NS: Final = NS_PER_S
"""The least election timeout; a second stands for it."""

TIMEOUT: Final = Uniform(1.0, 2.0)
HEARTBEAT: Final = 0.5
_CRASHES: Final = 200
_BETWEEN_CRASHES_S: Final = 500.0


class Cluster(NamedTuple):
    """So many servers, of which so many are alive once the leader has crashed; figures in print."""

    servers: int
    alive: int
    latency: float
    printed_split: str
    printed_time: str = ""

    @property
    def majority(self) -> int:
        """Votes that are needed."""
        return self.servers // 2 + 1


CLUSTERS: Final = (
    Cluster(3, 2, 0.05, ".0975", "1.3328"),
    Cluster(3, 2, 0.2, ".3600", "2.3458"),
    Cluster(5, 4, 0.1, ".0523", "1.2217"),
    Cluster(5, 4, 0.2, ".1808", "1.6590"),
    Cluster(5, 3, 0.05, ".1426"),
    Cluster(5, 3, 0.2, ".4880"),
)


def p_split(cluster: Cluster) -> float:
    """Return the probability that nobody wins a round."""
    alive, latency = cluster.alive, cluster.latency
    too_many = alive - cluster.servers // 2
    return sum(
        comb(alive, k) * latency**k * (1 - latency) ** (alive - k)
        for k in range(too_many, alive + 1)
    )


def mean_election(cluster: Cluster) -> float:
    """Return the mean time from the leader's crash to the next leader, in least timeouts."""
    a_round = 1 + 1 / (cluster.alive + 1) + cluster.latency
    return a_round / (1 - p_split(cluster)) + cluster.latency - HEARTBEAT / 2


class Election(Entity):
    """The servers that are left: timeouts, requests, votes.

    ``leader`` is None while there is none. A round is one term: whoever times out before the
    first request arrives is a candidate of the same term and votes for itself.
    """

    cluster: Final[Cluster]
    heartbeats: Final[Regular]
    latency_ns: Final[int]
    ranks: Final[tuple[int, ...]]
    leader: int | None = state(0)
    candidates: tuple[int, ...] = hidden(())
    rounds: int = hidden(0)
    splits: int = hidden(0)
    crashed_ns: int = hidden(0)
    elections: int = hidden(0)
    leaderless_ns: int = hidden(0)
    first_timeouts_ns: int = hidden(0)

    def __init__(self, kernel: Kernel, cluster: Cluster) -> None:
        super().__init__(kernel, "election")
        self.cluster = cluster
        period_ns = from_seconds(HEARTBEAT)
        self.heartbeats = Regular(phase_ns=0, period_ns=period_ns)
        self.latency_ns = from_seconds(cluster.latency)
        self.ranks = tuple(
            kernel.claim_rank(f"election/server/{number}") for number in range(cluster.alive)
        )

    def crash(self) -> None:
        """Crash the leader, if there is one; its place is filled as soon as another is elected."""
        if self.leader is None:
            return
        now = self.kernel.now
        self.leader, self.crashed_ns = None, now
        self.elections += 1
        last = self.heartbeats.until(now)
        self._begin_round(now if last is None else last)

    def _begin_round(self, from_ns: int) -> None:
        self.candidates = ()
        self.rounds += 1
        waits = [
            TIMEOUT.sample_ns(self.kernel.stream("election", f"timeout/{number}"))
            for number in range(self.cluster.alive)
        ]
        first = min(waits)
        self.first_timeouts_ns += first
        heard_ns = from_ns + first + self.latency_ns
        for number, wait_ns in enumerate(waits):
            # Who hears of a candidate before its own timeout never becomes one.
            if from_ns + wait_ns < heard_ns:
                self._at(from_ns + wait_ns, number, partial(self._stand, number))

    def _at(self, at_ns: int, number: int, call: partial[None]) -> None:
        self.kernel.call_at(at_ns, self.ranks[number], call)

    def _stand(self, number: int) -> None:
        self.candidates = (*self.candidates, number)
        if len(self.candidates) == 1:
            self._at(self.kernel.now + self.latency_ns, number, partial(self._asked, number))

    def _asked(self, first: int) -> None:
        """The first candidate's request has arrived: all who do not stand vote for it."""
        votes = 1 + self.cluster.alive - len(self.candidates)
        if votes >= self.cluster.majority:
            self._at(self.kernel.now + self.latency_ns, first, partial(self._win, first))
        else:
            self.splits += 1
            self._begin_round(self.kernel.now)

    def _win(self, number: int) -> None:
        self.leaderless_ns += self.kernel.now - self.crashed_ns
        self.leader = number


def _run(cluster: Cluster, kernel: Kernel) -> list[float]:
    """Rounds, splits, sum of first timeouts, elections, time without a leader."""
    election = Election(kernel, cluster)
    board = board_of(kernel)
    strike = Effect(election.crash, lambda: None)
    wear(kernel, board, "leader", strike, Exponential(_BETWEEN_CRASHES_S), cause="crash")
    kernel.run_until(from_seconds(_CRASHES * _BETWEEN_CRASHES_S))
    return [
        election.rounds,
        election.splits,
        to_seconds(election.first_timeouts_ns),
        election.elections,
        to_seconds(election.leaderless_ns),
    ]


def _rows(cluster: Cluster, samples: Samples) -> list[Row]:
    rounds, splits, timeouts, elections, leaderless = samples.T
    first = 1 + 1 / (cluster.alive + 1)
    name = f"{cluster.servers} servers, {cluster.alive} alive, latency {cluster.latency:g}"
    split = ratio_of(splits, rounds)
    time = ratio_of(leaderless, elections)
    return [
        Row(f"{name}: P(split vote)", p_split(cluster), *split, printed=cluster.printed_split),
        Row("    first timeout of a round", first, *ratio_of(timeouts, rounds)),
        Row(
            "    time without a leader",
            mean_election(cluster),
            *time,
            printed=cluster.printed_time,
        ),
    ]


FAMILY: Final = Family(
    "Raft elections, times in least election timeouts",
    tuple(
        Model(
            f"raft/{one.servers}/{one.alive}/{one.latency:g}",
            partial(_run, one),
            partial(_rows, one),
            500,
            30,
        )
        for one in CLUSTERS
    ),
)
