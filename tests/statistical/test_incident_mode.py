"""Incident mode against a chain whose truth is known, against whole years, and its refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.engines import shipped_design, shipped_profile
from experiments.incident_mode import (
    METRICS,
    Estimate,
    IncidentStudy,
    NotExact,
    Order,
    run_incident_study,
    study,
)
from experiments.incident_mode.chances import (
    ALONE,
    CROWDED,
    JOINED,
    Choice,
    Choices,
    Plan,
    learnt,
    main_plan,
    natural,
    pilot_plan,
    wide,
    window_ns_of,
)
from experiments.incident_mode.estimate import yearly_mean
from experiments.incident_mode.stream import (
    INCIDENTS,
    Incident,
    StreamOrder,
    even_points,
    simulate_stream,
)
from experiments.incident_mode.table import Nature, Stream, Table
from experiments.profile import ProfileSpec
from experiments.simulation import RunOrder, simulate
from sim.clock import YEAR_NS, to_seconds
from sim.engine import Kernel
from sim.laws import Weibull

YEAR_S = to_seconds(YEAR_NS)
RATES_PER_S = np.array([30.0, 8.0, 0.5]) / YEAR_S
WINDOW_S = to_seconds(window_ns_of(RATES_PER_S))
NATURE = natural(RATES_PER_S, WINDOW_S)
LASTED_S = 3600.0
FIX_S = 600.0


def value_of(state: str, choice: Choice) -> float:
    """What a toy's incident brings: hardly anything, but much if it is worn and the second is 1."""
    if choice.kind == ALONE:
        return 1.0 if state == "whole" else 4.0 * choice.first
    if state == "worn" and choice.second == 1:
        return 3000.0
    return 100.0 * (choice.first != choice.second) * (2 if choice.kind == CROWDED else 1)


def state_after(state: str, choice: Choice) -> str:
    """The rarest fault leaves the toy worn, the second makes it whole again."""
    return {0: state, 1: "whole", 2: "worn"}[choice.first]


def toy_stream(
    number: int, plan: Plan, size: int = INCIDENTS, *, per_s: float = 0.0
) -> list[Incident]:
    """Incidents one after the other, chosen as a real stream's are.

    ``per_s``: what each second of a repair brings, which takes FIX_S on average and makes the
    incident longer; a coin decides over a tenth of that, and a second thing is drawn in vain.
    """
    found, before = [], "whole"
    kernel = Kernel(seed=20261130, replication=number)
    fixes, others, coins = map(kernel.stream, ("fix", "other", "coin"))
    for point in even_points(kernel.stream("toy"))[:size]:
        choice = plan.choose(point)
        after = state_after(before, choice)
        fix_s, other_s = (-FIX_S * math.log(one.uniform()) for one in (fixes, others))
        coin = 1 if coins.uniform() < 0.5 else -1
        value = value_of(before, choice) + per_s * (fix_s + coin * FIX_S / 10)
        surprises = {"fix": fix_s - FIX_S, "other": other_s - FIX_S}
        lasted_s = LASTED_S + surprises["fix"]
        found.append(Incident(before, after, choice, lasted_s, value, surprises))
        before = after
    return found


def toy_truth() -> float:
    """The mean of a year, by following the chain fault by fault through small steps."""
    choices = [Choice(ALONE, first, 0) for first in range(3)]
    choices += [
        Choice(kind, first, second)
        for kind in (JOINED, CROWDED)
        for first in range(3)
        for second in range(3)
    ]
    each_s = 1 / float(RATES_PER_S.sum()) + LASTED_S
    steps = 4000
    share = {"whole": 1.0, "worn": 0.0}
    total, per_step = 0.0, YEAR_S / each_s / steps
    for _ in range(steps):
        moved = {"whole": 0.0, "worn": 0.0}
        for state, held in share.items():
            for choice in choices:
                chance = held * float(NATURE.of(Choices.of([choice]))[0])
                total += per_step * chance * value_of(state, choice)
                moved[state_after(state, choice)] += chance
        share = {
            state: held * (1 - per_step) + moved[state] * per_step for state, held in share.items()
        }
    return total


TOY = Nature(NATURE, float(RATES_PER_S.sum()))


def toy_study(number: int, per_s: float = 0.0) -> Estimate:
    """What a pilot of 4 streams and 12 more with what it taught say together."""
    plans = [pilot_plan(NATURE)]
    streams = [Stream(toy_stream(16 * number + one, plans[0], per_s=per_s), 0) for one in range(4)]
    table = Table(streams, TOY, plans)
    choices = Choices.of([one.choice for stream in streams for one in stream.incidents])
    plans.append(main_plan(NATURE, learnt(NATURE, choices, table.weights, table.values)))
    streams += [
        Stream(toy_stream(16 * number + one, plans[1], per_s=per_s), 1) for one in range(4, 16)
    ]
    return yearly_mean(streams, TOY, plans)


def test_the_mean_of_a_toy_is_not_biased_and_its_interval_holds() -> None:
    """A weight that is forgotten, a state that is left out, an error that is too small.

    With the parts' sizes as weights in every state the mean is 7 % too low here (18 of its errors),
    with the points in the order of their sequence 2 % too high (5 errors).
    """
    truth, trials = toy_truth(), 150
    found = [toy_study(number) for number in range(trials)]
    means = np.array([one.interval.estimate for one in found])
    error = float(means.std(ddof=1))
    assert abs(float(means.mean()) - truth) < 3.5 * error / math.sqrt(trials)
    assert 0.85 < float(np.mean([one.standard_error for one in found])) / error < 1.3
    held = [(one.interval.low or 0.0) <= truth <= (one.interval.high or 0.0) for one in found]
    assert np.mean(held) > 0.92
    assert not any(one.interval.thin for one in found)


def test_what_durations_explain_is_taken_out_and_the_mean_stays() -> None:
    """Weights fitted to the incidents that they correct, or a surprise that is not 0 on average."""
    per_s, trials = 2.0, 100
    incidents_a_year = YEAR_S / (1 / float(RATES_PER_S.sum()) + LASTED_S)
    truth = toy_truth() + per_s * FIX_S * incidents_a_year
    found = [toy_study(number, per_s) for number in range(trials)]
    assert all(one.interval.method.endswith("control variates") for one in found)
    means = np.array([one.interval.estimate for one in found])
    error = float(means.std(ddof=1))
    # The scatter of 2,048 repairs alone, all of which matter alike.
    repairs_error = incidents_a_year * per_s * FIX_S / math.sqrt(16 * INCIDENTS)
    assert error < repairs_error / 2
    assert abs(float(means.mean()) - truth) < 3.5 * error / math.sqrt(trials)
    assert 0.75 < float(np.mean([one.standard_error for one in found])) / error < 1.3
    held = [(one.interval.low or 0.0) <= truth <= (one.interval.high or 0.0) for one in found]
    assert np.mean(held) > 0.9


def test_too_few_incidents_for_their_states_give_no_mean() -> None:
    """A state met twice, and a bound that knows nothing of what may happen there."""
    plan = pilot_plan(NATURE)
    streams = [Stream(toy_stream(number, plan, 2), 0) for number in range(3)]
    found = yearly_mean(streams, TOY, [plan])
    assert found.gathered_share > 0.5 and found.interval.thin


def test_chances_add_up_and_weights_average_to_one() -> None:
    """A choice that nature makes and we never do, or one that is counted twice."""
    seen = Choices.of([Choice(JOINED, 2, 1)])
    taught = learnt(NATURE, seen, np.array([0.1]), np.array([5.0]))
    for proposal in (NATURE, wide(NATURE), taught):
        assert proposal.kinds.sum() == pytest.approx(1)
        assert proposal.seconds.sum() == pytest.approx(1)
        assert np.allclose(proposal.firsts.sum(axis=1), 1)
    plan = main_plan(NATURE, taught)
    assert plan.of(seen) > 5 * wide(NATURE).of(seen)
    random = np.random.default_rng(4)
    chosen = [plan.choose(random.random(4).tolist()) for _ in range(20_000)]
    weights = NATURE.of(Choices.of(chosen)) / plan.of(Choices.of(chosen))
    assert np.mean(weights) == pytest.approx(1, abs=4 * np.std(weights) / math.sqrt(20_000))
    assert max(weights) < 1 / 0.3 + 1e-9
    nothing = learnt(NATURE, Choices.of([Choice(ALONE, 0, 0)]), np.ones(1), np.zeros(1))
    assert np.array_equal(nothing.kinds, wide(NATURE).kinds)


def test_what_was_never_seen_has_no_upper_bound() -> None:
    """An interval of 0 to 0."""
    plan = Plan((NATURE,), (1.0,))
    streams = [
        Stream([one._replace(value=0.0) for one in toy_stream(number, plan)], 0)
        for number in range(3)
    ]
    found = yearly_mean(streams, TOY, [plan])
    assert (found.interval.estimate, found.interval.high, found.effective) == (0.0, None, 0.0)
    assert found.interval.text() == "0 [at least 0]"


def study_of(word: str, incidents: int, workers: int = 1) -> IncidentStudy:
    """Of deck-redis under clean-lab."""
    metric = next(metric for metric in METRICS if metric.word == word)
    design, profile = shipped_design("deck-redis"), shipped_profile("clean-lab")
    order = Order("deck-redis", design, "clean-lab", profile, incidents, metric)
    return run_incident_study(order, workers)


@pytest.fixture(scope="module")
def split_brain() -> IncidentStudy:
    """A study by this process alone."""
    return study_of("split-brain", 1500)


def test_it_agrees_with_whole_years_and_needs_far_fewer_of_them(split_brain: IncidentStudy) -> None:
    """Faults that strike while one stands, states that wear out, a gap that is drawn wrongly."""
    design, profile = shipped_design("deck-redis"), shipped_profile("clean-lab")
    years = np.array(
        [
            simulate(RunOrder("deck-redis", design, "clean-lab", profile, replication=number)).run[
                "split_brain_s"
            ]
            for number in range(150)
        ]
    )
    estimate = split_brain.estimate
    error = years.std(ddof=1) / math.sqrt(years.size)
    off = estimate.interval.estimate - years.mean()
    assert abs(off) < 4 * math.hypot(error, estimate.standard_error)
    assert estimate.standard_error < error / 3
    assert not estimate.interval.thin


def test_the_number_of_processes_changes_no_bit(split_brain: IncidentStudy) -> None:
    """Streams that share a state, or come back in another order."""
    assert split_brain.incidents == 2048
    assert study_of("split-brain", 2048, workers=2).estimate == split_brain.estimate


def test_a_study_uses_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second opinion that is the first one again."""
    design, profile = shipped_design("deck-redis"), shipped_profile("clean-lab")
    window_ns = window_ns_of(RATES_PER_S)
    orders = [
        StreamOrder(design, profile, seed, 0, window_ns, "split_brain_s", pilot_plan(NATURE))
        for seed in (7, 8)
    ]
    assert simulate_stream(orders[0]) != simulate_stream(orders[1])

    class Enough(Exception):
        """The first stream has been asked for."""

    def asked(order: StreamOrder) -> list[Incident]:
        raise Enough(order.seed)

    monkeypatch.setattr(study, "simulate_stream", asked)
    with pytest.raises(Enough, match=r"^9$"):
        run_incident_study(Order("deck-redis", design, "clean-lab", profile, 1, seed=9))


def refused(design: str, profile: ProfileSpec) -> str:
    order = Order(design, shipped_design(design), "profile", profile, 1)
    with pytest.raises(NotExact) as caught:
        run_incident_study(order)
    return str(caught.value)


def test_where_it_is_not_exact_it_says_why() -> None:
    """A number that is wrong without anybody knowing."""
    clean = shipped_profile("clean-lab")
    crash = clean.faults["host-crash"].model_copy(update={"every": Weibull(0.7, 1e7)})
    worn = clean.model_copy(update={"faults": {**clean.faults, "host-crash": crash}})
    assert "its law (weibull) remembers" in refused("deck-redis", worn)
    assert "no fault of the profile" in refused("deck-redis", shipped_profile("no-faults"))
    assert "does not come to rest" in refused("sentinel-2-hosts", shipped_profile("cloud-2015"))
