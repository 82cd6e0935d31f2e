"""What was given twice where once counts is refused, not silently taken for the last."""

from __future__ import annotations

import pytest

from experiments.cli import main

UNDER = ["deck-redis", "--profile", "no-faults", "--years", "1", "--horizon", "1d"]
QUORUM = "sentinel.foo.quorum"
CASES = [
    (
        ["run", *UNDER, "--profile", "x"],
        "run --profile: is there 2 times, and takes one value",
    ),
    (["run", *UNDER, "--seed=1", "--seed", "2"], "run --seed: is there 2 times"),
    (["run", *UNDER, "--years", "2", "--years", "3"], "run --years: is there 3 times"),
    (
        ["inject", "deck-redis", "--until", "1s", "--until", "2s"],
        "inject --until: is there 2",
    ),
    (["plot", "ccdf", "x", "--profile", "a", "--profile", "b"], "plot --profile: is there 2 times"),
    (
        ["run", *UNDER, "--set", f"{QUORUM}=1", "--set", f"{QUORUM}=2"],
        f"--set {QUORUM}: is there twice, with 1 and with 2; leave one out",
    ),
    (
        ["show", "deck-redis", "--set", f"{QUORUM}=1", "--set", f"{QUORUM} =2"],
        f"--set {QUORUM}",
    ),
    (
        ["inject", "deck-redis", "--fault", "x", "--set", f"{QUORUM}=1", "--set", f"{QUORUM}=2"],
        f"--set {QUORUM}: is there twice",
    ),
    (
        ["sweep", *UNDER, "--vary", f"{QUORUM}=1,2", "--vary", f"{QUORUM}=1,3"],
        f"--vary {QUORUM}: is there twice, with 1,2 and with 1,3",
    ),
    (
        ["sweep", *UNDER, "--vary", f"{QUORUM}=1,2", "--set", f"{QUORUM}=1"],
        f"--set {QUORUM}: --vary gives it all its values",
    ),
    (
        ["sensitivity", *UNDER, "--vary", f"{QUORUM}=1,2", "--vary", f"{QUORUM}=1,3"],
        f"--vary {QUORUM}: is there twice",
    ),
    (
        ["review", *UNDER, "--sensitivity", f"{QUORUM}=1,2", "--sensitivity", f"{QUORUM}=1,3"],
        f"--sensitivity {QUORUM}: is there twice",
    ),
]


@pytest.mark.parametrize(("words", "said"), CASES, ids=[" ".join(case[0])[-60:] for case in CASES])
def test_what_is_given_twice_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first of two values would be dropped, and the result be told as if it counted."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert captured.err.startswith(f"sengu: {said}")


def test_the_base_of_a_sensitivity_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    """What is not at the end of its range could be compared with the shipped value only."""
    words = [*UNDER, "--workers", "1", "--vary", f"{QUORUM}=1,3", "--set", f"{QUORUM}=2"]
    assert main(["sensitivity", *words]) == 0
    assert capsys.readouterr().err == ""
