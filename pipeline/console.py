"""What a run shows while it works: a bar on a terminal, else one log line an event."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

LogFormat = Literal["text", "json"]

_VALUE = re.compile(r"\b([a-z_]+)=(\S+)")


class Bar(Protocol):
    """Counts articles; without a terminal it shows nothing."""

    def begin(self, total: int) -> None:
        """Start, with so many articles to do."""

    def advance(self, articles: int) -> None:
        """So many more are done."""


class NoBar:
    """The bar of a run that nobody watches."""

    def begin(self, total: int) -> None: ...

    def advance(self, articles: int) -> None: ...


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


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, event, and the `key=value` pairs of the message."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        values = dict(_VALUE.findall(message))
        if record.exc_info:
            values["traceback"] = self.formatException(record.exc_info)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": message.split(" ", 1)[0].rstrip(":"),
            "message": message,
            **{name: int(text) if text.isdecimal() else text for name, text in values.items()},
        }
        return json.dumps(line, ensure_ascii=False)


@contextmanager
def watching(log_format: LogFormat, *, quiet: bool) -> Iterator[Bar]:
    """Show how a run goes, on standard error: warnings always, the rest unless `quiet`."""
    if quiet or log_format == "json" or not sys.stderr.isatty():
        with _logging(log_format, logging.WARNING if quiet else logging.INFO):
            yield NoBar()
        return
    # The bar comes first: it moves out of the way of what is written to standard error after it.
    with _progress() as progress, _logging(log_format, logging.WARNING):
        yield TerminalBar(progress)


@contextmanager
def _logging(log_format: LogFormat, level: int) -> Iterator[None]:
    logger = logging.getLogger("pipeline")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else logging.Formatter())
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.removeHandler(handler)


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
