"""``sengu review``: one HTML page that explains designs to somebody who has never run one."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from experiments.cli.errors import Problem
from experiments.cli.files import not_written, require_writable
from experiments.cli.options import (
    PROFILE,
    Designs,
    Force,
    Horizon,
    Overrides,
    Seed,
    Workers,
    workers_or_all,
)
from experiments.cli.repeated import refuse_repeated_paths, with_varied
from experiments.cli.studies import carried_out, complain_of_failures, noted_once, planned_study

if TYPE_CHECKING:
    from experiments.planning import Note
    from experiments.results import DesignSummary
    from experiments.review.swings import Swing
    from experiments.study import Study

_RUNS = 240
"""Runs of all points, if nobody says how many years: of the largest, two minutes on two cores."""

_SENSITIVITY = (
    "Vary one value and say what changes, such as profile.people.crew=1,2; also several. Each "
    "costs two more studies."
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(name="review")(review)


def review(
    designs: Designs,
    profiles: Annotated[
        list[str], typer.Option("--profile", metavar="PROFILE", help=f"{PROFILE} Also several.")
    ],
    years: Annotated[
        int | None,
        typer.Option(
            "--years",
            min=1,
            max=100_000,
            help=f"Independent runs of each design; else {_RUNS} over all, 30 to 200 each.",
        ),
    ] = None,
    horizon: Horizon = "1y",
    seed: Seed = 0,
    workers: Workers = 0,
    overrides: Overrides = None,
    sensitivity: Annotated[
        list[str] | None,
        typer.Option("--sensitivity", metavar="PATH=LOW,HIGH", help=_SENSITIVITY),
    ] = None,
    incidents: Annotated[
        int, typer.Option("--incidents", min=0, max=20, help="Of each design, the worst so many.")
    ] = 2,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The page.")] = Path(
        "review.html"
    ),
    study_directory: Annotated[
        Path | None, typer.Option("--study", metavar="DIR", help="Keep the study there.")
    ] = None,
    force: Force = False,
) -> None:
    """Write one HTML page on designs: the answer, pictures, the worst incidents, what is assumed.

    The page needs nothing else and can be mailed. It is read without knowing sengu, on a phone, on
    a projector or on paper. Equal words give the same page, byte for byte.

    Example: `sengu review deck-full deck-full-manual --profile cloud-2015 --out review.html`
    """
    from experiments.review import gathered, review_page

    require_writable("--out", out)
    chosen = years or min(200, max(30, _RUNS // (len(designs) * len(profiles))))
    note = noted_once()
    study = planned_study(designs, profiles, overrides or [], chosen, horizon, seed, note=note)
    words = (designs, profiles)
    planned = _planned_swings(sensitivity or [], study, overrides or [], words, note)
    count = workers_or_all(workers)
    result = carried_out(study, count, study_directory, force=force)
    varied = [(one.study, carried_out(one.study, count, None)) for one in planned]
    swings = [one.swing(found.summaries()) for one, (_, found) in zip(planned, varied, strict=True)]
    command = _command(designs, profiles, chosen, horizon, seed, overrides or [], sensitivity or [])
    material = gathered(study, result, incidents_each=incidents, swings=swings, command=command)
    _write(out, review_page(material))
    typer.echo(f"{out}: {len(study.points)} points, {chosen} years each")
    complain_of_failures(study, result, study_directory)
    for other, found in varied:
        complain_of_failures(other, found, None)


class _PlannedSwing(NamedTuple):
    """One end of a varied value, and the study that it needs."""

    path: str
    end: str
    value: str
    study: Study

    def swing(self, summaries: Sequence[DesignSummary]) -> Swing:
        """What came out."""
        from experiments.review.swings import Swing

        return Swing(self.path, self.end, self.value, tuple(summaries))


def _planned_swings(
    texts: Sequence[str],
    study: Study,
    overrides: Sequence[str],
    words: tuple[Sequence[str], Sequence[str]],
    note: Note,
) -> list[_PlannedSwing]:
    """A study for each end of each varied value; raises Problem or SpecError before any is run."""
    from experiments.review.swings import read_swing
    from sim.clock import format_duration

    refuse_repeated_paths("--sensitivity", texts)
    found = []
    for text in texts:
        try:
            path, values = read_swing(text)
        except ValueError as error:
            raise Problem(f"--sensitivity: {error}") from None
        for end, value in zip(("low", "high"), values, strict=True):
            varied = planned_study(
                *words,
                with_varied(overrides, [f"{path}={value}"]),
                study.replications,
                format_duration(study.horizon_ns),
                study.seed,
                note=note,
            )
            found.append(_PlannedSwing(path, end, value, varied))
    return found


def _command(
    designs: Sequence[str],
    profiles: Sequence[str],
    years: int,
    horizon: str,
    seed: int,
    overrides: Sequence[str],
    sensitivity: Sequence[str],
) -> str:
    """The line that writes the same page."""
    words = ["sengu", "review", *designs]
    for profile in profiles:
        words += ["--profile", profile]
    words += ["--years", str(years), "--seed", str(seed)]
    words += ["--horizon", horizon] if horizon != "1y" else []
    for option, values in (("--set", overrides), ("--sensitivity", sensitivity)):
        for value in values:
            words += [option, value]
    return shlex.join(words)


def _write(path: Path, text: str) -> None:
    from experiments.results.whole import written_whole

    try:
        with written_whole(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise not_written("--out", path, error) from None
