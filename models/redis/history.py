"""Which acknowledged writes a data set holds: a tree of branches and positions on it.

Asynchronous replication makes data sets diverge: whoever is promoted starts a new branch at the
position that it had received, and what the old master acknowledged beyond that position exists
nowhere else. Positions count acknowledged writes since the beginning of the run, so the writes
lost on any path are differences of positions; nothing is counted one by one. A branch is what Redis
calls a replication id.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Head(NamedTuple):
    """What a data set holds: the first ``offset`` acknowledged writes along ``branch``."""

    branch: int
    offset: float


EMPTY = Head(branch=0, offset=0.0)

NOTHING = math.inf
"""From where a server's backlog goes back, if it has none."""


class History:
    """The branches of one replicated data set; branch 0 is the root."""

    def __init__(self) -> None:
        self._fork_of: list[Head] = [EMPTY]
        self._backlog_from: list[float] = [NOTHING]
        self.lost = 0.0

    def fork(self, head: Head, backlog_from: float = 0.0) -> Head:
        """Return the head of a new branch that begins at ``head``.

        Whoever begins it still knows what it wrote on the branch before from ``backlog_from`` on.
        """
        self._fork_of.append(head)
        self._backlog_from.append(backlog_from)
        return Head(len(self._fork_of) - 1, head.offset)

    def common(self, one: Head, other: Head) -> float:
        """Return how many acknowledged writes two data sets share (their common prefix)."""
        while one.branch != other.branch:
            if one.branch > other.branch:
                one = self._onto_parent(one)
            else:
                other = self._onto_parent(other)
        return min(one.offset, other.offset)

    def continues(self, master: Head, replica: Head) -> bool:
        """Whether a master can go on from where a replica stands: a partial resync.

        It knows two replication ids, its own and that of the branch before, up to where it left it
        (``replication.c`` of 7.0, ``masterTryPartialResynchronization``: replid and replid2).
        """
        if replica.branch == master.branch:
            return replica.offset <= master.offset
        fork, backlog_from = self._fork_of[master.branch], self._backlog_from[master.branch]
        return replica.branch == fork.branch and backlog_from <= replica.offset <= fork.offset

    def discard(self, head: Head, kept: list[Head]) -> float:
        """Count as lost the writes that ``head`` holds and none of ``kept`` does; return them."""
        shared = max((self.common(head, other) for other in kept), default=0.0)
        lost = max(0.0, head.offset - shared)
        self.lost += lost
        return lost

    def _onto_parent(self, head: Head) -> Head:
        fork = self._fork_of[head.branch]
        return Head(fork.branch, min(head.offset, fork.offset))
