"""Who ends a run, or kills a part of it, finds no child left, no traceback, and a corpus that goes on."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.faults.conftest import SMALL
from tests.faults.kills import Kill, Killer
from tests.faults.runs import Input, digests, ended, half_written, is_claimed, manifests, until, workers_of
from tests.running import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="its signals are those of Linux")

KILLS = (
    Kill(plan="plain", victim="run", moment="shards", shards_done=1, delay=0.01, workers=2, workers_after=1),
    Kill(plan="plain", victim="worker", moment="shards", shards_done=0, delay=0.2, workers=2, workers_after=1),
)


@pytest.fixture(scope="module")
def killer(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Killer:
    """Return who kills, and what the plan gives when nothing happens."""
    return Killer(articles, tmp_path_factory.mktemp("killed"))


@pytest.mark.parametrize("kill", KILLS, ids=str)
def test_a_process_that_is_killed_costs_less_than_a_shard_a_worker(killer: Killer, kill: Kill) -> None:
    outcome = killer.carry_out(kill)

    assert outcome.is_good
    assert outcome.begun <= kill.workers


@pytest.mark.parametrize(
    ("ending", "to_all"),
    [((signal.SIGINT, 130), True), ((signal.SIGINT, 130), False), ((signal.SIGTERM, 143), True)],
    ids=["Ctrl-C", "SIGINT to the run alone", "SIGTERM"],
)
def test_a_run_that_is_told_to_end_leaves_nothing_behind(
    articles: Path, corpus: Path, undisturbed: dict[str, str], ending: tuple[int, int], *, to_all: bool
) -> None:
    number, code = ending
    with Input(articles=articles, corpus=corpus, settings=(SMALL,)).start("--workers=2") as process:
        until(lambda: manifests(corpus), process)
        children = psutil.Process(process.pid).children(recursive=True)
        (os.killpg if to_all else os.kill)(process.pid, number)
        got, output = ended(process)
    left = psutil.wait_procs(children, timeout=5)[1]
    claim, halves = is_claimed(corpus), list(half_written(corpus))
    summary = run(articles, corpus, SMALL)

    assert got == code
    assert output.splitlines()[-1].endswith("the same command goes on where it stopped")
    assert "Traceback" not in output
    assert (left, claim) == ([], False)
    assert len(halves) <= 2  # none, unless the machine was too busy to let the workers end by themselves
    assert list(half_written(corpus)) == []
    assert summary.reused > 0
    assert digests(corpus) == undisturbed


def test_a_worker_without_memory_costs_the_corpus_nothing(
    articles: Path, corpus: Path, undisturbed: dict[str, str]
) -> None:
    with Input(articles=articles, corpus=corpus, settings=(SMALL,)).start("--workers=2") as process:
        until(lambda: manifests(corpus), process)
        starved = workers_of(process)[0]
        taken = starved.memory_info().vms
        starved.rlimit(psutil.RLIMIT_AS, (taken, taken))
        code, output = ended(process)

    assert code == 0, output
    assert digests(corpus) == undisturbed
