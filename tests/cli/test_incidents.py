"""The commands about incidents: what they print, what they write, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.cli import main

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A design for three runs of 60 days."""
    out = tmp_path_factory.mktemp("incidents") / "study"
    words = ["--profile", "cloud-2015", "--years", "3", "--horizon", "60d", "--workers", "1"]
    assert main(["run", "deck-redis", *words, "--out", str(out)]) == 0
    return out


def listed(study: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["incidents", str(study), "--json", *words]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_the_worst_are_listed_first(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A reader would look at an ordinary incident and think that it was the worst."""
    down = [float(str(row["downtime_s"])) for row in listed(study, capsys)]
    assert len(down) == 10 and down == sorted(down, reverse=True)
    split = listed(study, capsys, "--sort", "split-brain", "--limit", "2")
    assert len(split) == 2 and split[0]["split_brain_s"] >= split[1]["split_brain_s"]  # type: ignore[operator]
    assert main(["incidents", str(study), "--limit", "3"]) == 0
    table = capsys.readouterr().out
    assert str(listed(study, capsys)[0]["id"]) in table
    assert max(map(len, table.splitlines())) <= 100


def test_incidents_are_filtered(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of another cause or another run would be among them."""
    flaps = listed(study, capsys, "--cause", "vpn-flap", "--replication", "1", "--limit", "99")
    assert flaps and all(row["cause"] == "vpn-flap" and row["replication"] == 1 for row in flaps)
    long = listed(study, capsys, "--min-downtime", "1min", "--limit", "999")
    assert long and all(float(str(row["downtime_s"])) >= 60 for row in long)
    assert main(["incidents", str(study), "--min-downtime", "1y"]) == 0
    assert capsys.readouterr().out == "no incident of that kind\n"


def test_a_replay_is_printed_drawn_and_written(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file would be missing, or hold another incident than the trace."""
    identity = str(listed(study, capsys, "--sort", "split-brain")[0]["id"])
    picture, story, trace = (tmp_path / name for name in ("a.png", "a.md", "a.txt"))
    command = ["replay", str(study), identity, "--timeline", str(picture)]
    assert main([*command, "--post-mortem", str(story), "--trace", str(trace)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("        time_s  entity")
    assert "fault-begin" in printed
    assert picture.read_bytes().startswith(PNG)
    assert identity in story.read_text()
    assert printed.splitlines()[1] == trace.read_text().splitlines()[1]
    assert main(["replay", str(study), identity, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["incident"]["id"] == identity and document["events"]


def test_a_long_trace_says_what_it_leaves_out(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of an incident would be missing without a word."""
    monkeypatch.setattr("experiments.cli.replay.MOST_LINES", 5)
    identity = str(listed(study, capsys)[0]["id"])
    assert main(["replay", str(study), identity]) == 0
    short = capsys.readouterr().out.splitlines()
    assert len(short) == 7 and short[-1].endswith("--all prints them, --trace FILE keeps them")
    assert main(["replay", str(study), identity, "--all"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6 + int(short[-1].split()[1])


def test_shrinking_names_the_faults(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It would say that something was needed and not what."""
    identity = str(listed(study, capsys)[0]["id"])
    assert main(["shrink", str(study), identity]) == 0
    head, *faults = capsys.readouterr().out.splitlines()
    assert head.startswith(f"{identity}: of ") and faults
    assert main(["shrink", str(study), identity, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["faults"]) == len(faults) and document["kept_share"] >= 0.5


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["incidents", "NOWHERE"], "no incidents.parquet: it holds no study"),
        (["incidents", "STUDY", "--sort", "downtme"], "cannot sort by 'downtme'; did you mean"),
        (["incidents", "STUDY", "--design", "deck-redys"], "did you mean deck-redis?"),
        (["incidents", "STUDY", "--min-downtime", "5"], "--min-downtime: "),
        (["replay", "STUDY", "deck-redis/cloud-2015/9/9"], "no incident"),
        (["replay", "STUDY", "deck-redis/cloud-2015/0/1", "--timeline", "x.gif"], ".png or .svg"),
        (["replay", "STUDY", "deck-redis/cloud-2015/0/1", "--trace", "no/x"], "no such directory"),
        (["shrink", "STUDY", "deck-redis/cloud-2015/0/1", "--least", "half"], "a share such as"),
        (["shrink", "STUDY", "deck-redis/cloud-2015/0/1", "--least", "0%"], "above 0 and at"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    words: list[str], told: str, study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error would end in a traceback, or in an empty answer."""
    places = {"STUDY": str(study), "NOWHERE": str(tmp_path)}
    capsys.readouterr()
    assert main([places.get(word, word) for word in words]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and told in printed.err and printed.err.count("\n") == 1
