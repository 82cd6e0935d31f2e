"""The notebooks run, say what they said when they were kept, and use the public interface only."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebook.execution import NOTEBOOKS, executed

NAMES = [
    "01-first-study",
    "02-the-deck-redis",
    "03-the-deck-full",
    "04-choosing-a-timeout",
    "05-clean-lab-against-cloud",
    "06-your-own-design",
]
LARGEST_BYTES = 200_000

# What Jupyter's own parts warn of when a kernel starts and ends is not ours.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Kernel is running over TCP"),
]


def said(notebook: Any) -> list[list[dict[str, str]]]:
    """What each code cell puts out, but for pictures, whose letters differ with the fonts."""
    return [
        [
            {kind: text for kind, text in shown(output).items() if kind != "image/png"}
            for output in cell["outputs"]
        ]
        for cell in notebook.cells
        if cell["cell_type"] == "code"
    ]


def shown(output: Any) -> dict[str, str]:
    if output["output_type"] == "stream":
        return {output["name"]: output["text"]}
    return dict(output.get("data", {}))


def test_all_notebooks_are_there() -> None:
    """A notebook that the documentation promises would be missing."""
    assert [path.stem for path in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_runs_and_says_what_it_said(path: Path) -> None:
    """Its numbers would be those of another program, or its cells would fail."""
    kept = nbformat.read(path, as_version=4)
    assert said(executed(path)) == said(kept)
    assert any(part for part in said(kept))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_small_and_names_no_machine(path: Path) -> None:
    """A repository would swell with every run, and show whose computer it was."""
    text = path.read_text(encoding="utf-8")
    assert len(text) < LARGEST_BYTES
    for word in ("/home/", "/root/", "/tmp/", "site-packages", "ipykernel_"):
        assert word not in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_uses_public_names_only(path: Path) -> None:
    """A reader would copy a line that the next version breaks."""
    import sengu

    notebook = nbformat.read(path, as_version=4)
    code = "\n".join(cell["source"] for cell in notebook.cells if cell["cell_type"] == "code")
    imported, used = set(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "sengu":
                used.add(node.attr)
            assert not node.attr.startswith("_")
    assert imported == {"sengu"}
    assert used and used <= set(sengu.__all__)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_says_what_it_asks_and_where_to_go_on(path: Path) -> None:
    """A page of numbers would be left without a question and without an end."""
    cells = nbformat.read(path, as_version=4).cells
    assert "**Question:**" in cells[0]["source"]
    assert "**Next:**" in cells[-1]["source"]
