"""How far back a master's replication backlog goes, without counting byte by byte.

Source: ``replication.c`` of 7.0, ``masterTryPartialResynchronization`` (what it still has) and
``replicationCron`` (PINGs are part of the stream). Sizes are those of the commands in RESP: a PING
has 14 bytes, the PUBLISH of a Sentinel's hello 133 (addresses of nine characters, a run id of
forty, a master's name of eight).
"""

from __future__ import annotations

from typing import Final

# repl-ping-replica-period: what a master says to its replicas, whether or not there is news.
PINGS_PER_S: Final = 0.1
_PING_BYTES: Final = 14
_HELLO_BYTES: Final = 133


def bytes_since(writes: float, write_bytes: int, elapsed_s: float, hellos_per_s: float) -> float:
    """Return how many bytes have gone into the stream with so many writes in so much time."""
    chatter_per_s = PINGS_PER_S * _PING_BYTES + hellos_per_s * _HELLO_BYTES
    return writes * write_bytes + elapsed_s * chatter_per_s
