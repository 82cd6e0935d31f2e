"""Requests that wait instead of failing: the sums against requests counted one at a time."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import pytest

from models.application.buffer import Buffer
from sim.clock import from_seconds
from tests.application_worlds import PoolWorld

RATE_PER_S = 200.0
"""High, so that a request more or less is little."""


class Count(NamedTuple):
    saved: int
    failed_at_once: int
    failed_late: int
    waited_s: float
    first_failure_s: float


def one_at_a_time(outage_s: float, size: int, timeout_s: float) -> Count:
    """What becomes of each request of an outage that begins at 0."""
    waiting: deque[float] = deque()
    at_once = late = 0
    waited_s, first_s = 0.0, float("inf")
    for number in range(int(outage_s * RATE_PER_S)):
        at_s = (number + 0.5) / RATE_PER_S
        while waiting and waiting[0] + timeout_s <= at_s:
            first_s = min(first_s, waiting.popleft() + timeout_s)
            late += 1
            waited_s += timeout_s
        if len(waiting) < size:
            waiting.append(at_s)
        else:
            at_once += 1
            first_s = min(first_s, at_s)
    while waiting and waiting[0] + timeout_s <= outage_s:
        first_s = min(first_s, waiting.popleft() + timeout_s)
        late += 1
        waited_s += timeout_s
    waited_s += sum(outage_s - at_s for at_s in waiting)
    return Count(len(waiting), at_once, late, waited_s, first_s)


def a_world(size: int, timeout_s: float) -> tuple[PoolWorld, Buffer]:
    held = {"size": size, "timeout": from_seconds(timeout_s)}
    world = PoolWorld(options={"write_rate": RATE_PER_S, "buffer": held})
    assert world.pool.buffer is not None
    return world, world.pool.buffer


def outage(world: PoolWorld, start_s: float, lasts_s: float) -> None:
    server = world.servers[0]
    world.at(start_s, lambda: setattr(server, "accepts", False))
    world.at(start_s + lasts_s, lambda: setattr(server, "accepts", True))


CASES = [
    (outage_s, size, timeout_s)
    for size, timeout_s in [(200, 5.0), (900, 5.0), (1000, 5.0), (100_000, 5.0), (1, 2.0)]
    for outage_s in (0.5, 0.99, 3.0, 4.75, 5.5, 6.5, 12.0, 27.3)
]


@pytest.mark.parametrize(("outage_s", "size", "timeout_s"), CASES)
def test_the_sums_are_those_of_single_requests(
    outage_s: float, size: int, timeout_s: float
) -> None:
    """If this fails, requests are said to be saved that failed, or the other way round."""
    world, buffer = a_world(size, timeout_s)
    outage(world, 10.0, outage_s)
    world.run_until(100.0)
    counted = one_at_a_time(outage_s, size, timeout_s)
    turns = outage_s // timeout_s + 1
    assert buffer.saved == pytest.approx(counted.saved, abs=turns + 1)
    assert buffer.failed_late == pytest.approx(counted.failed_late, abs=turns + 1)
    assert buffer.waited_s == pytest.approx(counted.waited_s, rel=0.02, abs=2 * timeout_s)
    arrived = outage_s * RATE_PER_S
    at_once = arrived - buffer.saved - buffer.failed_late
    assert at_once == pytest.approx(counted.failed_at_once, abs=2 * turns + 2)


@pytest.mark.parametrize(("size", "timeout_s"), [(200, 5.0), (100_000, 5.0)])
def test_nobody_fails_before_the_buffer_is_full_or_patience_ends(
    size: int, timeout_s: float
) -> None:
    """If this fails, the first error of an outage comes at another moment than a client's would."""
    world, buffer = a_world(size, timeout_s)
    outage(world, 10.0, 20.0)
    first_s = one_at_a_time(20.0, size, timeout_s).first_failure_s
    world.run_until(10.0 + first_s - 0.1)
    assert buffer.holds and world.pool.serves
    assert world.application.success_share == 1.0 and world.application.holds_back
    world.run_until(10.0 + first_s + 0.1)
    assert not buffer.holds and not world.pool.serves
    assert world.application.success_share == 0.0 and not world.application.holds_back
    world.run_until(31.0)
    assert world.application.success_share == 1.0 and not world.application.holds_back


def test_each_outage_begins_with_an_empty_buffer() -> None:
    """If this fails, an outage pays for the one before it."""
    world, buffer = a_world(1000, 5.0)
    outage(world, 10.0, 2.0)
    outage(world, 12.5, 2.0)
    world.run_until(14.0)
    assert buffer.holds
    world.run_until(20.0)
    assert buffer.saved == pytest.approx(800)
    assert buffer.failed_late == 0.0
    assert buffer.waited_s == pytest.approx(2 * RATE_PER_S * 2.0**2 / 2)


def test_a_dead_instance_drops_whoever_waits() -> None:
    """If this fails, requests are saved that no process remembers."""
    world, buffer = a_world(1000, 5.0)
    world.at(10.0, lambda: setattr(world.servers[0], "accepts", False))
    world.at(12.0, world.application.process.kill)
    world.at(12.5, lambda: setattr(world.servers[0], "accepts", True))
    world.at(13.0, world.application.process.start)
    world.run_until(12.25)
    assert not world.application.holds_back
    world.run_until(40.0)
    # 400 that had waited are gone; those that come before the first connection wait again.
    assert buffer.failed_late == pytest.approx(400)
    assert 0 <= buffer.saved <= RATE_PER_S * 1.0
    assert world.application.success_share == 1.0


def test_an_instance_that_hangs_has_saved_nobody() -> None:
    """If this fails, a pause of the instance in an outage counts those that wait as answered."""
    world, buffer = a_world(100_000, 60.0)
    outage(world, 10.0, 20.0)
    world.at(15.0, world.application.process.hang)
    world.at(18.0, world.application.process.proceed)
    world.run_until(17.0)
    assert buffer.saved == 0.0 and not buffer.holds
    assert world.application.success_share == 0.0
    world.run_until(25.0)
    assert buffer.saved == 0.0 and buffer.holds
    world.run_until(40.0)
    assert buffer.saved == pytest.approx(20.0 * RATE_PER_S)


def test_an_outage_that_has_not_ended_is_in_the_sums() -> None:
    """If this fails, an outage that lasts to the end of the run costs no request."""
    world, buffer = a_world(1000, 5.0)
    world.at(10.0, lambda: setattr(world.servers[0], "accepts", False))
    world.run_until(100.0)
    counted = one_at_a_time(90.0, 1000, 5.0)
    assert buffer.saved == 0.0
    assert buffer.failed_late == pytest.approx(counted.failed_late, abs=90 / 5 + 2)
    assert buffer.waited_s == pytest.approx(counted.waited_s, rel=0.01)


def test_engines_agree_about_a_buffer() -> None:
    """If this fails, what waits depends on the engine."""

    def sums(engine: str) -> tuple[float, float, float]:
        held = {"size": 30, "timeout": from_seconds(3.0)}
        world = PoolWorld(engine=engine, options={"buffer": held})  # type: ignore[arg-type]
        outage(world, 10.0, 2.0)
        outage(world, 15.0, 8.1)
        world.at(20.0, world.application.process.hang)
        world.at(22.0, world.application.process.proceed)
        world.at(30.0, world.servers[0].process.kill)
        world.at(31.0, world.application.process.kill)
        world.at(35.0, world.application.process.start)
        world.at(42.0, world.servers[0].process.start)
        world.run_until(60.0)
        assert world.pool.buffer is not None
        buffer = world.pool.buffer
        return buffer.saved, buffer.failed_late, buffer.waited_s

    assert sums("naive") == sums("fast") == sums("audit")
