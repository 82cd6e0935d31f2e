"""Grids against brute-force enumeration."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.grid import Grid, Paired, Regular, RoundedUp, Shuffled, Stepped
from sim.streams import Stream, Streams

END = 400


def _stream() -> Stream:
    return Streams(3, 0).stream("grid")


def _regular(phase: int, period: int) -> list[int]:
    return list(range(phase, END, period))


def _shuffled(phase: int, gaps: tuple[int, ...]) -> list[int]:
    stream, ticks, at = _stream(), [], phase
    block = 0
    while at < END:
        for place in stream.permutation_at(block, len(gaps)):
            ticks.append(at)
            at += gaps[place]
        block += 1
    return ticks


def _paired(phase: int, low: int, high: int) -> list[int]:
    stream, ticks = _stream(), []
    pair = 0
    while not ticks or ticks[-1] < END:
        start = phase + pair * (low + high)
        ticks += [start, start + low + int(stream.uniform_at(pair) * (high - low))]
        pair += 1
    return ticks


def _stepped(phase: int, offsets: tuple[int, ...], period: int) -> list[int]:
    return sorted(
        at + offset for at in range(phase, END, period) for offset in offsets if at + offset < END
    )


def _rounded(coarse: list[int], fine: list[int]) -> list[int]:
    return [fine[bisect_left(fine, tick)] for tick in coarse if tick <= fine[-1]]


CASES: list[tuple[str, Callable[[int], Grid], Callable[[int], list[int]]]] = [
    ("regular", lambda phase: Regular(phase, 7), lambda phase: _regular(phase, 7)),
    (
        "shuffled",
        lambda phase: Shuffled(phase, (3, 1, 4, 1, 5), _stream()),
        lambda phase: _shuffled(phase, (3, 1, 4, 1, 5)),
    ),
    (
        "paired",
        lambda phase: Paired(phase, 4, 11, _stream()),
        lambda phase: _paired(phase, 4, 11),
    ),
    (
        "stepped",
        lambda phase: Stepped(phase, (0, 1, 4, 9), 13),
        lambda phase: _stepped(phase, (0, 1, 4, 9), 13),
    ),
    (
        "rounded up",
        lambda phase: RoundedUp(Regular(phase, 9), Shuffled(2, (2, 3, 2), _stream())),
        lambda phase: _rounded(_regular(phase, 9), _shuffled(2, (2, 3, 2))),
    ),
]


@pytest.mark.parametrize(("name", "make", "enumerate_ticks"), CASES, ids=[c[0] for c in CASES])
@pytest.mark.parametrize("phase", [0, 3, 20])
def test_a_grid_jumps_to_the_tick_that_counting_finds(
    name: str, make: Callable[[int], Grid], enumerate_ticks: Callable[[int], list[int]], phase: int
) -> None:
    """If this fails, a sleeper wakes at a tick that the real loop does not have."""
    grid, ticks = make(phase), enumerate_ticks(phase)
    assert ticks == sorted(set(ticks)), name
    for at in range(-10, END - 30):
        before = bisect_right(ticks, at)
        assert grid.after(at) == ticks[before], (name, at)
        assert grid.until(at) == (ticks[before - 1] if before else None), (name, at)


@given(phase=st.integers(0, 10**12), period=st.integers(1, 10**12), at=st.integers(-5, 10**18))
def test_after_and_until_bracket_the_instant(phase: int, period: int, at: int) -> None:
    """If this fails, a regular grid loses its phase over a year, or invents a tick before it."""
    grid = Regular(phase, period)
    after, until = grid.after(at), grid.until(at)
    assert after > at
    assert after >= phase
    assert (after - phase) % period == 0
    assert until is None if at < phase else until is not None and after - until == period


def test_a_period_must_be_positive() -> None:
    """If this fails, a loop without a pause stops the clock."""
    with pytest.raises(ValueError, match="must be positive"):
        Regular(0, 0)


def test_every_gap_of_a_shuffled_grid_comes_up_once_a_block() -> None:
    """If this fails, a program's random period has another mean than was asked for."""
    gaps = (3, 1, 4, 1, 5)
    ticks = _shuffled(0, gaps)
    grid = Shuffled(0, gaps, _stream())
    assert [grid.until(block * sum(gaps)) for block in range(10)] == ticks[::5][:10]


@pytest.mark.parametrize(("at", "step"), [(3, 0), (4, 1), (6, 1), (7, 2), (12, 2), (13, 0), (2, 2)])
def test_a_stepped_grid_knows_its_step(at: int, step: int) -> None:
    """If this fails, a loop that wakes goes on with another step than the one that is due."""
    assert Stepped(3, (0, 1, 4), 10).step_at(at) == step


@pytest.mark.parametrize("offsets", [(), (1, 2), (0, 0), (0, 5, 4), (0, 10)])
def test_a_stepped_grid_refuses_offsets_out_of_order(offsets: tuple[int, ...]) -> None:
    """If this fails, two steps of a loop can fall on one tick, and one of them is never served."""
    with pytest.raises(ValueError, match="offsets rise"):
        Stepped(0, offsets, 10)


@given(st.integers(0, 40), st.integers(0, END - 1))
def test_paired_counts_its_ticks(phase: int, at: int) -> None:
    """If this fails, ticks that are counted late are counted wrongly."""
    ticks = _paired(phase, 4, 11)
    assert Paired(phase, 4, 11, _stream()).count_until(at) == bisect_right(ticks, at)
