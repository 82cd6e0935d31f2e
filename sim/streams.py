"""Random numbers: draws belong to named things.

A stream is named by what it is for: ("host", "a01", "crash"). Its key is a hash of the study's
seed, the replication and that name, and of nothing else. So the order of the entries in a file,
an unrelated host, the engine and the number of workers change nobody else's draws, and two
designs that share a host see the same failures of that host.

This is the only module that touches numpy.random. Philox is a counter-based generator: a key and a
counter are all its state. So one generator serves all streams, set to the stream's own key and
place whenever it fetches a block: 2 us, where a generator of its own costs 13 us and more, and most
streams of a run serve a few draws only. A draw out of a block costs 0.04 us.
"""

from collections.abc import Sequence
from hashlib import blake2b
from math import factorial
from typing import Any, Final, TypeVar

from numpy.random import Generator, Philox

T = TypeVar("T")

KEY_BYTES: Final = 16
FIRST_BLOCK: Final = 16
"""Most streams of a one-year run serve a handful of draws: the first block is small."""
BLOCK: Final = 256
LARGEST_PERMUTATION: Final = 20

# Generator.random gives multiples of 2**-53 from 0 up; 0 itself becomes half a step.
_HALF_STEP: Final = 2.0**-54
_INDEX_BYTES: Final = 8

# Philox-4x64: two words of key, and four numbers at each value of the counter.
_WORD: Final = 1 << 64
_AT_A_COUNT: Final = 4

# One kernel runs per process (parallel runs are processes), so one generator is enough.
_PHILOX: Final = Philox(key=0)
_GENERATOR: Final = Generator(_PHILOX)


def _numbers(key: int, drawn: int, size: int) -> list[float]:
    """Return the next numbers of a key's sequence after ``drawn`` ones (a multiple of 4)."""
    place: Any = {
        "bit_generator": "Philox",
        "state": {
            "counter": (drawn // _AT_A_COUNT, 0, 0, 0),
            "key": (key % _WORD, key // _WORD),
        },
        "buffer": (0,) * _AT_A_COUNT,
        "buffer_pos": _AT_A_COUNT,
        "has_uint32": 0,
        "uinteger": 0,
    }
    _PHILOX.state = place
    numbers: list[float] = _GENERATOR.random(size).tolist()
    return numbers


class Stream:
    """The draws of one named thing: a sequence, and apart from it draws by index.

    Sequence draws (`uniform`, `between`, `choice`, `shuffled`, `ordinal`) advance the stream.
    Indexed draws (`digest_at`, `uniform_at`, `permutation_at`) depend on the key and the index
    only: a tick that is slept through shifts nothing.
    """

    __slots__ = ("_block", "_drawn", "_key", "_ordinal", "_sequence")

    def __init__(self, key: bytes) -> None:
        """Make the stream of a 16-byte key; raises ValueError for another length."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a stream's key is {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self._sequence = key
        self._drawn = 0
        self._block: list[float] = []
        self._ordinal = 0

    @property
    def key(self) -> bytes:
        """The 128-bit key."""
        return self._key

    def uniform(self) -> float:
        """Return the next uniform number, strictly between 0 and 1."""
        if not self._block:
            self._refill()
        return self._block.pop() or _HALF_STEP

    def _refill(self) -> None:
        size = BLOCK if self._drawn else FIRST_BLOCK
        self._block = _numbers(int.from_bytes(self._sequence, "little"), self._drawn, size)
        self._drawn += size
        # Reversed, so that pop() from the end serves the numbers in the generator's order and
        # the sizes of the blocks stay invisible.
        self._block.reverse()

    def between(self, low: int, high: int) -> int:
        """Return a uniform integer in [low, high), from one uniform number.

        Raises ValueError if the range is empty. Each integer's probability is within 2**-53 of
        1 / (high - low).
        """
        if high <= low:
            raise ValueError(f"no integer from {low} to below {high}")
        # For a wide range the product may round up to its length.
        return min(low + int(self.uniform() * (high - low)), high - 1)

    def choice(self, items: Sequence[T]) -> T:
        """Return one of `items`, each as likely; raises ValueError if there are none."""
        if not items:
            raise ValueError("cannot choose from nothing")
        return items[self.between(0, len(items))]

    def shuffled(self, items: Sequence[T]) -> tuple[T, ...]:
        """Return `items` in a uniformly drawn order (Fisher-Yates, one number an item but one)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.between(0, last + 1)
            order[last], order[other] = order[other], order[last]
        return tuple(order)

    def branch(self, number: int) -> None:
        """Serve the numbers of another sequence from now on; what is drawn by index stays.

        Branches of branches differ, too. `number` is 0 to 2**64 - 1.
        """
        name = number.to_bytes(_INDEX_BYTES, "little")
        self._sequence = blake2b(name, key=self._sequence, digest_size=KEY_BYTES).digest()
        self._drawn = 0
        self._block = []

    def ordinal(self) -> int:
        """Return 0, 1, 2, ... at successive calls: which draw this is, for a replayed trace."""
        ordinal = self._ordinal
        self._ordinal += 1
        return ordinal

    def digest_at(self, index: int) -> bytes:
        """Return the 64 random bytes of `index` (0 to 2**64 - 1), else raise ValueError."""
        if not 0 <= index < 1 << (8 * _INDEX_BYTES):
            raise ValueError(f"an index is 0 to 2**64 - 1, not {index}")
        return blake2b(index.to_bytes(_INDEX_BYTES, "little"), key=self._key).digest()

    def uniform_at(self, index: int) -> float:
        """Return the uniform number of `index`, strictly between 0 and 1 (52 bits)."""
        bits = int.from_bytes(self.digest_at(index)[-8:], "little") >> 12
        # The middle of each of 2**52 cells: never 0 and, unlike with 53 bits, never rounded to 1.
        return (bits + 0.5) * 2.0**-52

    def permutation_at(self, index: int, size: int) -> tuple[int, ...]:
        """Return the permutation of 0 .. size - 1 that belongs to `index`.

        Fisher-Yates whose choices are the mixed-radix digits of the 512-bit digest: each
        permutation's probability is within 2**-512 of 1 / size!. Raises ValueError for a size
        above 20 or below 0.
        """
        if not 0 <= size <= LARGEST_PERMUTATION:
            raise ValueError(f"a permutation has 0 to {LARGEST_PERMUTATION} items, not {size}")
        # Digits beyond those of size! choose nothing, and long numbers are slow to divide.
        number = int.from_bytes(self.digest_at(index), "little") % factorial(size)
        order = list(range(size))
        for last in range(size - 1, 0, -1):
            number, other = divmod(number, last + 1)
            order[last], order[other] = order[other], order[last]
        return tuple(order)


class Streams:
    """All streams of one replication, made on demand and kept by name."""

    __slots__ = ("_branches", "_streams", "replication", "seed")

    def __init__(self, seed: int, replication: int) -> None:
        """Open the streams of replication number `replication` of the study seeded `seed`."""
        self.seed = seed
        self.replication = replication
        self._streams: dict[tuple[str, ...], Stream] = {}
        self._branches: tuple[int, ...] = ()

    def stream(self, *path: str) -> Stream:
        """Return the stream named by `path`; the same path gives the same object.

        Parts are taken apart from each other: ("a", "b") is not ("a/b",) nor ("ab",). Raises
        ValueError if there is no part, as a nameless stream would be shared by accident.
        """
        known = self._streams.get(path)
        if known is None:
            if not path:
                raise ValueError("a stream needs a name: what the draws are for")
            known = Stream(_key(self.seed, self.replication, path))
            for number in self._branches:
                known.branch(number)
            self._streams[path] = known
        return known

    def branch(self, number: int) -> None:
        """Have every stream, also those to come, serve another sequence from now on."""
        self._branches = (*self._branches, number)
        for known in self._streams.values():
            known.branch(number)


def _key(seed: int, replication: int, path: tuple[str, ...]) -> bytes:
    # Each part is preceded by its length, so no two lists of parts give the same bytes.
    # The person field sets these hashes apart from any other use, and numbers the encoding.
    key = blake2b(digest_size=KEY_BYTES, person=b"sengu-stream-1")
    for part in (str(seed), str(replication), *path):
        data = part.encode()
        key.update(len(data).to_bytes(8, "little"))
        key.update(data)
    return key.digest()
