"""What a worker process does about garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from experiments.study.workers import collect_by_run, run_has_ended


class Circle:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collected_by_hand() -> Iterator[None]:
    """Nothing is collected unless somebody asks for it; afterwards all is as before."""
    before = gc.get_threshold()
    gc.disable()
    yield
    gc.enable()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collected_by_hand")
def test_a_worker_collects_after_each_run() -> None:
    """The worlds of a worker pile up, or a notebook's whole heap is gone through run by run."""
    left_alone = weakref.ref(Circle())
    run_has_ended()
    assert left_alone() is not None
    collect_by_run()
    run_has_ended()
    assert left_alone() is None
