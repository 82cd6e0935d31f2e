"""Which study a result is of: a figure in a report must lead back to the years that it is from."""

from __future__ import annotations

from typing import Any, Final

from experiments.study.directory import digest, read_document
from experiments.study.document import SPEC
from experiments.study.result import StudyResult

_TOLD: Final = ("version", "source", "seed", "years", "horizon_s", "engine")


def identity_of(result: StudyResult) -> dict[str, Any]:
    """Version and source of sengu, seed, years, horizon, engine, points, and how it has ended.

    ``spec`` is the SHA-256 of the study's ``spec.json``, as ``complete.json`` has it: studies in
    which it is equal have the same tables. ``years``: those that were run; ``stopping`` is there if
    precision decided how many.
    """
    document = read_document(result.directory)
    identity: dict[str, Any] = {name: document.get(name) for name in _TOLD}
    identity["spec"] = digest((result.directory / SPEC).read_bytes())
    names = ("design", "profile")
    identity["points"] = [{name: one[name] for name in names} for one in document["points"]]
    if result.stopping is not None:
        identity["years"] = result.stopping.looks[-1].years
        identity["stopping"] = result.stopping.to_document()
    return identity
