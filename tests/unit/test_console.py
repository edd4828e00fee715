from __future__ import annotations

import io
import json
import logging
import sys
from contextlib import redirect_stderr

import pytest

from pipeline.console import JsonFormatter, NoBar, TerminalBar, watching

log = logging.getLogger("pipeline.test")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal()


def test_a_terminal_shows_a_bar_and_no_events(terminal: Terminal) -> None:
    with redirect_stderr(terminal), watching("text", quiet=False) as bar:
        bar.begin(7)
        bar.advance(3)
        log.info("shard_done shard=%s", "a")

    assert isinstance(bar, TerminalBar)
    assert "3/7" in terminal.getvalue()
    assert "left" in terminal.getvalue()
    assert "shard_done" not in terminal.getvalue()


def test_a_terminal_shows_warnings_as_well(terminal: Terminal) -> None:
    with redirect_stderr(terminal), watching("text", quiet=False):
        log.warning("article_odd uri=%s", "a.txt")

    assert "article_odd uri=a.txt" in terminal.getvalue()


def test_a_terminal_shows_json_when_asked_for_it(terminal: Terminal) -> None:
    with redirect_stderr(terminal), watching("json", quiet=False) as bar:
        log.info("shard_done shard=%s", "a")

    assert isinstance(bar, NoBar)
    assert json.loads(terminal.getvalue())["shard"] == "a"


def test_without_a_terminal_each_event_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("text", quiet=False) as bar:
        bar.begin(7)
        bar.advance(7)
        log.info("shard_done shard=%s units=%d", "a", 4312)

    assert capsys.readouterr().err == "shard_done shard=a units=4312\n"


def test_quiet_leaves_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("text", quiet=True):
        log.info("shard_done shard=a")
        log.warning("article_odd uri=a.txt")

    assert capsys.readouterr().err == "article_odd uri=a.txt\n"


def test_no_handler_is_left_behind() -> None:
    before = list(logging.getLogger("pipeline").handlers)
    with watching("text", quiet=True):
        pass

    assert logging.getLogger("pipeline").handlers == before


def test_a_json_line_has_the_event_and_its_values() -> None:
    record = logging.makeLogRecord(
        {"msg": "shard_done shard=%s units=%d", "args": ("0a", 43), "levelname": "INFO", "created": 0}
    )

    assert json.loads(JsonFormatter().format(record)) == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "event": "shard_done",
        "message": "shard_done shard=0a units=43",
        "shard": "0a",
        "units": 43,
    }


def test_a_json_line_carries_the_traceback() -> None:
    nothing: dict[str, str] = {}
    try:
        nothing["a"]
    except KeyError:
        record = logging.makeLogRecord({"msg": "shard_fault shard=a: alone", "exc_info": sys.exc_info()})
    line = json.loads(JsonFormatter().format(record))

    assert line["event"] == "shard_fault"
    assert "KeyError: 'a'" in line["traceback"]
