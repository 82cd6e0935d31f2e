"""Votes: one per epoch and Sentinel, kept on disk, given to whoever asks first.

Source: ``sentinel.md`` section 5. The winner needs a majority of all Sentinels *known* (dead ones
included) and the quorum. The voter need not think the master down, nor be out of TILT.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sim.engine import Kernel
from sim.state import Entity, state

if TYPE_CHECKING:
    from models.sentinel.sentinel import Sentinel


class Election(Entity):
    """The last vote that this Sentinel gave: ``leader`` in ``leader_epoch``."""

    sentinel: Final[Sentinel]
    leader: str = state("")
    leader_epoch: int = state(0)

    def __init__(self, kernel: Kernel, sentinel: Sentinel) -> None:
        super().__init__(kernel, f"{sentinel.name}/election")
        self.sentinel = sentinel

    def vote(self, epoch: int, candidate: str) -> tuple[str, int]:
        """Vote for ``candidate`` if this epoch is still free; return the standing vote."""
        me = self.sentinel
        if epoch > me.current_epoch:
            me.adopt_epoch(epoch)
        if self.may_vote(epoch):
            self.leader, self.leader_epoch = candidate, epoch
            me.desk.flush()
            me.record("+vote-for-leader", leader=candidate, epoch=epoch)
            if candidate != me.name:
                me.failover.hold_off()
        return self.leader, self.leader_epoch

    def may_vote(self, epoch: int) -> bool:
        """Whether its vote of this epoch is still free, and the epoch not over."""
        return self.leader_epoch < epoch and self.sentinel.current_epoch <= epoch

    def _heard(self) -> Counter[str]:
        epoch = self.sentinel.current_epoch
        peers = self.sentinel.peers
        return Counter(peer.vote for peer in peers if peer.vote and peer.vote_epoch == epoch)

    def winner(self, epoch: int) -> str:
        """Return the Sentinel that has won, or "", as a candidate of this epoch counts.

        The others' votes are those of the current epoch, the own one that of the candidature
        (``sentinelGetLeader`` in ``sentinel.c``); they part if a newer epoch has come up meanwhile.
        """
        me = self.sentinel
        votes = self._heard()
        if self.leader_epoch == epoch and self.leader:
            votes[self.leader] += 1
        if not votes:
            return ""
        first, count = min(votes.items(), key=lambda item: (-item[1], item[0]))
        known = len(me.peers) + 1
        return first if count >= known // 2 + 1 and count >= me.spec.quorum else ""

    def cast_own_vote(self, epoch: int) -> None:
        """Vote for whoever leads among the votes heard, else for itself, if not done yet."""
        if not self.may_vote(epoch):
            return
        heard = self._heard()
        leads = min(heard, key=lambda name: (-heard[name], name), default=self.sentinel.name)
        self.vote(epoch, leads)
