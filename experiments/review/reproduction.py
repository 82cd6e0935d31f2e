"""How to get the same page again, and the studies behind it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from experiments.durations import lasting
from experiments.review.markup import Html, element, joined, section, table
from experiments.study.document import program_version, source_digest
from sim.clock import to_seconds

if TYPE_CHECKING:
    from experiments.review.material import Material


def reproduction_section(material: Material) -> Html:
    """The commands, and what decides the numbers: version, source, seed, years."""
    study = material.study
    designs = shlex.join(material.designs)
    rows = [
        ["version of sengu", program_version()],
        ["digest of the source that a run executes", source_digest()],
        ["seed", str(study.seed)],
        ["runs of each design and profile", str(study.replications)],
        ["length of a run", lasting(to_seconds(study.horizon_ns))],
        ["runs that failed", str(material.failed)],
    ]
    lines = [material.command]
    lines += [f"sengu show {name} --profile {material.profiles[0]}" for name in material.designs]
    lines += [
        f"sengu run {designs} --profile {profile} --years {study.replications} "
        f"--seed {study.seed} --out results-{profile}"
        for profile in material.profiles
    ]
    return section(
        "reproduce",
        "How to get this again",
        element(
            "p",
            "The first line writes this page anew, byte for byte. Neither the number of workers "
            "nor the machine changes a number.",
        ),
        joined(
            element("pre", element("code", "\n".join(lines)), tabindex="0"),
            table(["what decides the numbers", ""], rows, caption="What decides the numbers"),
        ),
    )
