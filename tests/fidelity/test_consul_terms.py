"""Terms of servers that are cut off: ``consul.md`` section 5.1, raft without pre-vote.

Sources: ``runCandidate``, ``electSelf``, ``requestVote`` and ``appendEntries`` in ``raft.go``, and
``handleStaleTerm`` in ``replication.go`` of hashicorp/raft as pinned by consul v0.5.2.
"""

from __future__ import annotations

import pytest

from models.consul.servers import Server
from sim.clock import to_seconds
from tests.consul_worlds import ConsulWorld

TRIALS = 30
# A try each U(1, 2) election timeouts.
TRY_S = 1.5


def _leader(world: ConsulWorld) -> Server:
    leader = world.cluster.leader
    assert leader is not None
    return leader


@pytest.mark.parametrize("multiplier", [1, 5])
def test_a_healed_leader_of_old_costs_an_election(multiplier: int) -> None:
    """If this fails, the end of a cut is as good as if the cut-off leader had never tried."""
    world = ConsulWorld("abc", 3, multiplier=multiplier)
    for _ in range(TRIALS):
        world.run(200.0)
        old = _leader(world)
        world.isolate(old.host)
        world.run(60.0 * multiplier)
        new = _leader(world)
        assert new is not old
        world.trace.records.clear()
        world.isolate(old.host, -1)
        world.run(40.0 * multiplier)
        lost = world.events("leader-lost")
        assert [record.fields for record in lost] == [(("reason", "newer-term"),)]
        gap_s = to_seconds(world.events("leader-established")[0].time_ns - lost[0].time_ns)
        assert 1.0 * multiplier < gap_s < 6.5 * multiplier


def test_a_log_that_is_behind_does_not_win() -> None:
    """If this fails, a cut-off server comes back as leader with an old catalogue."""
    world = ConsulWorld("abc", 3)
    for _ in range(TRIALS):
        world.run(200.0)
        old = _leader(world)
        world.isolate(old.host)
        # Too short for gossip to notice: the new leader's own entry is all that is written.
        world.run(5.0)
        assert _leader(world) is not old
        world.isolate(old.host, -1)
        world.run(1.0)
        while world.cluster.leader is None:
            world.run(1.0)
        assert _leader(world) is not old


def test_a_cut_off_server_raises_its_term_at_each_try() -> None:
    """If this fails, tries are not counted, or at another pace than election timeouts."""
    world = ConsulWorld("abc", 3)
    world.run(100.0)
    cut_off = _leader(world)
    term = cut_off.term
    world.isolate(cut_off.host)
    world.run(3000.0)
    world.isolate(cut_off.host, -1)
    world.run(30.0)
    assert _leader(world).term - term == pytest.approx(3000.0 / TRY_S, rel=0.02)


def test_tries_in_vain_cost_nothing() -> None:
    """If this fails, each election timeout of a cut-off server is an event."""
    world = ConsulWorld("abc", 3)
    world.run(100.0)
    world.isolate("a")
    world.run(3600.0)
    so_far = world.kernel.events
    world.run(30 * 86400.0)
    assert world.kernel.events == so_far
