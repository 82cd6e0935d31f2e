"""Options of a Redis server, by redis.conf's own names (2.8/3.0: ``slave`` for ``replica``)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from models.spec import Duration, PositiveDuration, StrictModel, YesNo
from sim.clock import from_seconds

# redis.conf of 7.0 ("save 3600 1 300 100 60 10000") and of 2.8/3.0, seconds and changes.
_DEFAULT_SAVE = {"7.0": "3600 1 300 100 60 10000", "2015": "900 1 300 10 60 10000"}


class DatasetSpec(StrictModel):
    """How long the data set takes to move: zero for the tiny one that was measured.

    ``transfer_time``: dump and send a snapshot to a replica. ``load_time``: load it (replica after
    a full resync, or a server that starts with data on disk); answers LOADING meanwhile.
    ``write_size``: bytes of one write in the replication stream. 33 is the SET of a key of seven
    characters to one character, the least that anybody writes (and what ``data/own`` was measured
    with): with larger ones the backlog reaches less far back.
    """

    kind: ClassVar[str] = "dataset"
    transfer_time: Duration = 0
    load_time: Duration = 0
    write_size: int = Field(default=33, gt=0)


class RedisSpec(StrictModel):
    """Defaults are those of 7.0.15 (``sentinel.md`` section 1, "Redis side").

    ``version: "2015"`` selects 2.8/3.0 behaviour (``sentinel.md`` sections 10 and 15): no partial
    resync across a failover, connections to a new master at the next replicationCron, and
    ``repl-diskless-sync`` off unless it is set. ``save`` defaults to the rules of the version's
    redis.conf; ``""`` switches snapshots off. ``repl_backlog_size`` is in bytes.
    """

    kind: ClassVar[str] = "redis"
    version: Literal["7.0", "2015"] = "7.0"
    appendonly: YesNo = False
    save: str | None = Field(default=None, pattern=r"^(\d+ \d+( \d+ \d+)*)?$")
    repl_timeout: PositiveDuration = from_seconds(60)
    repl_diskless_sync: YesNo | None = None
    repl_diskless_sync_delay: Duration = from_seconds(5)
    repl_backlog_size: int = Field(default=1 << 20, gt=0)
    min_replicas_to_write: int = Field(default=0, ge=0)
    min_replicas_max_lag: Duration = from_seconds(10)
    replica_priority: int = Field(default=100, ge=0)
    dataset: DatasetSpec = DatasetSpec()

    @property
    def diskless(self) -> bool:
        """Whether a full resync waits for ``repl-diskless-sync-delay`` and skips the disk."""
        if self.repl_diskless_sync is None:
            return self.version == "7.0"
        return self.repl_diskless_sync

    @property
    def save_rules(self) -> tuple[tuple[int, int], ...]:
        """``save`` as pairs (seconds, changes); empty when snapshots are off."""
        rules = _DEFAULT_SAVE[self.version] if self.save is None else self.save
        words = [int(word) for word in rules.split()]
        return tuple(zip(words[::2], words[1::2], strict=True))
