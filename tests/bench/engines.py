"""How fast the engines are next to each other: processes of this machine, and Ray with 1, 2 and 4 nodes on it.

python -m tests.bench.engines [--articles 2000] [--rounds 3] [--nodes 1 2 4]: each round runs every engine once over the
same articles, in turn, with the fake translator. Prints a JSON line a run: seconds from when the engine is asked, with
the start of its workers, to when the last shard is done; and the CPU seconds of all its processes (of Ray with those of
its nodes). In the end the medians, next to those of two processes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engines.local import run_in_processes
from pipeline.engines.ray_cluster import run_on_cluster
from pipeline.worker import Worker
from tests.engines.cluster import local_cluster, with_descendants
from tests.engines.running import copy_seeds
from tests.running import job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.worker import Done, Job

SEEDS = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 4])
    asked = parser.parse_args()
    taken: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        articles = copy_seeds(Path(name) / "articles", asked.articles // SEEDS)
        for _ in range(asked.rounds):
            for nodes in (0, *asked.nodes):
                what = f"ray, {nodes} nodes" if nodes else "local, 2 processes"
                measured = _on_nodes(articles, Path(name) / "corpus", nodes) if nodes else _here(articles, Path(name))
                taken[what].append(measured["seconds"])
                print(json.dumps({"engine": what, **measured}), flush=True)
    medians = {what: statistics.median(seconds) for what, seconds in taken.items()}
    for what, seconds in medians.items():
        rate, ratio = asked.articles / seconds, seconds / medians["local, 2 processes"]
        print(f"{what:<20} {seconds:7.2f} s {rate:7.1f} articles/s  {ratio:5.2f} of the time of local")


def _here(articles: Path, folder: Path) -> dict[str, float]:
    todo = job(articles, folder / "corpus", "workers=2")
    return _timed(todo, run_in_processes(Worker(todo), todo.shards, 2))


def _on_nodes(articles: Path, corpus: Path, nodes: int) -> dict[str, float]:
    with local_cluster(nodes) as cluster:
        where = f"engine.address={cluster.address}"
        todo = job(articles, corpus, f"workers={nodes}", "engine.name=ray", where)
        return _timed(todo, run_on_cluster(Worker(todo), todo.shards, todo.plan.settings))


def _timed(todo: Job, work: Iterator[Done]) -> dict[str, float]:
    begun, before = time.perf_counter(), _cpu_seconds()
    seen: dict[int, float] = {}
    shards = 0
    for _ in work:
        shards += 1
        seen |= _cpu_seconds()  # of an actor that has ended, nothing is told any more
    seconds = time.perf_counter() - begun
    cpu = sum(value - before.get(process, 0) for process, value in seen.items())
    shutil.rmtree(todo.corpus)
    return {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "shards": shards}


def _cpu_seconds() -> dict[int, float]:
    """Return the CPU seconds of this process and of each below it (proc(5): fields 14 and 15)."""
    found = {}
    for process in with_descendants([os.getpid()]):
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            found[process] = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return found


if __name__ == "__main__":
    main()
