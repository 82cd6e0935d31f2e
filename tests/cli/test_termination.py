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
    ["sensitivity", *UNDER, *VARIED, "--years", "100000"],
    ["compare", "deck-redis-never-moved", *UNDER, "--years", "100000"],
    ["run", *UNDER, "--estimator", "splitting", "--years", "100000"],
    ["validate", "exact", "--workers", "2"],
    ["inject", "deck-redis", "--fault", "kill redis@a01 at 60s", "--repeat", "100000"],
]
PATIENCE_S = 60.0


def children_of(process: int) -> int:
    """How many processes it has started that still run."""
    return len(Path(f"/proc/{process}/task/{process}/children").read_text().split())


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for workers in /proc")
@pytest.mark.parametrize("everyone", [False, True])
@pytest.mark.parametrize("words", LONG, ids=[" ".join(words[:2]) for words in LONG])
def test_sigterm_ends_a_long_command_in_one_line(words: list[str], everyone: bool) -> None:
    """A machine that shuts down would wait for it, get a traceback, or leave workers behind."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sengu", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Two workers and the tracker of their locks; those at work alone have none.
    end_s = time.monotonic() + PATIENCE_S
    while children_of(process.pid) < (0 if words[0] == "inject" else 3):
        assert time.monotonic() < end_s and process.poll() is None, "no worker was started"
        time.sleep(0.05)
    time.sleep(2.0)
    (os.killpg if everyone else os.kill)(process.pid, signal.SIGTERM)
    # The pipes close only when its workers have gone too.
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, output, errors) == (143, "", "sengu: terminated\n")
