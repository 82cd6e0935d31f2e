"""Options of a MySQL server, by my.cnf's own names; where 5.6 and 5.7 differ, ``version`` decides.

Source: ``mysqlfailover.md`` section 2, and for what it does not say the MySQL 5.6 and 5.7 Reference
Manuals (server system variables, replication options). Laws are no options of MySQL: they say how
long things take.
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import Field, model_validator

from models.spec import AtPath, LawField, PositiveDuration, StrictModel, YesNo
from sim.clock import from_seconds
from sim.laws import Law, Lognormal, Mixture, Uniform

Version = Literal["5.6", "5.7"]
SemiSyncMode = Literal["off", "after_commit", "after_sync"]

# WL#8320: 3600 s until 5.7.6, 60 s from 5.7.7 on (mysqlfailover.md section 2).
_SLAVE_NET_TIMEOUT: Final[dict[Version, int]] = {"5.6": from_seconds(3600), "5.7": from_seconds(60)}
# mysqlfailover.md section 2: 0 in 5.6, 1 from 5.7.7 on.
_SYNC_BINLOG: Final[dict[Version, int]] = {"5.6": 0, "5.7": 1}

# mysqlfailover.md section 2, "loss windows": a guess to be replaced by data, and called so there.
# Of the long transactions (0.5 %) it gives the range only; uniform is our assumption.
THREAD_LAG: Final[Law] = Mixture(
    (0.97, 0.025, 0.005),
    (Lognormal(median_s=0.005, log_sd=1.0), Uniform(0.1, 2.0), Uniform(10.0, 600.0)),
)

# mysqlfailover.md section 2, "crash recovery", for an SSD of 2015 and 1 to 2 GB of redo log.
CRASH_RECOVERY: Final[Law] = Lognormal.from_median_p95(40.0, 360.0)

# Assumed: Linux writes a file back 30 s after it was first changed (vm.dirty_expire_centisecs,
# 3000), so that at a random moment the unwritten end is up to that old.
UNSYNCED_BINLOG: Final[Law] = Uniform(0.0, 30.0)


class MySqlSpec(StrictModel):
    """One server's my.cnf, and the laws of its delays.

    ``gtid-mode`` is off by default, as in MySQL; mysqlfailover takes no server without it
    (``mysqlfailover.md`` section 1.1). ``rpl-user``: whether the account for replication exists on
    this server (it does where GRANT was replicated, section 1.6 step 1). ``read-only`` is what a
    restart comes up with. The manual gives ``rpl_semi_sync_master_timeout`` in milliseconds, files
    here with a unit; ``infinite`` stands for the largest value. ``rpl_semi_sync_master_wait_point``
    exists from 5.7.2 on, before which commits always waited after the storage engine's commit.

    Laws: ``io-thread-lag`` from a commit on the master to the slave's relay log,
    ``sql-thread-lag`` from there to the slave's tables, ``crash-recovery`` during which the port
    refuses, ``unsynced-binlog`` the age of the binary log's end that a power loss takes when
    ``sync_binlog`` is 0.
    """

    kind: ClassVar[str] = "mysql"
    version: Version = "5.6"
    gtid_mode: YesNo = False
    rpl_user: YesNo = True
    read_only: YesNo = False
    slave_net_timeout: PositiveDuration | None = None
    master_connect_retry: PositiveDuration = from_seconds(60)
    master_retry_count: int = Field(default=86400, ge=1)
    rpl_semi_sync_master_enabled: YesNo = False
    rpl_semi_sync_slave_enabled: YesNo = False
    rpl_semi_sync_master_timeout: PositiveDuration | Literal["infinite"] = from_seconds(10)
    rpl_semi_sync_master_wait_point: Literal["AFTER_COMMIT", "AFTER_SYNC"] | None = None
    sync_binlog: int | None = Field(default=None, ge=0)
    innodb_flush_log_at_trx_commit: Literal[0, 1, 2] = 1
    max_connections: int = Field(default=151, ge=1)
    io_thread_lag: LawField = THREAD_LAG
    sql_thread_lag: LawField = THREAD_LAG
    crash_recovery: LawField = CRASH_RECOVERY
    unsynced_binlog: LawField = UNSYNCED_BINLOG

    @model_validator(mode="after")
    def _wait_point_exists(self) -> MySqlSpec:
        if self.version == "5.6" and self.rpl_semi_sync_master_wait_point == "AFTER_SYNC":
            raise AtPath(
                ("rpl_semi_sync_master_wait_point",),
                "MySQL 5.6 has no AFTER_SYNC: it came with 5.7.2; write AFTER_COMMIT or leave it",
            )
        return self

    @property
    def net_timeout_ns(self) -> int:
        """How long a slave waits for a silent master, ns."""
        given = self.slave_net_timeout
        return _SLAVE_NET_TIMEOUT[self.version] if given is None else given

    @property
    def commits_per_sync(self) -> int:
        """``sync_binlog``: after how many commits the binary log is synced; 0: never."""
        return _SYNC_BINLOG[self.version] if self.sync_binlog is None else self.sync_binlog

    @property
    def semi_sync(self) -> SemiSyncMode:
        """Whether, and where, a commit waits for a slave's acknowledgement."""
        if not self.rpl_semi_sync_master_enabled:
            return "off"
        point = self.rpl_semi_sync_master_wait_point
        if point is None:
            point = "AFTER_COMMIT" if self.version == "5.6" else "AFTER_SYNC"
        return "after_commit" if point == "AFTER_COMMIT" else "after_sync"
