"""Running studies from Python: what `sengu run`, `compare` and `sweep` do, returning objects."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.api.documents import design, profile
from experiments.api.planning import (
    DesignLike,
    ProfileLike,
    several,
    study_of,
    whole_number,
)
from experiments.api.results import Results
from experiments.catalogue import PROFILE_PREFIX
from experiments.study import Execution, Study, StudyResult, claim_directory, run_study

if TYPE_CHECKING:
    from experiments.api.comparing import Comparison


def run(
    designs: DesignLike | Sequence[DesignLike],
    profiles: ProfileLike | Sequence[ProfileLike],
    *,
    years: int = 100,
    seed: int = 0,
    workers: int = 1,
    horizon: str = "1y",
    precision: float | None = None,
    metrics: Sequence[str] = ("downtime",),
    max_years: int = 100_000,
    out: Path | str | None = None,
    force: bool = False,
) -> Results:
    """Simulate designs under profiles, and return what was found.

    Every design meets the same bad luck under a profile; the same seed gives the same numbers,
    whatever ``workers`` is.

    Args:
        designs: one or several, by name, by path, or as objects.
        profiles: likewise.
        years: independent runs of each design; with ``precision`` the least.
        seed: a whole number from 0.
        workers: processes; 1: this one, 0: one a processor. More than one needs, in a script, the
            usual ``if __name__ == "__main__":``.
        horizon: the length of each run, ``"1y"``.
        precision: run until the mean of each metric is known so well (0.05: to 5 %).
        metrics: which: downtime, split-brain, writes-lost, availability, recovery-debt.
        max_years: with ``precision``, when to give up.
        out: a directory to keep the tables in; by default they go with the results.
        force: write to it whatever it holds.

    Raises:
        SpecError: a design or profile that does not exist or is not sound.
        ValueError: any other argument that cannot be used.
        StudyError: the study could not be finished, or ``out`` cannot be used.
    """
    notes: list[str] = []
    study = study_of(
        designs,
        profiles,
        years=years,
        seed=seed,
        horizon=horizon,
        precision=precision,
        metrics=metrics,
        max_years=max_years,
        note=notes.append,
    )
    return _carried_out(study, workers, out, force, notes)


def compare(
    designs: Sequence[DesignLike],
    profiles: ProfileLike | Sequence[ProfileLike],
    *,
    years: int = 100,
    seed: int = 0,
    workers: int = 1,
) -> Comparison:
    """Rank designs by what they lose in the same years; ``run(...).compare()`` keeps the tables.

    Arguments and errors are those of :func:`run`.
    """
    if len(several(designs)) < 2:
        raise ValueError("a comparison needs two designs; sengu.run is for one")
    return run(designs, profiles, years=years, seed=seed, workers=workers).compare()


def sweep(
    base: DesignLike,
    under: ProfileLike,
    vary: Mapping[str, Sequence[object]],
    *,
    years: int = 100,
    seed: int = 0,
    workers: int = 1,
    out: Path | str | None = None,
    force: bool = False,
) -> Results:
    """Run a design with some values varied, every combination in the same years.

    Args:
        base: the design.
        under: the profile.
        vary: the values of each path, which is one as for :meth:`Design.set`; behind ``profile.``
            it is one of the profile. In tables a point is called ``down-after-milliseconds=5s``.
        years: as those that follow, see :func:`run`, which has the errors too.
    """
    from experiments.api.documents import written
    from experiments.sweep import Variation, combinations, label

    if not vary:
        raise ValueError("vary: there is nothing to vary")
    variations = [
        Variation(path, tuple(written(value) for value in several(values)))
        for path, values in vary.items()
    ]
    whole = design(base), profile(under)
    studies, notes = [], list[str]()
    for chosen in combinations(variations):
        changed, beside = whole
        for text in chosen:
            path, _, value = text.partition("=")
            if path.startswith(PROFILE_PREFIX):
                beside = beside.set(path.removeprefix(PROFILE_PREFIX), value, name=beside.name)
            else:
                changed = changed.set(path, value)
        studies.append(
            study_of(changed.named(label(chosen)), beside, years=years, seed=seed, horizon="1y")
        )
    points = tuple(point for study in studies for point in study.points)
    return _carried_out(replace(studies[0], points=points), workers, out, force, notes)


def open_study(directory: Path | str) -> Results:
    """The results of a study that was kept, by ``out`` or by ``sengu run --out``.

    Raises StudyRefused if there is none, or it is not complete.
    """
    from experiments.study.directory import require_complete

    place = Path(directory)
    return Results(StudyResult(place, require_complete(place)))


def _carried_out(
    study: Study, workers: int, out: Path | str | None, force: bool, notes: Sequence[str]
) -> Results:
    from experiments.study.workers import processors

    number = whole_number("workers", workers, 0, 1024) or processors()
    place = None if out is None else Path(out)
    if place is not None:
        claim_directory(place, force=force, study=study)
    result = run_study(study, Execution(number), directory=place)
    failed = result.first_failure() if result.failed else None
    if failed is not None:
        warnings.warn(
            f"{result.failed} runs failed; the first, {failed.name}: {failed.reason}",
            UserWarning,
            stacklevel=3,
        )
    return Results(result, notes)
