"""What a study keeps on disk while it runs, and what it refuses to go on with."""

from __future__ import annotations

import errno
import json
import os
import signal
from pathlib import Path

import pytest

from experiments import simulation
from experiments.catalogue import load_design, load_profile, shipped
from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from experiments.results import TABLES, read_tables, summarise, write_tables
from experiments.results.parquet import ROWS_PER_GROUP, TableWriter, batches, to_arrow
from experiments.study import (
    Execution,
    RunFailed,
    Study,
    StudyError,
    StudyPoint,
    StudyRefused,
    claim_directory,
    execution,
    journal,
    resume_study,
    run_study,
)
from experiments.study.directory import begin, locked, reopen
from experiments.study.document import as_bytes, resolved, study_from
from experiments.study.exact import from_document, to_document
from experiments.study.plan import Chunk, ChunkQueue
from models.spec import StrictModel
from sim.clock import NS_PER_S
from sim.laws import Empirical, Exponential, Law, Lognormal, Mixture, Replay, Weibull

DAY_NS = 86_400 * NS_PER_S
FILES = tuple(TABLES)


def study(*, years: int = 4, seed: int = 3) -> Study:
    """Two designs for four days, which take some 20 ms each."""
    under = load_profile("cloud-2015")
    names = ("deck-redis", "sentinel-3-hosts")
    points = tuple(StudyPoint(*load_design(name), *under) for name in names)
    return Study(points, years, seed, 4 * DAY_NS)


def tables_of(directory: Path) -> dict[str, bytes]:
    """The bytes of the Parquet files."""
    return {name: (directory / f"{name}.parquet").read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, never interrupted."""
    directory = tmp_path_factory.mktemp("whole")
    run_study(study(), directory=directory)
    return directory


class Enough(KeyboardInterrupt):
    """Somebody pressed Ctrl-C."""


def interrupted(directory: Path, after_runs: int, *, chunk_runs: int = 1) -> None:
    """Begin the study and interrupt it when that many runs have finished."""
    done = 0

    def count(runs: int) -> None:
        nonlocal done
        done += runs
        if done >= after_runs:
            raise Enough

    with pytest.raises(Enough):
        run_study(study(), directory=directory, chunk_runs=chunk_runs, finished=count)


@pytest.mark.parametrize(("after_runs", "chunk_runs", "workers"), [(1, 1, 1), (5, 3, 2), (8, 1, 1)])
def test_a_resumed_study_has_the_same_bytes(
    whole: Path, tmp_path: Path, after_runs: int, chunk_runs: int, workers: int
) -> None:
    """An interruption, or another machine, would change the numbers of a review."""
    interrupted(tmp_path, after_runs, chunk_runs=1 if chunk_runs > 1 else 2)
    assert not (tmp_path / "complete.json").exists()
    resume_study(tmp_path, Execution(workers, chunk_runs))
    assert tables_of(tmp_path) == tables_of(whole)
    assert (tmp_path / "spec.json").read_bytes() == (whole / "spec.json").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in whole.iterdir()
    )


def test_finished_runs_are_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A week of computing would be done a second time."""
    interrupted(tmp_path, 5)
    ordered: list[int] = []
    sound = execution.packed_chunk

    def counted(orders: tuple[simulation.RunOrder, ...]) -> journal.PackedChunk:
        ordered.extend(order.replication for order in orders)
        return sound(orders)

    monkeypatch.setattr(execution, "packed_chunk", counted)
    told: list[tuple[int, int]] = []
    resume_study(tmp_path, Execution(), begun=lambda kept, damaged: told.append((kept, damaged)))
    assert (told, len(ordered)) == ([(5, 0)], 3)


def test_ctrl_c_amid_the_writing_of_a_chunk_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second of work would be lost, or half of it be written."""
    add = journal.Journal.add

    def interrupted_add(*args: object) -> None:
        signal.raise_signal(signal.SIGINT)
        add(*args)

    monkeypatch.setattr(journal.Journal, "add", interrupted_add)
    with pytest.raises(KeyboardInterrupt):
        run_study(study(), Execution(chunk_runs=1), directory=tmp_path)
    with locked(tmp_path):
        _, found = reopen(tmp_path)
        assert [chunk.runs for chunk in found.kept()[0]] == [1]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flip, empty])
def test_damaged_chunks_are_run_again(damage: object, whole: Path, tmp_path: Path) -> None:
    """A flipped bit on a disk would be in the report, or end every attempt to go on."""
    interrupted(tmp_path, 4)
    victims = sorted((tmp_path / "chunks").iterdir())[:2]
    for victim in victims:
        damage(victim)  # type: ignore[operator]
    (tmp_path / "chunks" / ".0-7-7.zip.1.tmp").write_bytes(b"half")
    told: list[tuple[int, int]] = []
    resume_study(tmp_path, Execution(), begun=lambda kept, damaged: told.append((kept, damaged)))
    assert told == [(2, 2)]
    assert tables_of(tmp_path) == tables_of(whole)


def test_chunks_of_another_study_do_not_count(whole: Path, tmp_path: Path) -> None:
    """A file copied from another directory would bring another seed's years."""
    other = tmp_path / "other"
    begin(other, study(seed=4))
    interrupted(tmp_path / "this", 2)
    name = sorted((tmp_path / "this" / "chunks").iterdir())[0].name
    foreign = execution.packed_chunk((study(seed=4).order(0, 0),))
    journal.Journal(other, "another").add(Chunk(0, 0, 0), foreign)
    (tmp_path / "this" / "chunks" / name).write_bytes((other / "chunks" / "0-0-0.zip").read_bytes())
    resume_study(tmp_path / "this", Execution())
    assert tables_of(tmp_path / "this") == tables_of(whole)


def test_a_full_disk_is_one_line_and_loses_nothing(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fills in the night would end in a traceback, and the night be lost."""
    sound = journal.Journal.add
    added: list[Chunk] = []

    def fills(self: journal.Journal, chunk: Chunk, finished: journal.PackedChunk) -> None:
        if len(added) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        added.append(chunk)
        sound(self, chunk, finished)

    monkeypatch.setattr(journal.Journal, "add", fills)
    with pytest.raises(StudyError, match="cannot be written: no space left on device"):
        run_study(study(), directory=tmp_path, chunk_runs=1)
    monkeypatch.setattr(journal.Journal, "add", sound)
    assert journal.runs_in(tmp_path) == 3
    resume_study(tmp_path, Execution())
    assert tables_of(tmp_path) == tables_of(whole)


def test_a_disk_full_of_tables_keeps_the_chunks(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chunks would be gone before the tables are there."""

    def refuses(self: TableWriter, piece: object) -> None:
        raise OSError(errno.ENOSPC, "x")

    with monkeypatch.context() as patch:
        patch.setattr(TableWriter, "add", refuses)
        with pytest.raises(StudyError, match="no space left on device"):
            run_study(study(), directory=tmp_path)
    assert journal.runs_in(tmp_path) == study().runs
    assert not list(tmp_path.glob("*.parquet")) and not list(tmp_path.glob(".*.tmp"))
    resume_study(tmp_path, Execution())
    assert tables_of(tmp_path) == tables_of(whole)


def test_the_first_failed_run_can_end_a_study(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for a defect would wait for the other nine thousand runs."""
    sound = simulation.simulate

    def broken(order: simulation.RunOrder) -> simulation.RunRecord:
        if order.replication == 2:
            raise RuntimeError("the third run is broken")
        return sound(order)

    with monkeypatch.context() as patch:
        patch.setattr(simulation, "simulate", broken)
        with pytest.raises(
            RunFailed, match="run deck-redis/cloud-2015/2 failed: RuntimeError: the third"
        ):
            run_study(study(), directory=tmp_path, chunk_runs=1, on_error="raise")
    resume_study(tmp_path, Execution())
    assert tables_of(tmp_path) == tables_of(whole)


def test_two_processes_never_share_a_study(tmp_path: Path) -> None:
    """Two of them would overwrite each other's chunks and remove them under way."""
    interrupted(tmp_path, 2)
    with locked(tmp_path), pytest.raises(StudyRefused, match="another sengu is at work there"):
        resume_study(tmp_path, Execution())


def test_an_unfinished_study_is_not_written_over(tmp_path: Path) -> None:
    """The same command, given again, would throw away what the first one had done."""
    interrupted(tmp_path, 3)
    with pytest.raises(StudyRefused, match=r"this study unfinished \(3 of 8 runs done\).*resume"):
        claim_directory(tmp_path, study=study())
    with pytest.raises(
        StudyRefused, match=r"another unfinished.*: seed: 3 there, 9 here;.*--force"
    ):
        claim_directory(tmp_path, study=study(seed=9))
    claim_directory(tmp_path, force=True, study=study())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "0.0.1"}, "another sengu: version 0.0.1 there, "),
        ({"source": "0123"}, "another sengu: source 0123 there, "),
        ({"seed": "x", "points": 3}, "cannot be read back"),
        (
            {"horizon_s": 5.0},
            "would not be run as it was begun: horizon_s: 5.0 there, 345600.0 here",
        ),
    ],
)
def test_what_would_run_otherwise_is_refused(
    change: dict[str, object], message: str, tmp_path: Path
) -> None:
    """Half of the years of a study would come from another program, or another design."""
    begin(tmp_path, study())
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(StudyRefused, match=message):
        reopen(tmp_path)


def test_a_changed_timer_is_named(tmp_path: Path) -> None:
    """The reader would have to compare two designs of 300 values."""
    begin(tmp_path, study())
    path = tmp_path / "spec.json"
    document = json.loads(path.read_text())
    del document["designs"]["deck-redis"]["sentinel"]["foo"]["failover-timeout"]
    path.write_text(json.dumps(document))
    with pytest.raises(
        StudyRefused, match=r"deck-redis.sentinel.foo.failover-timeout: nothing there"
    ):
        reopen(tmp_path)


@pytest.mark.parametrize("kind", ["design", "profile"])
def test_every_shipped_spec_reads_back_exactly(kind: str) -> None:
    """A law would move by a bit when its study is resumed."""
    load, model = {
        "design": (load_design, DesignSpec),
        "profile": (load_profile, ProfileSpec),
    }[kind]
    for name in shipped("design" if kind == "design" else "profile"):
        spec = load(name)[1]
        assert isinstance(spec, StrictModel)
        assert from_document(json.loads(json.dumps(to_document(spec))), model) == spec


@pytest.mark.parametrize(
    "law",
    [
        Weibull.from_mean_shape(1e6, 0.7),
        Lognormal.from_median_p95(64.1, 9999.7),
        Mixture((0.1, 0.2, 0.3), (Exponential(1e5), Exponential(1e6 / 3), Empirical((30.0, 0.1)))),
        Replay((3.25, 1 / 3, 2.0)),
    ],
)
def test_every_law_reads_back_exactly(law: Law) -> None:
    """A resumed study would draw other repair times, or need a file that is gone."""
    _, profile = load_profile("clean-lab")
    cause, fault = next(iter(profile.faults.items()))
    changed = profile.model_copy(
        update={"faults": {cause: fault.model_copy(update={"every": law})}}
    )
    back = from_document(json.loads(json.dumps(to_document(changed))), ProfileSpec)
    assert repr(back.faults[cause].every) == repr(law)


def test_a_law_that_cannot_be_read_back_is_refused() -> None:
    """A law that only one program knows would become another one, or code that is executed."""
    with pytest.raises(ValueError, match="the law Hastened cannot be read back"):
        from_document({"people": {"=law": "Hastened", "text": "x"}}, ProfileSpec)


def test_points_of_one_name_and_several_specs_are_kept_apart(tmp_path: Path) -> None:
    """A sweep over a profile would be resumed with one of its profiles for all points."""
    one, other = study().points
    changed = one.profile.model_copy(update={"title": "changed"})
    other = StudyPoint("x=2", one.design, one.profile_name, changed)
    swept = Study((one, other), 2, 0, DAY_NS)
    document = json.loads(as_bytes(resolved(swept)))
    assert study_from(document, tmp_path) == swept
    with pytest.raises(StudyRefused, match="two points are called deck-redis under cloud-2015"):
        resolved(Study((one, one), 2))


@pytest.mark.parametrize("fixed_runs", [None, 1, 3, 1000])
def test_gaps_are_filled_exactly_once(fixed_runs: int | None) -> None:
    """A year would be missing from a resumed study, or be there twice."""
    kept = {Chunk(0, 0, 0): 0.1, Chunk(0, 5, 9): 0.1, Chunk(1, 0, 19): 2.0}
    queue = ChunkQueue(study(years=20), fixed_runs, kept)
    chunks = list(kept)
    while (chunk := queue.next()) is not None:
        chunks.append(chunk)
        queue.learn(chunk, 0.01 * chunk.runs)
    runs = sorted((c.point, r) for c in chunks for r in c.replications)
    assert runs == [(point, r) for point in (0, 1) for r in range(20)]
    assert queue.cpu_left_s() == 0


def test_the_time_left_is_known_from_what_is_there() -> None:
    """A resumed study would have to run for a while before it says how long it takes."""
    assert ChunkQueue(study(years=20)).cpu_left_s() is None
    kept = {Chunk(0, 0, 9): 5.0}
    assert ChunkQueue(study(years=20), None, kept).cpu_left_s() == pytest.approx(15.0)


def test_summaries_from_the_files_are_those_from_the_tables(whole: Path) -> None:
    """Reading only what is needed would leave out something that is."""
    result = run_study(study())
    assert result.summaries() == summarise(read_tables(whole))
    assert result.directory.exists()
    kept = result.directory
    del result
    assert not kept.exists()


def test_the_bytes_of_a_table_do_not_depend_on_its_pieces(whole: Path, tmp_path: Path) -> None:
    """The files of two equal studies would differ, and no checksum could compare them."""
    incidents = read_tables(whole).incidents
    many = incidents.loc[incidents.index.repeat(1 + 3 * ROWS_PER_GROUP // len(incidents))]
    many = many.reset_index(drop=True)
    written = []
    for size in (len(many), 1000, ROWS_PER_GROUP + 1):
        path = tmp_path / "incidents.parquet"
        with TableWriter(path, "incidents") as writer:
            for first in range(0, len(many), size):
                writer.add(to_arrow("incidents", many.iloc[first : first + size]))
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]
    rows = [batch.num_rows for batch in batches(tmp_path, "incidents", ["id"])]
    assert rows[:-1] == [ROWS_PER_GROUP] * (len(many) // ROWS_PER_GROUP)
    part = [b for b in batches(tmp_path, "incidents", ["id"], ROWS_PER_GROUP - 2, 5)]
    ids = [one for batch in part for one in batch["id"].to_pylist()]
    assert ids == list(many["id"].iloc[ROWS_PER_GROUP - 2 : ROWS_PER_GROUP + 3])
    write_tables(tmp_path / "again", read_tables(whole))
    assert tables_of(tmp_path / "again") == tables_of(whole)
