"""One run, told by its phases: python -m tests.bench.phases SOURCE CORPUS CONFIG WORKERS [KEY=VALUE ...].

Prints JSON: seconds and CPU seconds of listing, survey, work (the shards) and finish, the peak memory of all
processes, files and bytes of the corpus, and the CPU seconds and articles of each shard when there is one worker.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from pipeline.engines.local import run_here, run_in_processes
from pipeline.runner import run as run_job
from pipeline.worker import Worker
from tests.running import job

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.formats.readers import ArticleRef
    from pipeline.shards import Shard
    from pipeline.worker import Done

EVERY_SECONDS = 0.05
"""Between two looks at the memory."""


@dataclass
class Clock:
    """Seconds and CPU seconds, those of processes that have ended among them, from one mark to the next."""

    phases: dict[str, dict[str, float]] = field(default_factory=dict)
    last: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        self.last = (time.perf_counter(), cpu_seconds())

    def mark(self, phase: str) -> None:
        """Give the time since the last mark to a phase."""
        seconds, cpu = self.last
        self.start()
        self.phases[phase] = {"seconds": self.last[0] - seconds, "cpu_seconds": self.last[1] - cpu}


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of those that it has waited for."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """Yield a list whose only number becomes the peak of the resident memory of all processes, in MB."""
    found, ended = [0.0], threading.Event()

    def watch() -> None:
        own = psutil.Process()
        while not ended.wait(EVERY_SECONDS):
            found[0] = max(found[0], sum(map(_resident, [own, *own.children(recursive=True)])) / 2**20)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()
        found[0] = max(found[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss)
    except psutil.Error:
        return 0.0


def measure(source: Path, corpus: Path, config: str, workers: int, overrides: Sequence[str]) -> dict[str, Any]:
    """Run a configuration once; return what is told above."""
    clock, durations = Clock(), []
    with watched_memory() as peak:
        clock.start()
        todo = job(source, corpus, f"workers={workers}", *overrides, config=config)
        clock.mark("listing")

        def engine(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Iterator[Done]:
            clock.mark("survey")
            before = time.process_time()
            for one in run_here(worker, shards) if workers == 1 else run_in_processes(worker, shards, workers):
                durations.append((len(one.manifest.articles), time.process_time() - before))
                before = time.process_time()
                yield one
            clock.mark("work")

        summary = run_job(todo, engine, Worker(todo))
        clock.mark("finish" if summary.done else "survey")
    sizes = [path.stat().st_size for path in corpus.rglob("*") if path.is_file()]
    return {
        "phases": clock.phases,
        "peak_megabytes": peak[0],
        "shards": len(todo.shards),
        "counts": summary.counts,
        "files": len(sizes),
        "bytes": sum(sizes),
        "durations": durations if workers == 1 else [],
    }


def main() -> None:
    source, corpus, config, workers, *overrides = sys.argv[1:]
    print(json.dumps(measure(Path(source), Path(corpus), config, int(workers), overrides)))


if __name__ == "__main__":
    main()
