"""The page: one file with its style and script inside, and nothing fetched from anywhere."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from experiments.review.assumptions import assumptions_section
from experiments.review.comparison_section import comparison_section
from experiments.review.distribution_section import distribution_section
from experiments.review.glance import glance
from experiments.review.incidents_section import incidents_section
from experiments.review.markup import Html, element, joined, kept_whole, listed, section
from experiments.review.minutes_section import minutes_section
from experiments.review.omissions import omissions_section
from experiments.review.reading import reading_section
from experiments.review.reproduction import reproduction_section
from experiments.review.results_section import results_section
from experiments.review.sensitivity_section import sensitivity_section
from experiments.review.swim_lane import hatches
from experiments.review.topology_drawing import legend, topology_figure
from experiments.review.wording import answers, flip_words, question
from experiments.study.document import program_version

if TYPE_CHECKING:
    from experiments.review.material import Material

NAMES: Final = {
    "answer": "Answer",
    "reading": "Reading",
    "designs": "Designs",
    "results": "Numbers",
    "comparison": "Compared",
    "minutes": "Minutes",
    "years": "Years",
    "incidents": "Incidents",
    "sensitivity": "Sensitivity",
    "assumptions": "Assumptions",
    "omissions": "Left out",
    "reproduce": "Reproduce",
}
"""The sections by id, as the navigation calls them."""


def review_page(material: Material) -> str:
    """The whole document; equal material gives equal bytes."""
    parts: dict[str, Html | None] = {
        "answer": _answer(material),
        "reading": reading_section(material),
        "designs": _designs(material),
        "results": results_section(material),
        "comparison": comparison_section(material),
        "minutes": minutes_section(material),
        "years": distribution_section(material),
        "incidents": incidents_section(material),
        "sensitivity": sensitivity_section(material),
        "assumptions": assumptions_section(material),
        "omissions": omissions_section(material),
        "reproduce": reproduction_section(material),
    }
    names = (*material.designs, *material.profiles)
    there = [name for name, part in parts.items() if part is not None]
    body = joined(
        hatches(),
        element(
            "header",
            element("p", "Design review, by simulation", class_="kicker"),
            element("h1", kept_whole(question(material), names)),
        ),
        element(
            "nav",
            element("ul", *(element("li", element("a", NAMES[name], href=f"#{name}"))
                            for name in there)),
            aria_label="Sections",
        ),
        element("main", *(parts[name] for name in there)),
        element("footer", f"Written by sengu {program_version()}. All numbers are simulated."),
        element("script", _resource("swim_lane.js")),
    )  # fmt: skip
    return "<!DOCTYPE html>\n" + element("html", _head(material), element("body", body), lang="en")


def _head(material: Material) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", question(material)),
        # An icon of its own keeps browsers from asking for one.
        Html('<link rel="icon" href="data:,">'),
        element("style", _resource("page.css")),
    )


def _resource(name: str) -> Html:
    """A file of this package, as it is: style and script are not escaped."""
    return Html((files("experiments.review") / name).read_text(encoding="utf-8"))


def _answer(material: Material) -> Html:
    boxes = []
    for profile in material.profiles:
        said = answers(material, profile)
        if said:
            head = element("h3", f"Under {profile}") if len(material.profiles) > 1 else None
            sentences = listed(kept_whole(one, material.designs) for one in said)
            boxes += [element("div", head, sentences, class_="answer"), glance(material, profile)]
    flipped = flip_words(material)
    if flipped:
        boxes.append(element("div", listed(flipped), class_="answer flip"))
    failed = (
        element("p", element("strong", f"{material.failed} of {material.study.runs} runs failed "
                             "and count nowhere."))
        if material.failed
        else None
    )  # fmt: skip
    return section("answer", "The answer", failed, *boxes)


def _designs(material: Material) -> Html:
    designs = {point.design_name: point.design for point in material.study.points}
    return section(
        "designs",
        "The designs",
        legend(),
        *(
            topology_figure(name, design, f"topology-{number}")
            for number, (name, design) in enumerate(designs.items())
        ),
    )
