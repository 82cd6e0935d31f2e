"""Swim lanes: the states of a trial or of a window of a year, and what is marked on them."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from experiments.catalogue import load_design, load_profile
from experiments.inject.trial import TrialOrder, parse_script
from experiments.plots.style import LOOKS
from experiments.simulation import RunOrder
from experiments.timeline.draw import draw, draw_trial
from experiments.timeline.selection import MOST_LANES
from experiments.timeline.timeline import Timeline, timeline_of, trial_timeline
from sim.clock import NS_PER_S

DAY_S = 86_400.0


def order(design: str, *faults: str, until_s: int = 240) -> TrialOrder:
    _, spec = load_design(design)
    return TrialOrder(spec, parse_script(spec, faults), until_s * NS_PER_S)


def picture(design: str, *faults: str, until_s: int = 240) -> Timeline:
    return trial_timeline(order(design, *faults, until_s=until_s))[1]


def states(timeline: Timeline, lane: str) -> list[str]:
    rows = timeline.intervals[timeline.intervals["lane"] == lane]
    return list(rows["state"])


def assert_gapless(intervals: pd.DataFrame) -> None:
    for lane, rows in intervals.groupby("lane"):
        assert (rows["end_s"] > rows["start_s"]).all(), lane
        starts, ends = list(rows["start_s"])[1:], list(rows["end_s"])[:-1]
        assert starts == pytest.approx(ends), lane
        following = list(rows["state"])
        assert all(a != b for a, b in pairwise(following)), lane


@pytest.fixture(scope="module")
def cut() -> Timeline:
    return picture("deck-redis", "cut east-west at 60s for 45s")


def test_every_state_has_a_look(cut: Timeline) -> None:
    """If this fails, a state is drawn white because the palette does not know it."""
    for _, row in cut.intervals.iterrows():
        assert row["state"] in LOOKS[row["kind"]], row["lane"]


def test_lanes_have_neither_gaps_nor_overlaps(cut: Timeline) -> None:
    """If this fails, a moment of a lane has no state, or two."""
    assert_gapless(cut.intervals)


def test_a_split_brain_reads_from_top_to_bottom(cut: Timeline) -> None:
    """If this fails, the picture does not show the cut, two masters, and what users got."""
    assert states(cut, "host a01") == ["up", "cut", "up"]
    assert states(cut, "redis@a01") == ["master", "slave"]
    assert states(cut, "redis@a02") == ["slave", "master"]
    assert states(cut, "class of second")[:3] == ["good", "down", "split-brain"]
    assert "stale" in states(cut, "app1@a01")
    lanes = list(dict.fromkeys(cut.intervals["lane"]))
    assert lanes[0] == "host a01"
    assert lanes[-1] == "class of second"


def test_marks_stand_on_the_lanes_of_those_who_logged_them(cut: Timeline) -> None:
    """If this fails, a failover is marked on the wrong Sentinel, or a fault nowhere."""
    found = set(zip(cut.marks["lane"], cut.marks["label"], strict=True))
    assert {("host a01", "cut begins"), ("host a01", "cut ends")} <= found
    assert ("s1@a01", "+switch-master") in found
    assert ("s1@a01", "+promoted-slave") not in found
    assert set(cut.marks["lane"]) <= set(cut.intervals["lane"])


def test_idle_lanes_give_way_where_there_are_many() -> None:
    """If this fails, hosts to which nothing happens squeeze the lanes that matter."""
    shown = picture("deck-redis", "down a01 at 60s for 2min")
    lanes = set(shown.intervals["lane"])
    assert "host a01" in lanes
    assert "host consul01" not in lanes
    assert len(lanes) <= MOST_LANES
    few = picture("sentinel-3-hosts", "hang redis@a at 60s for 6s")
    assert "host c" in set(few.intervals["lane"])


def test_a_hang_is_a_frozen_process_and_no_host() -> None:
    """If this fails, a stopped process looks like a dead one."""
    shown = picture("sentinel-3-hosts", "hang redis@a at 60s for 6s", until_s=100)
    assert states(shown, "redis@a") == ["master", "frozen", "master", "slave"]
    assert states(shown, "host a") == ["up"]


def test_a_window_of_a_year_is_cut_to_its_edges() -> None:
    """If this fails, the picture of an incident begins or ends somewhere else than asked."""
    design, profile = load_design("deck-redis"), load_profile("cloud-2015")
    run = RunOrder(*design, *profile, horizon_ns=int(9 * DAY_S) * NS_PER_S)
    shown = timeline_of(run, 8 * DAY_S, 8.5 * DAY_S)
    assert_gapless(shown.intervals)
    assert shown.intervals["start_s"].min() == 8 * DAY_S
    assert shown.intervals["end_s"].max() == 8.5 * DAY_S
    assert shown.origin_s == 8 * DAY_S
    with pytest.raises(ValueError, match="empty"):
        timeline_of(run, 5.0, 5.0)


def test_pictures_are_written(tmp_path) -> None:
    """If this fails, the demo has no picture of its worst incident."""
    path = draw_trial(order("sentinel-3-hosts", "kill redis@a at 60s"), tmp_path / "a.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
    again = picture("sentinel-3-hosts", "kill redis@a at 60s")
    assert "<svg" in draw(again, tmp_path / "b.svg", title="again").read_text()
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        draw(again, tmp_path / "c.gif")


def of_lane(timeline: Timeline, lane: str) -> set[str]:
    return set(timeline.marks[timeline.marks["lane"] == lane]["label"])


@pytest.fixture(scope="module")
def database() -> Timeline:
    return picture("deck-full", "down mysql@db01 at 60s", until_s=150)


def test_a_database_failover_is_told_by_server_monitor_name_and_hosts_file(
    database: Timeline,
) -> None:
    """If this fails, the picture does not show who replaced the master and how clients learnt."""
    assert states(database, "mysql@db01") == ["master", "down"]
    assert states(database, "mysql@db02") == ["slave", "master"]
    assert states(database, "monitor@admin01") == ["calm", "suspects", "failing-over", "calm"]
    assert {"exec-before", "exec-after", "failover-complete"} <= of_lane(
        database, "monitor@admin01"
    )
    assert of_lane(database, "name foo-db-master") == {"deregistered", "registered"}
    assert states(database, "names on b01").count("stale") >= 1
    assert of_lane(database, "names on b01") == {"rewritten"}
    for _, row in database.intervals.iterrows():
        assert row["state"] in LOOKS[row["kind"]], row["lane"]
    assert_gapless(database.intervals)


def test_stores_in_which_nothing_happens_are_left_out(database: Timeline) -> None:
    """If this fails, a failure of MySQL is drawn among the calm lanes of two Redis groups."""
    lanes = set(database.intervals["lane"])
    assert not any(lane.startswith(("redis@", "a-s", "b-s", "load on")) for lane in lanes)


def test_a_name_is_wrong_and_writes_are_stale_after_a_false_failover() -> None:
    """If this fails, writes to a MySQL master that has been replaced look like good ones."""
    shown = picture("deck-mysql", "cut admin01-db01 at 60s for 45s refuse", until_s=150)
    assert states(shown, "web1@web01") == ["ok", "stale"]
    assert states(shown, "class of second")[-1] == "split-brain"


def test_the_load_moves_from_backend_to_backend() -> None:
    """If this fails, one does not see who carries the load, nor which check judged him."""
    shown = picture("deck-names", "down foo1@foo-app01 at 60s", until_s=120)
    assert states(shown, "load on foo1@foo-app01")[:2] == ["all", "none"]
    assert states(shown, "load on foo2@foo-app02")[-1] == "all"
    assert states(shown, "load on foo3@foo-app03") == ["none"]
    assert of_lane(shown, "load on foo1@foo-app01") == {"critical"}


def test_consul_without_a_leader_and_without_members_are_two_states() -> None:
    """If this fails, a lost member looks like a lost quorum."""
    hung = picture("deck-redis", "hang a02 at 60s for 20s", until_s=150)
    assert {"a02 failed", "a02 joined"} <= of_lane(hung, "consul")
    assert "members failed" in states(hung, "consul")
    servers = ("down consul@admin01 at 60s", "down consul@consul01 at 60s")
    assert states(picture("deck-redis", *servers, until_s=90), "consul")[-1] == "no leader"


def test_hosts_that_fare_alike_share_a_lane_where_there_are_many() -> None:
    """If this fails, a cut between two sites is nine lanes of the same bars."""
    shown = picture("deck-full", "cut east-west at 60s for 45s")
    hosts = [lane for lane in shown.intervals["lane"].unique() if lane.startswith("host ")]
    assert hosts == ["host a01"]


def test_what_people_do_is_marked_on_the_server_concerned() -> None:
    """If this fails, a planned swap looks like a failover that nobody asked for."""
    _, spec = load_design("deck-redis")
    _, profile = load_profile("cloud-2015")
    sets = ("operator.swaps={every: 1h, stores: [foo], takes: 5s, p-goes-wrong: 0}",)
    _, spec = load_design("deck-redis", sets)
    run = RunOrder("swapped", spec, "cloud-2015", profile, horizon_ns=2 * 3600 * NS_PER_S)
    shown = timeline_of(run, 3500.0, 3700.0)
    assert {"swap-begins", "swap-done"} <= of_lane(shown, "redis@a01")
