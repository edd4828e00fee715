"""Two runs on one output, parts of one output at once, and clocks that go wrong."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from tests.faults.conftest import SMALL
from tests.faults.runs import Input, digests, ended, is_claimed, until
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

BACKWARDS = """
import time
begun, passed = time.time_ns(), time.monotonic_ns
begun_at = passed()
time.time_ns = lambda: begun - 1000 * (passed() - begun_at)
time.time = lambda: time.time_ns() / 1e9
"""
"""Python runs a module of this name at the start of every process."""

YEAR = 365 * 24 * 3600


def test_the_second_of_two_runs_leaves_with_one_line_and_the_first_is_not_disturbed(
    articles: Path, corpus: Path, undisturbed: dict[str, str]
) -> None:
    todo = Input(articles=articles, corpus=corpus, settings=(SMALL,))
    with todo.start("--workers=2") as first:
        until(lambda: is_claimed(corpus), first)
        os.kill(first.pid, signal.SIGSTOP)  # so that it is there as long as the second needs
        code, output = todo.finish("-q", "--shard=3/4")
        os.kill(first.pid, signal.SIGCONT)
        first_code, _ = ended(first)

    assert code == 4
    assert output.startswith(f"error: {corpus}: expected nobody else to write there (got part 1/1 on host ")
    assert output.endswith(f", process {first.pid}); wait for its end, or end it\n")
    assert output.count("\n") == 1
    assert first_code == 0
    assert digests(corpus) == undisturbed


def test_parts_that_run_at_once_make_one_corpus(articles: Path, corpus: Path, undisturbed: dict[str, str]) -> None:
    todo = Input(articles=articles, corpus=corpus, settings=(SMALL,))
    parts = [todo.start(f"--shard={part}") for part in ("1/2", "2/2")]
    outcomes = [ended(process) for process in parts]

    assert [code for code, _ in outcomes] == [0, 0]
    assert any("state      finished" in output for _, output in outcomes)
    assert digests(corpus) == undisturbed


def test_a_clock_that_runs_backwards_changes_nothing(
    articles: Path, corpus: Path, tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BACKWARDS, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    code, output = Input(articles=articles, corpus=corpus, settings=(SMALL,)).finish(PYTHONPATH=path)

    assert code == 0, output
    assert digests(corpus) == undisturbed


def test_files_from_the_future_are_as_good_as_others(articles: Path, corpus: Path, undisturbed: dict[str, str]) -> None:
    run(articles, corpus, SMALL)
    for path in corpus.rglob("*"):
        os.utime(path, (time.time() + YEAR,) * 2)
    victim = min((corpus / "documents").glob("*.parquet"))
    victim.write_bytes(b"")
    os.utime(victim, (time.time() - YEAR,) * 2)
    summary = run(articles, corpus, SMALL)

    assert (summary.done, summary.reused) == (1, 9)
    assert digests(corpus) == undisturbed
