"""When a replica must take the whole data set: ``replication.c`` and ``server.c`` of 7.0.

Not measured: each rule is read in the source (functions in the docstrings).
"""

from __future__ import annotations

import pytest

from models.redis.history import Head, History
from tests.sentinel_worlds import log_of, trial


def how(*faults: str, until_s: int, sets: tuple[str, ...] = (), entity: str) -> list[str]:
    """How this server's link has come up since the first fault."""
    log = log_of(trial(*faults, until_s=until_s, sets=sets))
    return [str(one.words["how"]) for one in log.all("link-up", entity=entity)]


@pytest.mark.parametrize("replica", ["redis@b", "redis@c"])
def test_an_aof_holds_no_replication_id(replica: str) -> None:
    """``loadDataFromDisk``: if this fails, replicas go on from a master that was restarted."""
    restart, aof = "restart redis@a at 60s after 1s", ("redis.foo.appendonly=yes",)
    assert how(restart, until_s=80, sets=aof, entity=replica) == ["full-resync"]


SNAPSHOTS = ("redis.foo.save=3600 1",)


def test_an_orderly_stop_leaves_the_replication_id_on_disk() -> None:
    """``finishShutdown``: if this fails, a planned restart costs a full resync like a crash."""
    for server, replica in (("redis@b", "redis@b"), ("redis@a", "redis@b")):
        stop, kill = f"down {server} at 60s for 2s", f"restart {server} at 60s after 2s"
        assert how(stop, until_s=80, sets=SNAPSHOTS, entity=replica) == ["partial-resync"]
        assert how(kill, until_s=80, sets=SNAPSHOTS, entity=replica) == ["full-resync"]
        assert how(stop, until_s=80, entity=replica) == ["full-resync"]


def test_an_orderly_stop_loses_nothing() -> None:
    """The same: if this fails, the writes since the last snapshot are lost at a planned stop."""
    lost = trial("down redis@a at 60s for 2s", until_s=80, sets=SNAPSHOTS)
    assert log_of(lost).all("writes-lost") == []


def test_a_master_knows_the_id_before_its_own_and_no_older_one() -> None:
    """``masterTryPartialResynchronization``: if this fails, who missed two failovers goes on."""
    history = History()
    first = history.fork(Head(0, 0.0))
    second = history.fork(Head(first.branch, 10.0))
    third = history.fork(Head(second.branch, 20.0))
    assert history.continues(third, Head(second.branch, 20.0))
    assert not history.continues(third, Head(second.branch, 21.0))
    assert not history.continues(third, Head(first.branch, 5.0))
    assert history.continues(second, Head(first.branch, 5.0))
