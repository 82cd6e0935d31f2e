"""The words that a reader needs who has never run a simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.review.markup import Html, element, joined, paragraphs, section

if TYPE_CHECKING:
    from experiments.review.material import Material

WORDS: Final = {
    "down": "too few of the users' requests succeed (by default, less than 95 %)",
    "split brain": "two servers of one store would accept writes: data goes two ways",
    "failover": "the stand-by is made master: true if the master could not serve, else false",
    "unprotected": "all works, but the loss of one more host would not be survived",
    "fault": "something that goes wrong: a host dies, a path is cut, a disk stalls",
    "incident": "from the first fault until no fault is left and users are served again",
    "a year": "365.25 days; runs of another length are scaled to it",
}


def reading_section(material: Material) -> Html:
    """What was done, and what the words mean."""
    years = material.study.replications
    return section(
        "reading",
        "How to read this",
        paragraphs(
            "Each design was built in software, with the timers and the rules of the real "
            f"programs, and run through {years} independent years in which hosts, programs and "
            "paths fail as the profile says. What the users would have got was counted second by "
            "second. Nothing here was measured on a real system.",
        ),
        element(
            "dl",
            *(joined(element("dt", word), element("dd", said)) for word, said in WORDS.items()),
            class_="words",
        ),
    )
