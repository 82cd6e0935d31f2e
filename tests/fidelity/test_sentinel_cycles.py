"""When a Sentinel sends its PINGs and INFOs: what ``sentinel.c`` of 7.0 counts them from.

Not measured: each rule is read in the source (functions in the docstrings).
"""

from __future__ import annotations

import pytest

from tests.sentinel_worlds import log_of, only, trial

TICK_S = 0.11
DOWN_AFTER_S = 5.0


@pytest.mark.parametrize("replication", range(4))
def test_the_next_ping_counts_from_the_last_answer(replication: int) -> None:
    """``sentinelPingReplyCallback``: what is answered late sets the phase of the PINGs.

    Redis c answers all Sentinels at 63 s, so that each pings it next at 64 s, and finds it down
    when it has been silent since before that. If this fails, a PING comes at any time of a second.
    """
    faults = ("hang redis@c at 60s for 3s", "hang redis@c at 63.2s for 20s")
    log = log_of(trial(*faults, until_s=75, replication=replication))
    down = [one.at_s for one in log.all("+sdown", name="redis@c")]
    assert len(down) == 3
    assert all(3 + 1 + DOWN_AFTER_S < at_s < 3 + 1 + DOWN_AFTER_S + 2 * TICK_S for at_s in down)


def test_a_silence_between_two_pings_shifts_none() -> None:
    """The same: nothing was pending, so nothing is answered late, and the phase stays as it was."""
    late = []
    for replication in range(6):
        faults = ("hang redis@c at 60s for 20ms", "hang redis@c at 60.1s for 20s")
        log = log_of(trial(*faults, until_s=75, replication=replication))
        late += [one.at_s - 0.1 - DOWN_AFTER_S for one in log.all("+sdown", name="redis@c")]
    assert min(late) < 0.3 and max(late) > 0.8


def test_cycles_that_began_together_drift_apart() -> None:
    """``sentinelTimer`` draws its hz anew at each tick: if this fails, an answer is remembered.

    Three Sentinels that were answered at one moment ping together for a minute, not for ever.
    """
    apart = []
    for replication in range(6):
        faults = ("hang redis@c at 60s for 3s", "hang redis@c at 960s for 20s")
        log = log_of(trial(*faults, until_s=975, replication=replication))
        down = [one.at_s for one in log.all("+sdown", name="redis@c")]
        apart.append(max(down) - min(down))
    assert max(apart) < 1.2 and sum(spread > 2 * TICK_S for spread in apart) >= 4


def test_pings_come_faster_with_a_short_down_after() -> None:
    """``sentinelSendPeriodicCommands``: the period is down-after, if that is below a second."""
    sets = ("sentinel.foo.down-after-milliseconds=300ms",)
    log = log_of(trial("hang redis@c at 60s", until_s=65, sets=sets))
    down = [one.at_s for one in log.all("+sdown", name="redis@c")]
    assert len(down) == 3 and all(0.3 < at_s < 0.6 + 2 * TICK_S for at_s in down)


@pytest.mark.parametrize("replication", range(4))
def test_a_new_record_waits_from_its_beginning(replication: int) -> None:
    """``createInstanceLink``: the dead old master is down a down-after after the switch.

    If this fails, the time counts from the first try to connect, which is at a later tick.
    """
    log = log_of(trial("down a at 60s", until_s=80, replication=replication))
    for switch in log.all("+switch-master"):
        down = only(log.first("+sdown", entity=switch.entity, name="redis@a", role="slave"))
        assert switch.at_s + DOWN_AFTER_S < down.at_s < switch.at_s + DOWN_AFTER_S + TICK_S
