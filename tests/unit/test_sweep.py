"""Sweeps: what is read, which points there are, and that they differ in nothing but what varies."""

from __future__ import annotations

import json

import pytest

from experiments.cli import main
from experiments.sweep import Variation, combinations, label, read_variation

SHORT = ["--years", "2", "--horizon", "20d", "--workers", "1"]


def test_values_are_split_at_commas_outside_brackets() -> None:
    """If this fails, a value that is a mapping cannot be varied."""
    read = read_variation("operator.swaps={every: 7d, stores: [a, b]}, null")
    assert read == Variation("operator.swaps", ("{every: 7d, stores: [a, b]}", "null"))
    assert read_variation("x.y='a,b',c").values == ("'a,b'", "c")


@pytest.mark.parametrize("text", ["x.y", "=1,2", "x.y=1", "x.y=1,", "x.y="])
def test_a_slip_in_a_variation_is_told(text: str) -> None:
    """If this fails, a slip of the keyboard runs another sweep than was meant."""
    with pytest.raises(ValueError, match=r"expected path=value|at least two"):
        read_variation(text)


def test_every_combination_is_a_point_and_has_its_own_name() -> None:
    """If this fails, points of a sweep are left out or cannot be told apart in the tables."""
    points = combinations([Variation("a.foo.x", ("1", "2")), Variation("a.bar.x", ("3", "4"))])
    assert points[1] == ("a.foo.x=1", "a.bar.x=4")
    assert [label(point) for point in points][:2] == ["foo.x=1, bar.x=3", "foo.x=1, bar.x=4"]
    assert label(("sentinel.foo.quorum=2",)) == "quorum=2"
    with pytest.raises(ValueError, match="at most 1,000"):
        combinations([Variation(f"a.{n}", tuple("0123456789")) for n in range(4)])


def test_a_point_is_the_run_of_its_own_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a sweep does not run what it says: its point differs from the same --set."""
    profile = ["--profile", "cloud-2015", *SHORT, "--json"]
    assert main(["sweep", "deck-redis", "--vary", "sentinel.foo.quorum=1,2", *profile]) == 0
    swept = json.loads(capsys.readouterr().out)
    assert [point["design"] for point in swept] == ["quorum=1", "quorum=2"]
    assert main(["run", "deck-redis", "--set", "sentinel.foo.quorum=1", *profile]) == 0
    (alone,) = json.loads(capsys.readouterr().out)["summaries"]
    assert swept[0]["numbers"] == alone["numbers"]


def test_a_value_of_the_profile_can_be_varied(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the sensitivity to the assumptions cannot be asked for."""
    vary = "profile.faults.vpn-flap.every.mean=5d,50d"
    assert main(["sweep", "deck-redis", "--vary", vary, "--profile", "cloud-2015", *SHORT]) == 0
    assert "mean=50d" in capsys.readouterr().out


def test_a_wrong_variation_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the writer of a wrong sweep sees a traceback."""
    words = ["sweep", "deck-redis", "--profile", "cloud-2015", *SHORT, "--vary"]
    assert main([*words, "sentinel.foo.quorom=1,2"]) == 2
    assert "did you mean 'quorum'?" in capsys.readouterr().err
    assert main([*words, "sentinel.foo.quorum=1"]) == 2
    assert "at least two" in capsys.readouterr().err
