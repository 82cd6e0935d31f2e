"""Studies that end by precision: when they look, when they stop, and what must not move that."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from experiments.catalogue import load_design, load_profile
from experiments.results import TABLES
from experiments.results.numbers import downtime_minutes
from experiments.results.sample import Sample
from experiments.results.stored import read_columns
from experiments.statistics import Interval, rare_mean
from experiments.statistics.stopping import (
    GROWTH,
    LEAST_EVENTS,
    bound_share,
    look_sizes,
    needed,
    reach_share,
)
from experiments.study import (
    Execution,
    Precision,
    Stopping,
    Study,
    StudyPoint,
    StudyRefused,
    precision,
    resume_study,
    run_study,
)
from experiments.study.directory import begin, reopen, stopping_in
from experiments.study.document import as_bytes, resolved, study_from
from experiments.study.precision import Look, Reach
from sim.clock import NS_PER_S

HOUR_NS = 3600 * NS_PER_S
FILES = tuple(TABLES)
POINT = ("deck-redis", "cloud-2015")


def study(most: int = 400, *, hours: int = 2, **asked: object) -> Study:
    """A design for a time of some 5 ms, in which hardly anything happens."""
    point = StudyPoint(*load_design("deck-redis"), *load_profile("cloud-2015"))
    wanted = Precision(**{"error_share": 0.05, **asked})  # type: ignore[arg-type]
    return Study((point,), most, 1, hours * HOUR_NS, precision=wanted)


def bytes_of(directory: Path) -> list[bytes]:
    """The bytes of the tables, and of what says how the study ended."""
    names = [f"{name}.parquet" for name in FILES]
    return [(directory / name).read_bytes() for name in (*names, "complete.json")]


def known(sample: Sample) -> Interval:
    """Downtime, as if it were known as soon as 142 runs have been seen, whatever they were."""
    reach = 0.04 if sample.runs >= 142 else 0.9
    return Interval(10.0, 10 - 10 * reach, 10 + 10 * reach, "known", sample.runs, 100)


@pytest.fixture
def enough_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let studies stop by `known`."""
    monkeypatch.setitem(precision.STOPPABLE, "downtime", known)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study that stops by `known`, never interrupted."""
    directory = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(precision.STOPPABLE, "downtime", known)  # type: ignore[arg-type]
        run_study(study(), directory=directory)
    return directory


def test_looks_are_fixed_beforehand() -> None:
    """When a study ends would depend on how it was run, or it would look at every year."""
    sizes = list(look_sizes(100, 1000))
    assert sizes == [100, 142, 200, 283, 400, 566, 800, 1000]
    assert all(b <= math.ceil(a * GROWTH) for a, b in pairwise(sizes))
    assert list(look_sizes(100, 100)) == [100]
    assert list(Precision(0.1).looks(30)) == [30]


def test_an_estimate_is_within_the_error_if_its_interval_holds() -> None:
    """`5 %` would be 5 % of the estimate, which is less than 5 % of a truth above it."""
    error_share = 0.25
    reach = bound_share(error_share)
    for truth in (1 - reach, 1 + reach):
        assert abs(1 - truth) / truth <= error_share + 1e-12


def test_what_was_hardly_seen_is_not_precise() -> None:
    """Three equal outages would end a study at its first look."""
    few = rare_mean(np.array([1.0] * (LEAST_EVENTS - 1) + [0.0] * 100))
    many = rare_mean(np.array([1.0] * 4 * LEAST_EVENTS + [0.0] * 100))
    assert reach_share(few) == math.inf
    assert 0.1 < reach_share(many) < 0.5
    assert reach_share(rare_mean(np.zeros(1000), largest=1.0)) == math.inf
    assert reach_share(Interval(5.0, None, 6.0, "", 10, 100)) == math.inf


def test_the_years_needed_grow_with_the_square() -> None:
    """The bar would promise an end that never comes."""
    assert needed(100, 0.5, 0.25) == 100 * math.ceil((0.5 / 0.2) ** 2 * 100) // 100
    assert needed(100, math.inf, 0.25) is None


@pytest.mark.usefixtures("enough_at")
def test_a_study_ends_at_the_first_look_that_suffices(tmp_path: Path) -> None:
    """It would go on to the last year, or leave rows of years that no look has seen."""
    told: list[int] = []
    result = run_study(study(), Execution(expected=told.append), directory=tmp_path)
    assert len(result.tables.runs) == 142
    assert list(result.tables.runs["replication"]) == list(range(142))
    stopping = result.stopping
    assert stopping is not None and stopping.reached
    assert [look.years for look in stopping.looks] == [100, 142]
    assert stopping.looks[-1].worst() == Reach(*POINT, "downtime", pytest.approx(0.04), 100)
    assert told == [100, 400]
    assert not (tmp_path / "chunks").exists()


@pytest.mark.usefixtures("enough_at")
@pytest.mark.parametrize(("workers", "chunk_runs"), [(1, 33), (2, 50)])
def test_neither_workers_nor_chunks_move_the_end(
    workers: int, chunk_runs: int, whole: Path, tmp_path: Path
) -> None:
    """The same command would give other years on another machine."""
    run_study(study(), directory=tmp_path, workers=workers, chunk_runs=chunk_runs)
    assert bytes_of(tmp_path) == bytes_of(whole)


class Enough(KeyboardInterrupt):
    """Somebody pressed Ctrl-C."""


@pytest.mark.usefixtures("enough_at")
@pytest.mark.parametrize("after_runs", [30, 100, 120])
def test_an_interruption_does_not_move_the_end(
    after_runs: int, whole: Path, tmp_path: Path
) -> None:
    """A study that was resumed would have looked at other years."""
    done = 0

    def count(runs: int) -> None:
        nonlocal done
        done += runs
        if done >= after_runs:
            raise Enough

    with pytest.raises(Enough):
        run_study(study(), directory=tmp_path, chunk_runs=10, finished=count)
    resume_study(tmp_path, Execution(chunk_runs=7))
    assert bytes_of(tmp_path) == bytes_of(whole)
    assert (tmp_path / "spec.json").read_bytes() == (whole / "spec.json").read_bytes()


def test_years_that_do_not_suffice_are_told(tmp_path: Path) -> None:
    """A study at its limit would pass for one that knows what it was asked."""
    result = run_study(study(120, metrics=("downtime", "split-brain")), directory=tmp_path)
    stopping = stopping_in(tmp_path)
    assert stopping is not None and not stopping.reached
    assert (stopping.limit, [look.years for look in stopping.looks]) == ("years", [100, 120])
    assert [one.metric for one in stopping.looks[0].reaches] == ["downtime", "split-brain"]
    assert len(result.tables.runs) == 120
    # JSON has no infinity; it comes back as one.
    assert "Infinity" not in (tmp_path / "complete.json").read_text()
    assert Stopping.from_document(json.loads(json.dumps(stopping.to_document()))) == stopping


def test_a_look_sees_what_the_summary_prints(tmp_path: Path) -> None:
    """The interval that was stopped by would be another than the one in the report."""
    result = run_study(study(100, hours=240), directory=tmp_path)
    [summary] = result.summaries()
    assert result.stopping is not None
    [reach] = result.stopping.looks[-1].reaches
    interval = summary.numbers["downtime_minutes_per_year"]
    assert (reach.share, reach.events) == (reach_share(interval), interval.events)
    assert math.isfinite(reach.share)
    assert precision.STOPPABLE["downtime"] is downtime_minutes


def test_no_time_ends_a_study_at_a_look(tmp_path: Path) -> None:
    """A night's limit would leave a study that is neither complete nor gone on with."""
    result = run_study(study(), Execution(max_time_s=0.0), directory=tmp_path)
    assert result.stopping is not None
    assert (result.stopping.limit, len(result.stopping.looks)) == ("time", 1)
    assert len(read_columns(tmp_path, "runs", ["replication"])) == 100
    assert result.summaries()[0].runs == 100


def test_all_points_stop_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A paired comparison would lack the years of one design."""
    one = study().points[0]
    both = Study(
        (one, StudyPoint("other", one.design, one.profile_name, one.profile)),
        200,
        1,
        HOUR_NS,
        precision=Precision(0.5),
    )
    calls: list[Sample] = []

    def in_turn(sample: Sample) -> Interval:
        """Known in the first point at once, in the second at the second look."""
        calls.append(sample)
        reach = 0.9 if len(calls) == 2 else 0.1
        return Interval(1.0, 1 - reach, 1 + reach, "known", 100, 100)

    monkeypatch.setitem(precision.STOPPABLE, "downtime", in_turn)  # type: ignore[arg-type]
    result = run_study(both, directory=tmp_path)
    assert result.tables.runs.groupby("design").size().to_dict() == {
        "deck-redis": 142,
        "other": 142,
    }


def test_the_precision_is_part_of_what_a_study_is(tmp_path: Path) -> None:
    """A resumed study would end by another rule than it was begun with."""
    asked = study(metrics=("split-brain", "downtime"), first_look=150)
    document = json.loads(as_bytes(resolved(asked)))
    assert study_from(document, tmp_path) == asked
    begin(tmp_path, asked)
    assert reopen(tmp_path)[0] == asked
    plain = Study(asked.points, 400)
    assert "precision" not in resolved(plain)
    document["precision"]["error"] = 5
    with pytest.raises(StudyRefused, match="cannot be read back: must lie between"):
        study_from(document, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"error_share": 0.0}, "between 0 % and 100 %"),
        ({"metrics": ("luck",)}, "expected one of downtime, .*got 'luck'"),
        ({"metrics": ()}, "expected one of"),
        ({"first_look": 99}, "at least 100 years"),
    ],
)
def test_what_nobody_can_stop_by_is_refused(change: dict[str, object], message: str) -> None:
    """A typing error would run for a hundred thousand years."""
    with pytest.raises(ValueError, match=message):
        study(**change)


def test_the_worst_known_metric_decides() -> None:
    """A study would end when its best known number is known."""
    look = Look(100, (Reach(*POINT, "downtime", 0.1, 50), Reach(*POINT, "split-brain", 0.3, 40)))
    assert look.worst().metric == "split-brain"
    assert look.is_enough(Precision(0.5)) and not look.is_enough(Precision(0.2))
    assert look.needed(Precision(0.5)) == 81
