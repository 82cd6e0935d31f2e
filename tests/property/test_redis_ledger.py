"""Whatever happens to the servers, every acknowledged write has exactly one fate."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.redis.spec import RedisSpec
from tests.redis_worlds import RedisWorld
from tests.server_worlds import COMMON, Story, common_acts, stories

NAMES = ("r1", "r2", "r3")
ACTS = (*COMMON, "stop", "enable", "promote", "follow")


def act(world: RedisWorld, name: str, target: int) -> None:
    """Do one thing to one server, if it can be done to it now."""
    server, other = world[NAMES[target]], world[NAMES[(target + 1) % 3]]
    process = server.process

    def enable() -> None:
        process.enabled = True
        process.start()

    calls = {
        **common_acts(world, NAMES[target], process),
        "stop": (process.alive, process.stop),
        "enable": (not process.enabled, enable),
        "promote": (process.running, server.replicaof_no_one),
        "follow": (process.running, lambda: server.replicaof(other)),
    }
    possible, call = calls[name]
    if possible:
        world.do(call)


@settings(max_examples=150, deadline=None)
@given(
    steps=stories(ACTS),
    save=st.sampled_from(["", "60 1", None]),
    appendonly=st.booleans(),
    version=st.sampled_from(["7.0", "2015"]),
    delay_s=st.sampled_from([50e-6, 0.2]),
)
def test_every_acknowledged_write_has_one_fate(
    steps: Story,
    save: str | None,
    appendonly: bool,
    version: str,
    delay_s: float,
) -> None:
    """If this fails, writes are lost twice, come back, or vanish from the books."""
    spec = RedisSpec.model_validate({"save": save, "appendonly": appendonly, "version": version})
    world = RedisWorld(3, spec, delay_s=delay_s)
    for name, target, seconds in steps:
        act(world, name, target)
        world.run(seconds)
        acked, lost, held = world.acked_writes(), world.history.lost, world.held_writes()
        assert abs(acked - lost - held) < 1e-3
