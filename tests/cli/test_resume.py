"""A study that is killed at any moment is gone on with, and nobody can tell from its tables."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments import simulation
from experiments.cli import main

UNDER = ["deck-redis", "--profile", "cloud-2015", "--seed", "5"]
STUDY = [*UNDER, "--years", "24", "--horizon", "30d"]
SHORT = [*UNDER, "--years", "3", "--horizon", "4d"]
TABLES = ("runs", "incidents", "causes", "loads", "stages", "controls")
PATIENCE_S = 60.0


def begun(*words: str) -> subprocess.Popen[str]:
    """The command in a process group of its own, as a terminal starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "sengu", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_chunks(out: Path, count: int) -> None:
    """Wait until that many chunks have finished."""
    end_s = time.monotonic() + PATIENCE_S
    while len(list((out / "chunks").glob("*.zip"))) < count:
        assert time.monotonic() < end_s, "no chunk was written"
        time.sleep(0.02)


def tables_of(directory: Path) -> list[bytes]:
    """The bytes of the Parquet files."""
    return [(directory / f"{name}.parquet").read_bytes() for name in TABLES]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The tables of the study, never interrupted."""
    out = tmp_path_factory.mktemp("whole")
    assert main(["run", *STUDY, "--workers", "2", "--out", str(out)]) == 0
    return tables_of(out)


def runs_kept(out: Path) -> int:
    """The runs in the chunk files, by their names."""
    names = [path.stem.split("-") for path in (out / "chunks").glob("*.zip")]
    return sum(int(last) - int(first) + 1 for _, first, last in names)


@pytest.mark.parametrize(
    ("workers", "chunks", "more", "first_size"),
    [
        ("1", 2, "2", ["--chunk-runs", "7"]),
        ("2", 3, "1", []),
        ("2", 9, "2", ["--chunk-runs", "1"]),
    ],
)
def test_a_killed_study_goes_on_to_the_same_bytes(
    workers: str,
    chunks: int,
    more: str,
    first_size: list[str],
    whole: list[bytes],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A power cut would cost the night, or leave other numbers than a night without one."""
    out = tmp_path / "results"
    process = begun("run", *STUDY, "--workers", workers, "--out", str(out), *first_size)
    wait_for_chunks(out, chunks)
    os.kill(process.pid, signal.SIGKILL)
    # The pipes close only when its workers have gone too. Python tells of what it cleans up.
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output) == (-signal.SIGKILL, "")
    assert "Traceback" not in errors
    kept = runs_kept(out)
    assert 0 < kept < 24 and not (out / "runs.parquet").exists()
    assert main(["resume", str(out), "--workers", more, "--chunk-runs", "5"]) == 0
    printed = capfd.readouterr()
    assert f"{kept} of 24 runs are there" in printed.err
    assert "downtime, min/year" in printed.out
    assert tables_of(out) == whole
    assert not (out / "chunks").exists()


@pytest.mark.parametrize(
    ("number", "code", "word", "workers", "everyone"),
    [
        (signal.SIGINT, 130, "interrupted", "1", True),
        (signal.SIGINT, 130, "interrupted", "2", True),
        (signal.SIGTERM, 143, "terminated", "2", True),
        (signal.SIGTERM, 143, "terminated", "2", False),
    ],
)
def test_a_signal_leaves_a_study_to_go_on_with(
    number: signal.Signals, code: int, word: str, workers: str, everyone: bool, tmp_path: Path
) -> None:
    """Ctrl-C, or a machine that shuts down, would print tracebacks, or lose what has finished."""
    out = tmp_path / "results"
    words = ["--profile", "cloud-2015", "--years", "100000", "--workers", workers]
    process = begun("run", "deck-redis", *words, "--out", str(out))
    wait_for_chunks(out, 1)
    if everyone:
        os.killpg(process.pid, number)
    else:
        os.kill(process.pid, number)
    output, errors = process.communicate(timeout=PATIENCE_S)
    kept = runs_kept(out)
    told = f"sengu: {word}; {kept} runs are kept, and `sengu resume {out}` goes on\n"
    assert (process.returncode, output, errors) == (code, "", told)
    assert kept > 0
    assert not list((out / "chunks").glob(".*"))


def test_impatience_is_no_reason_to_hang(tmp_path: Path) -> None:
    """The command would never end, and its idle workers would stay."""
    out = tmp_path / "results"
    words = ["--profile", "cloud-2015", "--years", "100000", "--workers", "2"]
    process = begun("run", "deck-redis", *words, "--out", str(out))
    wait_for_chunks(out, 1)
    for _ in range(4):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.1)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert errors.startswith("sengu: interrupted; ") and "Traceback" not in errors


def test_ctrl_c_reaches_no_worker_of_dask(tmp_path: Path) -> None:
    """The workers would die of it, and the study wait for them."""
    pytest.importorskip("distributed")
    out = tmp_path / "results"
    words = ["--profile", "cloud-2015", "--years", "100000", "--dask", "local", "--workers", "2"]
    process = begun("run", "deck-redis", *words, "--out", str(out))
    wait_for_chunks(out, 1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE_S)
    kept = runs_kept(out)
    told = f"sengu: interrupted; {kept} runs are kept, and `sengu resume {out}` goes on\n"
    # A slow disk may make Dask warn before.
    assert process.returncode == 130 and errors.endswith(told) and kept > 0
    assert "Traceback" not in errors


def test_an_interrupted_study_without_a_directory_leaves_nothing(tmp_path: Path) -> None:
    """Every Ctrl-C would leave some megabytes in the temporary directory."""
    words = ["--profile", "cloud-2015", "--years", "100000", "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sengu", "run", "deck-redis", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    end_s = time.monotonic() + PATIENCE_S
    while not list(tmp_path.glob("sengu-*/chunks/*.zip")):
        assert time.monotonic() < end_s
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors) == (143, "sengu: terminated\n")
    assert list(tmp_path.iterdir()) == []


def test_the_first_failure_can_end_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect would be told at the end of the night, behind nine thousand good years."""
    sound = simulation.simulate

    def broken(order: simulation.RunOrder) -> simulation.RunRecord:
        if order.replication == 1:
            raise RuntimeError("the second run is broken")
        return sound(order)

    out = str(tmp_path)
    command = ["run", *SHORT, "--workers", "1", "--out", out, "--on-error", "raise"]
    with monkeypatch.context() as patch:
        patch.setattr(simulation, "simulate", broken)
        assert main([*command, "--chunk-runs", "1"]) == 1
        assert main(["resume", out, "--workers", "1", "--on-error", "raise"]) == 1
    first, _, second = capsys.readouterr().err.splitlines()
    failed = "sengu: run deck-redis/cloud-2015/1 failed: RuntimeError: the second run is broken"
    assert first == f"{failed}; 1 runs are kept, and `sengu resume {tmp_path}` goes on"
    assert second.startswith(failed)
    assert main(["resume", out, "--workers", "1"]) == 0


def test_a_complete_study_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Resuming once too often would be an error, or run everything again."""
    assert main(["run", *SHORT, "--workers", "1", "--out", str(tmp_path)]) == 0
    summary = capsys.readouterr().out
    before = (tmp_path / "runs.parquet").stat().st_mtime_ns
    assert main(["resume", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (summary, f"sengu: {tmp_path}: is complete already\n")
    assert (tmp_path / "runs.parquet").stat().st_mtime_ns == before
    assert main(["resume", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["summaries"][0]["runs"] == 3


def test_a_complete_study_says_that_max_time_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who gives a study that fell short more time would wait for nothing, and not be told."""
    words = [*UNDER, "--precision", "1%", "--years", "100", "--horizon", "1d", "--max-time", "1s"]
    assert main(["run", *words, "--workers", "1", "--out", str(tmp_path)]) == 1
    capsys.readouterr()
    assert main(["resume", str(tmp_path), "--max-time", "1h"]) == 0
    said = capsys.readouterr().err
    assert said == f"sengu: {tmp_path}: is complete already, so that --max-time changes nothing\n"
    assert main(["resume", str(tmp_path), "--max-time", "soon"]) == 2


def test_what_is_no_study_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped directory would end in a traceback."""
    (tmp_path / "spec.json").write_text("{")
    for name, words in {
        "": "is damaged",
        "nowhere": "holds no study",
        "spec.json": "no study",
    }.items():
        assert main(["resume", str(tmp_path / name)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert words in printed.err and printed.err.count("\n") == 1
    (tmp_path / "spec.json").write_text("{}")
    assert main(["resume", str(tmp_path)]) == 2
    assert "holds no unfinished study" in capsys.readouterr().err


def test_an_unfinished_study_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same command, given again in the morning, would throw the night away."""
    out = tmp_path / "results"
    process = begun("run", *STUDY, "--workers", "1", "--out", str(out))
    wait_for_chunks(out, 1)
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    command = ["run", *SHORT, "--workers", "1", "--out", str(out)]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "holds another unfinished study" in said and "years: 24 there, 3 here" in said
    assert f"`sengu resume {out}` goes on with it, `--force` begins anew" in said
    assert said.count("\n") == 1
    spec = out / "spec.json"
    kept = spec.read_text()
    spec.write_text(kept.replace('"source": "', '"source": "0'))
    assert main(["resume", str(out)]) == 2
    said = capsys.readouterr().err
    assert "was begun by another sengu: source 0" in said and said.count("\n") == 1
    assert main([*command, "--force"]) == 0
    assert not (out / "chunks").exists()
