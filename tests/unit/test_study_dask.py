"""A study on a Dask cluster: the same bytes as in processes, and one line for what goes wrong."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from experiments.catalogue import load_design, load_profile
from experiments.results import TABLES
from experiments.study import Execution, Study, StudyPoint, StudyRefused, run_study
from experiments.study.dask_cluster import LOCAL, ClusterLost, dask_executor, run_by_the_same
from experiments.study.document import source_digest
from sim.clock import NS_PER_S

DAY_NS = 86_400 * NS_PER_S


def study() -> Study:
    point = StudyPoint(*load_design("deck-redis"), *load_profile("cloud-2015"))
    return Study((point,), 8, 3, 20 * DAY_NS)


def bytes_of(directory: Path) -> list[bytes]:
    return [(directory / f"{name}.parquet").read_bytes() for name in TABLES]


@pytest.mark.slow
def test_a_cluster_makes_the_same_bytes_as_this_process(tmp_path: Path) -> None:
    """A study would say something else on a cluster than on the laptop where it was begun."""
    alone, cluster = tmp_path / "alone", tmp_path / "cluster"
    run_study(study(), Execution(), directory=alone)
    run_study(study(), Execution(2, 2, dask="local"), directory=cluster)
    assert bytes_of(cluster) == bytes_of(alone)


@pytest.mark.slow
def test_two_clusters_of_one_machine_do_not_get_in_each_others_way() -> None:
    """The second study would begin with Dask's warning that a port is in use."""
    with dask_executor(LOCAL, 1) as (first, _), dask_executor(LOCAL, 1) as (second, _):
        assert [one.submit(len, "abc").result(60) for one in (first, second)] == [3, 3]


def test_a_scheduler_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong address would end in a page of Dask's own tracebacks, or leave half a study."""
    monkeypatch.setattr("experiments.study.dask_cluster._PATIENCE_S", 0.2)
    out = tmp_path / "results"
    with pytest.raises(StudyRefused, match="cannot be reached"):
        run_study(study(), Execution(dask="tcp://127.0.0.1:1"), directory=out)
    assert not out.exists()


def test_a_worker_with_another_source_is_refused() -> None:
    """Half of the years would come from another program."""
    assert run_by_the_same(source_digest(), max, 2, 3) == 3
    with pytest.raises(StudyRefused, match="a worker has another sengu"):
        run_by_the_same("0" * 16, max, 2, 3)


def test_a_lost_cluster_ends_a_study_like_a_killed_worker() -> None:
    """What has finished is kept for every executor that breaks, and not for pools only."""
    assert issubclass(ClusterLost, BrokenExecutor)
