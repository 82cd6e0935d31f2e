"""``make gallery``: the ten questions answered anew; ``docs/gallery`` rewritten.

What the pages say is kept in ``docs/gallery/figures.json``; tests hold the pages to it, and it to
the code: of each question the first years are kept too, which a test simulates again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from experiments.gallery import observation, operation, placement
from experiments.gallery.outcome import METRICS, Outcome, shown
from experiments.gallery.question import PROFILE, Question, verdict_of
from experiments.study import Execution, StudyResult, run_study
from experiments.study.document import source_digest
from experiments.study.workers import processors

QUESTIONS: Final = (*placement.QUESTIONS, *observation.QUESTIONS, *operation.QUESTIONS)
FOLDER: Final = Path("docs/gallery")
FIGURES: Final = FOLDER / "figures.json"
INDEX: Final = FOLDER / "README.md"
PILOT: Final = 2
"""Years of each arm that a test simulates again."""
SHOWN_DPI: Final = 80

Kept = dict[str, Any]


def pilot_of(question: Question) -> dict[str, list[float]]:
    """The seconds down of the first years of each arm."""
    runs = run_study(question.study(PILOT)).tables.runs
    return {
        arm.name: [float(one) for one in runs[runs["design"] == arm.name]["downtime_s"]]
        for arm in question.arms
    }


def kept_of(question: Question, result: StudyResult) -> Kept:
    """What is kept of a question's study: numbers, sentences, and which claims hold."""
    outcome = Outcome.of(result)
    return {
        "years": question.years,
        "source": source_digest(),
        "failed": result.failed,
        "table": {
            arm.name: [shown(outcome.value(arm.name, metric)) for metric in question.shown]
            for arm in question.arms
        },
        "answer": list(question.answer(outcome)),
        "claims": [claim.holds(outcome) for claim in question.claims],
        "pilot": pilot_of(question),
    }


def draw(question: Question, directory: Path, path: Path) -> None:
    """Write the picture of a question from the study in ``directory``."""
    from experiments.api.picture import Picture
    from experiments.plots.kinds import figure_of
    from experiments.plots.stored import Choice

    picture = Picture(figure_of(question.figure, directory, Choice()), question.title)
    path.write_bytes(picture.png(SHOWN_DPI))


# Pages ----------------------------------------------------------------------------------------


def page(question: Question, kept: Kept) -> str:
    """The page of a question."""
    verdict = verdict_of(kept["claims"])
    commands = "\n\n".join(f"# {arm.name}\n{arm.command(question.years)}" for arm in question.arms)
    heads = ["", *(METRICS[metric].label for metric in question.shown)]
    rows = [[f"**{name}**", *cells] for name, cells in kept["table"].items()]
    claims = "\n".join(
        f"- {'**holds**' if holds else '**does not hold**'}: {claim.text}"
        for claim, holds in zip(question.claims, kept["claims"], strict=True)
    )
    return f"""# {question.number}. {question.title}

{question.asked}

**Answer.** {" ".join(kept["answer"])}

![{question.title}]({question.name}.png)

{_table([heads, *rows])}

{kept["years"]} simulated years of each under `{PROFILE}`, the same years for all; brackets are 95 %
intervals.

**Against the expectation: {verdict}.** Expected by
`failures.md` section 5 ([sources](../sources.md)):

{claims}

**Not in this answer.** {question.beyond}

```sh
{commands}
```

[All ten questions](README.md)
"""


def index(kept: Mapping[str, Kept]) -> str:
    """The page that lists all questions with their answers."""
    rows = [
        [
            f"[{one.number}. {one.title}]({one.name}.md)",
            " ".join(kept[one.name]["answer"]),
            verdict_of(kept[one.name]["claims"]),
        ]
        for one in QUESTIONS
    ]
    table = _table([["question", "answer", "against the expectation"], *rows])
    return f"""# Ten questions of a design review

Each is answered by a study of the talk's designs with one thing varied, under `{PROFILE}`. `make
gallery` answers them anew, in about ten minutes on two cores. The sentences are made from the
numbers, and whether they agree with what `failures.md` section 5 expects ([sources](../sources.md))
is decided by the claims on each page: each is a comparison that holds or does not.

{table}

The numbers are those of a profile that is mostly assumed; what carries over to another system is
the order, and which knob moves what.
"""


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])


def pages(kept: Mapping[str, Kept]) -> dict[str, str]:
    """All pages by file name."""
    found = {f"{one.name}.md": page(one, kept[one.name]) for one in QUESTIONS}
    return {INDEX.name: index(kept), **found}


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer all questions, or some, and rewrite the pages; returns the exit code."""
    parser = argparse.ArgumentParser(prog="gallery", description="Ten questions, answered anew.")
    parser.add_argument("numbers", nargs="*", type=int, help="only these; all by default")
    given = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept: dict[str, Kept] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for question in QUESTIONS:
        if given.numbers and question.number not in given.numbers:
            continue
        result = run_study(question.study(), Execution(processors()))
        kept[question.name] = kept_of(question, result)
        draw(question, result.directory, FOLDER / f"{question.name}.png")
        print(f"{question.number}. {verdict_of(kept[question.name]['claims'])}: {question.title}")
        FIGURES.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for name, text in pages(kept).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
