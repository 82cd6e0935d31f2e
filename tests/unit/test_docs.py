"""The documentation against the program: examples run, links lead somewhere, tables are current."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args

import pytest
import typer
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from experiments.catalogue import find, shipped
from experiments.cli import app, main
from experiments.design import DesignSpec
from experiments.loading import parse_spec
from experiments.loading.shapes import choices, models_of, shape_of
from experiments.profile import ProfileSpec
from experiments.results.schema import CLASS_COLUMNS, TABLES
from experiments.simulation import RunOrder, simulate
from models.spec import StrictModel, file_key
from sim.clock import NS_PER_S
from sim.laws import law_to_text

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CARDS = DOCS / "models"
TOUR = DOCS / "writing-a-design.md"
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


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each `sengu` command in the shell blocks of a page, `sengu` left out."""
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["info"].strip() == "sh":
            for line in block["text"].replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words[:1] == ["sengu"]:
                    yield words[1:]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_in_the_docs_are_understood(page: Path) -> None:
    """A reader's first command would be answered with an error."""
    known = getattr(typer.main.get_command(app), "commands", {})
    for name, *words in commands(page):
        assert name in known, f"{name_of(page)}: sengu {name}"
        known[name].make_context(name, words)


def test_there_are_commands() -> None:
    """The test above would pass on pages whose commands it no longer finds."""
    assert len([*commands(README)]) >= 5
    assert len([*commands(TOUR)]) >= 5


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


def parts_of(annotation: Any) -> Iterator[type[StrictModel]]:
    """The specs that a field holds: itself, in a mapping, in a list."""
    for one in shape_of(annotation):
        yield from models_of((one,))
        for argument in get_args(one):
            yield from parts_of(argument)


def specs(*roots: type[StrictModel]) -> list[type[StrictModel]]:
    """All specs that a file may be made of, the roots included, each once."""
    found: dict[type[StrictModel], None] = {}
    left = list(roots)
    while left:
        spec = left.pop(0)
        if spec not in found:
            found[spec] = None
            for field in spec.model_fields.values():
                left += parts_of(field.annotation)
    return list(found)


SPECS = specs(DesignSpec, ProfileSpec)


class OptionRow(NamedTuple):
    """A row of a table of options: the option, its values, its default, what it means."""

    key: str
    values: str
    default: str
    meaning: str


def option_rows(kind: str) -> list[OptionRow]:
    """The table below the heading that begins with the kind of spec in backticks."""
    text = TOUR.read_text(encoding="utf-8")
    found = re.findall(rf"^#+ `{re.escape(kind)}`.*\n((?:(?!^#).*\n)*)", text, re.MULTILINE)
    assert len(found) == 1, f"{len(found)} headings that begin with `{kind}`"
    rows = [line.strip("|").split(" | ") for line in found[0].splitlines() if line[:3] == "| `"]
    return [OptionRow(*(cell.strip() for cell in row)) for row in rows]


def shown_default(field: FieldInfo) -> str | None:
    """How a table writes a default; None where it has to say it in words."""
    if field.is_required():
        return "required"
    if type(field.default).__module__.startswith("sim.laws"):
        return f"`{law_to_text(field.default)}`"
    if isinstance(field.default, bool):
        return "yes" if field.default else "no"
    if field.default in (None, "", (), {}) or isinstance(field.default, StrictModel):
        return None
    kept: Any = (
        Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    )
    return f"`{TypeAdapter(kept).dump_python(field.default, mode='json')}`"


def test_the_specs_are_found() -> None:
    """The tests below would pass on specs that they no longer find."""
    kinds = {spec.kind for spec in SPECS}
    assert len(kinds) == len(SPECS) > 25
    assert {"redis", "mysqlfailover", "http-check", "wait", "buffer", "swaps", "fault"} <= kinds


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_every_field_is_in_the_tour(spec: type[StrictModel]) -> None:
    """A writer would not learn that an option exists, what it may be, or what it is by default."""
    rows = option_rows(spec.kind)
    assert [row.key for row in rows] == [f"`{file_key(key)}`" for key in spec.model_fields]
    for row, field in zip(rows, spec.model_fields.values(), strict=True):
        default = shown_default(field)
        assert row.default, row
        assert default is None or row.default.partition(";")[0] == default, row
        written = {word.strip('"') for word in CODE.findall(f"{row.values} {row.meaning}")}
        assert set(choices(shape_of(field.annotation))) <= written, row


def tour_yaml(info: str) -> list[str]:
    """The YAML blocks of the tour that are marked so."""
    blocks = BLOCK.finditer(TOUR.read_text(encoding="utf-8"))
    return [block["text"] for block in blocks if block["info"].split() == info.split()]


def example_design() -> str:
    (text,) = tour_yaml("yaml design")
    return text


def test_the_tour_shows_the_shipped_files() -> None:
    """The tour would explain a profile that is not the one that is shipped."""
    lines = {
        line for name in shipped("profile") for line in find("profile", name).text.splitlines()
    }
    excerpts = tour_yaml("yaml")
    assert excerpts
    for text in excerpts:
        assert set(text.splitlines()) <= lines


def test_the_tours_own_design_runs_and_has_every_block() -> None:
    """A writer would begin with a copy that is refused, or that leaves a block unexplained."""
    design = parse_spec(example_design(), "my-design.yaml", DesignSpec)
    left_out = {"description"}
    assert design.model_fields_set == set(DesignSpec.model_fields) - left_out
    profile = parse_spec(find("profile", "cloud-2015").text, "cloud-2015", ProfileSpec)
    record = simulate(
        RunOrder("my-design", design, "cloud-2015", profile, horizon_ns=86_400 * NS_PER_S)
    )
    assert record.run["status"] == "ok"
    assert {row["application"] for row in record.rows["loads"]} == {"api"}


def sessions() -> Iterator[tuple[str, str]]:
    """Each command of the tour that is shown with the error it gets, and that error."""
    for text in (b["text"] for b in BLOCK.finditer(TOUR.read_text(encoding="utf-8"))):
        if text.startswith("$ sengu "):
            for part in text.removeprefix("$ sengu ").split("\n$ sengu "):
                command, _, answer = part.partition("\n")
                yield command, answer.strip()


@pytest.mark.parametrize(("command", "answer"), [*sessions()])
def test_errors_are_as_the_tour_shows_them(
    command: str,
    answer: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A writer would look for a message that the command no longer gives."""
    monkeypatch.chdir(tmp_path)
    sound = example_design()
    Path("my-design.yaml").write_text(sound, encoding="utf-8")
    Path("mistyped.yaml").write_text(
        sound.replace(" interval:", " intervall:", 1), encoding="utf-8"
    )
    assert main(shlex.split(command)) == 2
    assert capsys.readouterr().err.strip() == answer


def test_there_are_errors_in_the_tour() -> None:
    """The test above would pass on a page whose errors it no longer finds."""
    assert len([*sessions()]) >= 3


@pytest.mark.parametrize("words", [*commands(TOUR)], ids=" ".join)
def test_commands_of_the_tour_run(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer would copy a command that is understood and then fails."""
    monkeypatch.chdir(tmp_path)
    Path("my-design.yaml").write_text(example_design(), encoding="utf-8")
    if words[0] in ("run", "compare"):
        place = words.index("--years") + 1
        words = [*words[:place], "2", *words[place + 1 :], "--horizon", "1d", "--workers", "1"]
    assert main(words) == 0
