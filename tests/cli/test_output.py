"""Whatever the output goes to, the command ends in at most one line, and never in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.catalogue import find

SHORT = ["--profile", "no-faults", "--years", "1", "--horizon", "2d", "--workers", "1"]
PRINTING = [
    ["list"],
    ["--help"],
    ["run", "deck-redis", *SHORT],
    ["run", "deck-redis", *SHORT, "--json"],
]


def through_shell(redirection: str, words: list[str]) -> subprocess.CompletedProcess[str]:
    """The command with its streams as a shell sets them."""
    line = f'exec "$0" -m sengu "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", line, sys.executable, *words], capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", PRINTING, ids=[" ".join(words[:1]) for words in PRINTING])
def test_a_full_disk_is_one_line(words: list[str]) -> None:
    """A script would take half a JSON document for a result, or its log would be a traceback."""
    done = through_shell(">/dev/full", words)
    assert (done.returncode, done.stderr) == (1, "sengu: the output: no space left on device\n")


@pytest.mark.parametrize("words", PRINTING, ids=[" ".join(words[:1]) for words in PRINTING])
def test_a_closed_output_is_one_line(words: list[str]) -> None:
    """The command would end in a traceback, or say that all is well though nothing was printed."""
    done = through_shell(">&-", words)
    assert (done.returncode, done.stderr) == (1, "sengu: the output: bad file descriptor\n")


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    """``sengu ... | head -1`` would complain."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sengu", "run", "deck-redis", *SHORT, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == ("", 141)
    process.stderr.close()


def test_a_mistake_is_told_by_the_exit_code_where_nobody_reads_errors() -> None:
    """A script that throws messages away could not tell a mistake from a defect."""
    assert through_shell("2>&-", ["show", "deck-reds"]).returncode == 2


def test_letters_that_the_terminal_lacks_are_escaped(tmp_path: Path) -> None:
    """A file's name with an accent would be a traceback where the terminal knows ASCII only."""
    path = tmp_path / "\u00e9.yaml"
    path.write_text(find("design", "sentinel-3-hosts").text, encoding="utf-8")
    words = ["inject", str(path), "--fault", "kill redis@a at 1s", "--until", "2s", "--repeat", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "sengu", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\xe9.yaml" in "".join(done.stdout.split())
