"""Drawn faults and crews against formulas (reference/failures.md sections 1.1, 2.2 and 2.4)."""

import math
from itertools import pairwise

import pytest

from sim.clock import NS_PER_S, from_seconds, to_seconds
from sim.engine import Kernel
from sim.fault_sources import FaultSource, source_path
from sim.faults import Effect, Fault, FaultBoard
from sim.laws import Exponential, Fixed, Law, Lognormal, Weibull
from sim.repair import Crew
from sim.trace import Trace

NOTHING = Effect(lambda: None, lambda: None)
MTTF_S, MTTR_S = 100.0, 8.0


def _nothing() -> Effect:
    return Effect(lambda: None, lambda: None)


class DownTime:
    """Integrates the number of active faults over time."""

    def __init__(self, kernel: Kernel, board: FaultBoard) -> None:
        self.kernel = kernel
        self.active = 0
        self.total_s = 0.0
        self.since_ns = 0
        self.begun = 0
        board.listen(self._follow)

    def _follow(self, _: Fault, began: bool) -> None:
        self.read_s()
        self.active += 1 if began else -1
        self.begun += began

    def read_s(self) -> float:
        """Return fault-seconds up to now."""
        self.total_s += self.active * to_seconds(self.kernel.now - self.since_ns)
        self.since_ns = self.kernel.now
        return self.total_s


def _board(seed: int) -> tuple[Kernel, FaultBoard, DownTime]:
    kernel = Kernel(seed=seed)
    board = FaultBoard(kernel, Trace(enabled=False))
    return kernel, board, DownTime(kernel, board)


def _source(
    kernel: Kernel, board: FaultBoard, target: str, every: Law, lasts: Law | None, crew: Crew | None
) -> FaultSource:
    path = source_path("wear", target)
    members = [(target, _nothing())]
    return FaultSource(kernel, board, path, "wear", "down", members, every, lasts, crew)


@pytest.mark.parametrize(
    ("every", "sd_s"),
    [
        (Exponential(MTTF_S), MTTF_S),
        (Weibull.from_mean_shape(MTTF_S, 0.7), MTTF_S * math.sqrt(2.139)),
        (Lognormal.from_mean_median(MTTF_S, MTTF_S / 2), MTTF_S * math.sqrt(3.0)),
        (Fixed(MTTF_S), 0.0),
    ],
    ids=["exponential", "weibull-0.7", "lognormal", "fixed"],
)
def test_availability_depends_on_the_means_alone(every: Law, sd_s: float) -> None:
    """If this fails, up times or durations are not drawn from the laws that the profile states."""
    kernel, board, down = _board(seed=7)
    units, horizon_s = 20, 60_000.0
    for number in range(units):
        _source(kernel, board, f"u{number}", every, Exponential(MTTR_S), None)
    kernel.run_until(from_seconds(horizon_s))
    unavailability = down.read_s() / (units * horizon_s)
    variance = (MTTR_S**2 * sd_s**2 + MTTF_S**2 * MTTR_S**2) / (MTTF_S + MTTR_S) ** 3
    standard_error = math.sqrt(variance / (units * horizon_s))
    # All start in good order: one fault that might have stood at time 0 is missing.
    start_bias = MTTR_S / horizon_s
    exact = MTTR_S / (MTTF_S + MTTR_S)
    assert abs(unavailability - exact) < 3 * standard_error + start_bias


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5])
def test_a_unit_in_service_fails_once_in_its_first_mean_life(shape: float) -> None:
    """If this fails, years are too bad or too good at their start (1.4 failures if new at 0.7)."""
    kernel, board, down = _board(seed=11)
    units = 4000
    for number in range(units):
        every = Weibull.from_mean_shape(MTTF_S, shape)
        _source(kernel, board, f"u{number}", every, None, None)
    kernel.run_until(from_seconds(MTTF_S))
    # Section 1.1 item 4: the variance of the count is 1.57 at shape 0.7, less at larger ones.
    assert abs(down.begun / units - 1.0) < 3 * math.sqrt(1.57 / units)


@pytest.mark.parametrize(("people", "mean_down"), [(1, 2.14582343), (2, 1.03863782)])
def test_the_machine_repair_model(people: int, mean_down: float) -> None:
    """If this fails, a crew serves faster or slower than its people can."""
    batches_s = []
    for seed in range(20):
        kernel, board, down = _board(seed)
        crew = Crew(kernel, "crew/all", people, Fixed(0.0), Exponential(10.0), Trace(enabled=False))
        for number in range(10):
            _source(kernel, board, f"m{number}", Exponential(100.0), None, crew)
        kernel.run_until(1000 * NS_PER_S)
        before_s = down.read_s()
        kernel.run_until(11_000 * NS_PER_S)
        batches_s.append((down.read_s() - before_s) / 10_000)
    mean = math.fsum(batches_s) / len(batches_s)
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in batches_s) / (len(batches_s) - 1))
    assert abs(mean - mean_down) < 3 * spread / math.sqrt(len(batches_s))
    assert spread < 0.5


def test_a_crew_serves_in_the_order_of_calls() -> None:
    """If this fails, a job that was called later is done first, or people do two jobs at once."""
    kernel = Kernel()
    trace = Trace()
    crew = Crew(kernel, "crew/all", 1, Fixed(10.0), Fixed(60.0), trace)
    done = []
    for name in ("b", "a", "c"):
        crew.call(name, lambda name=name: done.append((to_seconds(kernel.now), name)))  # type: ignore[misc]
    assert (crew.busy, crew.waiting, crew.pages) == (1, 2, 3)
    kernel.run_until(100 * NS_PER_S)
    assert (crew.busy, crew.waiting) == (1, 1)
    kernel.run_until(1000 * NS_PER_S)
    assert done == [(70.0, "b"), (130.0, "a"), (190.0, "c")]
    assert (crew.busy, crew.waiting) == (0, 0)
    first = [record.event for record in trace.records if ("job", "b") in record.fields]
    assert first == ["page", "acknowledged", "fixed"]


def test_a_job_that_is_open_cannot_be_called_again() -> None:
    """If this fails, two jobs of one name share their draws."""
    crew = Crew(Kernel(), "crew/all", 1, Fixed(1.0), Fixed(1.0), Trace())
    crew.call("a", lambda: None)
    with pytest.raises(ValueError, match="job a is open already"):
        crew.call("a", lambda: None)
    with pytest.raises(ValueError, match="at least one person, not 0"):
        Crew(Kernel(), "crew/none", 0, Fixed(1.0), Fixed(1.0), Trace())


def test_a_common_cause_strikes_all_members_at_once_and_each_recovers_alone() -> None:
    """If this fails, a power cut takes the hosts of a rack down at different moments."""
    kernel = Kernel(seed=3)
    trace = Trace()
    board = FaultBoard(kernel, trace)
    members = [(f"h{number}", _nothing()) for number in (3, 1, 2)]
    every, lasts = Exponential(1000.0), Exponential(50.0)
    path = source_path("power", "rack")
    FaultSource(kernel, board, path, "power", "down", members, every, lasts)
    kernel.run_until(100_000 * NS_PER_S)
    begun = [record for record in trace.records if record.event == "fault-begin"]
    ended = [record for record in trace.records if record.event == "fault-end"]
    assert len(begun) > 150
    times = sorted({record.time_ns for record in begun})
    for time_ns in times:
        struck = [dict(record.fields)["target"] for record in begun if record.time_ns == time_ns]
        assert struck == ["h1", "h2", "h3"]
    assert len({record.time_ns for record in ended}) == len(ended)
    # The next strike waits for the last to recover.
    for earlier, later in pairwise(times):
        assert sum(earlier < record.time_ns < later for record in ended) == 3


def test_a_fault_without_a_duration_ends_at_once() -> None:
    """If this fails, a kill counts as an outage that nobody ever ends."""
    kernel, board, down = _board(seed=1)
    _source(kernel, board, "u", Fixed(10.0), None, None)
    kernel.run_until(100 * NS_PER_S)
    assert down.begun == 10
    assert (board.active, board.faults, down.read_s()) == (0, (), 0.0)


def test_a_source_that_makes_no_sense_is_refused() -> None:
    """If this fails, a wrong profile ends in an endless loop or in a fault that ends twice."""
    kernel, board, _ = _board(seed=1)
    crew = Crew(kernel, "crew", 1, Fixed(1.0), Fixed(1.0), Trace())
    with pytest.raises(ValueError, match="not both"):
        _source(kernel, board, "u", Fixed(1.0), Fixed(1.0), crew)
    with pytest.raises(ValueError, match="must not be 0"):
        _source(kernel, board, "u", Fixed(0.0), Fixed(1.0), None)
    for members in ([], [("u", NOTHING), ("u", NOTHING)]):
        with pytest.raises(ValueError, match="needs targets, each once"):
            FaultSource(kernel, board, "p", "wear", "down", members, Fixed(1.0), Fixed(1.0))


def test_a_driven_source_strikes_when_told_and_not_while_it_stands() -> None:
    """One that draws up times as well, or that is struck twice at once."""
    kernel = Kernel(seed=0)
    board = FaultBoard(kernel, Trace(enabled=False))
    followed = DownTime(kernel, board)
    members = [(target, _nothing()) for target in ("a", "b")]
    source = FaultSource(
        *(kernel, board, source_path("wear", "both"), "wear", "down", members),
        *(Exponential(MTTF_S), Fixed(MTTR_S)),
        driven=True,
    )
    kernel.run_until(from_seconds(100 * MTTF_S))
    assert followed.begun == 0 and not source.standing
    source.strike()
    source.strike()
    assert followed.begun == 2 and source.standing
    kernel.run_until(kernel.now + from_seconds(100 * MTTF_S))
    assert followed.active == 0 and followed.begun == 2 and not source.standing
    source.strike()
    assert followed.begun == 4


def test_a_kind_of_job_may_take_another_time() -> None:
    """If this fails, a failover by hand takes as long as the restart of a program."""
    kernel = Kernel()
    laws = {"decide": Fixed(90.0)}
    crew = Crew(kernel, "crew", 2, Fixed(10.0), Fixed(30.0), Trace(enabled=False), laws)
    done: dict[str, float] = {}
    for job in ("decide/foo", "restart/foo"):
        crew.call(job, lambda job=job: done.update({job: to_seconds(kernel.now)}))
    kernel.run_until(from_seconds(200.0))
    assert done == {"restart/foo": 40.0, "decide/foo": 100.0}


def test_a_job_whose_cause_has_gone_is_left() -> None:
    """If this fails, the one person on call works for hours on what has come right by itself."""
    kernel = Kernel()
    crew = Crew(kernel, "crew", 1, Fixed(10.0), Fixed(1000.0), Trace(enabled=False))
    done: list[tuple[str, float]] = []
    for job in ("one/foo", "two/foo"):
        crew.call(job, lambda job=job: done.append((job, to_seconds(kernel.now))))
    kernel.run_until(from_seconds(5.0))
    crew.withdraw("one/foo")  # On the way: whoever comes will look.
    kernel.run_until(from_seconds(200.0))
    crew.withdraw("one/foo")
    assert crew.open_jobs == {"two/foo"}
    kernel.run_until(from_seconds(2000.0))
    assert done == [("two/foo", 1200.0)]
    assert (crew.busy, crew.fixes, crew.open_jobs) == (0, 1, frozenset())
