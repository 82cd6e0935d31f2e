"""SIGTERM ends every long command soon, in one line, whoever else of its group hears of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

UNDER = ["deck-redis", "--profile", "cloud-2015", "--workers", "2"]
VARIED = ["--vary", "sentinel.foo.quorum=1,2"]
LONG = [
    ["sweep", *UNDER, *VARIED, "--years", "100000"],
    ["run", *UNDER, "--estimator", "splitting", "--years", "100000"],
    ["validate", "exact", "--workers", "2"],
    ["inject", "deck-redis", "--fault", "kill redis@a01 at 60s", "--repeat", "100000"],
]
PATIENCE_S = 60.0


def children_of(process: int) -> list[int]:
    """The processes that it has started and that still run."""
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def hears_sigterm(process: int) -> bool:
    """Whether it has got so far that it has a handler of its own."""
    status = Path(f"/proc/{process}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def begun(words: list[str]) -> subprocess.Popen[str]:
    """The command in a process group of its own, as a terminal starts it, and at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sengu", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Two workers and the tracker of their locks; those at work alone have none.
    children = 0 if words[0] == "inject" else 3
    end_s = time.monotonic() + PATIENCE_S
    while len(children_of(process.pid)) < children or not hears_sigterm(process.pid):
        assert time.monotonic() < end_s and process.poll() is None, "no worker was started"
        time.sleep(0.05)
    time.sleep(1.0)
    return process


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for workers in /proc")
@pytest.mark.parametrize(
    "words", [["run", *UNDER, "--estimator", "splitting", "--years", "100000"], LONG[-2]]
)
def test_a_worker_that_is_killed_is_told_in_one_line(words: list[str]) -> None:
    """A machine without memory would give a screenful of Python's."""
    process = begun(words)
    for child in children_of(process.pid):
        if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text():
            os.kill(child, signal.SIGKILL)
            break
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output) == (1, "")
    assert errors == "sengu: a worker process was killed (out of memory?)\n"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for workers in /proc")
@pytest.mark.parametrize("everyone", [False, True])
@pytest.mark.parametrize("words", LONG, ids=[" ".join(words[:2]) for words in LONG])
def test_sigterm_ends_a_long_command_in_one_line(words: list[str], everyone: bool) -> None:
    """A machine that shuts down would wait for it, get a traceback, or leave workers behind."""
    process = begun(words)
    (os.killpg if everyone else os.kill)(process.pid, signal.SIGTERM)
    # The pipes close only when its workers have gone too.
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output, errors) == (143, "", "sengu: terminated\n")
