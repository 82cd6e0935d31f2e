"""``sengu plot`` draws every kind of figure from studies on disk, or says in a line why not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.plots.kinds import KINDS, METRICS
from experiments.results import read_tables

SHORT = ["--profile", "cloud-2015", "--horizon", "60d", "--workers", "1"]
PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two designs, three runs of 60 days each."""
    out = tmp_path_factory.mktemp("studies") / "two"
    command = ["run", "deck-full", "deck-full-manual", "--years", "3", *SHORT]
    assert main([*command, "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two values of each of two options."""
    out = tmp_path_factory.mktemp("studies") / "sweep"
    vary = [f"sentinel.foo.{one}" for one in ("down-after-milliseconds=1s,30s", "quorum=1,2")]
    command = ["sweep", "deck-redis", "--vary", vary[0], "--vary", vary[1], "--years", "2", *SHORT]
    assert main([*command, "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"heat", "tornado", "timeline"}))
def test_every_kind_is_drawn(kind: str, study: Path, tmp_path: Path) -> None:
    """A kind would be listed in the help and end in a traceback."""
    files = [tmp_path / f"{kind}.png", tmp_path / f"{kind}.svg"]
    assert main(["plot", kind, str(study), "--out", str(files[0]), "--out", str(files[1])]) == 0
    assert files[0].read_bytes().startswith(PNG)
    assert b"</svg>" in files[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f.name for f in files)


def test_downtime_is_cut_by_stage_or_by_cause(study: Path, tmp_path: Path) -> None:
    """The bars of both would be the same, or the command would end in a traceback."""
    written = []
    for by in ("stage", "cause"):
        file = tmp_path / f"{by}.svg"
        assert main(["plot", "waterfall", str(study), "--by", by, "--out", str(file)]) == 0
        written.append(file.read_text())
    assert "repair" in written[0] and "repair" not in written[1]
    assert "host-crash" in written[1] and "host-crash" not in written[0]


def test_a_map_is_drawn_of_a_sweep_by_metric(sweep: Path, tmp_path: Path) -> None:
    """The map of split brain would show downtime."""
    written = set()
    for metric in ("downtime", "split-brain"):
        file = tmp_path / f"{metric}.svg"
        assert main(["plot", "heat", str(sweep), "--metric", metric, "--out", str(file)]) == 0
        written.add(file.read_bytes())
    assert len(written) == 2


def test_an_incident_is_drawn_by_its_id(study: Path, tmp_path: Path) -> None:
    """The picture would show another incident than the one that was asked for."""
    incidents = read_tables(study).incidents.sort_values("downtime_s")
    worst, other = (str(incidents["id"].iloc[place]) for place in (-1, -2))
    for words, name in (([], worst), ([other], other)):
        file = tmp_path / "incident.svg"
        assert main(["plot", "timeline", str(study), *words, "--out", str(file)]) == 0
        assert f"({name})" in file.read_text()


def test_without_out_the_file_has_the_name_of_the_kind(
    study: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The figure would go to where nobody looks."""
    monkeypatch.chdir(tmp_path)
    assert main(["plot", "ccdf", str(study), "--design", "deck-full-manual"]) == 0
    assert capsys.readouterr().out == "wrote ccdf.png\n"
    assert [path.name for path in tmp_path.iterdir()] == ["ccdf.png"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ccfd", "STUDY"], "there is no figure 'ccfd'; did you mean ccdf?"),
        (["ccdf", "EMPTY"], "holds no study"),
        (["paired", "STUDY", "--design", "deck-full"], "a difference is of two designs"),
        (["heat", "STUDY"], "a map needs a sweep over two values"),
        (["tornado", "STUDY"], "holds no sensitivities"),
        (["nines", "STUDY", "--design", "dekc"], "no design 'dekc'; there: deck-full, deck-full-m"),
        (["nines", "STUDY", "--profile", "x"], "no profile 'x'; there: cloud-2015"),
        (["timeline", "STUDY", "a/b/1/2"], "no incident 'a/b/1/2'"),
        (["ccdf", "STUDY", "a/b/1/2"], "ID is for timeline and names; ccdf has no use for it"),
        (["nines", "STUDY", "--by", "stage"], "--by is for waterfall; nines has no use for it"),
        (["waterfall", "STUDY", "--by", "colour"], "--by: expected stage or cause; got 'colour'"),
        (["paired", "STUDY", "--metric", "joy"], "--metric: expected one of downtime, split-brain"),
        (["ccdf", "STUDY", "--out", "x.jpeg"], "figures are written as .png or .svg"),
        (["ccdf", "STUDY", "--out", "nowhere/x.png"], "no such directory"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(
    words: list[str],
    said: str,
    study: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A slip of the keyboard would end in a traceback, or in an empty picture."""
    monkeypatch.chdir(tmp_path)
    places = {"STUDY": str(study), "EMPTY": str(tmp_path)}
    assert main(["plot", *(places.get(word, word) for word in words)]) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_unfinished_study_is_not_drawn(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of the years would be shown as if they were all."""
    half = tmp_path / "half"
    shutil.copytree(study, half)
    (half / "complete.json").unlink()
    (half / "chunks").mkdir()
    assert main(["plot", "nines", str(half), "--out", str(tmp_path / "x.png")]) == 2
    assert f"`sengu resume {half}` ends it" in capsys.readouterr().err


def test_the_help_lists_every_kind_and_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """A figure would be there and nobody would find it."""
    assert main(["plot", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for name, kind in KINDS.items():
        assert f"{name}: {kind.line}" in told
    for words in METRICS.values():
        for word in words:
            assert word in told
