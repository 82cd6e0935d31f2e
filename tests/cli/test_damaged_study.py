"""What is left of a study that a disk, or somebody, has damaged is told in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from experiments.cli import main

INCIDENT = "deck-redis/cloud-2015/0/0"
READERS = {
    "runs": [["plot", "ccdf"], ["plot", "nines"], ["adjust"], ["resume"]],
    "incidents": [["plot", "convergence"], ["incidents"], ["replay"], ["shrink"], ["resume"]],
    "causes": [["plot", "waterfall"], ["resume"]],
    "controls": [["adjust"]],
}
CASES = [(table, words) for table, several in READERS.items() for words in several]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete study."""
    out = tmp_path_factory.mktemp("sound") / "results"
    words = ["run", "deck-redis", "--profile", "cloud-2015", "--years", "2", "--horizon", "20d"]
    assert main([*words, "--workers", "1", "--out", str(out)]) == 0
    return out


@pytest.fixture
def study(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it in the current directory."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(sound, "results"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def not_parquet(path: Path) -> None:
    path.write_text("design,profile\n")


def of_something_else(path: Path) -> None:
    pd.DataFrame({"design": ["x"] * 2, "height": [1.0, 2.0]}).to_parquet(path)


def of_words(path: Path) -> None:
    table = pd.read_parquet(path)
    table["replication"] = table["downtime_s" if "downtime_s" in table else "value"] = "first"
    table.to_parquet(path)


@pytest.mark.parametrize("damage", [cut, not_parquet, of_something_else, of_words, Path.unlink])
@pytest.mark.parametrize(("table", "words"), CASES, ids=[f"{t}, {' '.join(w)}" for t, w in CASES])
def test_a_damaged_table_is_one_line(
    table: str,
    words: list[str],
    damage: Callable[[Path], None],
    study: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The reader would get a traceback of Arrow's, and not the name of the file."""
    damage(study / f"{table}.parquet")
    more = [INCIDENT] if words[0] in ("replay", "shrink") else []
    assert main([*words, str(study), *more]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert f"{table}.parquet" in captured.err
    assert not list(Path().glob("*.png"))


@pytest.mark.parametrize("words", [["plot", "ccdf"], ["adjust"], ["resume"]])
def test_files_of_two_studies_are_one_line(
    words: list[str], study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Years of one study would be told under the name and the seed of another."""
    ending, spec = json.loads((study / "complete.json").read_text()), study / "spec.json"
    kept = spec.read_text()

    def told() -> str:
        assert main([*words, str(study)]) == 2
        return capsys.readouterr().err

    (study / "complete.json").write_text(json.dumps({**ending, "runs": 3}))
    assert "runs.parquet has 2 runs, and complete.json says 3" in told()
    (study / "complete.json").write_text("{}")
    assert "complete.json: is damaged" in told()
    (study / "complete.json").write_text(json.dumps(ending))
    spec.write_text(kept.replace('"seed": 0', '"seed": 1'))
    assert "spec.json: is not what the study was run from" in told()
    spec.write_text(kept[:100])
    assert "spec.json: is" in told()


def test_a_damaged_table_of_sensitivities_is_one_line(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``sengu plot tornado`` would end in a traceback of pandas'."""
    (study / "sensitivity.csv").write_bytes(b"\xff\x00")
    assert main(["plot", "tornado", str(study)]) == 2
    assert "sensitivity.csv: cannot be read" in capsys.readouterr().err


def test_a_damaged_spec_is_not_begun_anew(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a damaged directory holds would be counted wrongly, in a traceback."""
    (study / "complete.json").unlink()
    (study / "chunks").mkdir()
    (study / "spec.json").write_text('{"points": 3}')
    words = ["run", "deck-redis", "--profile", "no-faults", "--years", "1"]
    assert main([*words, "--out", str(study)]) == 2
    assert "spec.json: is damaged" in capsys.readouterr().err
