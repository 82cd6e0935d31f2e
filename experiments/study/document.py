"""``spec.json``: all that decides the tables of a study, so exactly that it can be run from it.

Two documents are equal if and only if they give the same tables: they name every value, and the
program down to its source.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any, Final

import experiments
import models
import sim
from experiments.design import DesignSpec
from experiments.profile import ProfileSpec
from experiments.study.errors import StudyRefused
from experiments.study.exact import differences, from_document, to_document
from experiments.study.plan import Study, StudyPoint
from experiments.study.precision import Precision
from models.spec import StrictModel
from sim.clock import to_seconds

SPEC: Final = "spec.json"
_DECIDING: Final = ("building", "design", "recording", "profile.py", "simulation.py")
"""What of ``experiments`` has a part in a run; the rest plans studies and reads their tables."""

_DIFFERENCES_SHOWN: Final = 3


def program_version() -> str:
    """The version of sengu, or ``unknown`` if it runs from a folder without being installed."""
    try:
        return version("sengu")
    except PackageNotFoundError:
        return "unknown"


@cache
def source_digest() -> str:
    """Twelve hexadecimal digits that change with any line of source that a run executes."""
    rooms = [Path(room.__path__[0]) for room in (sim, models)]
    inside = Path(experiments.__path__[0])
    digest = hashlib.sha256()
    for place in (*rooms, *(inside / name for name in _DECIDING)):
        files = [place] if place.is_file() else sorted(place.rglob("*.py"))
        for file in files:
            name = file.relative_to(place.parent).as_posix()
            digest.update(f"{name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def resolved(study: Study) -> dict[str, Any]:
    """What ``spec.json`` holds: all that decides the tables, every default filled in.

    Raises StudyRefused if two points have the same names.
    """
    designs: dict[str, Any] = {}
    profiles: dict[str, Any] = {}
    points: list[dict[str, str]] = []
    for point in study.points:
        one = {"design": point.design_name, "profile": point.profile_name}
        if one in [{key: other[key] for key in one} for other in points]:
            names = f"{point.design_name} under {point.profile_name}"
            raise StudyRefused(f"two points are called {names}; results could not tell them apart")
        design = _entered(designs, point.design_name, point.design)
        profile = _entered(profiles, point.profile_name, point.profile)
        points.append({**one, "design-spec": design, "profile-spec": profile})
    return {
        "version": program_version(),
        "source": source_digest(),
        "seed": study.seed,
        "years": study.replications,
        "horizon_s": to_seconds(study.horizon_ns),
        "horizon_ns": study.horizon_ns,
        "engine": study.engine,
        # Absent and not null where nothing is asked for: such a study is what it always was.
        **({"precision": study.precision.to_document()} if study.precision else {}),
        "points": points,
        "designs": designs,
        "profiles": profiles,
    }


def _entered(specs: dict[str, Any], name: str, spec: StrictModel) -> str:
    """Enter the spec under its name, or a name like it if that is another's; return which."""
    document, key, number = to_document(spec), name, 1
    while specs.setdefault(key, document) != document:
        number += 1
        key = f"{name} ({number})"
    return key


def as_bytes(document: dict[str, Any]) -> bytes:
    """The document as the file has it."""
    return (json.dumps(document, indent=2) + "\n").encode()


def study_from(document: dict[str, Any], place: Path) -> Study:
    """The study that a document describes, if this program would run it in just the same way.

    Raises StudyRefused, with the reason or what differs, if it would not; ``place`` is for that.
    """
    changed = [name for name in ("version", "source") if document.get(name) != _this(name)]
    if changed:
        told = ", ".join(
            f"{name} {document.get(name)} there, {_this(name)} here" for name in changed
        )
        raise StudyRefused(f"{place}: was begun by another sengu: {told}")
    try:
        designs = {k: from_document(v, DesignSpec) for k, v in document["designs"].items()}
        profiles = {k: from_document(v, ProfileSpec) for k, v in document["profiles"].items()}
        points = tuple(
            StudyPoint(
                one["design"],
                designs[one["design-spec"]],
                one["profile"],
                profiles[one["profile-spec"]],
            )
            for one in document["points"]
        )
        study = Study(
            points,
            document["years"],
            document["seed"],
            document["horizon_ns"],
            document["engine"],
            Precision.from_document(document["precision"]) if "precision" in document else None,
        )
        now = json.loads(as_bytes(resolved(study)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise StudyRefused(f"{place / SPEC}: cannot be read back: {reason}") from None
    if now != document:
        raise StudyRefused(f"{place}: would not be run as it was begun: {in_short(document, now)}")
    return study


def in_short(there: dict[str, Any], here: dict[str, Any]) -> str:
    """The first few values in which two documents differ; empty if they are equal."""
    found = differences(there, here)
    shown = list(islice(found, _DIFFERENCES_SHOWN))
    more = sum(1 for _ in found)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _this(name: str) -> str:
    return program_version() if name == "version" else source_digest()
