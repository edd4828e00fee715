"""Kills nodes, actors and the run itself at random moments until a corpus is made in spite of it, again and again.

python -m tests.engines.kills [--kills 10] [--copies 60]: a cluster of two nodes on this machine; what is killed is
killed by SIGKILL; a node that was killed is replaced. Prints one line a kill, and in the end how many of the corpora
were, byte for byte, what one undisturbed process makes, and how many shards were done more often than once.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engines.cluster import LocalCluster, local_cluster
from tests.engines.running import copy_seeds, lasting, start
from tests.running import job, problems, run

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = "shards.articles=5"


def main() -> None:
    asked = _asked()
    chance = random.Random(asked.seed)  # noqa: S311 # no secret
    with tempfile.TemporaryDirectory() as name, local_cluster(2) as cluster:
        folder = Path(name)
        articles = copy_seeds(folder / "articles", asked.copies)
        started = time.monotonic()
        run(articles, folder / "expected", SMALL)
        seconds = time.monotonic() - started
        expected, shards = lasting(folder / "expected"), len(job(articles, folder / "expected", SMALL).shards)
        kills = corpora = same = redone = 0
        while kills < asked.kills:
            kills += _make(cluster, articles, folder / "corpus", lambda: chance.uniform(0, seconds), chance)
            corpora += 1
            made = lasting(folder / "corpus")
            same += made == expected and not problems(folder / "corpus", articles)
            for file in sorted(dict(made.items() ^ expected.items())):
                print(f"differs: {file}", flush=True)
            log = (folder / "corpus.log").read_text(encoding="utf-8")
            redone += len(re.findall(r"shard_done|worker_lost .*shard=", log)) - shards
            print(f"corpora={corpora} same={same} kills={kills} redone={redone} of {shards} shards each", flush=True)
            shutil.rmtree(folder / "corpus")
            (folder / "corpus.log").unlink()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--copies", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _make(cluster: LocalCluster, articles: Path, corpus: Path, wait: Callable[[], float], chance: random.Random) -> int:
    """Make a corpus, killing something after each wait; return how often something was killed."""
    kills = 0
    while True:
        running = start(articles, corpus, SMALL, "workers=2", f"engine.address={cluster.address}")
        while not _ends_within(running, wait()):
            what = chance.choice(("run", "node", "actor"))
            if not _kill(what, cluster, running):
                continue
            kills += 1
            print(f"killed {what}", flush=True)
            if what == "run":
                running.wait()
        if running.returncode == 0:
            return kills
        assert running.returncode == -signal.SIGKILL, corpus.with_suffix(".log").read_text(encoding="utf-8")


def _ends_within(running: subprocess.Popen[bytes], seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    return running.returncode is not None


def _kill(what: str, cluster: LocalCluster, running: subprocess.Popen[bytes]) -> bool:
    """Kill something; return whether it was there."""
    if what == "node":
        cluster.kill_node()
        cluster.add_nodes(1)
        return True
    if what == "run":
        running.kill()
        return True
    with suppress(ProcessLookupError):
        for actor in cluster.actors()[:1]:
            os.kill(actor, signal.SIGKILL)
            return True
    return False


if __name__ == "__main__":
    main()
