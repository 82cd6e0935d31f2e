"""Trials, their instruments and their milestones: what each column means."""

from __future__ import annotations

import math

import pytest

from experiments.catalogue import load_design
from experiments.inject.instruments import AS_USUAL, Instruments, Setup
from experiments.inject.milestones import Milestones, milestones
from experiments.inject.tables import spreads, write_csv
from experiments.inject.trial import REST_NS, Trial, TrialOrder, parse_script, run_trial
from sim.clock import NS_PER_S
from sim.engine import Engine, Kernel


def trial(
    *faults: str,
    design: str = "sentinel-3-hosts",
    until_s: int = 40,
    replication: int = 0,
    engine: Engine = "fast",
) -> Trial:
    _, spec = load_design(design)
    script = parse_script(spec, faults)
    until_ns = until_s * NS_PER_S
    return run_trial(TrialOrder(spec, script, until_ns, replication=replication, engine=engine))


def row(*faults: str, **options: object) -> Milestones:
    return milestones(trial(*faults, **options))  # type: ignore[arg-type]


def test_a_failover_passes_its_milestones_in_order() -> None:
    """If this fails, a column shows another event than the one that it is named after."""
    told = row("kill redis@a at 5s")
    order = ["sdown_first", "odown_first", "try_first", "elected", "selected_slave"]
    order += ["slaveof_noone_sent", "new_master_first_write", "promoted", "addr_visible_first"]
    order += ["switch_first", "switch_last"]
    times = [float(told[column]) for column in order]
    assert times == sorted(times)
    assert told["failover"] == 1
    assert told["final_master"] in ("redis@b", "redis@c")


def test_times_count_from_the_first_fault() -> None:
    """If this fails, moving a script by 20 s moves its milestones."""
    early, late = row("kill redis@a at 5s"), row("kill redis@a at 25s", until_s=60)
    assert 5 < float(early["sdown_first"]) < 5.3
    assert 5 < float(late["sdown_first"]) < 5.3


def test_what_did_not_happen_has_no_value() -> None:
    """If this fails, a hang too short for a failover seems to have had one."""
    told = row("hang redis@a at 5s for 3s")
    assert "sdown_first" not in told
    assert "switch_first" not in told
    assert "old_demoted" not in told
    assert (told["failover"], told["n_try"], told["final_master"]) == (0, 0, "redis@a")


def test_a_sentinel_has_its_own_columns() -> None:
    """If this fails, S1 is not the process s1@a, which cannot see its own master from outside."""
    told = row("isolate a at 5s for 10s", until_s=60)
    assert "S1_sdown" not in told
    assert float(told["S1_sdown_replica"]) > 5
    assert float(told["S1_switch"]) > 10 > float(told["addr_visible_last"])


def test_writes_of_a_split_brain_are_counted_and_lost() -> None:
    """If this fails, what the isolated master acknowledged is not what was lost."""
    told = row("isolate a at 5s for 10s", until_s=60)
    demoted_s = float(told["old_demoted"])
    assert told["lost_after_fault"] == pytest.approx(told["w_acked_after_fault"], abs=0.5)
    assert float(told["w_acked_after_fault"]) == pytest.approx(100 * demoted_s, abs=12)
    assert float(told["lost_before_fault"]) < 0.5
    assert float(told["demote_after_heal"]) == pytest.approx(demoted_s - 10)


def test_a_restart_without_data_loses_what_was_there_before() -> None:
    """If this fails, an empty master that comes back in time seems harmless."""
    told = row("restart redis@a at 5s after 1s")
    assert told["lost_before_fault"] == pytest.approx(told["w_acked_before_fault"], abs=0.5)
    assert told["lost_after_fault"] == 0


def test_phases_are_random_at_the_fault() -> None:
    """If this fails, all trials strike at the same point of the timers' cycles."""
    rests = {trial("kill redis@a at 1s", until_s=2, replication=n).start_ns for n in range(20)}
    assert len(rests) == 20
    assert max(rests) - min(rests) > REST_NS // 2


def test_milestones_do_not_depend_on_the_engine() -> None:
    """If this fails, the fast engine reports another failover than the oracle."""
    fault = "isolate a at 5s for 6s"
    assert row(fault, engine="fast") == row(fault, engine="naive")


def test_instruments_add_what_they_added_in_reality() -> None:
    """If this fails, a poll reads before the change, or later than it can."""
    for replication in range(50):
        kernel = Kernel(replication=replication)
        tools = Instruments(kernel, AS_USUAL)
        assert 0 <= tools.address_read(6.2) - 6.2 <= 0.05
        assert 0.02 <= tools.first_write(5.4) - 5.4 <= 0.065
        assert 0.05 <= tools.role_read(20.0, killed=True) - 20.0 <= 0.1
        assert 0 <= tools.role_read(20.0) - 20.0 <= 0.05
    assert math.isinf(Setup().writer_stops_s)


def test_tables_leave_empty_what_did_not_happen(tmp_path) -> None:
    """If this fails, a quantile counts trials in which nothing happened."""
    rows: list[Milestones] = [{"a": 1.0, "who": "x"}, {"a": 3.0, "b": 2.0}]
    found = {one.column: one for one in spreads(rows)}
    assert (found["a"].n, found["a"].median, found["b"].n) == (2, 2.0, 1)
    assert "who" not in found
    write_csv(rows, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "trial,a,who,b\n0,1.0,x,\n1,3.0,,2.0\n"
