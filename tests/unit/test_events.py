"""An event is one line, whatever its values are, and reads back as it was."""

from __future__ import annotations

import json
import logging
import queue
import sys
from logging.handlers import QueueHandler
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.events import JsonFormatter, TextFormatter, as_text, as_values, emit, emit_fault, moment, printable

if TYPE_CHECKING:
    import pytest

    from pipeline.events import Value

log = logging.getLogger("pipeline.test")

HOSTILE = 'a "b".txt\nrun_done state=done\r\x1b[2J\u202egnp.\u2028\x85\udcff\\'


@given(st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_:]{0,8}", fullmatch=True), st.text() | st.integers() | st.none()))
def test_values_read_back_as_they_were(values: dict[str, Value]) -> None:
    line = as_text("event", values)

    assert as_values(line) == values
    assert line.isprintable()


def test_a_value_that_looks_like_another_type_stands_in_quotes() -> None:
    assert as_text("a", {"shard": "000123456789", "n": "12", "b": "true"}) == 'a shard=000123456789 n="12" b="true"'


def test_a_hostile_name_neither_breaks_a_line_nor_forges_an_event(caplog: pytest.LogCaptureFixture) -> None:
    emit(log, "article_odd", logging.WARNING, uri=HOSTILE)
    text = TextFormatter(stamped=False).format(caplog.records[0])
    line = JsonFormatter().format(caplog.records[0])

    assert text.isprintable()
    assert line.isprintable()
    assert as_values(text) == {"uri": HOSTILE}
    assert (json.loads(line)["event"], json.loads(line)["uri"]) == ("article_odd", HOSTILE)


def test_a_message_that_was_not_made_by_emit_is_one_printable_line_as_well(caplog: pytest.LogCaptureFixture) -> None:
    log.warning("article_odd uri=%s", HOSTILE)

    assert TextFormatter(stamped=False).format(caplog.records[0]).isprintable()
    assert json.loads(JsonFormatter().format(caplog.records[0]))["event"] == "article_odd"


def test_no_value_takes_the_place_of_what_a_json_line_always_has(caplog: pytest.LogCaptureFixture) -> None:
    log.warning("odd uri=a event=run_done level=info time=now run=forged")
    line = json.loads(JsonFormatter({"run": "true one"}).format(caplog.records[0]))

    assert (line["event"], line["level"], line["run"]) == ("odd", "warning", "true one")


def test_a_json_line_has_the_event_and_its_values() -> None:
    record = logging.makeLogRecord(
        {
            "msg": "shard_done shard=%s units=%d",
            "args": ("0a", 43),
            "levelname": "INFO",
            "created": 0,
            "name": "pipeline",
        }
    )

    assert json.loads(JsonFormatter().format(record)) == {
        "time": "1970-01-01T00:00:00.000Z",
        "level": "info",
        "event": "shard_done",
        "message": "shard_done shard=0a units=43",
        "shard": "0a",
        "units": 43,
    }


def test_no_line_of_a_traceback_can_pass_for_an_event() -> None:
    nothing: dict[str, str] = {}
    try:
        nothing[HOSTILE]
    except KeyError:
        record = logging.makeLogRecord({"name": "pipeline", "msg": "shard_fault", "exc_info": sys.exc_info()})
    first, *rest = TextFormatter(stamped=False).format(record).splitlines()

    assert first == "shard_fault"
    assert all(line.startswith("  ") for line in rest)
    assert "KeyError" in json.loads(JsonFormatter().format(record))["traceback"]


def test_what_can_be_printed_stays_as_it_is() -> None:
    assert printable("новости, أخبار 新闻") == "новости, أخبار 新闻"


def test_a_moment_is_told_in_utc() -> None:
    assert moment(1_000_000_000.5) == "2001-09-09T01:46:40.500Z"


def test_a_traceback_that_came_through_a_queue_is_indented_too() -> None:
    received: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = QueueHandler(received)
    log.addHandler(handler)
    nothing: dict[str, str] = {}
    try:
        nothing["a"]
    except KeyError:
        emit_fault(log, "shard_fault", shard="a")
    log.removeHandler(handler)
    first, *rest = TextFormatter(stamped=False).format(received.get()).splitlines()

    assert first == "shard_fault shard=a"
    assert rest
    assert all(line.startswith("  ") for line in rest)
