"""Failovers that something befalls in their midst: what ``sentinel.c`` of 7.0 does then.

Not measured: each rule is read in the source (functions in the docstrings), and each was wrong here
once. Three hosts a, b, c with a Sentinel and a Redis each; the master is on a.
"""

from __future__ import annotations

import pytest

from experiments.inject.event_log import EventLog
from sim.clock import NS_PER_S
from sim.engine import Engine
from tests.sentinel_worlds import log_of, only, trial

FIVE = (
    *(f"hosts.{host}={{site: lan, boot: 30s}}" for host in "de"),
    "redis.foo.replicas=[b, c, d, e]",
)
LEADERS = 24
SENT = "+slave-reconf-sent"


@pytest.mark.parametrize("share", range(LEADERS))
def test_a_leader_restarted_after_the_promotion_knows_the_new_master(share: int) -> None:
    """``rewriteConfigSentinelOption``: if this fails, it converts the good new master back."""
    until = {"until_s": 360, "replication": share}
    leader = only(log_of(trial("kill redis@a at 60s", **until)).first("+elected-leader")).entity
    restart = f"restart {leader} at {65 + 3 * share / LEADERS:.2f}s after 2s"
    done = trial("kill redis@a at 60s", restart, **until)
    (group,) = done.world.sentinels
    answers = {one.answer for one in group.members}
    assert len(answers) == 1 and answers != {"redis@a"}


def test_a_ring_of_replicas_holds_what_it_held() -> None:
    """``syncCommand``, NOMASTERLINK: if this fails, two that follow each other never end."""
    done = trial("kill redis@a at 1s", until_s=30)
    store = done.world.redis["foo"]
    one, other = (store.servers[f"redis@{host}"] for host in "bc")
    one.replicaof(other)
    other.replicaof(one)
    done.world.kernel.run_until(done.world.kernel.now + 10 * NS_PER_S)
    assert {one.role, other.role} == {"slave"}
    assert one.head_now().offset == pytest.approx(other.head_now().offset)
    assert not one.follows and not other.follows


def test_a_ring_of_three_runs_on() -> None:
    """Each serves the next, as in reality: if this fails, asking what they hold never ends."""
    done = trial("hang redis@a at 1s for 10ms", until_s=20)
    kernel, servers = done.world.kernel, done.world.redis["foo"].servers
    first, second, third = (servers[f"redis@{host}"] for host in "abc")
    third.replicaof(second)
    kernel.run_until(kernel.now + 10 * NS_PER_S)
    assert third.follows
    first.replicaof(third)
    kernel.run_until(kernel.now + 10 * NS_PER_S)
    assert {one.role for one in (first, second, third)} == {"slave"}
    assert all(one.head_now().offset >= 0 for one in (first, second, third))


def test_a_returned_master_that_was_not_converted_is_not_chosen() -> None:
    """``compareSlavesForPromotion``: a master's INFO has no offset, so its record says 0."""
    chosen = []
    for replication in range(16):
        faults = ("hang redis@a at 60s for 6.5s", "kill redis@c at 71s")
        log = log_of(trial(*faults, until_s=95, replication=replication))
        names = [one.words["name"] for one in log.all("+selected-slave")]
        if names[0] == "redis@c" and len(names) > 1:
            chosen.append(names[1])
    assert len(chosen) > 4 and set(chosen) == {"redis@b"}


def test_one_that_was_promoted_in_vain_keeps_its_offset() -> None:
    """``sentinelRefreshInstanceInfo``: a master's INFO leaves ``slave_repl_offset`` as it was.

    A leader dies after +promoted-slave. Measured (``M4b_kill_promoted`` of ``data/own``): the next
    leader chooses the same replica in 49 of 60, and the other one if its last INFO of the first
    was older than the last write. If this fails, the good new master is given up each time.
    """
    sets = ("sentinel.foo.failover-timeout=10s",)
    same = []
    for replication in range(40):
        until = {"sets": sets, "replication": replication}
        promoted = only(
            log_of(trial("kill redis@a at 60s", until_s=70, **until)).first("+promoted-slave")
        )
        kill = f"kill {promoted.entity} at {60.003 + promoted.at_s:.3f}s"
        log = log_of(trial("kill redis@a at 60s", kill, until_s=90, **until))
        again = [one.words["name"] for one in log.all("+selected-slave")][1:]
        same += [again[0] == promoted.words["name"]] if again else []
    assert len(same) > 30 and 0.6 < sum(same) / len(same) < 0.95


def hung_when_told(sets: tuple[str, ...]) -> tuple[EventLog, str]:
    """The first replica to be told of the new master hangs just before; returns which it is."""
    told = only(log_of(trial("kill redis@a at 60s", until_s=100, sets=sets)).first(SENT))
    name = str(told.words["name"])
    faults = ("kill redis@a at 60s", f"hang {name} at {60 + told.at_s - 0.02:.3f}s")
    return log_of(trial(*faults, until_s=150, sets=sets)), name


def test_one_stuck_replica_holds_up_those_behind_it() -> None:
    """``sentinelFailoverReconfNextSlave``: with parallel-syncs 1 nobody gives a stuck one up.

    The failover ends after failover-timeout (60 s), in the tick of the switch, which frees the
    connections: the others are put right later only, by +fix-slave-config.
    """
    log, stuck = hung_when_told(FIVE)
    promoted = only(log.first("+promoted-slave"))
    over = only(log.first("+failover-end-for-timeout")).at_s
    assert over == pytest.approx(promoted.at_s + 60, abs=0.3)
    assert only(log.first("+failover-end")).at_s == over
    assert log.first("-slave-reconf-sent-timeout") is None
    assert [one.words["name"] for one in log.all(SENT)] == [stuck]
    others = {f"redis@{host}" for host in "bcde"} - {stuck, promoted.words["name"]}
    followed = {one.entity: one.at_s for one in log.all("role", master=promoted.words["name"])}
    assert others <= set(followed) and all(followed[one] > over for one in others)


def test_with_room_a_stuck_replica_is_given_up() -> None:
    """The same with room for two: after 10 s without progress it is called done.

    With a down-after of 5 s it would be SDOWN by then, and nobody waits for those.
    """
    two = ("sentinel.foo.parallel-syncs=2", "sentinel.foo.down-after-milliseconds=20s")
    log, stuck = hung_when_told((*FIVE, *two))
    sent = only(log.first(SENT, name=stuck))
    gone = only(log.first("-slave-reconf-sent-timeout", name=stuck))
    assert gone.at_s == pytest.approx(sent.at_s + 10, abs=0.3)
    assert log.first("+failover-end-for-timeout") is None


def test_no_timeout_while_the_promoted_one_is_down() -> None:
    """``sentinelFailoverDetectEnd`` returns first: nobody switches to a dead server."""
    faults = ("hang redis@a at 60s for 6s", "kill redis@c at 68s", "kill redis@b at 68s")
    promotions = 0
    for replication in range(6):
        log = log_of(trial(*faults, until_s=260, replication=replication))
        promotions += len(log.all("+promoted-slave"))
        assert log.first("+failover-end-for-timeout") is None
    assert promotions > 3


def test_nobody_votes_who_cannot_be_reached() -> None:
    """One way is open, but TCP needs both: if this fails, requests arrive without a connection."""
    log = log_of(trial("isolate a at 60s for 30s outbound", until_s=89))
    assert log.first("+elected-leader") is not None
    assert log.all("+vote-for-leader", entity="s1@a") == []


def test_nobody_asks_in_tilt() -> None:
    """``sentinelHandleRedisInstance`` returns before: on leaving TILT the others are asked first.

    Sentinel 2 cannot reach the master, which dies while it is in TILT, as Sentinel 3 finds out.
    If this fails, Sentinel 2 knows of it as soon as TILT ends, at the very tick.
    """
    alone = ("kill s1@a at 50s", "cut a-b at 60s", "hang s2@b at 70s for 3s", "kill redis@a at 76s")
    for replication in range(4):
        log = log_of(trial(*alone, until_s=106, replication=replication))
        left = only(log.first("-tilt", entity="s2@b"))
        agreed = only(log.first("+odown", entity="s2@b"))
        assert left.at_s < agreed.at_s < left.at_s + 0.25


def test_what_was_said_of_the_old_master_counts_against_the_new() -> None:
    """``sentinelResetMasterAndChangeAddress`` keeps the Sentinels' records, flags and all.

    With a down-after of 1 s Sentinel 1 loses the new master while the others' "down" is not yet 5 s
    old, and fails over a master that only itself does not see. If this fails, it has forgotten. (A
    leader switches last, and has heard by then that the others see no master down any more.)
    """
    sets = ("sentinel.foo.down-after-milliseconds=1s",)
    kill = "kill redis@a at 60s"
    lags = []
    for replication in range(6):
        until = {"until_s": 75, "sets": sets, "replication": replication}
        first = log_of(trial(kill, **until))
        if only(first.first("+elected-leader")).entity == "s1@a":
            continue
        switch = only(first.first("+switch-master", entity="s1@a"))
        name = str(switch.words["new"])
        cut = f"cut a-{name.partition('@')[2]} at {60.2 + switch.at_s:.3f}s"
        log = log_of(trial(kill, cut, **until))
        alone = only(log.first("+sdown", entity="s1@a", name=name, role="master"))
        agreed = only(log.first("+odown", entity="s1@a", name=name))
        lags.append(agreed.at_s - alone.at_s)
    assert len(lags) >= 2 and max(lags) < 0.01


def test_a_candidate_does_not_vote_in_a_newer_epoch() -> None:
    """``sentinelGetLeader`` votes in the attempt's epoch: if this fails, a rival loses a vote."""
    sets = ("sentinel.foo.quorum=1",)
    alone = ("kill s2@b at 50s", "kill s3@c at 50s", "kill redis@a at 60s")
    done = trial(*alone, until_s=67, sets=sets)
    kernel, (group,) = done.world.kernel, done.world.sentinels
    (candidate,) = (one for one in group.members if one.name == "s1@a")
    assert candidate.failover.stage == "wait-start"
    newer = candidate.current_epoch + 1
    candidate.adopt_epoch(newer)
    kernel.run_until(kernel.now + 2 * NS_PER_S)
    assert candidate.failover.stage == "wait-start"
    assert candidate.election.vote(newer, "s2@b") == ("s2@b", newer)


@pytest.mark.parametrize(("priorities", "chosen"), [("c: 10", "redis@c"), ("b: 10", "redis@b")])
def test_the_lowest_priority_is_promoted(priorities: str, chosen: str) -> None:
    """``compareSlavesForPromotion``: if this fails, no server can be preferred to another."""
    for rule, wanted in ((priorities, {chosen}), ("b: 0, c: 0", set())):
        sets = (f"redis.foo.replica-priorities={{{rule}}}",)
        logs = [
            log_of(trial("kill redis@a at 60s", until_s=75, sets=sets, replication=replication))
            for replication in range(4)
        ]
        assert {one.words["name"] for log in logs for one in log.all("+selected-slave")} == wanted


def test_slaveof_no_one_is_sent_a_tick_after_its_state_is_logged() -> None:
    """``sentinelFailoverSelectSlave`` logs that state with the choice, the sending logs the next.

    Measured (all of ``data/own`` that name both): +failover-state-wait-promotion 0.07 s later. If
    this fails, what is logged at the choice is found in a real log a tick before.
    """
    log = log_of(trial("kill redis@a at 60s", until_s=75))
    chosen = only(log.first("+selected-slave"))
    to_send = only(log.first("+failover-state-send-slaveof-noone"))
    sent = only(log.first("+failover-state-wait-promotion"))
    assert to_send.at_s == chosen.at_s and to_send.words["name"] == chosen.words["name"]
    assert 0.05 < sent.at_s - chosen.at_s < 0.11


def test_a_new_record_says_that_a_role_is_wrong() -> None:
    """``createSentinelRedisInstance`` sets ``role_reported`` to what is configured.

    Measured (``M3b_hoststop20`` of ``data/own``): -role-change of the old master at its first INFO,
    20.0 to 20.1 s after it and its Sentinel were stopped for 20 s. If this fails, nothing is said.
    """
    faults = ("hang redis@a at 60s for 20s", "hang s1@a at 60s for 20s")
    log = log_of(trial(*faults, until_s=82))
    wrong = log.all("-role-change", name="redis@a")
    assert {one.entity for one in wrong} == {"s1@a", "s2@b", "s3@c"}
    assert all(20 < one.at_s < 20.3 for one in wrong)
    assert log.first("+role-change", name="redis@a") is None


def test_replicas_are_told_in_the_order_of_a_hash_table() -> None:
    """``dictGetIterator`` over ``master->slaves``: each Sentinel has an order of its own.

    Measured (``M11_five_two_down`` and ``M11b`` of ``data/own``): the dead replica, which the
    master lists first, is told first in 20 of 108, second in 40, third in 48. In a bucket whoever
    was found last comes first. If this fails, it is always the first, and holds up all others.
    """
    sets = (*FIVE, "sentinel.foo.processes={s1: a, s2: b, s3: c, s4: d, s5: e}")
    two_down = ("down a at 60s", "down b at 60s")
    places = []
    for replication in range(60):
        quorum = (*sets, "sentinel.foo.quorum=3")
        log = log_of(trial(*two_down, until_s=75, sets=quorum, replication=replication))
        told = [one.words["name"] for one in log.all(SENT)]
        places.append(told.index("redis@b"))
    assert set(places) == {0, 1, 2}
    assert places.count(0) < places.count(2) < 2 / 3 * len(places)


@pytest.mark.parametrize("engine", ["naive", "audit"])
def test_all_engines_tell_the_same(engine: Engine) -> None:
    """A guard of the state machine that is narrower than what its tick does."""
    faults = ("kill redis@a at 6s", "hang redis@d at 11.3s", "restart s2@b at 12s after 2s")
    told = [
        trial(*faults, until_s=100, sets=FIVE, engine=each).world.trace.records
        for each in (engine, "fast")
    ]
    assert told[0] == told[1]
