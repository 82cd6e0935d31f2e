"""Which values matter: ranges, the tornado's table, indices against those of a known function."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.cli import main
from experiments.sensitivity.indices import NotInstalled, analyse, block_size, sample
from experiments.sensitivity.ranges import Range, read_range

SHORT = ["--profile", "cloud-2015", "--horizon", "60d", "--workers", "1"]
DOWN_AFTER = "sentinel.foo.down-after-milliseconds"
FLAPS = "profile.faults.vpn-flap.every.mean"


@pytest.mark.parametrize(
    ("text", "kind", "logarithmic", "middle"),
    [
        ("a.b=1,5", "whole", False, "3"),
        ("a.b=1,100", "whole", True, "10"),
        ("a.b=0.0,0.5", "number", False, "0.25"),
        ("a.b=2s,4s", "time", False, "3000000000ns"),
        ("a.b=1s,100s", "time", True, "10000000000ns"),
        ("a.b=yes,no", "", False, ""),
    ],
)
def test_a_range_knows_what_lies_between(
    text: str, kind: str, logarithmic: bool, middle: str
) -> None:
    """Times would be varied as if they were text, or rates by steps that leave a decade out."""
    found = read_range(text)
    assert found.kind == kind
    if kind:
        assert found.is_logarithmic == logarithmic
        assert found.at(0.5) == middle
        assert found.at(0.0) != found.at(1.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [("a.b=1", "at least two"), ("a.b=1,2,3", "two values"), ("a.b=5,1", "not below"), ("a", "=")],
)
def test_a_range_that_is_none_is_told(text: str, told: str) -> None:
    """A tornado would have a bar without ends."""
    with pytest.raises(ValueError, match=told):
        read_range(text)


def ishigami(points: np.ndarray) -> np.ndarray:
    """Sobol indices are known: Ishigami and Homma 1990, a = 7, b = 0.1, on [-pi, pi]^3."""
    x = np.pi * (2.0 * points - 1.0)
    result: np.ndarray = (
        np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )
    return result


RANGES = [Range(name, "0.0", "1.0", "number") for name in ("x1", "x2", "x3")]


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_sobol_finds_the_known_shares() -> None:
    """Points and results would be put together in another order than they were drawn in."""
    points = sample("sobol", RANGES, 2048, 1)
    assert len(points) == 2048 * block_size("sobol", 3)
    found = analyse("sobol", RANGES, points, ishigami(points), np.zeros(len(points)), 1)
    first, total = found.table["S1"].to_numpy(), found.table["ST"].to_numpy()
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    assert found.left_out == 0 and found.noise_share == 0.0


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_sample_with_a_failed_point_is_left_out_as_a_whole() -> None:
    """SALib would return NaN for everything, or take results of one sample for another's."""
    points = sample("morris", RANGES, 30, 2)
    results = ishigami(points)
    whole = analyse("morris", RANGES, points, results, np.zeros(len(points)), 2)
    results[5] = np.nan
    found = analyse("morris", RANGES, points, results, np.full(len(points), 0.1), 2)
    assert (found.blocks, found.left_out, whole.blocks) == (29, 1, 30)
    assert np.isfinite(found.table["mu_star"].to_numpy()).all()
    assert 0 < found.noise_share < 0.01
    results[: 4 * 27] = np.nan
    with pytest.raises(ValueError, match="only 3 of 30 samples"):
        analyse("morris", RANGES, points, results, np.zeros(len(points)), 2)
    with pytest.raises(ValueError, match="came out equal"):
        analyse("morris", RANGES, points, np.ones(len(points)), np.zeros(len(points)), 2)


def test_without_salib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An optional package that is absent would end in an ImportError."""
    monkeypatch.setitem(__import__("sys").modules, "SALib", None)
    with pytest.raises(NotInstalled, match=r"sengu\[sensitivity\]"):
        sample("morris", RANGES, 4, 0)


def test_a_tornado_is_kept_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its bars would not be those of the table, or `sengu plot` would not find it."""
    out = tmp_path / "study"
    vary = ["--vary", f"{DOWN_AFTER}=1s,60s", "--vary", f"{FLAPS}=10d,300d"]
    # One end is the value as it is: nothing differs.
    vary += ["--vary", "profile.people.crew=1,2"]
    assert (
        main(["sensitivity", "deck-redis", *vary, *SHORT, "--years", "6", "--out", str(out)]) == 0
    )
    assert DOWN_AFTER in capsys.readouterr().out
    table = pd.read_csv(out / "sensitivity.csv").set_index("parameter")
    row = table.loc[DOWN_AFTER]
    assert row["low_less_base"] == pytest.approx(row["at_low"] - row["base"])
    assert table.loc[FLAPS, "at_low"] > table.loc[FLAPS, "at_high"]
    picture = tmp_path / "tornado.png"
    assert main(["plot", "tornado", str(out), "--out", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_morris_runs_on_a_design(capsys: pytest.CaptureFixture[str]) -> None:
    """The values between the ends would not be ones that a design accepts."""
    vary = ["--vary", f"{DOWN_AFTER}=1s,60s", "--vary", f"{FLAPS}=10d,300d"]
    words = ["--method", "morris", "--samples", "4", "--years", "2", "--json"]
    assert main(["sensitivity", "deck-redis", *vary, *SHORT, *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["parameter"] for row in found["rows"]} == {DOWN_AFTER, FLAPS}
    assert all(row["mu_star"] >= 0 for row in found["rows"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--vary", f"{DOWN_AFTER}=1s"], "at least two"),
        (["--vary", f"{DOWN_AFTER}=1s,5s", "--metric", "luck"], "--metric: expected one of"),
        (["--vary", f"{DOWN_AFTER}=1s,5s", "--method", "moris"], "--method: expected one of"),
        (["--vary", f"{DOWN_AFTER}=1s,5s", "--vary", f"{DOWN_AFTER}=1s,9s"], "is there twice"),
        (["--vary", "operator.move-sentinels.reset=yes,no", "--method", "morris"], "two numbers"),
        (["--vary", f"{DOWN_AFTER}=1s,5s", "--method", "sobol", "--samples", "12"], "power of two"),
        (["--vary", "sentinel.foo.quorom=1,2"], "did you mean 'quorum'"),
    ],
)
def test_what_cannot_be_varied_is_told_in_a_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hundred runs would be over before the typing error is found."""
    capsys.readouterr()
    assert main(["sensitivity", "deck-redis", *SHORT, "--years", "1", *words]) == 2
    printed = capsys.readouterr()
    assert told in printed.err and printed.err.count("\n") == 1 and printed.out == ""


def test_times_between_are_written_as_a_file_has_them() -> None:
    """A time of half a nanosecond, or without its unit, is refused by every spec."""
    assert read_range("a=1s,60s").at(0.37) == "4549000270ns"
