"""The ten questions: their pages say what was kept, and what was kept is what the code does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.gallery.outcome import METRICS, Outcome
from experiments.gallery.page import FIGURES, FOLDER, PILOT, QUESTIONS, page, pages, pilot_of
from experiments.gallery.question import Question, verdict_of
from experiments.study import run_study

ROOT = Path(__file__).parents[2]
KEPT: dict[str, Any] = json.loads((ROOT / FIGURES).read_text(encoding="utf-8"))
LARGEST_BYTES = 150_000


def by_number(number: int) -> Question:
    return next(one for one in QUESTIONS if one.number == number)


def test_there_are_ten() -> None:
    """A question of the review would not be asked."""
    assert [one.number for one in QUESTIONS] == list(range(1, 11))
    assert set(KEPT) == {one.name for one in QUESTIONS}


def test_the_pages_say_what_is_kept() -> None:
    """A number would have been written by hand, or a page left behind."""
    for name, text in pages(KEPT).items():
        assert (ROOT / FOLDER / name).read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_every_question_has_an_answer_a_picture_and_a_verdict(question: Question) -> None:
    """A page would be there without what a reviewer comes for."""
    kept = KEPT[question.name]
    assert len(kept["answer"]) == 2 and all("[" in one for one in kept["answer"])
    assert len(kept["claims"]) == len(question.claims) >= 2
    assert set(kept["table"]) == {arm.name for arm in question.arms}
    assert kept["failed"] == 0
    assert set(question.shown) <= set(METRICS)
    picture = (ROOT / FOLDER / f"{question.name}.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) < LARGEST_BYTES
    text = page(question, kept)
    assert text.count("sengu run ") == len(question.arms)


@pytest.mark.parametrize("number", [2, 6])
def test_what_is_kept_is_what_the_code_does(number: int) -> None:
    """The answers would be those of another program."""
    question = by_number(number)
    assert pilot_of(question) == KEPT[question.name]["pilot"]


def test_a_question_is_answered_from_its_study() -> None:
    """Its sentences would not be made from the numbers."""
    question = by_number(3)
    outcome = Outcome.of(run_study(question.study(PILOT)))
    first, second = question.answer(outcome)
    assert outcome.said(outcome.least("downtime"), "downtime") in first
    assert outcome.said("60s", "split brain") in second
    assert outcome.more("1s", "60s", "downtime").estimate == pytest.approx(
        outcome.amount("1s", "downtime") - outcome.amount("60s", "downtime")
    )


def test_a_verdict_counts_the_claims() -> None:
    """One claim that holds would make an answer agree."""
    assert verdict_of([True, True]) == "agrees"
    assert verdict_of([True, False]) == "agrees in part"
    assert verdict_of([False, False]) == "disagrees"
