"""Where results cannot be written is said before the work, and nothing is left half done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from experiments.cli import main

LONG = "x" * 300
FAULT = ["--fault", "kill redis@a01 at 60s", "--until", "61s"]
UNDER = ["deck-redis", "--profile", "no-faults", "--years", "1", "--workers", "1"]
WRITING = [
    (["inject", "deck-redis", *FAULT], "--csv", ".csv"),
    (["inject", "deck-redis", *FAULT], "--timeline", ".png"),
    (["review", *UNDER], "--out", ".html"),
]
BAD = [
    ("nowhere/x", "no such directory"),
    ("file/x", "no such directory"),
    (LONG, "file name too long"),
    ("/proc/x", "no such file or directory"),
]


@pytest.mark.parametrize(("place", "said"), BAD, ids=[case[0][:9] for case in BAD])
@pytest.mark.parametrize(("words", "option", "end"), WRITING, ids=[case[1] for case in WRITING])
def test_a_file_that_cannot_be_written_is_said_first(
    words: list[str],
    option: str,
    end: str,
    place: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Hours of work would end with nothing, or directories be made for a file that is not."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    monkeypatch.setattr("experiments.study.execution.run_chunk", None)
    monkeypatch.setattr("experiments.inject.trial.run_trial", None)
    assert main([*words, option, place + end]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"sengu: {option}: {place}{end}: {said}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_directory_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page would be made, and then find a directory in its place."""
    monkeypatch.chdir(tmp_path)
    Path("d.html").mkdir()
    assert main(["review", *UNDER, "--out", "d.html"]) == 2
    assert "--out: d.html: is a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["run", *UNDER, "--out", LONG],
        ["run", *UNDER, "--out", f"{LONG}/x"],
        ["review", *UNDER, "--study", LONG],
        ["incidents", LONG],
        ["replay", LONG, "x/y/0/0"],
        ["adjust", LONG],
        ["resume", LONG],
        ["plot", "ccdf", LONG],
        ["check", f"{LONG}.yaml"],
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_a_name_that_is_too_long_is_one_line(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A slip of the clipboard would be a traceback."""
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert "file name too long" in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--csv /dev/stdout`` would be refused, or put a file in the place of a device."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert main(["inject", "deck-redis", *FAULT, "--csv", str(pipe)]) == 0
    assert os.read(reader, 100).startswith(b"trial,")
    os.close(reader)
    assert pipe.is_fifo()
    capsys.readouterr()
