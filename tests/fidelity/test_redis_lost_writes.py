"""How many acknowledged writes are lost, by arithmetic: 100 a second, for as long as nobody else
has them (``RedisServer.stopped`` and ``discard``).

Measured in ``data/own``, M15: 550 after a cut of 4 s and a kill 1.5 s later, at 100 a second.
"""

from __future__ import annotations

import pytest

from tests.sentinel_worlds import log_of, trial

FAR = "network.within-site=200ms"


def lost(*faults: str, until_s: int = 200, sets: tuple[str, ...] = ()) -> float:
    """Writes lost since the first fault, by the ledger."""
    done = trial(*faults, until_s=until_s, sets=sets)
    told = sum(int(str(one.words["count"])) for one in log_of(done).all("writes-lost"))
    ledger = done.world.redis["foo"].history.lost
    assert told == pytest.approx(ledger, abs=2.0)
    return ledger


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (("isolate a at 60s for 3min", "kill redis@a at 63.5s"), 350),
        (("isolate a at 60s for 3min", "down a at 63.5s"), 350),
        (("kill redis@a at 60s",), 0),
        (("down a at 60s",), 0),
        (("hang redis@a at 60s", "kill redis@a at 62s"), 0),
        (("cut a-b at 58s for 3min", "kill redis@a at 60s"), 0),
    ],
)
def test_what_no_replica_has_received_dies_with_the_master(
    faults: tuple[str, ...], expected: float
) -> None:
    """If this fails, a cut before a crash costs nothing, or a crash costs what others hold."""
    assert lost(*faults, until_s=100) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("death", ["kill redis@a at 60s", "down a at 60s"])
def test_what_is_under_way_dies_with_the_master(death: str) -> None:
    """If this fails, the distance of the replicas costs nothing: 100 a second, 200 ms one way."""
    assert lost(death, until_s=100, sets=(FAR,)) == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize(
    ("silence", "expected"), [("isolate a at 60s for 3min", 200), ("hang redis@a at 60s", 0)]
)
def test_what_was_sent_before_a_silence_arrives(silence: str, expected: float) -> None:
    """If this fails, a cut or a hang takes back what was under way: 200 ms of it."""
    lost_then = lost(silence, "kill redis@a at 62s", until_s=100, sets=(FAR,))
    assert lost_then == pytest.approx(expected, abs=0.5)


def test_a_pause_of_the_writer_takes_nothing_back() -> None:
    """If this fails, a replica that has caught up is behind again when writes begin anew.

    It has gone on for 50 ms when the master dies: 5 writes, though 20 would be under way later.
    """
    pause = ("hang writer@a at 60s for 10s",)
    assert lost(*pause, "kill redis@a at 70.05s", until_s=80, sets=(FAR,)) < 6


def test_a_restart_without_data_loses_all() -> None:
    """``sentinel.md`` section 8: if this fails, a master that comes back empty costs nothing."""
    done = trial("restart redis@a at 60s after 1s", until_s=80)
    ledger = done.world.redis["foo"].history.lost
    assert ledger == pytest.approx(100 * done.fault_ns / 1e9, abs=1)


def test_a_demoted_master_loses_what_it_took_alone() -> None:
    """Promotion of who had all: if this fails, split brain costs nothing, or costs it twice."""
    done = trial("isolate a at 60s for 30s", until_s=200)
    log = log_of(done)
    demoted = [one for one in log.all("role", entity="redis@a") if one.words["role"] == "slave"]
    assert done.world.redis["foo"].history.lost == pytest.approx(100 * demoted[0].at_s, abs=101)


def test_a_second_crash_does_not_take_what_the_first_left_on_disk() -> None:
    """``loadDataFromDisk``: if this fails, a crash takes the dump off the disk."""
    crashes = ("restart redis@a at 60s after 1s", "restart redis@a at 64s after 1s")
    for replication in range(6):
        on_disk = []
        for count in (1, 2):
            sets = ("redis.foo.save=60 1",)
            done = trial(*crashes[:count], until_s=66, sets=sets, replication=replication)
            on_disk.append(done.world.redis["foo"].first_master.saved_head.offset)
        assert on_disk[1] >= on_disk[0] > 0
