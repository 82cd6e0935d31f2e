"""Running the notebooks: by the test that holds them to the code, and by ``make notebooks``.

`jupyter execute` is not used because it has no way to leave out the times of day at which cells
ran; with these a notebook would change whenever it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient

NOTEBOOKS: Final = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
LIMIT_S: Final = 120


def executed(path: Path) -> Any:
    """The notebook at ``path`` run from top to bottom, with its new outputs; nothing is written."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=LIMIT_S,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    for cell in notebook.cells:
        cell["metadata"].pop("execution", None)
    return notebook


if __name__ == "__main__":
    for found in NOTEBOOKS:
        nbformat.write(executed(found), found)
        print(found.name)
