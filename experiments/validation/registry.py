"""All validations: what ``make validate`` runs, and ``sengu validate`` offers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from experiments.validation.engines import validate_engines
from experiments.validation.redis_sentinel import validate_redis_sentinel
from experiments.validation.report import Report


class Validation(NamedTuple):
    """A validation: its title, and how it is run with so many processes."""

    title: str
    run: Callable[[int], list[Report]]


VALIDATIONS: Final[dict[str, Validation]] = {
    "redis-sentinel": Validation(
        "Redis 7.0 and Sentinel against measured failovers",
        lambda workers: validate_redis_sentinel(workers=workers),
    ),
    "engines": Validation(
        "The fast engine against the naive one",
        lambda workers: validate_engines(workers=workers),
    ),
}
"""A new validation is added here."""
