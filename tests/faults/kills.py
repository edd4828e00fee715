"""Kills a run, or one of its workers, at a random moment, and lets the next run mend what is left."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psutil

from tests.faults.runs import Input, digests, ended, half_written, is_claimed, manifests, unit_ids, until, workers_of

if TYPE_CHECKING:
    import random
    import subprocess
    from collections import Counter
    from pathlib import Path

PLANS = {
    "plain": ("shards.articles=2",),
    "all formats": ("shards.articles=1", "output.formats=[parquet, jsonl, tmx, moses, xces]"),
    "site memory": ("shards.articles=3", "stages.strip_boilerplate.site_memory={}"),
    "memory": ("shards.articles=2", "stages.translate.memory=CORPUS.memory.sqlite"),
}
"""Settings by the name of the plan: what is open while a process is killed differs."""

MOMENTS = ("beginning", "shards", "shards", "shards", "finish")

LONGEST_DELAY_SECONDS = 0.4
"""After a sign of the moment, so that any instruction of a stage can be the one that is hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """What a plan gives when nothing happens."""

    files: dict[str, str]
    units: Counter[str]
    shards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Who is killed when, and how many workers there are before and after."""

    plan: str
    victim: str
    moment: str
    shards_done: int
    delay: float
    workers: int
    workers_after: int

    def __str__(self) -> str:
        when = f"after {self.shards_done} shards" if self.moment == "shards" else self.moment
        return (
            f"{self.plan:<11} {self.victim:<6} {when:<15} +{self.delay:.3f} s, workers {self.workers} then "
            f"{self.workers_after}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a kill: `redone` are shards that were done before, `begun` those that were being written."""

    hit: bool
    identical: bool
    lost: int
    doubled: int
    kept: int
    begun: int
    redone: int
    orphans: int
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        return self.identical and not (self.lost or self.doubled or self.redone or self.orphans or self.trouble)


class Killer:
    """Makes the corpora of the plans undisturbed, then kills."""

    def __init__(self, articles: Path, folder: Path) -> None:
        self._articles = articles
        self._folder = folder
        self._undisturbed: dict[str, Undisturbed] = {}

    def draw(self, chance: random.Random) -> Kill:
        """Draw who is killed when."""
        plan, workers = chance.choice(list(PLANS)), chance.choice((1, 2, 3))
        return Kill(
            plan=plan,
            victim=chance.choice(("run", "worker")) if workers > 1 else "run",
            moment=chance.choice(MOMENTS),
            shards_done=chance.randrange(self.undisturbed(plan).shards),
            delay=chance.uniform(0, LONGEST_DELAY_SECONDS),
            workers=workers,
            workers_after=chance.choice((1, 2, 3)),
        )

    def undisturbed(self, plan: str) -> Undisturbed:
        """Return what a plan gives; it is made once."""
        if plan not in self._undisturbed:
            made = self._input(plan, f"undisturbed-{len(self._undisturbed)}")
            code, output = made.finish()
            if code:
                raise RuntimeError(output)
            corpus = made.corpus
            self._undisturbed[plan] = Undisturbed(
                files=digests(corpus), units=unit_ids(corpus), shards=len(manifests(corpus))
            )
        return self._undisturbed[plan]

    def carry_out(self, kill: Kill) -> Outcome:
        """Kill, run again, and compare."""
        expected, todo = self.undisturbed(kill.plan), self._input(kill.plan, "killed")
        with todo.start(f"--workers={kill.workers}") as process:
            workers = workers_of(process) if self._is_time(kill, todo, expected, process) else []
            workers += [one for one in workers_of(process) if one not in workers]
            victims = [psutil.Process(process.pid)] if kill.victim == "run" else workers[:1]
            with suppress(psutil.NoSuchProcess):
                for victim in victims:
                    victim.kill()
            hit = bool(victims)
            code, output = ended(process)
        orphans = len(psutil.wait_procs(workers, timeout=5)[1])
        before, begun = manifests(todo.corpus), len(list(half_written(todo.corpus)))
        trouble = "" if kill.victim == "run" or code == 0 else output
        code, output = todo.finish(f"--workers={kill.workers_after}")
        after = manifests(todo.corpus)
        units = unit_ids(todo.corpus)
        outcome = Outcome(
            hit=hit,
            identical=digests(todo.corpus) == expected.files,
            lost=(expected.units - units).total(),
            doubled=(units - expected.units).total(),
            kept=len(before),
            begun=begun,
            redone=sum(after.get(shard) != file for shard, file in before.items()),
            orphans=orphans,
            trouble=trouble or ("" if code == 0 else output),
        )
        shutil.rmtree(todo.corpus)
        return outcome

    def _is_time(self, kill: Kill, todo: Input, expected: Undisturbed, process: subprocess.Popen[str]) -> bool:
        """Wait for the moment; return False when the run ended before."""
        done = {"beginning": 0, "shards": kill.shards_done, "finish": expected.shards}[kill.moment]
        came = until(lambda: is_claimed(todo.corpus) and len(manifests(todo.corpus)) >= done, process)
        if came and kill.victim == "worker" and kill.moment != "finish":
            came = until(lambda: workers_of(process), process)
        time.sleep(kill.delay)
        return came

    def _input(self, plan: str, name: str) -> Input:
        corpus = self._folder / name
        settings = tuple(setting.replace("CORPUS", str(corpus)) for setting in PLANS[plan])
        return replace(Input(articles=self._articles, corpus=corpus), settings=settings)
