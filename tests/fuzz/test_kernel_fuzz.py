"""The kernel alone, on random models full of ties: naive against fast, and that this bites."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from heapq import heappop
from itertools import pairwise
from typing import Any

import pytest

from sim.engine import AuditError, Kernel
from sim.state import _DOUBTFUL, _FRESH, _Cell, observe
from sim.ticker import Ticker
from sim.watch import Watch
from tests.fuzz.random_model import Log, run_model

CHUNK = 250
MODELS = 3000
AUDITED = 250
TRIED_ON_BROKEN_KERNELS = 300

EXERCISED = (
    *("grid Regular", "grid Shuffled", "grid Paired", "grid RoundedUp"),
    *("tick", "middle", "watch", "turn", "soon", "arm", "disarm", "regrid", "retire", "outside"),
)


@cache
def naive_log(seed: int) -> Log:
    return run_model(seed, "naive")


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_fast_equals_naive(first: int) -> None:
    """If this fails, the kernel sleeps through a tick or orders a tie by what was skipped."""
    differing = [
        seed for seed in range(first, first + CHUNK) if run_model(seed, "fast") != naive_log(seed)
    ]
    assert not differing


def test_audit_is_clean() -> None:
    """If this fails, the audit contradicts a correct kernel, or a sleeper misses its turn."""
    for seed in range(MODELS, MODELS + AUDITED):
        assert run_model(seed, "audit") == naive_log(seed)


def test_everything_is_exercised() -> None:
    """If this fails, the random models no longer contain something that the kernel must bear."""
    lines = [line for seed in range(CHUNK) for line in naive_log(seed)]
    kinds = {what.partition("/")[0] for _, what, _ in lines}
    assert kinds == set(EXERCISED)
    crowded = sum(
        before[0] == after[0] and before[1] != after[1] for before, after in pairwise(lines)
    )
    assert crowded > len(lines) / 2


# ------------------------------------------------------------------ kernels broken on purpose


def _always_next_period(self: Ticker) -> None:
    now = self.kernel.now
    self._occurrence = self.kernel.call_at(self.grid.after(now), self.rank, self._tick)


def _rank_of_current_event(self: Kernel) -> None:
    at_ns, rank, _, occurrence = heappop(self._calls)
    self._now = at_ns
    if occurrence.call is not None:
        self.instant, self.rank_served = at_ns, rank
        occurrence.call()
        self.settle()


def _this_cell_only(self: _Cell[Any]) -> None:
    if not self.standing:
        self.standing = _DOUBTFUL
        self.entity.kernel.unfresh_cells.append(self)


def _no_doubt(self: _Cell[Any]) -> None:
    if self.standing == _DOUBTFUL:
        self.standing = _FRESH
    else:
        _REFRESH(self)


def _stale_until_settled(self: _Cell[Any]) -> None:
    asked_for = sys._getframe(1).f_code.co_name == "read"
    if self.value is None or not asked_for:
        _REFRESH(self)


def _untracked_after_the_first_look(self: Ticker) -> None:
    if self._occurrence is None and not self._retired:
        first = self.path not in _SEEN.setdefault(self.kernel, set())
        _SEEN[self.kernel].add(self.path)
        if observe(self, self.guard) if first else self.guard():
            _SEEN[self.kernel].discard(self.path)
            self._schedule()


def _reactions_between_readings(self: Watch[Any]) -> bool:
    if _READ_WATCH(self):
        self.respond()
    return False


def _one_round_only(self: Kernel) -> None:
    pending, self.unsettled = self.unsettled, {}
    for sleeper in pending:
        if sleeper.recheck():
            sleeper.respond()


_REFRESH: Callable[[_Cell[Any]], None] = _Cell.refresh
_READ_WATCH: Callable[[Watch[Any]], bool] = Watch.recheck
_SEEN: dict[Kernel, set[str]] = {}

BROKEN: list[tuple[type, str, Callable[..., object]]] = [
    (Ticker, "_schedule", _always_next_period),
    (Ticker, "recheck", _untracked_after_the_first_look),
    (Kernel, "step", _rank_of_current_event),
    (_Cell, "doubt", _this_cell_only),
    (_Cell, "refresh", _no_doubt),
    (_Cell, "refresh", _stale_until_settled),
    (Watch, "recheck", _reactions_between_readings),
    (Kernel, "settle", _one_round_only),
]


def _found_out(seed: int) -> bool:
    """Whether a model shows that the kernel is broken: another log, or an invariant violated."""
    try:
        return run_model(seed, "fast") != naive_log(seed)
    except (AssertionError, ValueError):
        return True


@pytest.mark.parametrize(
    ("owner", "name", "broken"), BROKEN, ids=[broken.__name__[1:] for *_, broken in BROKEN]
)
def test_a_broken_kernel_is_found(
    owner: type, name: str, broken: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the fuzz would not notice a kernel that is broken in a known way."""
    found = 0
    for seed in range(TRIED_ON_BROKEN_KERNELS):
        naive_log(seed)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, broken)
            found += _found_out(seed)
        # The hardest to find shows in 30 of 300.
        if found == 10:
            return
    pytest.fail(f"only {found} of {TRIED_ON_BROKEN_KERNELS} models show it")


def test_the_audit_finds_a_forgotten_sleeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the audit mode is blind to the one mistake that it is there for."""
    monkeypatch.setattr(Ticker, "invalidate", lambda self: None)
    with pytest.raises(AuditError, match="sleeps though its guard is true"):
        for seed in range(TRIED_ON_BROKEN_KERNELS):
            run_model(seed, "audit")
