"""The ``sengu`` command does what its help says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.catalogue import find, load_design, shipped
from experiments.cli import main
from experiments.design import DesignSpec
from experiments.loading import parse_spec
from experiments.resolved import resolved_yaml
from experiments.results import read_tables
from experiments.validation.registry import VALIDATIONS

UNDER = ["--profile", "cloud-2015"]
SHORT = [*UNDER, "--years", "3", "--horizon", "20d", "--workers", "1"]


def test_help_imports_nothing_heavy() -> None:
    """``sengu --help`` would take a second, because some command imports pandas at the top."""
    code = (
        "import sys; from experiments.cli import main; main(['--help']);"
        "heavy = {'pandas', 'numpy', 'scipy', 'matplotlib', 'pydantic', 'pyarrow'};"
        "sys.exit(', '.join(heavy & {*sys.modules}) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("list", "show", "check", "schema", "run", "resume", "inject", "validate"):
        assert f" {command} " in done.stdout


def test_list_names_everything_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    """A design would be in the package and nobody would know."""
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    for name in (*shipped("design"), *shipped("profile")):
        assert f"  {name} " in listed


def test_help_names_every_validation(capsys: pytest.CaptureFixture[str]) -> None:
    """A validation would exist, and only who reads the source could ask for it."""
    assert main(["validate", "--help"]) == 0
    told = capsys.readouterr().out
    assert [name for name in VALIDATIONS if f"{name}:" not in told] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """A report could not say which program its numbers come from."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sengu ")


@pytest.mark.parametrize("name", shipped("design"))
def test_show_reads_back_as_the_same_design(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is shown would not be what is run, or could not be saved and changed."""
    assert main(["show", name, "--profile", "cloud-2015"]) == 0
    shown = capsys.readouterr().out
    assert parse_spec(shown, "x.yaml", DesignSpec) == load_design(name)[1]
    assert "# host-crash: down" in shown


def test_show_applies_overrides(capsys: pytest.CaptureFixture[str]) -> None:
    """``--set`` would be accepted and change nothing."""
    words = ["--set", "sentinel.foo.quorum=3", "--set", "profile.people.crew=7"]
    assert main(["show", "deck-redis", "--profile", "cloud-2015", *words]) == 0
    shown = capsys.readouterr().out
    assert "quorum: 3\n" in shown
    assert "# people: a crew of 7\n" in shown


@pytest.mark.parametrize("kind", ["design", "profile"])
def test_schema_is_json(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An editor could not read the schema."""
    assert main(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["additionalProperties"] is False


def test_run_writes_a_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hours of simulation would leave no tables, or none that say what was run."""
    out = tmp_path / "results"
    assert main(["run", "deck-redis", "sentinel-2-hosts", *SHORT, "--out", str(out)]) == 0
    assert "downtime, min/year" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "causes.parquet",
        "complete.json",
        "controls.parquet",
        "incidents.parquet",
        "loads.parquet",
        "runs.parquet",
        "spec.json",
        "stages.parquet",
    ]
    spec = json.loads((out / "spec.json").read_text())
    assert (spec["seed"], spec["years"], spec["horizon_s"]) == (0, 3, 20 * 86_400)
    assert sorted(spec["designs"]) == ["deck-redis", "sentinel-2-hosts"]
    runs = read_tables(out).runs
    assert list(runs["replication"]) == [0, 1, 2] * 2
    assert main(["run", "deck-redis", *SHORT, "--out", str(out)]) == 0


def test_run_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    """A script could not read the result: progress or a table would be among the JSON."""
    assert main(["run", "deck-redis", *SHORT, "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["summaries"][0]["runs"] == 3
    assert captured.err == ""


@pytest.mark.parametrize("command", ["run", "compare"])
def test_json_says_which_study_it_is_of(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A figure in a report could not be led back to its seed, its designs or its sengu."""
    designs = ["sentinel-2-hosts", "sentinel-3-hosts"]
    assert main([command, *designs, *SHORT, "--seed", "3", "--json", "--out", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    spec = json.loads((tmp_path / "spec.json").read_text())
    for name in ("version", "source", "seed", "years", "horizon_s", "engine"):
        assert document[name] == spec[name]
    assert document["spec"] == json.loads((tmp_path / "complete.json").read_text())["spec"]
    assert document["points"] == [{"design": one, "profile": "cloud-2015"} for one in designs]


def test_run_keeps_out_of_other_peoples_directories(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results would be strewn over a directory that holds something else."""
    (tmp_path / "thesis.tex").write_text("x")
    command = ["run", "deck-redis", *SHORT, "--out", str(tmp_path)]
    assert main(command) == 2
    assert "is not empty and holds no study" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert main([*command, "--force"]) == 0


@pytest.mark.parametrize("name", ["complete.json", "runs.parquet", "spec.json"])
def test_a_file_that_is_called_as_a_studys_makes_no_study(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, somebody's own chunks and tables are gone without a question."""
    mine = tmp_path / name
    mine.write_text("mine", encoding="utf-8")
    words = ["run", "deck-redis", "--profile", "no-faults", "--years", "1", "--out", str(tmp_path)]
    assert main(words) == 2
    assert "is not empty and holds no study" in capsys.readouterr().err
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_failed_run_is_a_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One failed run of ten thousand would end the study, or be counted as a good year."""
    from experiments import simulation

    sound = simulation.simulate

    def broken(order: simulation.RunOrder) -> simulation.RunRecord:
        if order.replication == 1:
            raise RuntimeError("the second run is broken")
        return sound(order)

    monkeypatch.setattr(simulation, "simulate", broken)
    assert main(["run", "deck-redis", *SHORT, "--out", str(tmp_path)]) == 1
    assert "1 of 3 runs failed; the first, deck-redis/cloud-2015/1: RuntimeError: the second" in (
        capsys.readouterr().err
    )
    assert list(read_tables(tmp_path).runs["status"]) == ["ok", "failed", "ok"]


WRONG = [
    (["run", "deck-reds", *SHORT], "design 'deck-reds': there is no such design; did you mean"),
    (["run", "deck-redis"], "sengu run: Missing option '--profile'"),
    (["run", "deck-redis", "--profile", "cloud2015"], "profile 'cloud2015': there is no such"),
    (["run", "deck-redis", *UNDER, "--years", "x"], "sengu run: Invalid value for '--years'"),
    (["run", "deck-redis", *UNDER, "--years", "0"], "sengu run: Invalid value for '--years'"),
    (["run", "deck-redis", *SHORT, "--seed", "-1"], "sengu run: Invalid value for '--seed'"),
    (["run", "deck-redis", *UNDER, "--workers", "-1"], "sengu run: Invalid value for '--workers'"),
    (["run", "deck-redis", *UNDER, "--horizon", "30"], 'sengu: --horizon: "30" has no unit'),
    (["run", "deck-redis", *UNDER, "--horizon", "0s"], "sengu: --horizon: must be longer"),
    (["run", "deck-redis", *SHORT, "--engine", "fst"], "sengu: --engine: expected one of"),
    (["run", "deck-redis", *SHORT, "--set", "x"], "--set x: expected path=value"),
    (
        ["run", "deck-redis", *SHORT, "--set", "sentinel.foo.quorom=1"],
        "--set sentinel.foo.quorom: unknown key 'quorom' in sentinel 'foo'; did you mean 'quorum'?",
    ),
    (
        ["run", "deck-redis", *SHORT, "--set", "profile.faults.vpnflap.lasts=1s"],
        "--set profile.faults.vpnflap.lasts: no 'vpnflap' under 'faults'; did you mean 'vpn-flap'?",
    ),
    (["run", "deck-redis", "deck-redis", *SHORT], "sengu: two designs are called 'deck-redis'"),
    (["run", "deck-redis", *SHORT, "--force"], "sengu: --force: there is no --out"),
    (["run", "deck-redis", *SHORT, "--on-error", "stop"], "sengu: --on-error: expected one of"),
    (["run", "deck-redis", *SHORT, "--nope"], "sengu run: No such option: --nope"),
    (["show", "deck-redis", "--set", "profile.people.crew=1"], "sengu: --set profile...: there is"),
    (["schema", "desing"], "sengu: schema of what?"),
    (["rn"], "sengu: No such command 'rn'"),
    (["show"], "sengu show: Missing argument"),
]


@pytest.mark.parametrize(("command", "message"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_a_wrong_command_is_one_line(
    command: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped option would end in a traceback or a screenful."""
    assert main(command) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert captured.err.count("\n") == 1


def test_a_fault_on_what_the_design_lacks_is_said_before_the_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped target would be a thousand failed runs with a traceback each."""
    path = tmp_path / "p.yaml"
    path.write_text(find("profile", "clean-lab").text.replace("on: hosts", "on: [a99]"))
    assert main(["run", "deck-redis", "--profile", str(path), "--years", "1"]) == 2
    line = path.read_text().splitlines().index("    on: [a99]") + 1
    assert capsys.readouterr().err == (
        f"{path}:{line}:5: fault 'host-crash': unknown process or host 'a99' "
        "(in the design deck-redis)\n"
    )


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("hosts=[]", "--set hosts: 'hosts' in design: expected a mapping"),
        (
            "profile.people=null",
            "--set profile.people: repaired-by: crew needs a people block (profiles/clean-lab",
        ),
        (
            "profile.faults.host-crash.on=[a99]",
            "--set profile.faults.host-crash.on: fault 'host-crash': unknown process or host 'a99'",
        ),
    ],
)
def test_what_an_override_makes_wrong_is_the_overrides(
    setting: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader would look for his mistake in a shipped file, where it is not."""
    words = ["run", "deck-redis", "--profile", "clean-lab", "--years", "1", "--set", setting]
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(said) and captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("my-desing", "there is no such design; did you mean 'my-design.yaml'?"),
        ("x.json", "there is no such design, nor a file 'x.json' here; there are deck-full,"),
        ("frob", "there is no such design, nor a file 'frob.yaml' here; there are deck-full,"),
        ("other.json", "there is no such design; did you mean the file './other.json'?"),
        ("my-design", "there is no such design; did you mean the file 'my-design.yaml'?"),
        ("results", "there is no such design, and a directory of that name; name one YAML file"),
        ("x" * 300, "there is no such design, nor a file 'xxxxx"),
    ],
)
def test_a_design_that_is_nowhere_says_what_was_looked_for(
    word: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A newcomer could not tell whether a name or a file was wrong, nor what the file is called."""
    monkeypatch.chdir(tmp_path)
    Path("results").mkdir()
    for name in ("my-design.yaml", "other.json"):
        Path(name).write_text(find("design", "deck-redis").text)
    assert main(["show", word]) == 2
    assert said in capsys.readouterr().err
    assert main(["show", "./other.json"]) == 0


def test_a_sweep_remarks_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A remark would stand there once a point, and the screen be full of it."""
    words = ["--profile", "cloud-2015", "--years", "1", "--horizon", "1d", "--workers", "1"]
    assert main(["sweep", "deck-mysql", *words, "--vary", "operator.alert-after=1min,2min"]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if "for good" in line]
    assert len(notes) == 1


@pytest.mark.parametrize("command", ["show", "sweep", "sensitivity", "inject", "run"])
def test_every_command_says_alike_what_a_design_is(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who reads the help of one command would not know that it takes files, too."""
    assert main([command, "--help"]) == 0
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "as in sengu list, or YAML file" in told or "as in sengu list, or a YAML file" in told


def test_resolved_yaml_shows_defaults() -> None:
    """A default would decide a result and not be shown."""
    assert "failover-timeout: 60s" in resolved_yaml(load_design("sentinel-3-hosts")[1])
    assert "repl-timeout: 60s" in resolved_yaml(load_design("sentinel-3-hosts")[1])
