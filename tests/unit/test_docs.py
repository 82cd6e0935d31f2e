"""The documentation against the program: examples run, links lead somewhere, tables are current."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from experiments.catalogue import find
from experiments.cli import app
from experiments.design import (
    ApplicationGroupSpec,
    ConsulClusterSpec,
    DesignSpec,
    HostSpec,
    NetworkSpec,
    RedisGroupSpec,
    SentinelGroupSpec,
)
from experiments.profile import FaultSpec, PeopleSpec, ProfileSpec
from experiments.results.schema import CLASS_COLUMNS, TABLES
from models.consul.spec import CheckSpec, GossipSpec, ServiceSpec
from models.operator import MoveSpec, OperatorSpec
from models.redis.spec import DatasetSpec
from models.spec import StrictModel, file_key

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CARDS = DOCS / "models"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        ROOT / "tests" / "README.md",
        *(ROOT / "tests" / "fidelity").rglob("*.md"),
    ]
)
README = ROOT / "README.md"
MARKERS = ("demo-table", "demo-reading", "fidelity-table")

BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"`(?P<text>[^`\n]+)`")


class Example(NamedTuple):
    """A block of a page that is to be run, and what stands below it as its output."""

    page: Path
    line: int
    code: str
    output: str


def examples() -> Iterator[Example]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = list(BLOCK.finditer(text))
        for block, following in zip_longest(blocks, blocks[1:]):
            if block["info"].split() != ["python", "runnable"]:
                continue
            shown = following is not None and following["info"].strip() == "text"
            output = following["text"] if following is not None and shown else ""
            yield Example(page, text.count("\n", 0, block.start()) + 1, block["text"], output)


EXAMPLES = list(examples())


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("one", EXAMPLES, ids=[f"{name_of(e.page)}:{e.line}" for e in EXAMPLES])
def test_a_runnable_example_prints_what_the_page_shows(one: Example) -> None:
    """A reader would copy an example that does something else than the page claims."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(one.code, f"{one.page}:{one.line}", "exec"), {"__name__": "example"})
    assert printed.getvalue() == one.output


def test_there_are_examples() -> None:
    """The test above would pass on pages whose examples it no longer finds."""
    assert {one.page for one in EXAMPLES} >= {DOCS / "kernel.md"}


def anchor(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return re.sub(r"\s", "-", words)


def anchors(page: Path) -> set[str]:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    return {anchor(found) for found in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def filled(marker: str) -> str:
    text = README.read_text(encoding="utf-8")
    begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    assert text.count(begin) == text.count(end) == 1, f"README lacks {begin} ... {end}"
    assert text.index(begin) < text.index(end)
    return text.partition(begin)[2].partition(end)[0].strip()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """A reader would follow a link to a page or a heading that is not there."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for found in LINK.finditer(text):
        target = found["target"]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        if path.startswith("docs/images/") and page == README and not filled("demo-table"):
            # The demo's picture comes with the demo's table.
            continue
        place = page.parent / path if path else page
        assert place.exists(), f"{name_of(page)}: {target}"
        if heading:
            assert heading in anchors(place), f"{name_of(page)}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_path_of_one_machine(page: Path) -> None:
    """A reader would be sent to a folder that exists on nobody else's machine."""
    text = page.read_text(encoding="utf-8")
    for path in ("/work/", "/tmp/", "/home/", "/root/"):
        assert path not in text


@pytest.mark.parametrize("marker", MARKERS)
def test_the_readme_keeps_its_places(marker: str) -> None:
    """Numbers of a fresh run would have no place to be put."""
    filled(marker)


def test_the_readme_is_short() -> None:
    """The first page would be one that nobody reads to its end."""
    assert len(README.read_text(encoding="utf-8").splitlines()) < 160


def test_commands_in_the_docs_exist() -> None:
    """A reader's first command would be answered with an error."""
    known = set(getattr(typer.main.get_command(app), "commands", {}))
    for page in (README, DOCS / "writing-a-design.md"):
        text = page.read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            if block["info"].strip() == "sh":
                used = re.findall(r"^sengu (\w+)", block["text"], re.MULTILINE)
                assert set(used) <= known, page


def schema_rows(table: str) -> list[str]:
    return [
        f"| `{column.name}` | {column.kind} | {column.unit} | {column.description} |"
        for column in TABLES[table]
    ]


@pytest.mark.parametrize("table", TABLES)
def test_the_table_of_metrics_is_the_schema(table: str) -> None:
    """A column would be undescribed, or described as what it no longer is."""
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    section = text.partition(f"## Table `{table}`")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == schema_rows(table)


def test_every_class_of_seconds_is_explained() -> None:
    """A class would have no definition, or the name of another column."""
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    for name, column in CLASS_COLUMNS.items():
        assert re.search(rf"^\| {name} \| .* \| `{column}` \|$", text, re.MULTILINE), name


def models() -> list[str]:
    found = []
    for entry in sorted((ROOT / "models").iterdir()):
        if entry.is_dir() and (entry / "__init__.py").exists():
            found.append(f"models/{entry.name}/")
        elif entry.suffix == ".py" and entry.stem != "__init__":
            found.append(f"models/{entry.name}")
    return found


@pytest.mark.parametrize("model", models())
def test_every_model_has_a_card(model: str) -> None:
    """A model would be used without a word on its sources and on what it leaves out."""
    index = (CARDS / "README.md").read_text(encoding="utf-8")
    row = rf"^\| `{re.escape(model)}` \| .+ \| \[.+\]\(.+\.md\) \|$"
    assert re.search(row, index, re.MULTILINE)


@pytest.mark.parametrize("package", [model for model in models() if model.endswith("/")])
def test_a_card_names_each_file_of_its_model(package: str) -> None:
    """A file would be added, renamed or removed, and the card still show the old layout."""
    folder = ROOT / package
    card = (CARDS / f"{folder.name}.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in card.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+\.py)`", row)}
    there = {file.name for file in folder.glob("*.py")} - {"__init__.py"}
    assert named == there


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=name_of)
def test_files_that_the_docs_name_exist(page: Path) -> None:
    """A reader would look for a file that has been moved."""
    for found in CODE.finditer(page.read_text(encoding="utf-8")):
        name = found["text"]
        if re.fullmatch(r"(sim|models|experiments|tests|docs)/[\w./-]+", name):
            assert (ROOT / name).exists(), f"{name_of(page)}: {name}"


SPECS = (
    DesignSpec,
    HostSpec,
    NetworkSpec,
    RedisGroupSpec,
    DatasetSpec,
    SentinelGroupSpec,
    ConsulClusterSpec,
    ServiceSpec,
    CheckSpec,
    GossipSpec,
    ApplicationGroupSpec,
    OperatorSpec,
    MoveSpec,
    ProfileSpec,
    FaultSpec,
    PeopleSpec,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_field_is_in_the_tour(spec: type[StrictModel]) -> None:
    """A writer would not learn that an option exists."""
    text = (DOCS / "writing-a-design.md").read_text(encoding="utf-8")
    missing = [
        key
        for key in map(file_key, spec.model_fields)
        if not re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text)
    ]
    assert missing == []


def test_the_tour_shows_the_shipped_files() -> None:
    """The tour would explain a design that is not the one that is shipped."""
    shipped = {
        line
        for kind, name in (("design", "deck-redis"), ("profile", "cloud-2015"))
        for line in find(kind, name).text.splitlines()  # type: ignore[arg-type]
    }
    text = (DOCS / "writing-a-design.md").read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        if block["info"].strip() == "yaml":
            for line in block["text"].splitlines():
                assert line in shipped, line
