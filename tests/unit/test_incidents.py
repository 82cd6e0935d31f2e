"""Incidents of a study run again: exactly as they were, and with as few faults as they need."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.cli import main
from experiments.incidents import (
    IncidentError,
    NotReproduced,
    find_incident,
    replay,
    shrink,
    worst_incidents,
)
from experiments.incidents.minimising import fewest
from experiments.results import TABLES, Tables, read_tables, write_tables

DESIGNS = ("deck-redis", "deck-full")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two designs, three runs of 120 days each."""
    out = tmp_path_factory.mktemp("incidents") / "study"
    words = ["--profile", "cloud-2015", "--years", "3", "--horizon", "120d", "--workers", "1"]
    assert main(["run", *DESIGNS, *words, "--out", str(out)]) == 0
    return out


def worst_ids(study: Path, by: str, limit: int) -> list[str]:
    return [str(one) for one in worst_incidents(study, by, limit)["id"]]


@pytest.mark.parametrize("by", ["downtime", "split-brain", "writes-lost", "duration", "start"])
def test_an_incident_is_replayed_as_it_was(study: Path, by: str) -> None:
    """A post-mortem would be of something that never happened in the study."""
    (identity,) = worst_ids(study, by, 1)
    # Replaying compares the row itself, column by column, and raises if one differs.
    again = replay(study, identity)
    stored = find_incident(study, identity)
    assert again.incident == stored
    assert sum(again.stages.values()) == pytest.approx(stored["downtime_s"], abs=1e-6)
    begun = [one for one in again.faults if again.start_ns <= one.start_ns <= again.end_ns]
    assert len(begun) >= min(1, stored["faults"])
    assert again.trace().count("fault-begin") >= len(begun)
    assert len(again.timeline.intervals)


def test_the_last_incident_of_a_run_is_replayed_up_to_its_horizon(study: Path) -> None:
    """What the end of the run has cut off would come out longer."""
    table = read_tables(study).incidents
    last = table[table["design"] == "deck-full"].sort_values("end_s").iloc[-1]
    assert replay(study, str(last["id"])).incident["end_s"] == last["end_s"]


def test_a_post_mortem_says_what_why_and_who_believed_what(study: Path) -> None:
    """A reader would find a table of numbers and no story."""
    worst = worst_incidents(study, "split-brain", 1, cause="path-outage")
    again = replay(study, str(worst["id"].iloc[0]))
    text = again.post_mortem()
    row = again.incident
    assert text.startswith(f"# Post-mortem: {row['cause']} on {row['target']}\n")
    for part in ("## Impact", "## Causes", "## What happened", "## Who believed what"):
        assert part in text
    assert "| users | **split-brain** |" in text
    assert "+switch-master" in text
    assert "| Sentinel |" in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.count("|") >= 3 and line.endswith("|")


def test_tables_that_were_changed_are_not_replayed(study: Path, tmp_path: Path) -> None:
    """A number that somebody has put in by hand would be shown with a trace that denies it."""
    changed = tmp_path / "changed"
    shutil.copytree(study, changed)
    tables = read_tables(study)
    (identity,) = worst_ids(study, "downtime", 1)
    incidents = tables.incidents.copy()
    incidents.loc[incidents["id"] == identity, "downtime_s"] += 1.0
    parts: dict[str, Any] = {name: getattr(tables, name) for name in TABLES}
    write_tables(changed, Tables(**{**parts, "incidents": incidents}))
    with pytest.raises(NotReproduced, match=r"came out otherwise: downtime_s is .* here and"):
        replay(changed, identity)


def test_another_program_does_not_replay(study: Path, tmp_path: Path) -> None:
    """It would tell of another year and call it this one."""
    other = tmp_path / "other"
    shutil.copytree(study, other)
    document = json.loads((other / "spec.json").read_text())
    document["source"] = "0" * 12
    (other / "spec.json").write_text(json.dumps(document))
    (identity,) = worst_ids(study, "downtime", 1)
    with pytest.raises(IncidentError, match="was begun by another sengu"):
        replay(other, identity)


def test_the_worst_incidents_shrink_to_what_they_need(study: Path) -> None:
    """A hundred faults of a run would be left to be read through for the one that did it."""
    for design in DESIGNS:
        for identity in worst_incidents(study, "downtime", 3, design=design)["id"]:
            found = shrink(study, str(identity))
            assert found.kept_share >= 0.5
            assert 0 < len(found.faults) < found.considered
            assert len(found.faults) <= 4


def test_what_is_left_is_needed(study: Path) -> None:
    """Faults that have nothing to do with it would be reported as its causes."""
    from experiments.incidents.shrinking import _Trials

    (identity,) = worst_ids(study, "split-brain", 1)
    found = shrink(study, identity, keep="split-brain", least_share=0.9)
    trials = _Trials(replay(study, identity), "split-brain", 0.9)
    assert trials.still_causes(found.faults)
    for left_out in found.faults:
        assert not trials.still_causes([one for one in found.faults if one != left_out])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"keep": "tears"}, "expected one of downtime, split-brain, writes-lost; got 'tears'"),
        ({"least_share": 0.0}, "above 0 and at most 1"),
        ({"least_share": 1.5}, "above 0 and at most 1"),
    ],
)
def test_what_cannot_be_kept_is_told(study: Path, words: dict[str, Any], told: str) -> None:
    """A typing error would be searched for with a hundred runs."""
    (identity,) = worst_ids(study, "downtime", 1)
    with pytest.raises(IncidentError, match=told):
        shrink(study, identity, **words)


def test_an_incident_without_harm_is_not_shrunk(study: Path) -> None:
    """Every set of faults keeps no harm, the empty one too."""
    table = read_tables(study).incidents
    harmless = table[(table[["downtime_s", "split_brain_s", "writes_lost"]] == 0).all(axis=1)]
    with pytest.raises(IncidentError, match="did no harm"):
        shrink(study, str(harmless["id"].iloc[0]))


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(study: Path) -> None:
    """Whoever copies an id without its end would get another incident."""
    with pytest.raises(IncidentError, match="begins several ids"):
        find_incident(study, "deck-redis/cloud-2015/0/")
    with pytest.raises(IncidentError, match=r"no incident .*did you mean deck-redis/cloud-2015"):
        find_incident(study, "deck-redis/cloud-2015/0/99999")


@given(st.sets(st.integers(0, 30), max_size=5), st.integers(1, 31))
def test_the_fewest_are_found_if_all_of_some_are_needed(needed: set[int], size: int) -> None:
    """A fault would stay in the list that nothing depends on."""
    needed = {one for one in needed if one < size}
    assert fewest(range(size), lambda part: needed <= set(part)) == sorted(needed)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.data())
def test_without_any_one_it_holds_no_more(weights: list[int], data: st.DataObject) -> None:
    """What is found would not be minimal where several parts would do."""
    least = data.draw(st.integers(1, sum(weights)))
    things = list(enumerate(weights))

    def still(part: object) -> bool:
        return sum(weight for _, weight in part) >= least  # type: ignore[attr-defined]

    found = fewest(things, still)
    assert still(found)
    assert all(not still([one for one in found if one != left_out]) for left_out in found)
