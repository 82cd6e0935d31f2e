"""``sengu inject`` and ``sengu validate`` as one types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from experiments.cli import main

KILL = ("inject", "sentinel-3-hosts", "--fault", "kill redis@a at 60s", "--until", "80s")


def test_one_trial_prints_the_trace_in_the_scripts_time(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, times are not those of the script, or the summary is missing."""
    assert main(KILL) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["time_s", "entity", "event"]
    assert lines[1].split()[:3] == ["60.000000", "faults", "fault-begin"]
    assert any("+switch-master" in line for line in lines)
    assert lines[-1].startswith("good 60.")
    assert lines[-1].endswith("0 acknowledged writes lost")


def test_json_holds_events_and_summary(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a program cannot read what a person reads."""
    assert main([*KILL, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["events"][0]["time_s"] == 60
    assert told["milestones"]["failover"] == 1
    assert sum(told["seconds"].values()) == pytest.approx(80)


@pytest.mark.parametrize(
    ("design", "faults", "remarks"),
    [
        ("deck-redis", ["cut a01-admin01 at 1s for 2s"], ["changes nothing"]),
        ("deck-redis", ["kill redis@a01 at 1s"], []),
        ("deck-redis", ["kill redis@a01 at 1s", "kill redis@a01 at 2s"], ["kill redis@a01 at 2s"]),
        ("deck-redis", ["cut east-west at 1s for 20s"], []),
        ("deck-full", ["kill monitor@admin01 at 1s"], ["it stays dead from then on"]),
    ],
)
def test_a_fault_that_is_perhaps_not_meant_is_remarked_on(
    design: str, faults: list[str], remarks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A newcomer would take a wrong link or a dead process for a design that bears all."""
    words = [word for fault in faults for word in ("--fault", fault)]
    assert main(["inject", design, *words, "--until", "30s"]) == 0
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert len(lines) == len(remarks)
    for line, remark in zip(lines, remarks, strict=True):
        assert line.startswith("sengu: note: ") and remark in line


def test_repeated_trials_become_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, trials are not independent, or the file lacks some."""
    file = tmp_path / "trials.csv"
    assert main([*KILL, "--repeat", "5", "--csv", str(file)]) == 0
    out = capsys.readouterr().out
    assert "sdown_first" in out
    assert "median" in out
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert [row["trial"] for row in rows] == list("01234")
    assert len({row["sdown_first"] for row in rows}) == 5


def test_the_seed_decides(tmp_path: Path) -> None:
    """If this fails, a trial cannot be repeated."""
    files = [tmp_path / name for name in "abc"]
    for file, seed in zip(files, "112", strict=True):
        assert main([*KILL, "--csv", str(file), "--seed", seed]) == 0
    first, second, third = (file.read_text() for file in files)
    assert first == second != third


def test_an_override_changes_the_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, --set is accepted and changes nothing."""
    slow = ["--set", "sentinel.foo.down-after-milliseconds=30s"]
    assert main([*KILL, *slow]) == 0
    assert "+switch-master" not in capsys.readouterr().out


def test_a_picture_is_drawn(tmp_path: Path) -> None:
    """If this fails, --timeline promises a picture and draws none."""
    file = tmp_path / "kill.png"
    assert main([*KILL, "--timeline", str(file)]) == 0
    assert file.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["inject", "sentinel-3-hosts", "--fault", "kill redis@x at 1s"], "redis@x"),
        (["inject", "sentinel-3-hosts", "--fault", "kil redis@a at 1s"], "did you mean 'kill'"),
        (["inject", "sentinel-9-hosts", "--fault", "kill redis@a at 1s"], "sentinel-9-hosts"),
        (["inject", "sentinel-3-hosts"], "--fault"),
        ([*KILL[:4], "--until", "soon"], "--until"),
        ([*KILL[:4], "--until", "10s"], "there is a fault at 60s"),
        ([*KILL, "--set", "sentinel.foo.quorum=9"], "quorum 9"),
        ([*KILL, "--timeline", "a.gif"], ".png or .svg"),
        ([*KILL, "--csv", "/nowhere/at/all.csv"], "/nowhere/at/all.csv"),
        (["validate", "mysql"], "'mysql' has no validation"),
        (["validate", "redis-sentinel", "--data", "/nowhere"], "no measurements at /nowhere"),
    ],
)
def test_errors_are_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a slip of the finger ends in a traceback or in silence."""
    assert main(words) == 2
    caught = capsys.readouterr()
    assert said in caught.err
    assert len(caught.err.splitlines()) == 1


def test_help_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, nobody learns how a fault is written."""
    assert main(["inject", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "kill redis@a01 at 60s" in out
    assert "--repeat 500" in out
