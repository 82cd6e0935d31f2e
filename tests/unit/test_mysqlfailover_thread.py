"""The one thread of the tool: what it waits for, and what it no longer waits for."""

from __future__ import annotations

from models.host import Host
from models.mysqlfailover.thread import Thread, Wait, Work
from models.process import Process
from sim.clock import NS_PER_S
from sim.engine import Kernel, rank_of
from sim.laws import Fixed
from sim.state import Entity, state
from sim.trace import Trace
from sim.watch import Watch


class Door(Entity):
    open: bool = state(False)


def path_before(other: str) -> str:
    """A path whose reactions come before those of ``other``."""
    return next(path for path in map(str, range(1000)) if rank_of(path) < rank_of(other))


def test_what_it_no_longer_waits_for_does_not_cut_a_sleep_short() -> None:
    """Its condition turns true, and in the same round somebody makes it sleep instead."""
    kernel = Kernel()
    host = Host(kernel, "admin", Trace(), 0)
    process = Process(kernel, "tool@admin", host, supervisor=None, boot=Fixed(0.0))
    process.start()
    door = Door(kernel, "door")
    woken: list[int] = []
    thread = Thread("thread", process, lambda reason: None)

    def through_the_door() -> Work[None]:
        yield Wait(condition=lambda: door.open)

    def asleep() -> Work[None]:
        yield Wait(kernel.now + NS_PER_S)
        woken.append(kernel.now)

    earlier = path_before("thread/condition")
    Watch(kernel, earlier, lambda: door.open, lambda _: thread.run(asleep()), initial=False)
    thread.run(through_the_door())
    kernel.settle()
    rank = kernel.claim_rank("wind")
    kernel.call_at(5, rank, lambda: setattr(door, "open", True))
    kernel.run_until(2 * NS_PER_S)
    assert woken == [NS_PER_S + 5]
