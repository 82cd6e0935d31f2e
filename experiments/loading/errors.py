"""The one error that reading a spec may end in.

A person who mistyped a key needs four things: the file, the line, the column and one sentence.
A `SpecError` holds exactly these and prints as compilers do, so that editors can jump to it.
"""

from __future__ import annotations

from models.quantities import printable


class SpecError(Exception):
    """A spec file, or an override of it, cannot be used.

    Attributes:
        file: path as the user gave it, or `--set some.path` for an override.
        line: counted from 1; 0 when the fault is not at a place in a file.
        column: counted from 1; 0 like `line`.
        message: one sentence on one line.
    """

    def __init__(self, file: str, line: int, column: int, message: str) -> None:
        # Text of the file is quoted in messages, and may hold line breaks or terminal codes.
        message = printable(message[:500])
        super().__init__(file, line, column, message)
        self.file = file
        self.line = line
        self.column = column
        self.message = message

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message}"
