"""What must not change a study: the order of a file, strangers, workers, chunks, hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from experiments.catalogue import load_design, load_profile
from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from experiments.results import Tables, read_tables
from experiments.study import Study, StudyPoint, run_study
from sim.clock import YEAR_NS

RUNS = 3
DAY_NS = 24 * (YEAR_NS // 8766)
DAYS = {"deck-redis": 60, "deck-full": 20}
"""How long a run is; the whole system has more of everything, also of faults."""
SWAPS = "{every: 2d, stores: [foo, bar, foo-db], takes: 5min, p-goes-wrong: 0.2}"
SETS = {
    "deck-full": (
        f"operator.swaps={SWAPS}",
        "applications.foo-app.stores.foo.buffer={size: 500, timeout: 30s}",
        "names.resolver.nscd=yes",
    )
}
"""What a shipped design does not have, and draws or adds up as well."""
OUTCOMES = [
    "availability",
    "good_s",
    "unprotected_s",
    "degraded_s",
    "downtime_s",
    "split_brain_s",
    "failovers_true",
    "failovers_false",
    "failovers_missed",
    "writes_acked",
    "writes_lost",
]


def days(design: str) -> int:
    return DAYS.get(design, DAYS["deck-redis"])


def study(design: str, *, hosts: dict[str, Any] | None = None, shuffled: bool = False) -> Study:
    """A short study of a shipped design, with more hosts, or with every mapping turned round."""
    name, spec = load_design(design, SETS.get(design, ()))
    profile_name, under = load_profile("cloud-2015")
    if hosts or shuffled:
        plain = as_file(spec)
        plain["hosts"].update(hosts or {})
        spec = DesignSpec.model_validate_json(json.dumps(turned(plain) if shuffled else plain))
    if shuffled:
        faults = dict(reversed(under.faults.items()))
        under = under.model_copy(update={"faults": faults})
        assert isinstance(under, ProfileSpec)
    return Study((StudyPoint(name, spec, profile_name, under),), RUNS, 7, days(design) * DAY_NS)


def as_file(spec: DesignSpec) -> Any:
    from ruamel.yaml import YAML

    from experiments.resolved import resolved_yaml

    return YAML(typ="safe").load(resolved_yaml(spec))


def turned(value: Any) -> Any:
    """The same mapping, entries in the opposite order at every depth; lists as they are."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(list(value))}
    return value


@cache
def reference(design: str) -> Tables:
    return run_study(study(design)).tables


def assert_same(one: Tables, other: Tables) -> None:
    for table, like in zip(one, other, strict=True):
        assert len(table) == len(like)
        assert table.equals(like)


@pytest.mark.parametrize("design", ["deck-redis", "sentinel-3-hosts", "deck-full"])
def test_the_order_of_entries_changes_nothing(design: str) -> None:
    """Sorting a file, or adding a host above another, would change the numbers of the review."""
    assert len(reference("deck-redis").incidents) > 0
    assert_same(reference(design), run_study(study(design, shuffled=True)).tables)


def test_the_whole_system_has_something_to_differ_in() -> None:
    """Nothing that people, names, buffers or MySQL do would be compared below."""
    (runs,) = [reference("deck-full").runs]
    sums = runs[["interventions", "hosts_rewrites", "requests_saved", "failovers_true", "pages"]]
    assert (sums.sum() > 0).all(), sums


@pytest.mark.parametrize(
    ("design", "chunk_runs"),
    [("deck-redis", 1), ("deck-redis", 2), ("deck-redis", 1000), ("deck-full", 1)],
)
def test_the_size_of_a_chunk_changes_nothing(design: str, chunk_runs: int) -> None:
    """A faster machine, which makes larger chunks, would give other numbers."""
    assert_same(reference(design), run_study(study(design), chunk_runs=chunk_runs).tables)


@pytest.mark.parametrize("design", ["deck-redis", "deck-full"])
def test_the_number_of_workers_changes_nothing(design: str) -> None:
    """A laptop and a server would disagree about the same study."""
    assert_same(reference(design), run_study(study(design), workers=2, chunk_runs=1).tables)


@pytest.mark.parametrize(
    ("design", "hash_seed"), [("deck-redis", "1"), ("deck-redis", "2"), ("deck-full", "3")]
)
def test_hash_randomisation_changes_nothing(design: str, hash_seed: str, tmp_path: Path) -> None:
    """The same command would give other numbers each time: something iterates over a set."""
    command = [sys.executable, "-m", "sengu", "run", design]
    command += ["--profile", "cloud-2015", "--years", str(RUNS), "--seed", "7"]
    command += ["--horizon", f"{days(design)}d", "--workers", "1", "--out", str(tmp_path)]
    command += [word for text in SETS.get(design, ()) for word in ("--set", text)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run(command, check=True, env=environment, capture_output=True)
    assert_same(reference(design), read_tables(tmp_path))


def test_a_host_that_nobody_uses_changes_nothing_for_the_others() -> None:
    """Adding a machine to a file would redraw everybody's luck, and no two designs be paired."""
    stranger = {"zz": {"site": "lan", "boot": "30s"}, "00": {"site": "lan", "boot": "30s"}}
    alone = reference("sentinel-3-hosts")
    more = run_study(study("sentinel-3-hosts", hosts=stranger)).tables
    assert alone.runs[OUTCOMES].equals(more.runs[OUTCOMES])
    assert (more.runs["faults"] >= alone.runs["faults"]).all()
