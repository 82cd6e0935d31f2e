"""Control variates: what a run drew less what it had to expect."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.catalogue import load_design, load_profile
from experiments.simulation import RunOrder, simulate
from sim.clock import NS_PER_S
from sim.controls import Controls
from sim.laws import Exponential, Fixed, Lognormal, Replay, Weibull

HOUR_NS = 3600 * NS_PER_S


def test_a_duration_counts_less_its_mean() -> None:
    """The mean of a study would be moved by what is known to be 0 on average."""
    controls = Controls()
    law = (
        Lognormal.from_median_log_sd(60.0, 1.0)
        if hasattr(Lognormal, "from_median_log_sd")
        else Lognormal(60.0, 1.0)
    )
    controls.drawn("lasts/cut", law, 100 * NS_PER_S)
    controls.drawn("lasts/cut", law, 20 * NS_PER_S)
    assert controls.values(0) == {"lasts/cut": pytest.approx(120.0 - 2 * law.mean_s)}


@pytest.mark.parametrize("law", [Fixed(60.0), Replay((10.0, 90.0))])
def test_what_is_not_random_counts_nowhere(law: Fixed | Replay) -> None:
    """A replayed trace is no draw around a mean: its sum is what the trace says."""
    controls = Controls()
    controls.drawn("lasts/cut", law, 10 * NS_PER_S)
    assert controls.values(0) == {}


def test_arrivals_count_less_the_time_waited_for_them() -> None:
    """Time in which a source cannot strike, as its fault stands, would count as waiting."""
    controls = Controls()
    counted = controls.arrivals("every/cut", Exponential(3600.0))
    assert counted is not None
    counted.wait(0)
    assert controls.values(HOUR_NS) == {"every/cut": -1.0}
    counted.strike(2 * HOUR_NS)
    assert controls.values(5 * HOUR_NS) == {"every/cut": -1.0}
    counted.wait(6 * HOUR_NS)
    assert controls.values(7 * HOUR_NS) == {"every/cut": -2.0}


def test_arrivals_with_a_memory_are_not_counted() -> None:
    """Only where arrivals have no memory does waiting so long promise so many of them."""
    assert Controls().arrivals("every/cut", Weibull(0.7, 3600.0)) is None


def test_sources_of_one_name_are_added_up() -> None:
    """A cause that strikes ten hosts would show one of them."""
    controls = Controls()
    for _ in range(2):
        counted = controls.arrivals("every/cut", Exponential(3600.0))
        assert counted is not None
        counted.wait(0)
    assert controls.values(HOUR_NS) == {"every/cut": -2.0}


def test_all_are_0_on_average_in_a_whole_system() -> None:
    """Adjusted means would be biased: of 80 fortnights with thirty times the faults, none is off
    by more than 4 standard errors (by chance one in 700 suites).
    """
    _, design = load_design("deck-redis")
    _, profile = load_profile("cloud-2015")
    faults = {
        cause: spec.model_copy(update={"every": Exponential(spec.every.mean_s / 30)})
        for cause, spec in profile.faults.items()
        if spec.every is not None
    }
    profile = profile.model_copy(update={"faults": faults})
    rows = [
        {
            str(row["control"]): float(row["value"])
            for row in simulate(
                RunOrder("d", design, "p", profile, 11, number, 14 * 24 * HOUR_NS)
            ).rows["controls"]
        }
        for number in range(80)
    ]
    names = sorted({name for row in rows for name in row})
    assert {"every/vpn-flap", "lasts/vpn-flap", "on-call/stuck/fix"} <= set(names)
    for name in names:
        values = np.array([row.get(name, 0.0) for row in rows])
        assert abs(values.mean()) < 4 * values.std(ddof=1) / math.sqrt(len(rows)), name
