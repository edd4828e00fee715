"""What a run shows while it works: a bar on a terminal, else one log line an event."""

from __future__ import annotations

import io
import logging
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from pipeline.events import JsonFormatter, TextFormatter, routed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from pipeline.events import LogFormat, Value


def open_streams() -> None:
    """Put nothing in the place of standard streams that are closed, before another file takes their numbers.

    What the encoding of the others lacks is written as an escape.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest number that is free is the one that was closed.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 # open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Bar(Protocol):
    """Counts articles; without a terminal it shows nothing."""

    def begin(self, total: int) -> None:
        """Start, with so many articles to do."""

    def advance(self, articles: int) -> None:
        """So many more are done."""

    def reach(self, articles: int) -> None:
        """So many are done in all, if that is more than it was."""


class NoBar:
    """The bar of a run that nobody watches."""

    def begin(self, total: int) -> None: ...

    def advance(self, articles: int) -> None: ...

    def reach(self, articles: int) -> None: ...


class TerminalBar:
    """A bar with rate and time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, total: int) -> None:
        self._task = self._progress.add_task("articles", total=total)

    def advance(self, articles: int) -> None:
        if self._task is not None:
            self._progress.advance(self._task, articles)

    def reach(self, articles: int) -> None:
        if self._task is not None and articles > self._progress.tasks[self._task].completed:
            self._progress.update(self._task, completed=articles)


@contextmanager
def watching(log_format: LogFormat, *, quiet: bool, context: dict[str, Value] | None = None) -> Iterator[Bar]:
    """Show how a run goes, on standard error: warnings always, the rest unless `quiet`.

    `context` is told with each event, where that is JSON.
    """
    if quiet or log_format == "json" or not sys.stderr.isatty():
        formatter = JsonFormatter(context) if log_format == "json" else TextFormatter(stamped=not sys.stderr.isatty())
        with routed(_handler(formatter), logging.WARNING if quiet else logging.INFO):
            yield NoBar()
        return
    # The bar comes first: it moves out of the way of what is written to standard error after it.
    with _progress() as progress, routed(_handler(TextFormatter(stamped=False)), logging.WARNING):
        yield TerminalBar(progress)


def _handler(formatter: logging.Formatter) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    return handler


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f}/s" if task.speed else "-/s")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
