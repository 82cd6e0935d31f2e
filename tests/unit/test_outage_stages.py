"""Where a second without service is put: each stage of an outage, brought about by its cause."""

from __future__ import annotations

import pytest

from experiments.catalogue import load_design
from experiments.inject.trial import Trial, TrialOrder, no_faults, parse_script, run_trial
from experiments.simulation import RunOrder, simulate
from sim.clock import NS_PER_S, to_seconds


def trial(design: str, *faults: str, until_s: int = 600) -> Trial:
    """The design under a script, from its start."""
    _, spec = load_design(design)
    return run_trial(TrialOrder(spec, parse_script(spec, faults), until_s * NS_PER_S, 0, 1))


def stages(done: Trial) -> dict[str, float]:
    """Seconds down by stage, which must be all seconds down."""
    held = {stage: ns for stage, ns in done.recorder.stages.totals_ns.items() if stage is not None}
    assert sum(held.values()) == done.recorder.classes.totals_ns.get("down", 0)
    return {stage: to_seconds(ns) for stage, ns in held.items()}


def test_a_failover_goes_through_its_stages() -> None:
    """Minutes of a Consul check interval would be put down to Sentinel, or the other way round."""
    found = stages(trial("deck-redis", "kill redis@a01 at 60s"))
    assert list(found) == ["detect", "agree", "elect", "promote", "publish"]
    # down-after-milliseconds 5 s and the PING before; the rest is fractions of a second.
    assert 4.0 < found["detect"] < 6.3
    assert max(found["agree"], found["elect"], found["promote"]) < 1.2
    # The check of the name runs every 30 s.
    assert found["publish"] < 31.0


def test_a_failover_that_nobody_needed_is_a_false_alarm() -> None:
    """The cost of misfiring would look like the cost of failures."""
    found = stages(trial("deck-redis", "cut east-west at 60s for 45s"))
    assert set(found) == {"path", "false-alarm"}
    assert 5.0 < found["path"] < 7.5
    assert found["false-alarm"] > 60.0


def test_without_a_stand_by_nothing_is_waited_for_but_its_return() -> None:
    """A design without a spare would be blamed for detecting slowly."""
    found = stages(trial("sentinel-2-hosts", "down b at 60s for 5min", "kill redis@a at 80s"))
    # From the kill until b is up again, which takes its boot of 10 s.
    assert found["no-spare"] == pytest.approx(300.0 - 20.0 + 30.0, abs=25.0)


def test_without_a_majority_it_takes_a_person() -> None:
    """Sentinels that cannot be elected would seem to be about to."""
    down = ("kill s2@b at 60s", "kill s3@c at 60s", "kill redis@a at 80s")
    assert stages(trial("sentinel-3-hosts", *down)) == {"repair": 520.0}


def test_instances_that_are_dead_are_their_own_reason() -> None:
    """An application without instances would be put down to its store."""
    down = ("down a01 at 60s for 5min", "down a02 at 60s for 5min")
    # Both web hosts boot for 2 min.
    assert stages(trial("deck-redis", *down, until_s=500))["backend"] >= 420.0


def test_a_short_cut_is_the_path_and_then_the_clients() -> None:
    """A cut too short for a failover would be told as the beginning of one."""
    found = stages(trial("deck-redis", "isolate a01 at 60s for 2s"))
    assert found["path"] == pytest.approx(2.0)
    assert set(found) == {"path", "reconnect"}


def test_a_monitor_that_retries_is_agreeing() -> None:
    """The nine seconds of mysqlfailover's pings would be called detection."""
    found = stages(trial("deck-mysql", "kill mysql@db01 at 60s"))
    assert found["agree"] == pytest.approx(9.0, abs=0.2)
    assert {"detect", "agree", "promote", "publish"} <= set(found)


def test_a_planned_swap_is_planned() -> None:
    """The price of exercising a failover would be found among the failures."""
    swaps = "operator.swaps={every: 10min, stores: [foo-db], takes: 30s}"
    _, design = load_design("deck-mysql", [swaps])
    order = RunOrder("swaps", design, "calm", no_faults(), horizon_ns=1500 * NS_PER_S)
    rows = simulate(order).rows["stages"]
    planned = [row["downtime_s"] for row in rows if row["stage"] == "planned-swap"]
    assert len(planned) == 2
    assert planned == pytest.approx([30.0, 30.0], abs=1.0)
