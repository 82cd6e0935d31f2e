"""What the writer of a wrong design or profile reads: one line with the place, and exit code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.cli import main
from tests.cli.wrong_files import DESIGN, PROFILE, WRONG_DESIGNS, WRONG_PROFILES

EXPECTED = json.loads((Path(__file__).parent / "wrong_files.json").read_text())
CASES = [("design", *case) for case in WRONG_DESIGNS]
CASES += [("profile", *case) for case in WRONG_PROFILES]


@pytest.mark.parametrize(
    ("kind", "name", "old", "new"), CASES, ids=[f"{case[0]}, {case[1]}" for case in CASES]
)
def test_a_wrong_file_is_one_line(
    kind: str,
    name: str,
    old: str,
    new: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A writer would get a traceback, a wrong place, or a simulation of what was not meant."""
    monkeypatch.chdir(tmp_path)
    sound = DESIGN if kind == "design" else PROFILE
    assert old in sound
    Path("x.yaml").write_text(sound.replace(old, new, 1))
    command = ["check", "x.yaml"]
    assert main(command) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == EXPECTED[f"{kind}, {name}"] + "\n"


@pytest.mark.parametrize("text", [DESIGN, PROFILE])
def test_the_sound_files_are_sound(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every case above would pass for another reason than the one that it names."""
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out.startswith("ok: ")


def test_a_file_of_50_megabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file from a stranger could fill the memory."""
    monkeypatch.chdir(tmp_path)
    with Path("x.yaml").open("wb") as file:
        file.truncate(50_000_000)
    assert main(["check", "x.yaml"]) == 2
    assert capsys.readouterr().err == "x.yaml: has 50,000,000 bytes; the limit is 1,000,000\n"


def test_all_files_are_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With several files, a writer would meet the mistakes one command at a time."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(DESIGN.replace("quorum", "quorom"))
    assert main(["check", str(wrong), "deck-redis", "cloud-2015", str(tmp_path / "none.yaml")]) == 2
    captured = capsys.readouterr()
    assert [line.split(",")[0] for line in captured.out.splitlines()] == [
        "ok: design deck-redis",
        "ok: profile cloud-2015",
    ]
    assert len(captured.err.splitlines()) == 2
