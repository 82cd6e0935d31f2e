"""Whatever happens to the servers, every acknowledged write has exactly one fate."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.redis.spec import RedisSpec
from tests.redis_worlds import RedisWorld

NAMES = ("r1", "r2", "r3")
ACTS = (
    "kill",
    "stop",
    "enable",
    "power",
    "isolate",
    "heal",
    "hang",
    "proceed",
    "promote",
    "follow",
    "write",
    "quiet",
)
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.floats(0.0, 90.0)), max_size=25
)


def act(world: RedisWorld, name: str, target: int) -> None:
    """Do one thing to one server, if it can be done to it now."""
    server, other = world[NAMES[target]], world[NAMES[(target + 1) % 3]]
    host, process = server.process.host, server.process

    def power_cycle() -> None:
        host.power_off()
        host.power_on()

    def enable() -> None:
        process.enabled = True
        process.start()

    calls = {
        "kill": (process.alive, process.kill),
        "stop": (process.alive, process.stop),
        "enable": (not process.enabled, enable),
        "power": (not host.down, power_cycle),
        "isolate": (True, lambda: world.isolate(NAMES[target])),
        "heal": (
            all(path.dropping for path in world.network.around(NAMES[target])),
            lambda: world.isolate(NAMES[target], -1),
        ),
        "hang": (process.alive and not process.hung, process.hang),
        "proceed": (process.hung > 0, process.proceed),
        "promote": (process.running, server.replicaof_no_one),
        "follow": (process.running, lambda: server.replicaof(other)),
        "write": (True, lambda: world.write(NAMES[target], 50.0)),
        "quiet": (True, lambda: world.write(NAMES[target], 0.0)),
    }
    possible, call = calls[name]
    if possible:
        world.do(call)


@settings(max_examples=150, deadline=None)
@given(
    steps=STEPS,
    save=st.sampled_from(["", "60 1", None]),
    appendonly=st.booleans(),
    version=st.sampled_from(["7.0", "2015"]),
    delay_s=st.sampled_from([50e-6, 0.2]),
)
def test_every_acknowledged_write_has_one_fate(
    steps: list[tuple[str, int, float]],
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
