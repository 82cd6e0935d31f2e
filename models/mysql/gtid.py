"""GTID sets as counts: how many transactions of each source a server has.

Binary logs are sent and applied in order, so of each source a server always has the first so many,
and a set is one number a source. A server's own transactions are kept apart in *streams*, because
they differ in what their loss means; together they are the transactions of one server UUID.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Literal, NamedTuple

Kind = Literal["acked", "unacked", "errant"]

# A position is a sum of rate times time; two that were computed in two ways are one transaction.
_ROUNDING = 1e-6


class Stream(NamedTuple):
    """Transactions of one source, numbered from 1.

    ``acked``: acknowledged to a client by a master. ``unacked``: committed by a master that
    crashed before it could acknowledge. ``errant``: executed on a slave. ``epoch`` goes up when
    the source loses the end of its binary log and gives the same numbers out again.
    """

    source: str
    epoch: int = 0
    kind: Kind = "acked"


def whole(count: float) -> int:
    """Return how many transactions a position (a sum of rate times time) stands for."""
    return floor(count + _ROUNDING)


class GtidSet:
    """An immutable set: of each stream the first so many transactions."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[Stream, float] | None = None) -> None:
        self._counts = {stream: count for stream, count in (counts or {}).items() if count > 0.0}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GtidSet) and self._counts == other._counts

    def __hash__(self) -> int:
        return hash(frozenset(self._counts.items()))

    def __repr__(self) -> str:
        words = (f"{s.source}/{s.epoch}/{s.kind}:{count:g}" for s, count in self._counts.items())
        return f"GtidSet({', '.join(words)})"

    def count(self, stream: Stream) -> float:
        """Return how many transactions of ``stream`` are in the set."""
        return self._counts.get(stream, 0.0)

    def streams(self) -> tuple[Stream, ...]:
        """Return the streams of which anything is in the set, sorted."""
        return tuple(sorted(self._counts))

    def with_count(self, stream: Stream, count: float) -> GtidSet:
        """Return the set that has ``count`` transactions of ``stream``, more or fewer."""
        return GtidSet({**self._counts, stream: count})

    def union(self, other: GtidSet) -> GtidSet:
        """Return what is in either set."""
        counts = dict(self._counts)
        for stream, count in other._counts.items():
            counts[stream] = max(count, counts.get(stream, 0.0))
        return GtidSet(counts)

    def towards(self, later: GtidSet, share: float) -> GtidSet:
        """Return the set that has come ``share`` (0 to 1) of the way from this one to ``later``."""
        if share >= 1.0:
            return later
        streams = self._counts.keys() | later._counts.keys()
        return GtidSet(
            {
                stream: self.count(stream) + share * (later.count(stream) - self.count(stream))
                for stream in streams
            }
        )

    def beyond(self, other: GtidSet) -> frozenset[str]:
        """Return the sources of which this set has whole transactions that ``other`` lacks."""
        return frozenset(
            stream.source
            for stream, count in self._counts.items()
            if whole(count) > whole(other.count(stream))
        )


EMPTY = GtidSet()
