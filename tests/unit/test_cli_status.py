"""`status` from another terminal: while a run is on, when it was killed, and when it has ended."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.progress import Reader
from tests.running import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.progress import Progress

SMALL = ("--set", "shards.articles=4")
PATIENCE_SECONDS = 120


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: Path) -> Path:
    """Return a folder with 100 articles, the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "articles").mkdir()
    for number in range(20):
        for path in seeds.glob("*.txt"):
            shutil.copy(path, tmp_path / "articles" / f"{number}-{path.name}")
    return tmp_path


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def when(corpus: Path, holds: Callable[[Progress], bool]) -> Progress:
    """Look until it holds."""
    reader, deadline = Reader(corpus), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (corpus / "manifests").is_dir() and holds(progress := reader.read()):
            return progress
        time.sleep(0.02)
    raise AssertionError("it never came")


def digests(corpus: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in corpus.rglob("*")
        if path.is_file() and not (name := path.relative_to(corpus).as_posix()).startswith("logs/")
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_run_of_two_workers_is_seen_at_work_then_killed_then_finished(folder: Path) -> None:
    corpus = folder / "corpus"
    words = [sys.executable, "-m", "pipeline", "run", "minimal", "-i", "articles", "-w", "2", "--quiet", *SMALL]
    with subprocess.Popen(words, start_new_session=True) as process:
        try:
            at_work = when(corpus, lambda seen: seen.shards["done"] > 0 and len(seen.workers) > 0)
            shown = call("status", "corpus")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    killed = json.loads(call("status", "corpus", "--json").stdout)
    call("run", "minimal", "-i", "articles", "--quiet", *SMALL)
    finished = call("status", "corpus")
    run(folder / "articles", folder / "undisturbed", "shards.articles=4")

    assert at_work.state == "running"
    assert at_work.rate
    assert at_work.seconds_left is not None
    assert {worker.pid for worker in at_work.workers} - {process.pid}
    assert "state      running" in shown.stdout
    assert f"run        running on {at_work.runs[0].log.host}:{process.pid}, part 1/1, 2 workers" in shown.stdout
    assert (killed["state"], killed["workers"], killed["runs"][0]["state"]) == ("interrupted", [], "interrupted")
    assert "state      finished" in finished.stdout
    assert "run        interrupted on" in finished.stdout
    assert digests(corpus) == digests(folder / "undisturbed")


def test_with_a_config_the_input_is_compared_too(folder: Path) -> None:
    for path in sorted((folder / "articles").iterdir())[5:]:
        path.unlink()
    call("run", "minimal", "-i", "articles", "--quiet", "--set", "shards.articles=1")
    compared = ("status", "corpus", "--config", "minimal", "-i", "articles", "--set", "shards.articles=1")
    before = call(*compared)
    changed = min((folder / "articles").iterdir())
    changed.write_text("Новый текст.\n", encoding="utf-8")
    after = call(*compared)

    assert (before.exit_code, after.exit_code) == (0, 0)
    assert "stale" not in before.stdout
    assert "stale=1" in after.stdout


def test_watching_ends_when_nobody_is_at_work(folder: Path) -> None:
    (folder / "corpus" / "manifests").mkdir(parents=True)
    result = call("status", "corpus", "--watch")

    assert result.exit_code == 0
    assert "state      unfinished" in result.stdout


def test_the_table_of_times_is_printed_and_left_out_where_it_would_disturb(folder: Path) -> None:
    for path in sorted((folder / "articles").iterdir())[2:]:
        path.unlink()
    table = call("run", "minimal", "-i", "articles", "-o", "a").stdout
    quiet = call("run", "minimal", "-i", "articles", "-o", "b", "--quiet")
    lines = call("run", "minimal", "-i", "articles", "-o", "c", "--log-format", "json")
    end = json.loads(lines.stderr.splitlines()[-1])
    rows = [line.split() for line in table.splitlines()]

    assert rows[0] == ["step", "seconds", "share", "cpu", "articles/s"]
    assert [row[0] for row in rows if row][1:4] == ["open", "read", "normalize"]
    assert quiet.stdout == ""
    assert "step " not in lines.stdout
    assert (end["event"], end["articles"]) == ("run_done", 2)
    assert {"read_seconds", "translate_seconds", "peak_memory_bytes", "segments_per_second"} <= end.keys()


def test_metrics_that_cannot_be_written_are_refused_before_the_run(folder: Path) -> None:
    result = call("run", "minimal", "-i", "articles", "--metrics-file", "nowhere/run.prom")

    assert result.exit_code == 4
    assert result.stderr.startswith("error: nowhere/run.prom: expected to write it (got: ")
    assert not (folder / "corpus").exists()
