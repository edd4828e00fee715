"""Runs on a cluster: in this process, or by the command in a process that can be killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from pipeline.engines.ray_cluster import run_on_cluster
from pipeline.runner import run as run_job
from pipeline.worker import Worker
from tests.conftest import ROOT
from tests.running import job
from tests.unit.test_runner import digests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.runner import Summary
    from pipeline.shards import Shard
    from pipeline.worker import Done


def lasting(corpus: Path) -> dict[str, str]:
    """Return the checksums of what a corpus is, without what tells of its runs."""
    return {name: digest for name, digest in digests(corpus).items() if not name.startswith(("logs/", "locks/"))}


def copy_seeds(folder: Path, times: int) -> Path:
    """Fill a folder with copies of the seeds, each with a line of its own."""
    for seed in sorted((ROOT / "seeds").glob("*.txt")):
        for number in range(times):
            (folder / seed.stem).mkdir(parents=True, exist_ok=True)
            path = folder / seed.stem / f"{number:04}.txt"
            shutil.copy(seed, path)
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\n\nN{number}\n")
    return folder


def on_cluster(
    source: Path,
    corpus: Path,
    *overrides: str,
    part: tuple[int, int] = (1, 1),
    after: Callable[[Done], None] = lambda _: None,
) -> Summary:
    """Run in this process; `after` is called with each shard that is done."""
    todo = job(source, corpus, "engine.name=ray", *overrides)

    def engine(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Iterator[Done]:
        for done in run_on_cluster(worker, shards, todo.plan.settings):
            after(done)
            yield done

    return run_job(todo, engine, Worker(todo), part)


def start(source: Path, corpus: Path, *overrides: str) -> subprocess.Popen[bytes]:
    """Start the command on a cluster; what it says goes to a file beside the corpus."""
    command: list[str | Path] = [sys.executable, "-m", "pipeline", "run", "minimal", "-i", source, "-o", corpus]
    command += [word for one in ("engine.name=ray", *overrides) for word in ("--set", one)]
    with corpus.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def wait_until(condition: Callable[[], bool], seconds: float = 180) -> bool:
    """Return whether a condition became true in time, of which a busy machine needs much."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
