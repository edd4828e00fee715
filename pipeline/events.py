"""Events, one a line: a name and `key=value` pairs, or JSON; no value can break a line or forge another event."""

from __future__ import annotations

import json
import logging
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Value: TypeAlias = str | int | float | bool | None

LogFormat = Literal["text", "json"]

PROGRAM = "pipeline"
"""The logger above all of ours; what others log are `library_message` events."""

_BARE = re.compile(r"[^\s\"=\\]+")
_PAIR = re.compile(r'(?:^|(?<=\s))([a-z_][a-z0-9_:]*)=("(?:[^"\\]|\\.)*"|[^\s"]+)')
_WORDS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def emit(log: logging.Logger, event: str, level: int = logging.INFO, /, **values: Value) -> None:
    """Log an event."""
    if log.isEnabledFor(level):
        log.log(level, "%s", as_text(event, values), extra={"event": event, "values": values}, stacklevel=2)


def emit_fault(log: logging.Logger, event: str, /, **values: Value) -> None:
    """Log an event with the traceback of the exception that is being handled."""
    extra = {"event": event, "values": values}
    log.error("%s", as_text(event, values), extra=extra, exc_info=True, stacklevel=2)  # noqa: LOG014 # the caller's


def as_text(event: str, values: dict[str, Value]) -> str:
    """Return `event key=value …`; a text that would not read back as it is stands in JSON's quotes."""
    return " ".join([event, *(f"{key}={_written(value)}" for key, value in values.items())])


def as_values(line: str) -> dict[str, Value]:
    """Return the values of a line that `as_text` made."""
    return {key: _read(text) for key, text in _PAIR.findall(line)}


def printable(text: str) -> str:
    r"""Return the text with `\u….` for what moves a cursor, ends a line or turns its direction (not `isprintable`)."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def moment(seconds: float) -> str:
    """Return a time since 1970 as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def routed(handler: logging.Handler, level: int) -> Iterator[None]:
    """Let a handler hear our events from `level` on, and of libraries what is at least a warning."""

    def is_heard(record: logging.LogRecord) -> bool:
        return record.levelno >= (level if is_ours(record) else logging.WARNING)

    root, ours = logging.getLogger(), logging.getLogger(PROGRAM)
    before = ours.level
    handler.addFilter(is_heard)
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.removeFilter(is_heard)
        ours.setLevel(before)
        if before == logging.NOTSET:
            logging.captureWarnings(capture=False)


def is_ours(record: logging.LogRecord) -> bool:
    """Whether the program logged this, not a library."""
    return record.name.partition(".")[0] == PROGRAM


def of_record(record: logging.LogRecord) -> tuple[str, dict[str, Value]]:
    """Return the name and the values of what was logged, by `emit` or in any other way."""
    event = getattr(record, "event", None)
    if isinstance(event, str):
        return event, dict(getattr(record, "values", {}))
    message = record.getMessage()
    if not is_ours(record):
        return "library_message", {"logger": record.name, "text": message.strip()}
    return (message.split(maxsplit=1) or [""])[0].rstrip(":"), as_values(message)


class TextFormatter(logging.Formatter):
    """One line an event; a traceback follows, indented, so that no line of it can pass for an event."""

    def __init__(self, *, stamped: bool) -> None:
        super().__init__()
        self._stamped = stamped

    def format(self, record: logging.LogRecord) -> str:
        line = record.getMessage() if is_ours(record) else as_text(*of_record(record))
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if hasattr(record, "event"):  # a queue puts the traceback into the message (logging.handlers.QueueHandler)
            line, _, more = line.partition("\n")
            trace = more or trace
        stamp = f"{moment(record.created)} " if self._stamped else ""
        return "\n  ".join([stamp + printable(line), *(printable(one) for one in trace.split("\n") if one)])


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, event, message, `context`, and the values of the event."""

    def __init__(self, context: dict[str, Value] | None = None) -> None:
        super().__init__()
        self._context = context or {}

    def format(self, record: logging.LogRecord) -> str:
        event, values = of_record(record)
        line: dict[str, Value] = {
            "time": moment(record.created),
            "level": record.levelname.lower(),
            "event": event,
            "message": record.getMessage(),
            **self._context,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        line |= {key: _rounded(value) for key, value in values.items() if key not in line}
        return printable(json.dumps(line, ensure_ascii=False))


def _rounded(value: Value) -> Value:
    return round(value, 3) if isinstance(value, float) else value


def _written(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if not isinstance(value, str):
        return json.dumps(value)
    if value.isprintable() and _BARE.fullmatch(value) and _read(value) == value:
        return value
    return printable(json.dumps(value, ensure_ascii=False))


def _read(text: str) -> Value:
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
