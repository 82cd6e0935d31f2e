"""Tickers, watches, alarms and meters, each on a kernel of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.alarm import Alarm
from sim.engine import Engine, Kernel, rank_of
from sim.grid import Regular
from sim.metering import Integral, StateMeter
from sim.state import Entity, state
from sim.ticker import Ticker
from sim.watch import Watch

ENGINES: tuple[Engine, ...] = ("naive", "fast", "audit")


class Knob(Entity):
    value: int = state(0)


def _set(kernel: Kernel, knob: Knob, value: int, at: int) -> None:
    rank = kernel.claim_rank(f"set/{at}/{value}")
    kernel.call_at(at, rank, lambda: setattr(knob, "value", value))


class Ticking:
    """A knob that a ticker, period 10 from 3, turns back to 0."""

    def __init__(self, engine: Engine, path: str = "tick") -> None:
        self.kernel = Kernel(engine=engine)
        self.knob = Knob(self.kernel, "knob")
        self.ticks: list[int] = []
        self.ticker = Ticker(self.kernel, path, Regular(3, 10), lambda: self.knob.value, self._act)

    def _act(self) -> None:
        if self.knob.value:
            self.ticks.append(self.kernel.now)
            self.knob.value = 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_ticker_wakes_at_its_next_tick_in_phase(engine: Engine) -> None:
    """If this fails, a sleeping loop wakes out of step with the real one."""
    ticking = Ticking(engine)
    for at in (1, 14, 24, 90):
        _set(ticking.kernel, ticking.knob, 1, at)
    ticking.kernel.run_until(100)
    assert ticking.ticks == [3, 23, 33, 93]


def test_a_sleeping_ticker_costs_no_events() -> None:
    """If this fails, the fast engine is not fast."""
    ticking = Ticking("fast")
    ticking.kernel.run_until(10**15)
    assert ticking.kernel.events == 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", ["tick", "tock", "tuck", "teck"])
def test_a_change_at_the_very_tick_is_seen_by_rank(engine: Engine, path: str) -> None:
    """If this fails, a tie between a fault and a tick is decided by the engine."""
    ticking = Ticking(engine, path)
    _set(ticking.kernel, ticking.knob, 1, 23)
    ticking.kernel.run_until(100)
    assert ticking.ticks == ([23] if rank_of(path) > rank_of("set/23/1") else [33])


@pytest.mark.parametrize("engine", ENGINES)
def test_regrid_and_retire(engine: Engine) -> None:
    """If this fails, a restarted program keeps its old phase, or a stopped one goes on."""
    ticking = Ticking(engine)
    ticking.kernel.run_until(5)
    ticking.ticker.regrid(Regular(8, 10))
    ticking.knob.value = 1
    ticking.kernel.run_until(20)
    assert ticking.ticks == [8]
    ticking.knob.value = 1
    ticking.ticker.retire()
    ticking.kernel.run_until(100)
    assert ticking.ticks == [8]
    assert ticking.ticker not in ticking.kernel.sleepers


def test_two_sources_cannot_share_a_rank() -> None:
    """If this fails, two entities of one path have ties that the order of building decides."""
    kernel = Kernel()
    kernel.claim_rank("a")
    kernel._claimed[rank_of("b")] = "c"
    with pytest.raises(ValueError, match="b and c have the same rank"):
        kernel.claim_rank("b")


def test_a_watch_reacts_once_an_event_and_only_to_a_difference() -> None:
    """If this fails, a meter or an interrupt fires on states that never stood."""
    kernel = Kernel()
    knob = Knob(kernel, "knob")
    seen: list[tuple[int, int]] = []
    watch = Watch(kernel, "watch", lambda: knob.value, lambda v: seen.append((kernel.now, v)), 0)

    def there_and_back() -> None:
        knob.value = 5
        knob.value = 0

    kernel.call_at(2, kernel.claim_rank("flicker"), there_and_back)
    _set(kernel, knob, 1, 4)
    _set(kernel, knob, 2, 6)
    kernel.run_until(5)
    watch.retire()
    kernel.run_until(10)
    assert seen == [(4, 1)]


def test_reactions_come_after_all_readings_of_a_round() -> None:
    """If this fails, what a watch sees depends on which of two watches is looked at first."""
    kernel = Kernel()
    knob, other = Knob(kernel, "knob"), Knob(kernel, "other")
    seen: list[tuple[str, int]] = []

    def react(name: str) -> None:
        seen.append((name, other.value))
        other.value = 1

    for name in ("a", "b"):
        Watch(kernel, name, lambda: (knob.value, other.value), lambda _, n=name: react(n), (0, 0))
    knob.value = 1
    kernel.settle()
    first, second = sorted(("a", "b"), key=rank_of)
    assert seen == [(first, 0), (second, 1), (first, 1), (second, 1)]


def test_an_alarm_is_due_from_its_moment_on() -> None:
    """If this fails, a timeout comes early, late, or after it was called off."""
    kernel = Kernel()
    alarm = Alarm(kernel, "alarm")
    turned: list[tuple[int, bool]] = []
    Watch(kernel, "w", lambda: alarm.due, lambda due: turned.append((kernel.now, due)), False)
    alarm.arm(10)
    kernel.run_until(5)
    alarm.arm(20)
    kernel.run_until(30)
    alarm.arm(40)
    kernel.run_until(35)
    alarm.disarm()
    kernel.run_until(60)
    alarm.arm(60)
    assert alarm.due
    kernel.run_until(61)
    assert turned == [(20, True), (30, False), (60, True)]


def test_a_state_meter_adds_up_to_the_nanosecond() -> None:
    """If this fails, the classes of a run's seconds do not add up to its horizon."""
    kernel = Kernel()
    knob = Knob(kernel, "knob")
    meter = StateMeter(kernel, "meter", lambda: knob.value, 0)
    heard: list[tuple[int, int, int]] = []
    meter.listen(lambda value, start, end: heard.append((value, start, end)))
    turns = {7: 1, 13: 2, 1_000_000_007: 1, 10**15 + 1: 0}
    for at, value in turns.items():
        _set(kernel, knob, value, at)
    kernel.run_until(10**15 + 10)
    meter.close()
    meter.close()
    assert meter.totals_ns == {0: 7 + 9, 1: 6 + 10**15 + 1 - 1_000_000_007, 2: 1_000_000_007 - 13}
    assert sum(meter.totals_ns.values()) == kernel.now
    assert list(_gaps(heard)) == []


def _gaps(heard: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    end_of_last = 0
    for _, start, end in heard:
        if start != end_of_last:
            yield end_of_last, start
        end_of_last = end


def test_an_integral_is_value_times_time() -> None:
    """If this fails, acknowledged writes and availability are off."""
    kernel = Kernel()
    knob = Knob(kernel, "knob")
    integral = Integral(kernel, "integral", lambda: knob.value)
    _set(kernel, knob, 3, 2_000_000_000)
    _set(kernel, knob, 0, 4_500_000_000)
    kernel.run_until(3_000_000_000)
    assert integral.total() == pytest.approx(3.0)
    kernel.run_until(9_000_000_000)
    assert integral.total() == pytest.approx(7.5)


def test_what_is_due_next_is_not_what_was_cancelled() -> None:
    """A world that seems busy for the sixty days of an alarm that nobody waits for."""
    kernel = Kernel()
    rank = kernel.claim_rank("a")
    kernel.call_at(50, rank, lambda: None)
    dropped = [kernel.call_at(at_ns, rank, lambda: None) for at_ns in (10, 20, 90)]
    for occurrence in dropped:
        occurrence.cancel()
    assert kernel.next_due_ns() == 50
    kernel.run_until(60)
    assert (kernel.next_due_ns(), kernel.now) == (None, 60)


def test_an_event_of_simpys_own_is_refused() -> None:
    """If this fails, a process is served between calls, and nobody settles what it has changed."""
    kernel = Kernel()
    with pytest.raises(TypeError, match="Timeout: the kernel serves calls only"):
        kernel.timeout(5)
    with pytest.raises(TypeError, match="runs by run_until"):
        kernel.run()
