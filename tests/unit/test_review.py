"""The parts of the review page: drawings without overlaps, words that fit the numbers, escaping."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from experiments.catalogue import load_design, shipped
from experiments.comparison.paired import METRICS, NEEDED, rankings
from experiments.durations import clock, lasting
from experiments.profile import ProfileSpec
from experiments.results import TABLES, DesignSummary, Tables, table_from_rows
from experiments.review.assumptions import standing
from experiments.review.lanes import MOST_LANES, USERS, events_of, lanes_of
from experiments.review.markup import Html, element, joined, kept_whole, table
from experiments.review.material import Material
from experiments.review.minutes_section import stage_figure
from experiments.review.sensitivity_section import tornado
from experiments.review.shown_incidents import ShownIncident
from experiments.review.swim_lane import views
from experiments.review.swings import Swing, read_swing
from experiments.review.topology import topology_of
from experiments.review.topology_layout import Box, layout_of
from experiments.review.wording import ASKED, joined_words, ranked_words, short_share, value_words
from experiments.statistics import Interval, mean
from experiments.study import Study, StudyPoint
from experiments.timeline.timeline import Timeline


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@pytest.mark.parametrize("name", shipped("design"))
def test_boxes_of_a_drawing_do_not_overlap(name: str) -> None:
    """A host over another, or outside its site, would be a drawing of another design."""
    _, design = load_design(name, [])
    layout = layout_of(topology_of(design))
    assert set(layout.hosts) == set(design.hosts)
    for one, other in combinations(layout.hosts.values(), 2):
        assert not overlap(one, other)
    for one, other in combinations(layout.sites.values(), 2):
        assert not overlap(one, other)
    for host, box in layout.hosts.items():
        site = layout.sites[design.hosts[host].site]
        assert site.x <= box.x
        assert box.x + box.width <= site.x + site.width
        assert site.y < box.y
        assert box.y + box.height <= site.y + site.height
    for box in layout.sites.values():
        assert box.x >= 0
        assert box.x + box.width <= layout.width
        assert box.y + box.height <= layout.height


@pytest.mark.parametrize("name", shipped("design"))
def test_lines_end_at_their_hosts_and_nowhere_twice(name: str) -> None:
    """A line that ends beside a host, or on another line's end, would not say who watches whom."""
    _, design = load_design(name, [])
    layout = layout_of(topology_of(design))
    ends = []
    for line in layout.lines:
        for host, (x, y) in (
            (line.relation.source, line.start),
            (line.relation.target, line.end),
        ):
            box = layout.hosts[host]
            assert x in (box.x, box.x + box.width)
            assert box.y < y < box.y + box.height
            ends.append((x, y))
    assert len(ends) == len(set(ends))


def test_every_watcher_is_drawn() -> None:
    """Who decides over a failover is what a reviewer looks for in the drawing."""
    _, design = load_design("deck-full-third-site", [])
    found = {(one.source, one.target) for one in topology_of(design).relations}
    for host in ("a01", "a02", "b01", "b02", "db01", "db02"):
        assert ("judge01", host) in found


def test_text_is_escaped_and_markup_is_not() -> None:
    """Text from a file that became markup could run in the reader's browser."""
    bold = element("b", "1 < 2 & 3")
    assert bold == "<b>1 &lt; 2 &amp; 3</b>"
    assert element("p", bold, title='"x"') == f'<p title="&quot;x&quot;">{bold}</p>'
    assert joined(["<i>", None, Html("<i>")]) == "&lt;i&gt;<i>"
    assert "&lt;td&gt;" in table(["a"], [["<td>"]], caption="c")


def test_names_are_kept_whole() -> None:
    """A name is broken at its hyphens otherwise, or a shorter one is found within a longer one."""
    said = kept_whole("deck-full, deck-full-manual & x", ["deck-full", "deck-full-manual"])
    assert said == (
        '<span class="name">deck-full</span>, <span class="name">deck-full-manual</span> &amp; x'
    )


@pytest.mark.parametrize(
    ("seconds", "shown", "said"),
    [
        (0.0, "0:00:00", "0.0 s"),
        (4.25, "0:00:04.25", "4.2 s"),
        (59.9, "0:00:59.9", "60 s"),
        (725.0, "0:12:05", "12 min 5 s"),
        (3600.0, "1:00:00", "1 h"),
        (12_000.0, "3:20:00", "3 h 20 min"),
        (187_200.0, "52:00:00", "2 d 4 h"),
        (-20.0, "-0:00:20", "-20.0 s"),
    ],
)
def test_times_are_told_as_people_do(seconds: float, shown: str, said: str) -> None:
    """A time that is off by a unit would tell another story of the incident."""
    assert clock(seconds) == shown
    assert lasting(seconds) == said


def test_the_first_view_ends_with_the_harm() -> None:
    """An incident of a day with an outage of a minute would otherwise show as a thin line."""
    whole, view = views(60.0, (-20.0, 90_000.0))
    assert whole == (-20.0, 90_000.0)
    assert view == (-5.0, 65.0)


@pytest.mark.parametrize(
    ("source", "mark"),
    [
        ("assumed: one crash a year and Redis", "assumed"),
        ("failures.md 1.2 dean_machine: 0.56 a year and server", "sourced"),
        ("failures.md 1.5 disk_stall: LN(3 s, 1.5) (assumed)", "partly assumed"),
        ("our own log of 2014", "as stated"),
    ],
)
def test_assumptions_are_marked(source: str, mark: str) -> None:
    """A number that nobody has measured must not look like one that somebody has."""
    assert standing(source) == mark


def interval(**changes: object) -> Interval:
    fields: dict[str, object] = {"estimate": 95.2, "low": 80.0, "high": 120.0, "method": "m",
                                 "n": 100, "events": 50}  # fmt: skip
    return Interval(**{**fields, **changes})  # type: ignore[arg-type]


def test_numbers_are_never_said_without_their_uncertainty() -> None:
    """A bare number would be read as if it were exact."""
    assert value_words(interval(), "min a year") == "95.2 min a year [80, 120]"
    assert value_words(interval(thin=True), "min") == "between 80 and 120 min"
    assert value_words(interval(high=None), "min") == "95.2 min [at least 80]"
    never = value_words(interval(estimate=0.0, p_any_high=0.03, n=100), "min")
    assert never == ("none seen in 100 simulated years (less than one year in 33 has any)")
    assert joined_words(["a"]) == "a"
    assert joined_words(["a", "b", "c"]) == "a, b and c"
    assert short_share(0.0123) == "1.2 %"


def ranked(minutes: dict[str, list[float]]) -> str:
    """The sentence on downtime of designs with these minutes, year by year."""
    rows = [
        {**{column: 0 for column in NEEDED}, "design": design, "profile": "p", "status": "ok",
         "replication": year, "horizon_s": 365.25 * 86_400, "downtime_s": 60 * value}
        for design, values in minutes.items()
        for year, value in enumerate(values)
    ]  # fmt: skip
    runs = pd.DataFrame(rows)
    empty = {name: table_from_rows(name, []) for name in TABLES}
    found = rankings(Tables(**{**empty, "runs": runs}))
    ranking = next(one for one in found if one.metric == METRICS[0])
    return ranked_words(ranking, mean(minutes[ranking.standings[0].design]), ASKED[0])


def test_the_answer_is_sure_only_beyond_the_sampling_error() -> None:
    """The page would claim a better design where the years only happened to be lucky."""
    luck = list(20 + 10 * np.sin(np.arange(60.0)))
    worse = [value + 30 + np.cos(year) for year, value in enumerate(luck)]
    level = [value + 8 * np.cos(3.1 * year) + 0.05 for year, value in enumerate(luck)]
    assert ranked({"a": luck, "b": worse}).endswith("more, beyond the sampling error.")
    assert "cannot be told from it by 60 years" in ranked({"a": luck, "b": level})
    assert "had the same in every one of the 60" in ranked({"a": luck, "b": luck})
    assert ranked({"a": [0.0] * 60, "b": [0.0] * 60}) == (
        "No downtime was seen in any design (60 paired years)."
    )


@pytest.mark.parametrize("text", ["a.b", "a.b=1", "a.b=1,2,3", "=1,2", "a.b=,2"])
def test_what_is_varied_has_two_ends(text: str) -> None:
    """One value or three would be run, and their meaning guessed."""
    with pytest.raises(ValueError, match="expected PATH=low,high"):
        read_swing(text)


def test_minutes_by_stage_are_drawn_if_there_are_any() -> None:
    """The page would silently keep back what the time of an outage is spent on."""
    study = Study((), 1)
    parts = [("d", "p", "detect", 2.0), ("d", "p", "promote", 1.0), ("d", "q", "detect", 0.0)]
    columns = ["design", "profile", "stage", "downtime_min_per_year"]
    material = Material(study, 0, (), (), pd.DataFrame(), pd.DataFrame(parts, columns=columns),
                        (), (), "")  # fmt: skip
    drawn = stage_figure(material, "p")
    assert drawn is not None
    assert "cut by stage" in drawn
    assert stage_figure(material, "q") is None


def test_a_varied_value_whose_runs_failed_has_no_bar() -> None:
    """One end that could not be run would end the writing of the whole page."""

    def summary(minutes: float) -> DesignSummary:
        numbers = {"downtime_minutes_per_year": interval(estimate=minutes)}
        return DesignSummary("d", "p", 9, 0, 9.0, "year", 9, numbers)

    failed = DesignSummary("d", "p", 0, 9, 0.0, "run", 0)
    point = StudyPoint("d", load_design("deck-redis", [])[1], "p", ProfileSpec(title="p"))
    material = Material(Study((point,), 9), 0, (summary(9.0),), (), pd.DataFrame(), None, (),
                        (Swing("x", "low", "1", (summary(5.0),)),
                         Swing("x", "high", "2", (failed,))), "")  # fmt: skip
    assert tornado(material, "d", "p") is None
    whole = (*material.swings, Swing("x", "high", "2", (summary(20.0),)))
    assert tornado(replace(material, swings=whole), "d", "p") is not None


def incident(intervals: list[tuple[str, str, str, float, float]], **marks: float) -> ShownIncident:
    columns = ["lane", "kind", "state", "start_s", "end_s"]
    table = pd.DataFrame([(lane, at, "mark") for lane, at in marks.items()],
                         columns=["lane", "time_s", "label"])  # fmt: skip
    timeline = Timeline(pd.DataFrame(intervals, columns=columns), table, 0.0)
    return ShownIncident(
        design="d", profile="p", id="d/p/0/0", why="", cause="c", target="t", faults=1,
        replication=0, start_s=100.0, end_s=200.0, harm_end_s=200.0, downtime_s=50.0,
        split_brain_s=0.0, writes_lost=0.0, failovers_true=0, failovers_false=0,
        timeline=timeline,
    )  # fmt: skip


def test_lanes_in_which_nothing_happens_are_left_out() -> None:
    """Fifty quiet rows would hide the three that tell what happened."""
    quiet = [(f"host h{number}", "host", "up", 90.0, 210.0) for number in range(30)]
    told = [
        ("class of second", "class", "good", 90.0, 120.0),
        ("class of second", "class", "down", 120.0, 170.0),
        ("redis@a", "process", "master", 90.0, 210.0),
        ("h", "sentinel", "ok", 90.0, 210.0),
    ]
    one = incident([*told, *quiet], h=110.0)
    lanes, left_out = lanes_of(one)
    assert [lane.name for lane in lanes] == ["redis@a", "h", USERS]
    assert left_out == 30
    assert [(event.time, event.who, event.what) for event in events_of(one, lanes)] == [
        (10.0, "h", "mark"),
        (20.0, USERS, "down"),
    ]


def test_what_users_get_is_shown_whatever_else_happens() -> None:
    """With a hundred busy programs the row that matters most must not be the one that goes."""
    busy = [
        (f"s{number}", "sentinel", state, 90.0 + at, 91.0 + at)
        for number in range(100)
        for at, state in enumerate(("ok", "sdown", "odown", "ok"))
    ]
    lanes, left_out = lanes_of(incident([*busy, ("class of second", "class", "good", 90.0, 210.0)]))
    assert lanes[-1].name == USERS
    assert len(lanes) + left_out == 101
    assert len(lanes) <= MOST_LANES
