"""Paired rankings: the years are paired, the best is found, and a flip is told."""

from __future__ import annotations

import json

import pytest

import sengu
from experiments.cli import main
from experiments.comparison.paired import Ranking, flips, rankings
from experiments.comparison.pareto import unbeaten
from experiments.results import TABLES, Tables, table_from_rows

YEAR_S = 31_557_600.0
COMMON_S = (600.0, 60.0, 6_000.0, 0.0, 1_200.0, 300.0, 900.0, 30.0, 2_400.0, 120.0)


def run_row(design: str, profile: str, replication: int, down_s: float) -> dict[str, object]:
    return {
        "design": design,
        "profile": profile,
        "replication": replication,
        "status": "ok",
        "error": "",
        "horizon_s": YEAR_S,
        "availability": 1 - down_s / YEAR_S,
        "good_s": YEAR_S - down_s,
        "downtime_s": down_s,
        **dict.fromkeys(("unprotected_s", "degraded_s", "split_brain_s"), 0.0),
        **dict.fromkeys(
            ("split_brain_unserved_s", "split_brain_written_s", "writes_lost", "writes_acked"), 0.0
        ),
        **dict.fromkeys(("name_empty_s", "name_wrong_s", "name_double_s"), 0.0),
        **dict.fromkeys(("recovery_debt_s", "requests_saved", "requests_failed_late"), 0.0),
        "requests_waited_s": 0.0,
        **dict.fromkeys(("failovers_true", "failovers_false", "failovers_missed"), 0),
        **dict.fromkeys(
            (
                "split_brains",
                "pages",
                "interventions",
                "faults",
                "swaps",
                "swaps_skipped",
                "swaps_wrong",
            ),
            0,
        ),
        **dict.fromkeys(("incidents", "kernel_events", "hosts_rewrites", "dnsmasq_restarts"), 0),
    }


def tables(*rows: dict[str, object]) -> Tables:
    nothing = (table_from_rows(name, []) for name in list(TABLES)[1:])
    return Tables(table_from_rows("runs", rows), *nothing)


def two_designs(profile: str, better: str, worse: str) -> list[dict[str, object]]:
    """Ten bad years that both share; the worse design is down for a minute more in each."""
    return [
        run_row(design, profile, year, down_s + (60.0 + year) * (design == worse))
        for year, down_s in enumerate(COMMON_S)
        for design in (better, worse)
    ]


def downtime(found: list[Ranking], profile: str) -> Ranking:
    return next(r for r in found if r.profile == profile and r.metric.column == "downtime_s")


def test_what_the_years_have_in_common_cancels() -> None:
    """If this fails, luck that both designs share widens the interval of their difference."""
    ranking = downtime(rankings(tables(*two_designs("cloud", "a", "b"))), "cloud")
    best, other = ranking.standings
    assert (best.design, best.rank, other.design, other.rank) == ("a", 1, "b", 2)
    assert best.difference is None and not best.sure
    assert other.difference is not None and other.p_better is not None
    assert other.difference.estimate == pytest.approx(1.075)
    assert other.p_better.estimate == 1.0
    # Side by side the two would not be told apart: each varies by hours.
    assert best.value.high is not None and best.value.high > other.value.estimate


def test_a_difference_that_varies_has_an_interval_and_may_be_sure() -> None:
    """If this fails, a ranking is called sure when it is not, or the other way round."""
    rows = [run_row("a", "p", year, 600.0) for year in range(10)]
    sure = [run_row("b", "p", year, 700.0 + 10 * year) for year in range(10)]
    unsure = [run_row("c", "p", year, 601.0 + 500 * (-1) ** year) for year in range(10)]
    by_name = {
        s.design: s for s in downtime(rankings(tables(*rows, *sure, *unsure)), "p").standings
    }
    assert by_name["b"].sure
    assert not by_name["c"].sure


def test_a_replication_that_one_design_did_not_finish_is_left_out() -> None:
    """If this fails, a failed run is compared with nothing."""
    rows = two_designs("cloud", "a", "b")
    rows[3] = {
        "design": "b",
        "profile": "cloud",
        "replication": 1,
        "status": "failed",
        "error": "x",
    }
    assert downtime(rankings(tables(*rows)), "cloud").runs == len(COMMON_S) - 1
    with pytest.raises(ValueError, match="no replication under cloud"):
        rankings(tables(*[row for row in rows if row["replication"] == 1]))


def test_a_ranking_that_turns_over_is_told() -> None:
    """If this fails, the headline of a review (clean against real network) is missed."""
    rows = two_designs("lab", "a", "b") + two_designs("cloud", "b", "a")
    (sentence,) = flips(rankings(tables(*rows)))
    assert sentence == "downtime, min/year: a under lab, b under cloud"
    assert flips(rankings(tables(*two_designs("lab", "a", "b")))) == []


def test_pairing_saves_what_the_years_have_in_common() -> None:
    """If this fails, nobody sees what it brings that designs meet the same faults."""
    best, other = downtime(rankings(tables(*two_designs("cloud", "a", "b"))), "cloud").standings
    assert best.pairing_factor is None
    assert other.pairing_factor is not None and other.pairing_factor > 1000


def test_a_design_that_another_beats_in_everything_is_not_among_the_best() -> None:
    """If this fails, a reviewer is shown a trade-off where there is none."""
    found = rankings(tables(*two_designs("cloud", "a", "b")))
    assert unbeaten(found, "cloud", {"a": 5, "b": 5}) == ["a"]
    assert unbeaten(found, "cloud", {"a": 5, "b": 4}) == ["a", "b"]


def test_two_designs_of_one_timer_share_most_of_their_luck() -> None:
    """If this fails, comparing what differs little takes as many years as what differs much."""
    designs = [sengu.design("deck-redis-never-moved")]
    designs += [designs[0].set("sentinel.foo.down-after-milliseconds", "6s", name="6 s")]
    ranking = sengu.compare(designs, "cloud-2015", years=25).rankings[0]
    assert ranking.metric.column == "downtime_s"
    pairing = ranking.standings[1].pairing_factor
    assert pairing is not None and pairing > 20


def test_compare_prints_tables_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the command does not say who is better by how much."""
    words = ["compare", "deck-redis", "deck-redis-never-moved", "--profile", "cloud-2015"]
    words += ["--years", "3", "--horizon", "20d", "--workers", "1"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "under cloud-2015, 3 paired years" in shown
    assert "more than the best" in shown
    assert "Beaten by none in downtime, split brain, writes lost and hosts: deck-redis" in shown
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    found = document["rankings"]
    assert set(document["beaten_by_none"]["cloud-2015"]) <= {words[1], words[2]}
    assert document["hosts"][words[1]] == 5
    assert [one["metric"] for one in found][:2] == ["downtime_s", "split_brain_s"]
    assert {place["design"] for place in found[0]["standings"]} == {words[1], words[2]}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["deck-redis"], "a comparison needs two designs"),
        (["deck-redis", "deck-redis"], "two designs are called 'deck-redis'"),
    ],
)
def test_a_comparison_needs_two_different_designs(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a design is compared with itself."""
    assert main(["compare", *words, "--profile", "cloud-2015"]) == 2
    assert complaint in capsys.readouterr().err
