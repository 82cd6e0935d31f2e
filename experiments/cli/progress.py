"""The progress bar of a long command: on stderr, and only where somebody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Progress:
    """What a study tells about itself; this one shows it to nobody. Called with runs finished."""

    def __call__(self, runs: int) -> None:
        """Count runs that have finished."""

    def left(self, seconds: float) -> None:
        """Take note of the seconds that are left."""

    def already(self, runs: int) -> None:
        """Count runs that had finished before this process began."""

    def expect(self, runs: int) -> None:
        """Take note of how many runs there will be, if that is found out on the way."""


class Bar(Progress):
    """A bar of finished and total runs, and the time left as the study estimates it."""

    def __init__(
        self,
        show: Callable[[int, str], object],
        resize: Callable[[int], object] = lambda runs: None,
    ) -> None:
        self.show, self.resize = show, resize
        self.done = 0
        self.words = "estimating"

    def __call__(self, runs: int) -> None:
        self.done += runs
        self.show(self.done, self.words)

    def left(self, seconds: float) -> None:
        """Show the time that is left."""
        self.words = f"about {in_words(seconds)} left"
        self.show(self.done, self.words)

    def already(self, runs: int) -> None:
        """Count them as done from the start."""
        self(runs)

    def expect(self, runs: int) -> None:
        """Show so many runs as the whole."""
        self.resize(runs)


def in_words(seconds: float) -> str:
    """A time for people: ``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


@contextmanager
def shown_progress(total: int, *, silent: bool) -> Iterator[Progress]:
    """Show finished and total runs and the time left; yields whom to tell."""
    if silent or not sys.stderr.isatty():
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("runs"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("runs", total=total, left="estimating")
        yield Bar(
            lambda done, left: progress.update(task, completed=done, left=left),
            lambda runs: progress.update(task, total=runs),
        )
