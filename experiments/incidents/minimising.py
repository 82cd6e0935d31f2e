"""The fewest of some things that still do what all of them do: delta debugging.

Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
Transactions on Software Engineering 28 (2002), algorithm ddmin. The result is 1-minimal: without
any one of its things it no longer does. Fewer may exist elsewhere; finding the least set of all
takes a trial of every subset.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def fewest(things: Sequence[T], still: Callable[[Sequence[T]], bool]) -> list[T]:
    """Return a 1-minimal part of ``things`` for which ``still`` holds, in their order.

    ``still`` must hold for all of them. It is asked once for each part that is tried.
    """
    kept, pieces = list(things), 2
    while len(kept) > 1:
        smaller = _smaller(kept, min(pieces, len(kept)), still)
        if smaller is not None:
            kept, pieces = smaller
        elif pieces >= len(kept):
            return kept
        else:
            pieces = min(2 * pieces, len(kept))
    return kept if not still([]) else []


def _smaller(
    kept: list[T], pieces: int, still: Callable[[Sequence[T]], bool]
) -> tuple[list[T], int] | None:
    """A piece, or all but a piece, for which it still holds, and into how many to cut that next."""
    bounds = [round(len(kept) * number / pieces) for number in range(pieces + 1)]
    for first, last in pairwise(bounds):
        if pieces > 2 and still(kept[first:last]):
            return kept[first:last], 2
    for first, last in pairwise(bounds):
        rest = kept[:first] + kept[last:]
        if still(rest):
            return rest, max(pieces - 1, 2)
    return None
