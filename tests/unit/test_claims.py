"""A share of a corpus is written by one process at a time, whatever became of those before it."""

from __future__ import annotations

import errno
import json
import multiprocessing
import threading
import time
from math import lcm
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline import claims, disks
from pipeline.claims import LOCKS, Claim, claimed, overlap
from pipeline.cli import app
from pipeline.errors import OutputError
from pipeline.runner import run as run_job
from pipeline.worker import Worker
from tests.running import job, problems, run

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from pipeline.worker import Job

PARTS = st.integers(1, 12).flatmap(lambda count: st.tuples(st.integers(1, count), st.just(count)))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return where a corpus may be made."""
    return tmp_path / "corpus"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "PATIENCE_SECONDS", 0.1)


@given(PARTS, PARTS)
def test_shares_overlap_when_a_number_can_be_in_both(one: tuple[int, int], other: tuple[int, int]) -> None:
    numbers = range(lcm(one[1], other[1]))
    common = [n for n in numbers if n % one[1] == one[0] - 1 and n % other[1] == other[0] - 1]

    assert overlap(one, other) == bool(common)


@pytest.mark.parametrize("part", [(1, 1), (2, 4), (4, 4), (2, 2)])
def test_a_share_that_overlaps_is_refused_with_the_name_of_who_holds_it(corpus: Path, part: tuple[int, int]) -> None:
    with claimed(corpus, (2, 2)):
        holder = json.loads((corpus / LOCKS / "part-2-of-2").read_text(encoding="utf-8"))

        with pytest.raises(OutputError, match=rf"got part 2/2 on host {holder['host']}, process {holder['process']}"):
            claimed(corpus, part).__enter__()


def test_shares_without_a_common_shard_are_held_at_once_and_leave_no_file(corpus: Path) -> None:
    with claimed(corpus, (1, 2)), claimed(corpus, (2, 4)), claimed(corpus, (4, 4)):
        held = sorted(path.name for path in (corpus / LOCKS).iterdir())

    assert held == ["part-1-of-2", "part-2-of-4", "part-4-of-4"]
    assert not corpus.exists()


def test_the_file_of_a_process_that_died_keeps_nobody_out(corpus: Path) -> None:
    (corpus / LOCKS).mkdir(parents=True)
    (corpus / LOCKS / "part-1-of-3").write_text('{"host": "gone"}', encoding="utf-8")
    with claimed(corpus):
        assert [path.name for path in (corpus / LOCKS).iterdir()] == ["part-1-of-1"]


def test_a_folder_of_other_files_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()

    with pytest.raises(OutputError, match="got other files"):
        claimed(tmp_path).__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def hold(_claim: Claim, connection: Connection) -> None:
    """Be a worker that goes on until it is told to end."""
    connection.send("started")
    connection.recv()


def test_a_worker_that_outlives_its_run_keeps_others_out(corpus: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with claimed(corpus) as claim:
        worker = context.Process(target=hold, args=(claim, theirs))
        worker.start()
        ours.recv()
        assert claim._lock
        assert claim._lock._file
        claim._lock._file.close()  # as the system does for a run that is killed

        with pytest.raises(OutputError, match="expected nobody else"):
            claimed(corpus).__enter__()
        ours.send("end")
        worker.join()
        with claimed(corpus):
            taken = True

    assert taken


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP])
def test_a_disk_without_locks_is_used_with_one_warning(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seeds: Path, code: int
) -> None:
    def refuse(_file: object, *, wholly: bool) -> None:
        raise OSError(code, "no locks", str(wholly))

    monkeypatch.setattr(disks, "_lock", refuse)
    run(seeds, corpus)

    assert [record.message.split()[0] for record in caplog.records] == ["no_locks"]
    assert not (corpus / LOCKS).exists()
    assert problems(corpus, seeds) == ()


def test_running_processes_are_no_part_of_a_corpus(corpus: Path, seeds: Path) -> None:
    run(seeds, corpus)
    (corpus / "logs").mkdir()
    (corpus / "logs" / ".run.jsonl.0123.part").touch()
    with claimed(corpus, (1, 2)):
        found = problems(corpus, seeds)

    assert found == ()
    assert run(seeds, corpus).done == 0
    assert run(seeds, corpus, "output.formats=[parquet]").done == 0
    assert len(list((corpus / "logs").iterdir())) == 1


def test_the_engine_has_ended_before_the_claim_is_given_up(corpus: Path, seeds: Path) -> None:
    todo = job(seeds, corpus)
    claims_at_the_end: list[bool] = []

    def engine(_worker: Worker, _shards: object) -> object:
        try:
            yield "no shard"
        finally:
            claims_at_the_end.append((corpus / LOCKS).exists())

    with pytest.raises(AttributeError) as caught:
        run_job(todo, engine, Worker(todo))  # type: ignore[arg-type]

    assert caught.traceback  # it keeps the frames, and with them the generator
    assert claims_at_the_end == [True]
    assert not (corpus / LOCKS).exists()


def test_a_report_is_not_renewed_while_a_run_writes_the_corpus(corpus: Path, seeds: Path) -> None:
    run(seeds, corpus)
    with claimed(corpus, (1, 2)):
        result = CliRunner().invoke(app, ["report", str(corpus)])

    assert result.exit_code == 4
    assert "expected nobody else to write there (got part 1/2" in result.output
    assert CliRunner().invoke(app, ["report", str(corpus)]).exit_code == 0


def test_parts_that_end_at_the_same_moment_finish_the_corpus_once(
    corpus: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = job(seeds, corpus, "shards.articles=1")
    finished: list[str] = []
    barrier = threading.Barrier(2)

    def engine(worker: Worker, shards: object) -> object:
        with worker:
            for shard in shards:  # type: ignore[attr-defined]
                yield worker.run(shard)
        barrier.wait()

    def finish(what: Job) -> dict[str, int]:
        finished.append(threading.current_thread().name)
        time.sleep(0.2)
        return original(what)

    from pipeline import finishing

    original = finishing.finish
    monkeypatch.setattr(finishing, "finish", finish)
    counts: list[dict[str, int] | None] = []
    threads = [
        threading.Thread(target=lambda part=part: counts.append(run_job(todo, engine, Worker(todo), part).counts))  # type: ignore[arg-type]
        for part in ((1, 2), (2, 2))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(finished) == 1
    assert counts[0] == counts[1] is not None
    assert problems(corpus, seeds) == ()
