"""Whatever happens to the servers, every acknowledged write has exactly one fate."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.laws import Uniform
from tests.mysql_worlds import MySqlWorld, a_spec, semi_sync
from tests.server_worlds import COMMON, Story, common_acts, stories

NAMES = ("db01", "db02", "db03")
ACTS = (
    *COMMON,
    "promote",
    "fetch",
    "rebuild",
    "attach",
    "stop-slave",
    "start-slave",
    "sql-error",
)


def act(world: MySqlWorld, name: str, target: int) -> None:
    """Do one thing to one server, if it can be done to it now."""
    server, other = world[NAMES[target]], world[NAMES[(target + 1) % 3]]
    up = server.listening and other.listening

    def attach() -> None:
        server.change_master(other)
        server.start_slave()

    calls = {
        **common_acts(world, NAMES[target], server.process),
        "promote": (server.listening, server.reset_slave_all),
        "fetch": (up and not server.is_master, lambda: server.fetch_from(other)),
        "rebuild": (up, lambda: server.rebuild_from(other)),
        "attach": (up, attach),
        "stop-slave": (server.listening, server.stop_slave),
        "start-slave": (server.listening, server.start_slave),
        "sql-error": (server.listening and not server.is_master, server.stop_sql_thread),
    }
    possible, call = calls[name]
    if possible:
        world.do(call)


@settings(max_examples=120, deadline=None)
@given(
    steps=stories(ACTS),
    semi=st.booleans(),
    version=st.sampled_from(["5.6", "5.7"]),
    fsync=st.integers(0, 2),
)
def test_every_acknowledged_write_has_one_fate(
    steps: Story, semi: bool, version: str, fsync: int
) -> None:
    """If this fails, writes are lost twice, come back, or vanish from the books."""
    make = semi_sync if semi else a_spec
    spec = make(
        version=version,
        innodb_flush_log_at_trx_commit=fsync,
        io_thread_lag=Uniform(0.0, 5.0),
        sql_thread_lag=Uniform(0.0, 5.0),
        unsynced_binlog=Uniform(0.0, 30.0),
    )
    world = MySqlWorld(3, spec, boot_s=7.0)
    lost_before = 0.0
    for name, target, seconds in steps:
        act(world, name, target)
        world.run(seconds)
        balance = world.group.balance()
        parts = balance.surviving_writes + balance.at_risk_writes + balance.lost_writes
        assert abs(balance.acked_writes - parts) < 1e-3
        assert min(balance) > -1e-6
        assert balance.lost_writes >= lost_before - 1e-6
        assert abs(world.ledger.lost - balance.lost_writes) < 1e-6
        lost_before = balance.lost_writes
    world.group.close()
    assert abs(world.told_lost() - world.ledger.lost) < 2.0 + 0.5 * len(world.events("writes-lost"))
