"""How far a corpus is, told from files that may be half-written, stale, corrupt, or those of the dead."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import InputError
from pipeline.logs import Folder, PlanLog, RunLog, ShardLog, WorkerLog, lock
from pipeline.progress import DEAD_SECONDS, Reader
from pipeline.shards import WHOLE, Manifest
from pipeline.timing import host_name

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.progress import Progress

NOW = 1_000_000.0

RUN = RunLog(
    run="r",
    host="elsewhere",
    pid=1,
    part=(1, 1),
    workers=1,
    started=NOW - 100,
    beat=NOW - 1,
    shards=4,
    articles=40,
    shards_done=1,
    articles_done=10,
)
WORKER = WorkerLog(run="r", host="elsewhere", pid=2, beat=NOW - 1, shard="b", started=NOW - 50, articles=5, of=10)
DONE = ShardLog(
    shard="a",
    run="r",
    host="elsewhere",
    pid=2,
    started=NOW - 100,
    ended=NOW - 50,
    articles=10,
    seconds=50,
    peak_memory_bytes=1,
    steps={},
)


def manifest(shard: str, plan: str = "plan") -> Manifest:
    names = tuple(f"{shard}{number}" for number in range(10))
    return Manifest(
        shard=shard,
        plan_digest=plan,
        input_digest="i",
        signature="s",
        articles=names,
        outputs={},
        counts={"articles": 10, "units": 20},
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a corpus of four shards, on which a run of another host is at work: a is done, b under way."""
    (tmp_path / "manifests").mkdir()
    put(tmp_path, manifest("a"))
    folder = Folder(tmp_path)
    folder.write("plan.json", PlanLog(plan_digest="plan", shards=dict.fromkeys("abcd", 10)))
    folder.write("runs/r.json", RUN)
    folder.write("workers/w.json", WORKER)
    folder.write("shards/a.json", DONE)
    return tmp_path


def put(corpus: Path, one: Manifest) -> None:
    (corpus / "manifests" / f"{one.shard}.json").write_text(one.to_json(), encoding="utf-8")


def read(corpus: Path, now: float = NOW) -> Progress:
    return Reader(corpus, lambda: now).read()


def counted(progress: Progress) -> dict[str, int]:
    return {name: count for name, count in progress.shards.items() if count}


def test_a_run_at_work_is_told_with_its_rate_and_the_time_left(corpus: Path) -> None:
    progress = read(corpus)

    assert progress.state == "running"
    assert counted(progress) == {"done": 1, "running": 1, "waiting": 2}
    assert progress.articles == {"done": 10, "under_way": 5, "all": 40}
    assert progress.rate == pytest.approx(15 / 100)
    assert progress.seconds_left == pytest.approx(25 / 0.15)
    assert progress.counts["units"] == 20


def test_a_run_of_another_host_without_a_sign_of_life_is_not_at_work(corpus: Path) -> None:
    progress = read(corpus, NOW + 2 * DEAD_SECONDS)

    assert progress.state == "interrupted"
    assert counted(progress) == {"done": 1, "waiting": 3}
    assert (progress.rate, progress.seconds_left, progress.workers) == (None, None, ())


def test_a_run_of_this_host_lives_as_long_as_it_holds_its_lock(corpus: Path) -> None:
    Folder(corpus).write("runs/r.json", replace(RUN, host=host_name(), locked=True))
    with (corpus / "logs" / "runs" / "r.jsonl").open("a") as stream:
        lock(stream)
        held = read(corpus)

    assert held.state == "running"
    assert read(corpus).state == "interrupted"


def test_a_run_whose_clock_is_wrong_is_told_by_the_clock_of_the_disk(corpus: Path) -> None:
    Folder(corpus).write("runs/r.json", replace(RUN, beat=NOW + 1e6))
    os.utime(corpus / "logs" / "runs" / "r.json", (NOW - 3, NOW - 3))

    assert read(corpus).state == "running"


def test_a_shard_of_another_plan_is_stale_and_an_unreadable_manifest_is_corrupt(corpus: Path) -> None:
    put(corpus, manifest("c", plan="an older one"))
    (corpus / "manifests" / "d.json").write_text('{"shard": "d"', encoding="utf-8")
    progress = read(corpus)

    assert counted(progress) == {"done": 1, "running": 1, "stale": 1, "corrupt": 1}
    assert progress.corrupt == ("d.json",)


def test_a_shard_that_failed_is_told_with_its_error_until_it_is_done(corpus: Path) -> None:
    Folder(corpus).write("shards/c.json", replace(DONE, shard="c", error="OSError: disk on fire"))
    failed = read(corpus)
    put(corpus, manifest("c"))

    assert failed.failures == {"c": "OSError: disk on fire"}
    assert counted(failed)["failed"] == 1
    assert read(corpus).failures == {}


def test_the_runs_of_several_parts_add_up(corpus: Path) -> None:
    folder = Folder(corpus)
    folder.write("runs/s.json", replace(RUN, run="s", part=(2, 2), articles_done=30))
    folder.write("workers/v.json", replace(WORKER, run="s", shard="c"))
    progress = read(corpus)

    assert counted(progress) == {"done": 1, "running": 2, "waiting": 1}
    assert progress.rate == pytest.approx(20 / 100)
    assert progress.rate_of_all_runs == pytest.approx(40 / 99)


def test_a_worker_of_this_host_that_is_gone_is_not_at_work(corpus: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    Folder(corpus).write("workers/w.json", replace(WORKER, host=host_name(), pid=process.pid))
    gone = read(corpus)
    Folder(corpus).write("workers/w.json", replace(WORKER, host=host_name(), pid=os.getpid()))

    assert gone.workers == ()
    assert len(read(corpus).workers) == 1


def test_a_corpus_without_logs_is_told_by_its_manifests(corpus: Path) -> None:
    shutil.rmtree(corpus / "logs")
    put(corpus, replace(manifest(WHOLE), articles=("a",)))
    progress = read(corpus)

    assert (progress.state, counted(progress), progress.articles["all"]) == ("finished", {"done": 1}, 10)


def test_the_error_of_a_failed_run_is_its_state(corpus: Path) -> None:
    Folder(corpus).write("runs/r.json", replace(RUN, state="failed", error="no space"))

    assert read(corpus).state == "failed"


def test_no_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a corpus"):
        read(tmp_path)


def test_no_damage_to_any_file_makes_it_fail_and_nothing_is_written(corpus: Path) -> None:
    put(corpus, manifest(WHOLE))
    paths = [path for path in sorted(corpus.rglob("*")) if path.is_file()]
    chance = random.Random(6)  # noqa: S311 # no secret
    for path in paths:
        whole = path.read_bytes()
        for _ in range(8):
            at = chance.randrange(len(whole))
            damaged = (
                whole[:at] if chance.random() < 0.5 else bytes([*whole[:at], chance.randrange(256), *whole[at + 1 :]])
            )
            path.write_bytes(damaged)
            read(corpus)
            assert path.read_bytes() == damaged
        path.write_bytes(whole)

    assert [path for path in sorted(corpus.rglob("*")) if path.is_file()] == paths
