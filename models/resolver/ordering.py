"""The order in which a lookup returns several addresses, and which of them comes first how often.

Source: ``consul.md`` section 8.1. glibc's getaddrinfo sorts by rule 9: the longer an address's
common prefix with the client's own, the earlier it comes; for IPv4 this counts only for addresses
inside the client's subnet, and is 0 for all others. Ties keep the order in which they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Interface
from math import comb
from typing import Final

_ADDRESS_BITS: Final = 32


def common_prefix(client: IPv4Interface | None, target: IPv4Interface | None) -> int:
    """Return how many leading bits count by rule 9 in glibc; None is another subnet's address."""
    if client is None or target is None or target.ip not in client.network:
        return 0
    return _ADDRESS_BITS - (int(client.ip) ^ int(target.ip)).bit_length()


def by_rule_9(addresses: Sequence[str], prefixes: Sequence[int]) -> tuple[str, ...]:
    """Return the addresses, the longest prefix first; stable."""
    places = sorted(range(len(addresses)), key=lambda place: -prefixes[place])
    return tuple(addresses[place] for place in places)


@lru_cache(maxsize=4096)
def shares_of_rotated(prefixes: tuple[int, ...]) -> tuple[float, ...]:
    """Return how often each address is first if the list is rotated by one from query to query.

    ``prefixes`` are in the order of the unrotated list; all equal: no sorting, 1/k each.
    """
    count, best = len(prefixes), max(prefixes, default=0)
    firsts = [0] * count
    for offset in range(count):
        turned = (place % count for place in range(offset, offset + count))
        firsts[next(place for place in turned if prefixes[place] == best)] += 1
    return tuple(first / count for first in firsts)


@lru_cache(maxsize=4096)
def shares_of_shuffled(prefixes: tuple[int, ...], limit: int) -> tuple[float, ...]:
    """Return how often each address is first if ``limit`` of them come in a random order.

    ``limit`` 0 is all. The first after sorting is of the longest prefix in the answer; among
    those of one prefix each is as likely.
    """
    count = len(prefixes)
    drawn = min(limit, count) if limit else count

    def p_none_of(excluded: int) -> float:
        return comb(count - excluded, drawn) / comb(count, drawn)

    def share(prefix: int) -> float:
        better = sum(other > prefix for other in prefixes)
        equal = sum(other == prefix for other in prefixes)
        return (p_none_of(better) - p_none_of(better + equal)) / equal

    return tuple(share(prefix) for prefix in prefixes)
