"""The workstation cluster of the PRISM benchmarks (``failures.md`` section 2.7).

Two sub-clusters of N workstations, each behind a switch, joined by a backbone; everything can
break, and one repairman mends it. Printed values: the QComp benchmark set's, solved anew there.
With failures twenty times as frequent a sample can say more of the quality of service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final, NamedTuple

from experiments.validation.exact.markov import Chain
from experiments.validation.exact.model import Family, Model
from experiments.validation.exact.parts import Unit, board_of, exponential_h, hours, wear
from experiments.validation.exact.racing_repairman import RacingRepairman
from experiments.validation.exact.row import Row, Samples, mean_of, share_of
from sim.engine import Kernel
from sim.faults import FaultBoard
from sim.metering import StateMeter

LEFT, RIGHT, TO_LEFT, TO_RIGHT, LINE = "left", "right", "to-left", "to-right", "line"
KINDS: Final = (LEFT, RIGHT, TO_LEFT, TO_RIGHT, LINE)
MTTF_H: Final = dict(zip(KINDS, (500.0, 500.0, 4000.0, 4000.0, 5000.0), strict=True))
MTTR_H: Final = dict(zip(KINDS, (0.5, 0.5, 4.0, 4.0, 8.0), strict=True))
WAY_H: Final = 0.1
"""The repairman sets to work at a rate of 10 an hour for each kind of thing that waits."""

LOOK_H: Final = 20.0

PREMIUM, MINIMUM, BELOW = "premium", "minimum", "below"


class Case(NamedTuple):
    """N, by how much failures are hastened, the span of time that is looked at, printed values.

    Printed: hours below minimum, probability of that, % of workstations up after 20 h, repairs;
    and the long-run probability of less than premium quality.
    """

    size: int
    hastened: float
    span_h: float
    printed: tuple[str, str, str, str] = ("", "", "", "")
    printed_lacking: str = ""

    @property
    def name(self) -> str:
        """The case in words."""
        faster = "" if self.hastened == 1 else f", {self.hastened:g} x failures"
        return f"N = {self.size}{faster}"


CASES: Final = (
    Case(
        2,
        1.0,
        2000.0,
        ("0.004659192406", "0.001158395575", "99.87643558", "17.36977828"),
        "3.84664376e-5",
    ),
    Case(
        4,
        1.0,
        2000.0,
        ("0.007363146871", "0.001822105149", "99.87593254", "33.34469884"),
        "7.87591486e-5",
    ),
    Case(2, 20.0, 200.0),
)


class Good(NamedTuple):
    """How many of each kind are good."""

    left: int
    right: int
    to_left: int
    to_right: int
    line: int


def quality(good: Good, size: int) -> str:
    """Return the quality of service: premium needs N workstations joined, minimum 3/4 of it."""

    def joined(least: int) -> bool:
        return (
            (good.left >= least and good.to_left > 0)
            or (good.right >= least and good.to_right > 0)
            or (
                good.left + good.right >= least
                and good.to_left > 0
                and good.to_right > 0
                and good.line > 0
            )
        )

    if joined(size):
        return PREMIUM
    return MINIMUM if joined(3 * size // 4) else BELOW


State = tuple[Good, str]
"""What is good, and the kind that is being repaired (empty: none)."""


def _rates(case: Case, state: State) -> Iterator[tuple[float, State]]:
    good, mending = state
    whole = _whole(case.size)
    for place, kind in enumerate(KINDS):
        if good[place]:
            rate = good[place] * case.hastened / MTTF_H[kind]
            yield rate, (_changed(good, place, -1), mending)
        if good[place] < whole[place] and not mending:
            yield 1 / WAY_H, (good, kind)
        if kind == mending:
            yield 1 / MTTR_H[kind], (_changed(good, place, +1), "")


def _changed(good: Good, place: int, by: int) -> Good:
    return Good._make(count + by * (at == place) for at, count in enumerate(good))


def _whole(size: int) -> Good:
    return Good(size, size, 1, 1, 1)


def chain_of(case: Case, until: Callable[[State], bool] = lambda _: False) -> Chain[State]:
    """Return the cluster as a Markov chain that begins with everything good."""
    return Chain((_whole(case.size), ""), partial(_rates, case), until=until)


class Exact(NamedTuple):
    """The exact values of a case, as in :class:`Case`."""

    below_h: float
    p_below: float
    up_percent: float
    repairs: float
    lacking: float


@cache
def exact(case: Case) -> Exact:
    """Solve a case."""
    chain = chain_of(case)
    _, spent_h = chain.transient(case.span_h)
    at_look, _ = chain.transient(LOOK_H)

    def is_below(state: State) -> bool:
        return quality(state[0], case.size) == BELOW

    stopped = chain_of(case, until=is_below)
    at_end, _ = stopped.transient(case.span_h)
    workstations = chain.values(lambda state: state[0].left + state[0].right)
    mends = chain.values(lambda state: 1 / MTTR_H[state[1]] if state[1] else 0.0)
    lacking = chain.where(lambda state: quality(state[0], case.size) != PREMIUM)
    return Exact(
        float(spent_h @ chain.where(is_below)),
        float(at_end @ stopped.where(is_below)),
        float(at_look @ workstations) * 50 / case.size,
        float(spent_h @ mends),
        float(chain.stationary() @ lacking),
    )


class Cluster:
    """The cluster on the kernel: a unit for each thing that breaks, and the repairman."""

    def __init__(self, kernel: Kernel, case: Case) -> None:
        self.board: FaultBoard = board_of(kernel)
        laws = {kind: exponential_h(mean_h) for kind, mean_h in MTTR_H.items()}
        way = exponential_h(WAY_H)
        self.repairman = RacingRepairman(kernel, "repairman", way, laws, self.board.trace)
        self.size = case.size
        self.units: dict[str, tuple[Unit, ...]] = {}
        for kind, count in zip(KINDS, _whole(case.size), strict=True):
            every = exponential_h(MTTF_H[kind] / case.hastened)
            self.units[kind] = tuple(Unit(kernel, f"{kind}/{n}") for n in range(count))
            for unit in self.units[kind]:
                target, effect = unit.path, unit.effect()
                wear(kernel, self.board, target, effect, every, crew=self.repairman, cause=kind)

    def good(self) -> Good:
        """Return how many of each kind are good."""
        return Good(*(sum(unit.good for unit in self.units[kind]) for kind in KINDS))

    def quality(self) -> str:
        """Return the quality of service now."""
        return quality(self.good(), self.size) if self.board.active else PREMIUM


def _first_hours(case: Case, kernel: Kernel) -> list[float]:
    """Hours below minimum, whether any, % of workstations up at the look, repairs."""
    cluster = Cluster(kernel, case)
    meter = StateMeter(kernel, "quality", cluster.quality, PREMIUM)
    kernel.run_until(hours(LOOK_H))
    good = cluster.good()
    kernel.run_until(hours(case.span_h))
    meter.close()
    below_h = meter.totals_ns.get(BELOW, 0) / hours(1)
    up_percent = (good.left + good.right) * 50 / case.size
    return [below_h, below_h > 0, up_percent, cluster.repairman.fixes]


def _first_hours_rows(case: Case, samples: Samples) -> list[Row]:
    below_h, any_below, up_percent, repairs = samples.T
    value, printed = exact(case), case.printed
    name, span = case.name, f"in {case.span_h:g} h"
    happened = share_of(any_below, value.p_below)
    return [
        Row(f"{name}: below minimum {span}", value.below_h, *mean_of(below_h), "h", printed[0]),
        Row(f"    P(below minimum {span})", value.p_below, *happened, printed=printed[1]),
        Row("    workstations up at 20 h", value.up_percent, *mean_of(up_percent), "%", printed[2]),
        Row(f"    repairs {span}", value.repairs, *mean_of(repairs), printed=printed[3]),
    ]


_WARM_UP_H: Final = 200.0
_MEASURED_H: Final = 20_000.0


def _long_run(case: Case, kernel: Kernel) -> tuple[float]:
    """Share of time with less than premium quality."""
    cluster = Cluster(kernel, case)
    measured_h = _MEASURED_H / case.hastened
    kernel.run_until(hours(_WARM_UP_H))
    meter = StateMeter(kernel, "quality", cluster.quality, cluster.quality())
    kernel.run_until(hours(_WARM_UP_H + measured_h))
    meter.close()
    return (1 - meter.totals_ns.get(PREMIUM, 0) / hours(measured_h),)


def _long_run_rows(case: Case, samples: Samples) -> list[Row]:
    name = f"{case.name}: below premium, long run"
    estimate = mean_of(samples[:, 0])
    return [Row(name, exact(case).lacking, *estimate, printed=case.printed_lacking)]


def _models(case: Case, first: int, long: int) -> tuple[Model, Model]:
    path = f"workstation-cluster/{case.size}/{case.hastened:g}"
    return (
        Model(path, partial(_first_hours, case), partial(_first_hours_rows, case), first, 100),
        Model(f"{path}/long", partial(_long_run, case), partial(_long_run_rows, case), long, 30),
    )


FAMILY: Final = Family(
    "PRISM workstation cluster: two sub-clusters of N, one repairman",
    (
        *_models(CASES[0], 12_000, 600),
        *_models(CASES[1], 6_000, 400),
        *_models(CASES[2], 6_000, 400),
    ),
)
