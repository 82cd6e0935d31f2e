"""Anti-entropy: how an agent's statuses get to the catalogue, and what happens if they do not.

Source: ``consul.md`` section 1.2. A change is pushed at once. A push that fails is dropped in
2015; new versions go on trying for 7 s. What was dropped waits for the next change, the next full
sync (60 s + U(0, 60 s) after the last), or word of a new leader.

Word of a leader is the event ``consul:new-leader``, which every election sends, also one that the
last leader has won again (``leaderLoop`` in ``consul/leader.go``), or the return of the servers to
a client's member list (``nodeJoin`` in ``consul/client.go``). New versions answer it with a full
sync. In 2015 it cuts the wait after a failed sync short, and no more; one that came while nothing
had failed lies in ``consulCh`` until then (``antiEntropy`` in ``command/agent/local.go``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

from models.consul.catalogue import Catalogue
from models.consul.check import Check
from models.consul.servers import Server
from models.consul.spec import Era
from models.process import Process
from sim.clock import NS_PER_S
from sim.engine import Occurrence
from sim.grid import Paired
from sim.state import Entity, hidden, state
from sim.ticker import Ticker
from sim.trace import Trace
from sim.watch import Watch

# All from consul.md section 1.2.
FULL_SYNC_NS: Final = 60 * NS_PER_S
RETRY_NS: Final = 15 * NS_PER_S
AFTER_LEADER_NS: Final = 3 * NS_PER_S
RPC_HOLD_NS: Final = 7 * NS_PER_S
_UNSCALED_MEMBERS: Final = 128


def scale_factor(members: int) -> int:
    """Return f: 1 up to 128 members, then one more for each doubling (section 1.2)."""
    if members <= _UNSCALED_MEMBERS:
        return 1
    return math.ceil(math.log2(members / _UNSCALED_MEMBERS)) + 1


class LeaderWord(NamedTuple):
    """What gossip tells an agent of who leads: another election or another return is news."""

    leader: Server
    term: int
    returns: int


class AntiEntropy(Entity):
    """Keeps the catalogue in line with one agent's checks.

    ``reach`` gives the leader to which the agent's calls get now. ``failing``: the last full sync
    failed. ``held``: a push is being tried again (new). ``unheeded``: word has come that no failed
    sync has waited for (2015); a cluster that has run for a while has left some.
    """

    process: Final[Process]
    trace: Final[Trace]
    era: Final[Era]
    factor: Final[int]
    catalogue: Final[Catalogue]
    reach: Final[Callable[[], Server | None]]
    full: Final[Ticker]
    retry: Final[Ticker]
    hold_rank: Final[int]
    word_rank: Final[int]
    checks: tuple[Check, ...] = state(())
    failing: bool = state(False)
    held: bool = state(False)
    hold: Occurrence | None = hidden(None)
    grids: int = hidden(0)
    heard: LeaderWord | None = hidden(None)
    unheeded: bool = hidden(True)

    def __init__(
        self,
        process: Process,
        trace: Trace,
        era: Era,
        catalogue: Catalogue,
        members: int,
        reach: Callable[[], Server | None],
        word_of_leader: Callable[[], LeaderWord | None],
    ) -> None:
        kernel = process.kernel
        super().__init__(kernel, f"consul/{process.host.name}/anti-entropy")
        self.process = process
        self.trace = trace
        self.era = era
        self.factor = scale_factor(members)
        self.catalogue = catalogue
        self.reach = reach
        self.hold_rank = kernel.claim_rank(f"{self.path}/hold")
        self.word_rank = kernel.claim_rank(f"{self.path}/new-leader")
        self.full = Ticker(
            kernel, f"{self.path}/full", self._grid(FULL_SYNC_NS), self._full_matters, self._full
        )
        self.retry = Ticker(
            kernel, f"{self.path}/retry", self._grid(RETRY_NS), self._retry_matters, self._retry
        )
        Watch(kernel, f"{self.path}/held", self._held_can_go, self._send_held, False)
        Watch(kernel, f"{self.path}/leader", word_of_leader, self._hear_of_leader, initial=None)

    def _grid(self, low_ns: int) -> Paired:
        """Return gaps of low + U(0, low * f), the first one from now."""
        self.grids += 1
        stream = self.kernel.stream(self.path, "grid", str(self.grids))
        spread_ns = low_ns * self.factor
        first_ns = self.kernel.now + low_ns + stream.between(0, spread_ns)
        return Paired(first_ns, low_ns, low_ns + spread_ns, stream)

    # Pushing ---------------------------------------------------------------------------------

    @property
    def can_push(self) -> bool:
        """Whether a call from the agent reaches a leader that can commit."""
        leader = self.reach()
        return leader is not None and leader.has_quorum

    @property
    def in_sync(self) -> bool:
        """Whether the catalogue holds what the agent holds."""
        return all(check.record.status == check.status for check in self.checks)

    def push(self) -> bool:
        """Send all that differs; returns whether the catalogue now holds it."""
        leader = self.reach()
        if leader is None or not leader.commit(self._write):
            return False
        self.held = False
        return True

    def _write(self) -> None:
        for check in self.checks:
            if check.record.status != check.status:
                self.catalogue.set_check(check.record, check.status)
                self._record("synced", check=check.spec.check_id, status=check.status)

    def push_change(self) -> None:
        """A check has changed: send it at once, or lose it as this version does."""
        if self.push():
            return
        self._record("sync-failed")
        if self.era == "new":
            self._hold()

    def _hold(self) -> None:
        if self.hold is not None:
            self.hold.cancel()
        self.held = True
        self.hold = self.kernel.call_at(
            self.kernel.now + RPC_HOLD_NS, self.hold_rank, self._drop_held
        )

    def _drop_held(self) -> None:
        self.hold, self.held = None, False

    def _held_can_go(self) -> bool:
        return self.held and self.process.running and self.can_push

    def _send_held(self, can_go: bool) -> None:
        if can_go:
            self.push()

    # Full syncs ------------------------------------------------------------------------------

    def _full_matters(self) -> bool:
        return self.process.running and not self.failing and not (self.in_sync and self.can_push)

    def _full(self) -> None:
        if self._full_matters():
            self.sync()

    def sync(self) -> None:
        """Do a full sync now; a failed one is tried again each 15 s + U(0, 15 s), or on word."""
        if self.can_push and self.push():
            if self.failing:
                self.failing = False
                self.full.regrid(self._grid(FULL_SYNC_NS))
        elif not self.failing:
            self.failing = True
            self.retry.regrid(self._grid(RETRY_NS))
            if self.unheeded:
                self.unheeded = False
                self._sync_soon()

    def _retry_matters(self) -> bool:
        return self.process.running and self.failing and self.can_push

    def _retry(self) -> None:
        if self._retry_matters():
            self.sync()

    def _hear_of_leader(self, word: LeaderWord | None) -> None:
        if word is None or word == self.heard:
            return
        known, self.heard = self.heard, word
        if self.failing or (self.era == "new" and known is not None):
            self._sync_soon()
        elif self.era == "2015":
            self.unheeded = True

    def _sync_soon(self) -> None:
        draw = self.kernel.stream(self.path, "new-leader")
        wait_ns = draw.between(0, AFTER_LEADER_NS * self.factor)
        self.kernel.call_at(self.kernel.now + wait_ns, self.word_rank, self._sync_on_word)

    def _sync_on_word(self) -> None:
        if self.process.running and (self.failing or not self.in_sync):
            self.sync()

    # The life of the agent -------------------------------------------------------------------

    def started(self) -> None:
        """Full sync at once, and the timers anew; the servers have just joined its member list."""
        self.failing, self.unheeded = False, True
        self.full.regrid(self._grid(FULL_SYNC_NS))
        self.sync()

    def stopped(self) -> None:
        """Forget what was under way."""
        self.failing, self.held = False, False

    def _record(self, event: str, **fields: object) -> None:
        self.trace.add(self.kernel.now, self.process.path, event, **fields)
