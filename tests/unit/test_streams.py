"""Draws belong to named things."""

import math
import os
import pickle
import subprocess
import sys
from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from sim.streams import Stream, Streams

PROGRAM = """
from sim.streams import Streams
streams = Streams(7, 3)
first = streams.stream("host", "a01", "crash")
print(first.key.hex(), [first.uniform() for _ in range(20)], first.between(0, 10**9))
print(first.shuffled("abcdef"), first.permutation_at(5, 20), first.uniform_at(9))
"""


def draws(stream: Stream, count: int) -> list[float]:
    """Return the next `count` uniform numbers of `stream`."""
    return [stream.uniform() for _ in range(count)]


def test_the_same_name_is_the_same_stream() -> None:
    """If this failed, two askers for one stream would each start it anew: equal draws twice."""
    streams = Streams(1, 0)
    assert streams.stream("host", "a01") is streams.stream("host", "a01")


def test_every_part_of_the_name_matters() -> None:
    """If this failed, two things would draw the same numbers and fail together."""
    names = [("a", "b"), ("ab",), ("a/b",), ("b", "a"), ("a", "b", ""), ("", "a", "b"), ("1",)]
    streams = [Streams(s, r) for s in (0, 1, 11, -1) for r in (0, 1, 11)]
    keys = [each.stream(*name).key for each in streams for name in names]
    assert len(set(keys)) == len(keys)


def test_a_stream_needs_a_name() -> None:
    """If this failed, unrelated callers would share one nameless stream by accident."""
    with pytest.raises(ValueError, match="name"):
        Streams(1, 0).stream()


def test_other_streams_change_nobodys_draws() -> None:
    """If this failed, adding a host to a design would change the failures of the others."""
    alone = draws(Streams(1, 0).stream("host", "b"), 600)
    crowd = Streams(1, 0)
    mine: list[float] = []
    for number in range(600):
        crowd.stream("host", f"x{number}").uniform()
        mine.append(crowd.stream("host", "b").uniform())
    assert mine == alone


def test_indexed_draws_advance_nothing() -> None:
    """If this failed, a tick that the fast engine sleeps through would shift later draws."""
    plain, indexed = Streams(1, 0).stream("a"), Streams(1, 0).stream("a")
    values = []
    for index in range(300):
        indexed.uniform_at(index)
        indexed.permutation_at(index, 7)
        values.append(indexed.uniform())
    assert values == draws(plain, 300)
    assert indexed.uniform_at(5) == plain.uniform_at(5)


def test_blocks_are_invisible() -> None:
    """If this failed, a change of block size would change every result of every study."""
    stream = Streams(1, 0).stream("a")
    philox = np.random.Philox(key=int.from_bytes(stream.key, "little"))
    assert draws(stream, 1000) == np.random.Generator(philox).random(1000).tolist()


def test_the_numbers_are_pinned() -> None:
    """If this failed, results recorded with an earlier version could no longer be replayed."""
    stream = Streams(20150601, 0).stream("host", "a01", "crash")
    assert stream.key.hex() == "b3bdf4a63153395ef01c39d57676a8e3"
    assert draws(stream, 2) == [0.21804991346532976, 0.46272268438203545]
    assert stream.permutation_at(0, 5) == (3, 4, 1, 0, 2)
    assert stream.uniform_at(1) == 0.6887769053491796


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_the_hash_seed_of_python_does_not_matter(hash_seed: str) -> None:
    """If this failed, each process of a study would draw differently."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    here = {**os.environ, "PYTHONHASHSEED": "99"}
    command = [sys.executable, "-c", PROGRAM]
    first = subprocess.run(command, env=environment, capture_output=True, check=True)
    second = subprocess.run(command, env=here, capture_output=True, check=True)
    assert first.stdout == second.stdout != b""


def test_a_stream_goes_on_after_pickling() -> None:
    """If this failed, a world sent to a worker would repeat or skip draws."""
    stream = Streams(1, 0).stream("a")
    draws(stream, 5)
    copy: Stream = pickle.loads(pickle.dumps(stream))
    assert draws(copy, 300) == draws(stream, 300)


def test_neighbouring_streams_are_uncorrelated() -> None:
    """If this failed, hosts a01 and a02, or replications 1 and 2, would fail alike."""
    size = 20_000
    names = [Streams(1, 0).stream("host", f"a{number:02}", "crash") for number in range(6)]
    replications = [Streams(1, number).stream("host", "a00", "crash") for number in range(1, 6)]
    table = np.corrcoef([draws(stream, size) for stream in names + replications])
    off_diagonal = table[np.triu_indices_from(table, k=1)]
    # 55 pairs: the largest of them exceeds 4 standard errors once in 290 seeds.
    assert np.abs(off_diagonal).max() < 4 / math.sqrt(size)


def test_first_draws_of_neighbours_are_uniform() -> None:
    """If this failed, the draw that most streams stop at would be skewed across hosts."""
    streams = Streams(1, 0)
    first = [streams.stream("host", str(number)).uniform() for number in range(5000)]
    indexed = [streams.stream("one").uniform_at(number) for number in range(5000)]
    for values in (first, indexed):
        # Kolmogorov's 0.1 % point.
        gaps = np.abs(np.sort(values) - (np.arange(5000) + 0.5) / 5000)
        assert gaps.max() < 1.95 / math.sqrt(5000)


def test_a_uniform_is_never_0_or_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a logarithm of 0 would stop a study once in 2**53 draws."""
    stream = Streams(1, 0).stream("a")
    monkeypatch.setattr(stream, "_block", [0.0])
    assert 0 < stream.uniform() < 1e-15


@pytest.mark.parametrize("byte", [b"\x00", b"\xff"])
def test_an_indexed_uniform_is_never_0_or_1(byte: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the most extreme digest would become an impossible probability."""
    monkeypatch.setattr(Stream, "digest_at", lambda self, index: byte * 64)
    assert 0 < Streams(1, 0).stream("a").uniform_at(0) < 1


def test_between_reaches_each_integer_alike() -> None:
    """If this failed, a random delay would favour or never reach an end of its range."""
    stream = Streams(1, 0).stream("a")
    counts = Counter(stream.between(-3, 4) for _ in range(14_000))
    assert sorted(counts) == [-3, -2, -1, 0, 1, 2, 3]
    # Chi square with 6 degrees of freedom: 22.5 is its 0.1 % point.
    assert sum((count - 2000) ** 2 / 2000 for count in counts.values()) < 22.5


def test_between_stays_below_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a draw over a range of centuries could land on the excluded end."""
    stream = Streams(1, 0).stream("a")
    monkeypatch.setattr(stream, "_block", [1 - 2**-53])
    assert stream.between(0, 2**62) < 2**62


def test_nothing_to_draw_from_is_refused() -> None:
    """If this failed, an empty list of candidates would give an index error far away."""
    stream = Streams(1, 0).stream("a")
    with pytest.raises(ValueError, match="no integer from 3 to below 3"):
        stream.between(3, 3)
    with pytest.raises(ValueError, match="nothing"):
        stream.choice([])
    assert stream.shuffled([]) == ()


def test_choice_and_shuffled_are_fair() -> None:
    """If this failed, the first entry of a list would be preferred as leader or as victim."""
    stream = Streams(1, 0).stream("a")
    chosen = Counter(stream.choice("abc") for _ in range(6000))
    orders = Counter(stream.shuffled("abc") for _ in range(6000))
    assert set(orders) == set(permutations("abc"))
    # 0.1 % points of chi square with 2 and with 5 degrees of freedom.
    assert sum((count - 2000) ** 2 / 2000 for count in chosen.values()) < 13.8
    assert sum((count - 1000) ** 2 / 1000 for count in orders.values()) < 20.5


def test_permutations_by_index_are_fair() -> None:
    """If this failed, the same gossip partner or election candidate would tend to come first."""
    stream = Streams(1, 0).stream("a")
    orders = Counter(stream.permutation_at(index, 4) for index in range(24_000))
    assert set(orders) == set(permutations(range(4)))
    # 0.1 % point of chi square with 23 degrees of freedom.
    assert sum((count - 1000) ** 2 / 1000 for count in orders.values()) < 49.7
    assert sorted(stream.permutation_at(0, 20)) == list(range(20))
    assert stream.permutation_at(0, 0) == ()


def test_indexes_and_sizes_have_limits() -> None:
    """If this failed, a negative index would wrap to another, or a long permutation be biased."""
    stream = Streams(1, 0).stream("a")
    with pytest.raises(ValueError, match="index"):
        stream.digest_at(-1)
    with pytest.raises(ValueError, match="index"):
        stream.uniform_at(2**64)
    with pytest.raises(ValueError, match="0 to 20 items, not 21"):
        stream.permutation_at(0, 21)
    with pytest.raises(ValueError, match="16 bytes"):
        Stream(b"short")


def test_ordinals_count_up_apart_from_the_draws() -> None:
    """If this failed, a replayed trace would skip or repeat recorded values."""
    stream = Streams(1, 0).stream("a")
    stream.uniform()
    assert [stream.ordinal() for _ in range(3)] == [0, 1, 2]
    assert stream.uniform() == draws(Streams(1, 0).stream("a"), 2)[1]


def test_a_branch_draws_other_numbers_and_by_index_the_same() -> None:
    """Two futures of one run would be one, or ticks that are known already would move."""

    def drawn(*branches: int) -> tuple[list[float], float, float]:
        streams = Streams(1, 2)
        known = streams.stream("host", "crash")
        before = known.uniform()
        assert before == Streams(1, 2).stream("host", "crash").uniform()
        for number in branches:
            streams.branch(number)
        later = streams.stream("host", "repair")
        return [known.uniform(), later.uniform()], known.uniform_at(7), later.uniform_at(7)

    futures = [drawn(), drawn(1), drawn(2), drawn(1, 1), drawn(1, 2)]
    numbers = [number for sequence, *_ in futures for number in sequence]
    assert len(set(numbers)) == len(numbers)
    assert len({indexed for _, *indexed in map(list, futures) for indexed in [tuple(indexed)]}) == 1
    assert drawn(1, 2) == drawn(1, 2)
