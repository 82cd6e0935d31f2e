"""How an object shows itself: a table for `print`, and the same table as HTML for Jupyter.

Tables are made once, for the terminal, where they are made for the command; what is here turns
them into HTML. Every text in them is escaped: names of designs come from files.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

WIDTH: Final = 100
"""The columns for which the command's tables are made."""

_INDENT: Final = "&emsp;"


class Shown(ABC):
    """Something that is a few tables: they are its text, and its display in Jupyter."""

    @abstractmethod
    def _tables(self) -> Iterable[Table | str]:
        """The tables, and paragraphs of text between them."""

    def __str__(self) -> str:
        return "\n".join(
            part if isinstance(part, str) else text_of(part) for part in self._tables()
        )

    def _repr_html_(self) -> str:
        return "\n".join(
            f"<p>{_lines(part)}</p>" if isinstance(part, str) else html_of(part)
            for part in self._tables()
        )


def text_of(table: Table) -> str:
    """The table as text, at most `WIDTH` columns wide, without colours."""
    from rich.console import Console

    out = StringIO()
    Console(file=out, width=WIDTH, color_system=None, legacy_windows=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().split("\n"))


def html_of(table: Table) -> str:
    """The table as HTML: its title, heads, rows and caption, without what only a terminal has."""
    heads = [_plain(column.header) for column in table.columns]
    columns = [[_plain(cell) for cell in column.cells] for column in table.columns]
    styles = [str(row.style or "") for row in table.rows]
    bold = [any(word in style for word in ("bold", "title")) for style in styles]
    rows = list(zip(*columns, strict=True))
    return html_table(heads, rows, title=_plain(table.title), note=_plain(table.caption), bold=bold)


def html_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str = "",
    note: str = "",
    bold: Sequence[bool] = (),
    right: Sequence[bool] = (),
) -> str:
    """A table of plain texts as HTML.

    ``note`` stands below it; ``bold`` says of each row, and ``right`` of each column, whether it
    is in bold letters or ends at the right; by default none is.
    """
    sides = ["right" if at < len(right) and right[at] else "left" for at in range(len(heads))]
    parts = [f"<p><b>{_lines(title)}</b></p>"] if title else []
    parts.append("<table>")
    if any(heads):
        parts.append(f"<thead>{_row(heads, 'th', sides)}</thead>")
    marked = dict(enumerate(bold))
    body = (_row(row, "th" if marked.get(at) else "td", sides) for at, row in enumerate(rows))
    parts += ["<tbody>", *body, "</tbody></table>"]
    if note:
        parts.append(f"<p><small>{_lines(note)}</small></p>")
    return "\n".join(parts)


def _row(cells: Sequence[str], kind: str, sides: Sequence[str]) -> str:
    written = (
        f'<{kind} style="text-align: {side}">{_lines(cell)}</{kind}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"


def _lines(text: str) -> str:
    """The text escaped, its lines kept apart, and its indentation kept."""
    indented = len(text) - len(text.lstrip(" "))
    return _INDENT * (indented // 2) + escape(text.strip()).replace("\n", "<br>")


def _plain(cell: object) -> str:
    """The text of a cell of a rich table, without its markup."""
    from rich.text import Text

    if cell is None:
        return ""
    return Text.from_markup(cell).plain if isinstance(cell, str) else str(cell)
