"""Diskless full resyncs of one master: one at a time, each for all that wait when it begins.

Source: ``replication.c`` of 7.0: ``shouldStartChildReplication`` counts
``repl-diskless-sync-delay`` from the first replica that waits, and the child that it starts writes
to all of them; whoever comes while it writes waits for the next one (``syncCommand``, case 2),
which ``checkChildrenDone`` in ``server.c`` starts as soon as this one has ended. A child that
nobody reads from any more is killed (``rdbPipeReadHandler``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class _Snapshot:
    begins_ns: int
    ends_ns: int
    readers: set[str]


class Snapshots:
    """Which snapshots of one master are under way: at most one runs, and one is waited for."""

    def __init__(self) -> None:
        self._wanted: list[_Snapshot] = []

    def join(self, reader: str, now_ns: int, due_ns: int, transfer_ns: int) -> int:
        """Wait for the next snapshot; return when it has been sent, ns.

        ``due_ns`` is when it would begin, were this replica the first and no other one running.
        """
        self._forget_ended(now_ns)
        last = self._wanted[-1] if self._wanted else None
        if last is None or last.begins_ns <= now_ns:
            begins_ns = max(now_ns, due_ns, last.ends_ns if last is not None else 0)
            last = _Snapshot(begins_ns, begins_ns + transfer_ns, set())
            self._wanted.append(last)
        last.readers.add(reader)
        return last.ends_ns

    def leave(self, reader: str) -> None:
        """Be no replica any more, or one that has what it waited for."""
        for snapshot in self._wanted:
            snapshot.readers.discard(reader)
        self._wanted = [snapshot for snapshot in self._wanted if snapshot.readers]

    def _forget_ended(self, now_ns: int) -> None:
        self._wanted = [snapshot for snapshot in self._wanted if snapshot.ends_ns > now_ns]
