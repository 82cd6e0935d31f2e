"""What a Sentinel says around a write of its configuration, on a disk that takes its time.

Not measured: the order is read in ``sentinel.c`` of 7.0 (functions in the docstrings). Each fsync
takes 0.3 s, and a flush is three of them.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from experiments.inject.event_log import EventLog
from experiments.inject.trial import Trial
from models.sentinel.sentinel import Sentinel
from sim.clock import NS_PER_S
from sim.watch import Watch
from tests.sentinel_worlds import log_of, only, trial

FLUSH_S = 3 * (0.3 + 0.25e-3)
SLOW = tuple(f"slow {host} at 59s fsync 300ms" for host in "abc")


@pytest.fixture(scope="module")
def answered() -> list[tuple[str, float]]:
    """When which Sentinel has begun to name another master."""
    return []


@pytest.fixture(scope="module")
def log(answered: list[tuple[str, float]]) -> EventLog:
    """A failover of Sentinels with slow disks."""

    def listen(begun: Trial) -> None:
        for sentinel in begun.world.sentinels[0].members:
            _when_answered(sentinel, begun, answered)

    return log_of(trial(*SLOW, "kill redis@a at 60s", until_s=90, attach=(listen,)))


def _when_answered(sentinel: Sentinel, begun: Trial, answered: list[tuple[str, float]]) -> None:
    def note(_: str) -> None:
        at_s = (sentinel.kernel.now - begun.fault_ns) / NS_PER_S
        answered.append((sentinel.name, at_s))

    Watch(
        sentinel.kernel,
        f"test/{sentinel.name}/answer",
        lambda: sentinel.answer,
        note,
        initial=sentinel.answer,
    )


def test_a_voter_logs_the_epoch_and_the_vote_after_a_flush_each(log: EventLog) -> None:
    """``sentinelVoteLeader``: if this fails, the log runs ahead of what is on disk."""
    leader = only(log.first("+elected-leader")).entity
    votes = [one for one in log.all("+vote-for-leader") if one.entity != leader]
    assert votes
    for vote in votes:
        epoch = only(log.first("+new-epoch", entity=vote.entity))
        assert vote.at_s == pytest.approx(epoch.at_s + FLUSH_S, abs=1e-3)


def test_the_promotion_is_logged_and_answered_after_the_flush(
    log: EventLog, answered: list[tuple[str, float]]
) -> None:
    """``sentinelRefreshInstanceInfo``: if this fails, clients are told before it is on disk."""
    promoted = only(log.first("+promoted-slave"))
    named = min(at_s for name, at_s in answered if name == promoted.entity)
    assert named == pytest.approx(promoted.at_s, abs=1e-6)
    followed = [one for one in log.all("+switch-master") if one.entity != promoted.entity]
    assert followed and all(one.at_s > promoted.at_s for one in followed)


def test_others_log_the_switch_before_the_flush_and_answer_after_it(
    log: EventLog, answered: list[tuple[str, float]]
) -> None:
    """``sentinelProcessHelloMessage``, which flushes once: if this fails, it blocks for longer."""
    leader = only(log.first("+promoted-slave")).entity
    for switch in log.all("+switch-master"):
        if switch.entity != leader:
            named = min(at_s for name, at_s in answered if name == switch.entity)
            assert named == pytest.approx(switch.at_s + FLUSH_S, abs=1e-3)


def test_whoever_is_met_is_written_down() -> None:
    """``sentinelRefreshInstanceInfo`` and the hellos: a flush for each record that is made.

    If this fails, a Sentinel that finds its cluster again after a RESET is not held up by its disk.
    """
    done = trial(*SLOW, until_s=62)
    kernel, (group,) = done.world.kernel, done.world.sentinels
    sentinel, reset_ns = group.members[0], kernel.now
    sentinel.reset()
    kernel.run_until(reset_ns + 20 * NS_PER_S)
    after = EventLog(done.world.trace.records, reset_ns)
    names = ("+slave", "+sentinel")
    met = sorted(one.at_s for name in names for one in after.all(name, entity=sentinel.name))
    assert len(met) == 4
    assert all(late - early > FLUSH_S - 1e-3 for early, late in pairwise(met))
