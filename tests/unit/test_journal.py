"""What a run and its workers write down of themselves."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.events import emit
from pipeline.journal import MOST_BYTES, MOST_RUNS, RunJournal, WorkerJournal, new_post
from pipeline.logs import RunLog, ShardLog, WorkerLog, files_of, is_locked, read_log
from pipeline.timing import Step, Timings

if TYPE_CHECKING:
    from pipeline.journal import Post

log = logging.getLogger("pipeline.test")

TIMINGS = Timings(
    host="h", pid=1, started=0, ended=1, peak_memory_bytes=5, steps={"read": Step(seconds=1.5, cpu_seconds=1.0)}
)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return new_post(tmp_path, "text", quiet=True)


def run_log(post: Post) -> RunLog:
    return RunLog(
        run=post.run, host=post.host, pid=post.pid, part=(1, 1), workers=1, started=0, beat=0, shards=2, articles=9
    )


def test_a_worker_tells_what_it_is_at_and_how_it_came_out(post: Post) -> None:
    logs = post.corpus / "logs"
    with WorkerJournal(post) as journal:
        journal.begin("0a", 7)
        (path,) = files_of(logs / "workers")
        at = read_log(WorkerLog, path)
        journal.advance()
        journal.end(TIMINGS, {"translated": 3})
    shard = read_log(ShardLog, logs / "shards" / "0a.json")

    assert at
    assert (at.shard, at.of, at.pid) == ("0a", 7, os.getpid())
    assert shard
    assert (shard.articles, shard.seconds, shard.tally, shard.error) == (1, 1.5, {"translated": 3}, None)
    assert files_of(logs / "workers") == []


def test_a_shard_that_failed_tells_why(post: Post) -> None:
    with WorkerJournal(post) as journal:
        journal.begin("0a", 7)
        journal.end(TIMINGS, {}, OSError("disk on fire"))
    shard = read_log(ShardLog, post.corpus / "logs" / "shards" / "0a.json")

    assert shard
    assert shard.error == "OSError: disk on fire"


def test_a_worker_without_a_post_writes_nothing(tmp_path: Path) -> None:
    with WorkerJournal(None) as journal:
        journal.begin("0a", 7)
        journal.advance()
        journal.end(TIMINGS, {})

    assert list(tmp_path.iterdir()) == []


def test_the_events_of_a_run_are_kept_whatever_the_terminal_shows(post: Post) -> None:
    with RunJournal(post, run_log(post)):
        emit(log, "shard_done", shard="0a")
        locked = is_locked(post.corpus / "logs" / "runs" / f"{post.run}.jsonl")
    (line,) = (post.corpus / "logs" / "runs" / f"{post.run}.jsonl").read_text(encoding="utf-8").splitlines()
    event = json.loads(line)
    shown = read_log(RunLog, post.corpus / "logs" / "runs" / f"{post.run}.json")

    assert (event["event"], event["shard"], event["run"]) == ("shard_done", "0a", post.run)
    assert locked
    assert shown
    assert (shown.state, shown.locked) == ("running", True)


def test_events_are_bounded_but_warnings_go_on(post: Post) -> None:
    with RunJournal(post, run_log(post)) as journal:
        journal._events._bytes = MOST_BYTES + 1
        emit(log, "shard_done", shard="0a")
        emit(log, "article_odd", logging.WARNING)
    text = (post.corpus / "logs" / "runs" / f"{post.run}.jsonl").read_text(encoding="utf-8")

    assert [json.loads(line)["event"] for line in text.splitlines()] == ["article_odd"]


def test_runs_of_long_ago_are_forgotten(post: Post) -> None:
    folder = post.corpus / "logs" / "runs"
    folder.mkdir(parents=True)
    for number in range(MOST_RUNS + 5):
        for ending in (".json", ".jsonl"):
            path = folder / f"2001-{number:03}{ending}"
            path.touch()
            os.utime(path, (0, 0))
    with RunJournal(post, run_log(post)):
        pass

    assert len(files_of(folder)) == 2 * (MOST_RUNS + 1)
    assert not (folder / "2001-000.jsonl").exists()


def test_logs_of_shards_that_are_gone_are_removed(post: Post) -> None:
    with WorkerJournal(post) as worker:
        for shard in ("0a", "0b"):
            worker.begin(shard, 1)
            worker.end(TIMINGS, {})
    with RunJournal(post, run_log(post)) as journal:
        journal.keep_only({"0b"})

    assert [path.stem for path in files_of(post.corpus / "logs" / "shards")] == ["0b"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the disk that is always full")
def test_a_full_disk_costs_the_events_and_nothing_else(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pipeline"), RunJournal(post, run_log(post)) as journal:
        assert journal._events._stream
        journal._events._stream.close()
        journal._events._stream = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115, PTH123 # the journal closes it
        emit(log, "shard_done", shard="0a")
        emit(log, "shard_done", shard="0b")

    assert [record.getMessage().split()[0] for record in caplog.records].count("logs_unwritable") == 1
