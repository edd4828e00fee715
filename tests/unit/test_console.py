from __future__ import annotations

import io
import json
import logging
from contextlib import redirect_stderr

import pytest

from pipeline.console import NoBar, TerminalBar, watching

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

    assert capsys.readouterr().err.endswith("Z shard_done shard=a units=4312\n")


def test_quiet_leaves_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("text", quiet=True):
        log.info("shard_done shard=a")
        log.warning("article_odd uri=a.txt")

    assert capsys.readouterr().err.endswith("Z article_odd uri=a.txt\n")


def test_no_handler_is_left_behind() -> None:
    before = list(logging.getLogger().handlers)
    with watching("text", quiet=True):
        pass

    assert logging.getLogger().handlers == before


def test_the_bar_never_goes_back(terminal: Terminal) -> None:
    with redirect_stderr(terminal), watching("text", quiet=False) as bar:
        bar.begin(7)
        bar.reach(5)
        bar.reach(3)
        bar.advance(1)

    assert "6/7" in terminal.getvalue()


def test_a_warning_of_a_library_is_an_event_of_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("json", quiet=True, context={"run": "r"}):
        logging.getLogger("some.library").warning("first\nevent=run_done")
        logging.getLogger("some.library").info("not heard")
    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)

    assert (event["event"], event["logger"], event["text"]) == (
        "library_message",
        "some.library",
        "first\nevent=run_done",
    )
    assert event["run"] == "r"
