"""The page of ``sengu review`` holds all that it promises, and needs nothing from outside."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.review.markup import EMPTY_ELEMENTS

SECTIONS = (
    *("answer", "reading", "designs", "results", "comparison", "minutes", "years"),
    *("incidents", "sensitivity", "assumptions", "omissions", "reproduce"),
)
LARGEST_BYTES = 5_000_000
FETCHING = ("src", "href", "srcset", "data", "poster", "action", "xlink:href")


class Reader(HTMLParser):
    """Collects elements, and complaints where start and end tags do not pair."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.wrong: list[str] = []
        self.said: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in EMPTY_ELEMENTS and tag != "link":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.said.setdefault(tag, []).append(data)

    def words(self, tag: str) -> str:
        """All text inside elements of that name."""
        return "".join(self.said.get(tag, []))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


def written(out: Path, *more: str) -> str:
    arguments = ["review", "deck-redis", "deck-redis-never-moved", "--profile", "cloud-2015"]
    assert main([*arguments, "--years", "4", "--out", str(out), *more]) == 0
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("review") / "page.html")


def test_every_section_is_there_and_can_be_reached(text: str) -> None:
    """A section that vanished, or a navigation that leads nowhere, would hide half the answer."""
    elements = read(text).elements
    sections = [attrs["id"] for tag, attrs in elements if tag == "section"]
    links = [attrs["href"] for tag, attrs in elements if tag == "a"]
    assert sections == [*SECTIONS]
    assert links == [f"#{name}" for name in SECTIONS]


def test_tags_pair_and_ids_are_unique(text: str) -> None:
    """Browsers mend broken markup each in its own way, and what one shows another hides."""
    reader = read(text)
    ids = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert not reader.wrong
    assert not reader.open
    assert len(ids) == len(set(ids))
    for _, attrs in reader.elements:
        for name in attrs.get("aria-labelledby", "").split():
            assert name in ids


def test_nothing_is_fetched_from_outside(text: str) -> None:
    """A page that loads something is no longer complete when it is mailed or read offline."""
    for tag, attrs in read(text).elements:
        for name in FETCHING:
            if name in attrs:
                assert attrs[name].startswith(("#", "data:")), f"<{tag} {name}={attrs[name]!r}>"
    assert "http://" not in text
    assert "https://" not in text
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text


def test_it_can_be_mailed(text: str) -> None:
    """Mail servers refuse what is too large."""
    assert 100_000 < len(text.encode()) < LARGEST_BYTES


def test_every_picture_has_words(text: str) -> None:
    """Who cannot see a picture would be told nothing of it."""
    elements = read(text).elements
    images = [attrs for tag, attrs in elements if tag == "img"]
    drawings = [attrs for tag, attrs in elements if tag == "svg" and attrs.get("role") == "img"]
    assert len(images) == 5, "waterfall, stages, paired differences, years, trade"
    assert all(len(attrs["alt"]) > 20 for attrs in images)
    assert len([one for one in drawings if one["class"] == "drawing"]) == 2
    assert len([one for one in drawings if one["class"] == "swim"]) >= 4
    assert all(one.get("aria-label") or one.get("aria-labelledby") for one in drawings)


def test_the_answer_names_designs_and_intervals(text: str) -> None:
    """The head of the page is the part that is read: it must answer, with numbers."""
    answer = text.partition('id="answer"')[2].partition("</section>")[0]
    assert "Least downtime: " in answer
    assert "Least split brain: " in answer or "No split brain was seen" in answer
    assert re.search(r"\d \[[\d.,]+, [\d.,]+\]|between [\d.,]+ and", answer)
    assert "Which of " in read(text).words("h1")


def test_every_source_is_quoted(text: str) -> None:
    """An assumption that the page leaves out would be taken for a fact."""
    from experiments.catalogue import load_profile

    shown = re.sub(r"\s+", " ", read(text).words("td"))
    _, profile = load_profile("cloud-2015")
    for fault in profile.faults.values():
        assert re.sub(r"\s+", " ", fault.source) in shown


def test_the_same_words_write_the_same_page(text: str, tmp_path: Path) -> None:
    """A page with a date or a machine in it could not be compared with the next one."""
    assert written(tmp_path / "again.html", "--workers", "1") == text


def test_what_comes_from_a_file_is_text(tmp_path: Path) -> None:
    """A design that somebody mails could otherwise run scripts in the reader's browser."""
    from importlib.resources import files

    shipped = (files("experiments") / "designs" / "deck-redis.yaml").read_text()
    attack = "</title><script>alert(1)</script><img src=x onerror=alert(2)>"
    changed = shipped.replace("title: The talk's Redis, Sentinel and Consul", f"title: '{attack}'")
    assert changed != shipped
    design = tmp_path / "mine.yaml"
    design.write_text(changed)
    out = tmp_path / "page.html"
    command = ["review", str(design), "--profile", "clean-lab", "--years", "1", "--out", str(out)]
    assert main(command) == 0
    page = read(out.read_text())
    assert not page.wrong
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not any("onerror" in attrs for _, attrs in page.elements)
    assert attack in page.words("figcaption")


def test_varied_values_are_shown(tmp_path: Path) -> None:
    """Without this a reviewer cannot see what would change the decision."""
    out = tmp_path / "page.html"
    command = ["review", "deck-redis", "--profile", "clean-lab", "--years", "2"]
    varied = ["--sensitivity", "sentinel.foo.down-after-milliseconds=1s,60s"]
    assert main([*command, *varied, "--out", str(out), "--incidents", "0"]) == 0
    text = out.read_text()
    assert "down-after-milliseconds = 1s" in text
    assert "down-after-milliseconds = 60s" in text
    assert "with each varied value low and high" in text


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--sensitivity", "people.crew"], "PATH=low,high"),
        (["--sensitivity", "sentinel.foo.nothing=1,2"], "nothing"),
        (["--out", "no/such/place.html"], "no such directory"),
    ],
)
def test_mistakes_are_told_before_anything_is_run(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Who waits two minutes for a page should not learn then that an option was wrong."""
    place = [] if "--out" in arguments else ["--out", str(tmp_path / "page.html")]
    command = ["review", "deck-redis", "--profile", "cloud-2015", "--years", "100000"]
    assert main([*command, *place, *arguments]) == 2
    assert complaint in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
