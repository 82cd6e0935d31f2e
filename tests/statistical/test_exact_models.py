"""Quick samples of the models with exact answers; `sengu validate exact` runs them in full."""

import math
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from experiments.validation.exact import FAMILIES, embedded_control, latent, workstation_cluster
from experiments.validation.exact.markov import Chain
from experiments.validation.exact.model import Model
from experiments.validation.exact.poisson_grid import PoissonGrid
from experiments.validation.exact.report import exact_report
from experiments.validation.exact.row import Row, Samples, mean_of, ratio_of, share_of
from experiments.validation.exact.standby import DESIGNS, Design, long_run, mttf_h
from experiments.validation.exact.suite import judged_rows
from sim.clock import NS_PER_S
from sim.engine import Engine, Kernel, rank_of
from sim.streams import Streams

MODELS = [model for family in FAMILIES.values() for model in family.models]
LENIENT = 4.0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_kernel_gives_the_exact_answer(model: Model) -> None:
    """Faults, crews, tickers or meters would be wrong where theory knows what must come out."""
    rows = model.rows(model.sample(model.quick))
    off = [row.sentence() for row in rows if not row.holds(LENIENT)]
    assert not off, "\n".join(off)
    assert any(row.judged for row in rows) or "rare" in model.name or "long" in model.name


def test_every_figure_in_print_is_the_exact_one() -> None:
    """An exact value would be that of another model than the one that was published."""
    rows = [row for model in MODELS for row in model.rows(model.sample(min(model.quick, 3)))]
    printed = [row for row in rows if row.printed]
    assert len(printed) > 70
    assert [row.name for row in printed if not row.print_agrees] == []


@pytest.mark.parametrize("engine", ["naive", "audit"])
def test_engines_agree_on_models_with_tickers(engine: Engine) -> None:
    """The fast engine would sleep through a test or a time-out that matters."""
    (model,) = (one for one in latent.FAMILY.models if one.name.endswith("720"))
    soon = embedded_control.FAMILY.models[1]
    for one, replications in ((model, range(1)), (soon, range(80))):
        for number in replications:
            by_engine = [
                one.run(Kernel(engine=kind, seed=3, replication=number))
                for kind in ("fast", engine)
            ]
            assert by_engine[0] == by_engine[1]


def test_the_chains_are_those_of_the_benchmarks() -> None:
    """A rule of the published models would be missing: states and transitions are known."""
    embedded = embedded_control.chain_of()
    assert (len(embedded.states), embedded.transitions) == (3478, 14639)
    for case, size in zip(workstation_cluster.CASES, ((276, 1120), (820, 3616)), strict=False):
        cluster = workstation_cluster.chain_of(case)
        assert (len(cluster.states), cluster.transitions) == size


def test_a_chain_of_two_states_is_solved() -> None:
    """Every exact value that has no formula would be wrong."""
    fails, mends, time = 0.3, 2.0, 0.7

    def rates(up: bool) -> Iterator[tuple[float, bool]]:
        yield (fails, False) if up else (mends, True)

    chain = Chain(True, rates)
    both = fails + mends
    at, spent = chain.transient(time)
    down = fails / both * -math.expm1(-both * time)
    assert chain.stationary() == pytest.approx([mends / both, fails / both])
    assert at == pytest.approx([1 - down, down])
    assert spent[1] == pytest.approx(fails / both * (time + math.expm1(-both * time) / both))
    # The integral of "down" of an alternating renewal process (failures.md section 2.2).
    variance = 2 * fails * mends / both**3
    assert chain.variance_rate(np.array([0.0, 1.0])) == pytest.approx(variance)
    hours, ends = Chain(True, rates, until=lambda up: not up).absorption()
    assert (hours[0], ends[1]) == pytest.approx((1 / fails, 1.0))


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_the_standby_formulas_solve_their_chain(design: Design) -> None:
    """The closed forms of the stand-by would belong to another chain than the one described."""
    active, repair = 1 / design.active_h, 1 / 4
    idle = 0.0 if design.idle_h is None else 1 / design.idle_h

    def rates(condition: str) -> Iterator[tuple[float, str]]:
        if condition == "both":
            yield active * design.p_covered, "automatic"
            if design.p_covered < 1:
                yield active * (1 - design.p_covered), "by hand"
            if idle:
                yield idle, "one"
        elif condition == "one":
            yield repair, "both"
            yield active, "none"
        else:
            yield (
                {"automatic": 60.0, "by hand": 1.0, "none": design.people * repair}[condition],
                "one",
            )

    chain = Chain("both", rates)
    expected = long_run(design)
    assert chain.stationary() == pytest.approx([expected[state] for state in chain.states])
    first = Chain("both", rates, until=lambda condition: condition in ("by hand", "none"))
    spent, _ = first.absorption()
    served = spent @ first.where(lambda condition: condition in ("both", "one"))
    assert served == pytest.approx(mttf_h(design))


def test_poisson_ticks_are_poisson_and_can_be_jumped_to() -> None:
    """A time-out of the embedded system would come at another rate, or move when slept through."""
    grid = PoissonGrid(NS_PER_S, Streams(5, 0).stream("ticks"))
    ticks = []
    at = 0
    while len(ticks) < 4000:
        at = grid.after(at)
        ticks.append(at)
    gaps = np.diff(ticks) / NS_PER_S
    assert abs(np.mean(gaps) - 1) < LENIENT / math.sqrt(len(gaps))
    assert abs(np.mean(gaps > 1) - math.exp(-1)) < LENIENT * 0.48 / math.sqrt(len(gaps))
    for place in (2500, 17, 3999):
        assert grid.after(ticks[place] - 1) == grid.until(ticks[place]) == ticks[place]
    assert grid.until(ticks[0] - 1) is None


def test_a_row_says_what_is_wrong() -> None:
    """A wrong estimate would be reported as right, or one without events as exact."""
    good, bad = Row("a", 1.0, 1.02, 0.01), Row("b", 1.0, 1.04, 0.01, printed="1.02")
    assert (good.holds(), bad.holds(), good.print_agrees, bad.print_agrees) == (
        True,
        False,
        True,
        False,
    )
    report = exact_report("title", [good, bad])
    assert len(report.missed) == 3
    assert report.missed[0].startswith("b: exact 1 ")
    nothing = Row("c", 1e-9, *mean_of(np.zeros(100)))
    assert not nothing.judged
    assert share_of(np.zeros(100), 1e-9)[1] == math.inf
    assert ratio_of(np.zeros(3), np.ones(3))[1] == math.inf


@pytest.mark.parametrize("offset", [0.0, 2.0])
def test_what_is_off_is_drawn_again(offset: float) -> None:
    """Chance would be reported as a miss, or a real miss be forgiven for a second sample."""

    def run(kernel: Kernel) -> list[float]:
        # The first sample is off by chance; the second, of another seed, only if all are.
        chance = 5.0 if kernel.streams.seed == rank_of("noise") else offset
        return [chance + kernel.stream("noise").uniform() - 0.5]

    def rows(samples: Samples) -> list[Row]:
        return [Row("noise", 1.0, 1 + float(np.mean(samples)), 0.1)]

    (row,) = judged_rows(Model("noise", run, rows, 20, 5), seed=0)
    assert row.first_z is not None
    assert row.first_z > 3
    assert row.holds() is (offset == 0.0)


def test_more_processes_change_no_number() -> None:
    """`sengu validate exact` would print other numbers on another machine."""
    model = MODELS[0]
    whole = model.sample(5)
    with ProcessPoolExecutor(2) as pool:
        assert np.array_equal(whole, model.sample(5, pool=pool))
    assert np.array_equal(whole[:3], model.sample(3))
    assert not np.array_equal(whole, model.sample(5, seed=1))
