"""All validations: what ``make validate`` runs, and ``sengu validate`` offers by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from experiments.validation.adjusted import validate_adjusted
from experiments.validation.engines import validate_engines
from experiments.validation.exact import validate_exact
from experiments.validation.incident_mode import validate_incident_mode
from experiments.validation.interruptions import TRIALS as INTERRUPTIONS
from experiments.validation.interruptions import validate_interruptions
from experiments.validation.measurements import DATA
from experiments.validation.mysqlfailover import TRIALS as MYSQLFAILOVER_TRIALS
from experiments.validation.mysqlfailover import validate_mysqlfailover
from experiments.validation.redis_sentinel import TRIALS as REDIS_TRIALS
from experiments.validation.redis_sentinel import validate_redis_sentinel
from experiments.validation.report import Report
from experiments.validation.splitting import validate_splitting
from experiments.validation.stages import validate_stages


class Settings(NamedTuple):
    """What a validation may be told; None: its own choice."""

    workers: int = 1
    trials: int | None = None
    seed: int | None = None
    data: Path | None = None


class Validation(NamedTuple):
    """A validation: its title, how it is carried out, and which settings it reads."""

    title: str
    carry_out: Callable[[Settings], list[Report]]
    reads: tuple[str, ...] = ()

    def run(self, workers: int) -> list[Report]:
        """Carry it out as it is meant to be, with so many processes."""
        return self.carry_out(Settings(workers=workers))

    def unread(self, settings: Settings) -> tuple[str, ...]:
        """Return the names of the settings that were given and would change nothing."""
        given = (name for name in ("trials", "seed", "data") if getattr(settings, name) is not None)
        return tuple(name for name in given if name not in self.reads)


VALIDATIONS: Final[dict[str, Validation]] = {
    "redis-sentinel": Validation(
        "Redis 7.0 and Sentinel against measured failovers",
        lambda given: validate_redis_sentinel(
            given.trials or REDIS_TRIALS,
            given.data or DATA,
            seed=given.seed or 0,
            workers=given.workers,
        ),
        reads=("trials", "seed", "data"),
    ),
    "mysqlfailover": Validation(
        "mysqlfailover 1.5 and 1.6 against its executed loop",
        lambda given: validate_mysqlfailover(
            given.trials or MYSQLFAILOVER_TRIALS, workers=given.workers
        ),
        reads=("trials",),
    ),
    "exact": Validation(
        "Reliability models against their exact answers",
        lambda given: validate_exact(seed=given.seed or 0, workers=given.workers),
        reads=("seed",),
    ),
    "engines": Validation(
        "The fast engine against the naive one",
        lambda given: validate_engines(workers=given.workers),
    ),
    "stages": Validation(
        "Stages of outages against the time down",
        lambda given: validate_stages(workers=given.workers),
    ),
    "adjusted": Validation(
        "Adjusted means against the means of other years",
        lambda given: validate_adjusted(workers=given.workers),
    ),
    "incident-mode": Validation(
        "Incident mode against whole years",
        lambda given: validate_incident_mode(workers=given.workers),
    ),
    "splitting": Validation(
        "Splitting against plain runs",
        lambda given: validate_splitting(workers=given.workers),
    ),
    "interruptions": Validation(
        "Studies that are killed and gone on with",
        lambda given: validate_interruptions(given.trials or INTERRUPTIONS),
        reads=("trials",),
    ),
}
"""A new validation is added here."""
