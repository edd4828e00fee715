"""How far a corpus is and who is at work on it, told by manifests and logs, whatever state they are in; read only."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from pipeline.errors import InputError
from pipeline.logs import (
    LOGS,
    PLAN,
    RUNS,
    SHARDS,
    WORKERS,
    PlanLog,
    RunLog,
    ShardLog,
    WorkerLog,
    files_of,
    is_locked,
    read_log,
)
from pipeline.shards import MANIFESTS, WHOLE, parse_manifest
from pipeline.timing import host_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DEAD_SECONDS = 60.0
"""A run or worker without a sign of life for so long is taken for dead where no lock tells, as on another host."""

WINDOW_SECONDS = 600.0
"""The last minutes, for the rate of now."""

STATES = ("done", "running", "waiting", "stale", "failed", "corrupt")
"""How a shard may stand. Waiting: nobody has begun it, or who did was interrupted."""

State: TypeAlias = Literal["finished", "running", "failed", "interrupted", "unfinished"]

Surveyed: TypeAlias = "Mapping[str, tuple[str, int]]"
"""How each shard stands by the input and the plan, and its articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it is now: `state` is `interrupted` when it died without a word."""

    log: RunLog
    state: str
    silent_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a corpus is. Rates are articles a second: of the last minutes, None when nobody is at work; of all runs.

    `articles` are `done`, `under_way` (in shards that are being made) and `all`.
    """

    state: State
    shards: dict[str, int]
    articles: dict[str, int]
    rate: float | None
    rate_of_all_runs: float | None
    seconds_left: float | None
    runs: tuple[Run, ...]
    workers: tuple[WorkerLog, ...]
    failures: dict[str, str]
    corrupt: tuple[str, ...]
    counts: dict[str, int]
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """What a manifest tells; nothing, when it cannot be read."""

    plan_digest: str = ""
    articles: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    signature: str = ""
    is_whole: bool = False


class Reader:
    """Reads a corpus again and again; of manifests only those that have changed since."""

    def __init__(self, corpus: Path, clock: Callable[[], float] = time.time) -> None:
        self._corpus = corpus
        self._logs = corpus / LOGS
        self._clock = clock
        self._read: dict[str, tuple[tuple[int, int], _Made]] = {}

    def read(self, surveyed: Surveyed | None = None) -> Progress:
        """Return how things stand now; raise `InputError` where there is no corpus."""
        now = self._clock()
        if not (self._corpus / MANIFESTS).is_dir():
            raise InputError(f"{self._corpus}: expected a corpus (got no manifests); make one: newsbitext run")
        made = self._manifests()
        whole = made.pop(WHOLE, None)
        runs = self._runs(now)
        working = {run.log.run for run in runs if run.state == "running"}
        workers = self._workers(working, now)
        plan = read_log(PlanLog, self._logs / PLAN)
        known = self._known(made, plan, surveyed)
        states = self._states(known, made, plan, surveyed, {worker.shard for worker in workers})
        failures = self._failures(states, known)
        shards = Counter("failed" if shard in failures else state for shard, state in states.items())
        done = sum(known[shard] for shard, state in states.items() if state == "done")
        under_way = sum(worker.articles for worker in workers)
        articles = {"done": done, "under_way": under_way, "all": sum(known.values())}
        rate = self._rate(runs, workers, now)
        left = articles["all"] - done - under_way
        finished = whole is not None and whole.is_whole and not working
        sound = [one for one in made.values() if one.is_whole]
        return Progress(
            state="finished" if finished else _state(runs),
            shards={name: shards[name] for name in STATES},
            articles=articles,
            rate=rate,
            rate_of_all_runs=_overall(runs),
            seconds_left=max(left, 0) / rate if rate else None,
            runs=tuple(runs),
            workers=tuple(workers),
            failures=failures,
            corrupt=tuple(f"{name}.json" for name, one in made.items() if not one.is_whole),
            counts=_sum(sound),
            signatures=tuple(sorted({one.signature for one in sound})),
        )

    def _manifests(self) -> dict[str, _Made]:
        found: dict[str, tuple[tuple[int, int], _Made]] = {}
        try:
            entries = sorted(os.scandir(self._corpus / MANIFESTS), key=lambda entry: entry.name)
        except OSError:
            entries = []
        for entry in entries:
            name, ending = os.path.splitext(entry.name)  # noqa: PTH122 # a Path for each of 10,000 names takes longer
            if ending != ".json" or name.startswith("."):
                continue
            try:
                facts = entry.stat()
                version = (facts.st_mtime_ns, facts.st_size)
                known = self._read.get(name)
                if known is None or known[0] != version:
                    with open(entry.path, "rb") as stream:  # noqa: PTH123 # likewise
                        known = (version, _made(stream.read()))
            except OSError:  # it has just gone: its shard is being made again
                continue
            found[name] = known
        self._read = found
        return {name: made for name, (_, made) in found.items()}

    def _runs(self, now: float) -> list[Run]:
        """Return the runs that the logs know, oldest first."""
        found = []
        for path in files_of(self._logs / RUNS):
            log = read_log(RunLog, path) if path.suffix == ".json" else None
            if log is not None:
                silent = _silence(path, log.beat, now)
                found.append(Run(log=log, state=_life(log, path.with_suffix(".jsonl"), silent), silent_seconds=silent))
        return found

    def _workers(self, working: set[str], now: float) -> list[WorkerLog]:
        """Return the workers that live."""
        found = ((path, read_log(WorkerLog, path)) for path in files_of(self._logs / WORKERS))
        return [
            log
            for path, log in found
            if log is not None
            and log.run in working
            and _silence(path, log.beat, now) < DEAD_SECONDS
            and not (log.host == host_name() and _is_gone(log.pid))
        ]

    def _known(self, made: Mapping[str, _Made], plan: PlanLog | None, surveyed: Surveyed | None) -> dict[str, int]:
        """Return the articles of each shard that there is, by the best witness: input, last run, or manifests."""
        if surveyed is not None:
            return {shard: articles for shard, (_, articles) in surveyed.items()}
        if plan is not None:
            return dict(plan.shards)
        return {shard: one.articles for shard, one in made.items()}

    def _states(
        self,
        known: Mapping[str, int],
        made: Mapping[str, _Made],
        plan: PlanLog | None,
        surveyed: Surveyed | None,
        at_work: set[str | None],
    ) -> dict[str, str]:
        states = {}
        for shard in known:
            one = made.get(shard)
            if surveyed is not None:
                state = surveyed[shard][0]
                state = "waiting" if state == "missing" else state
            elif one is None:
                state = "waiting"
            elif not one.is_whole:
                state = "corrupt"
            else:
                state = "done" if plan is None or one.plan_digest == plan.plan_digest else "stale"
            states[shard] = "running" if state != "done" and shard in at_work else state
        return states

    def _failures(self, states: Mapping[str, str], known: Mapping[str, int]) -> dict[str, str]:
        """Return why shards failed that nobody has made, or is making, since."""
        found = {}
        for path in files_of(self._logs / SHARDS) if "waiting" in states.values() else ():
            if path.stem in known and states[path.stem] == "waiting":
                log = read_log(ShardLog, path)
                if log is not None and log.error is not None:
                    found[path.stem] = log.error
        return found

    def _rate(self, runs: list[Run], workers: list[WorkerLog], now: float) -> float | None:
        """Return the articles a second of the last minutes, of runs that are at work."""
        begun = [run.log.started for run in runs if run.state == "running"]
        since = max(now - WINDOW_SECONDS, min(begun, default=now))
        if since >= now:
            return None
        articles = 0.0
        for path in files_of(self._logs / SHARDS):
            if (log := _recent(path, since)) is not None and log.error is None:
                articles += log.articles * _overlap(log.started, log.ended, since)
        for worker in workers:
            if worker.started is not None:
                articles += worker.articles * _overlap(worker.started, now, since)
        return articles / (now - since)


def _made(text: bytes) -> _Made:
    manifest = parse_manifest(text)
    if manifest is None:
        return _Made()
    return _Made(manifest.plan_digest, len(manifest.articles), manifest.counts, manifest.signature, is_whole=True)


def _recent(path: Path, since: float) -> ShardLog | None:
    try:
        return read_log(ShardLog, path) if path.stat().st_mtime >= since else None
    except OSError:
        return None


def _overlap(started: float, ended: float, since: float) -> float:
    """Return which part of the time between two moments lies after `since`."""
    if ended <= started:
        return float(ended >= since)
    return min(max((ended - max(started, since)) / (ended - started), 0.0), 1.0)


def _silence(path: Path, beat: float, now: float) -> float:
    """Return the seconds since a sign of life, by the clock of the writer or the disk, whichever is nearer to ours."""
    try:
        return min(abs(now - beat), abs(now - path.stat().st_mtime))
    except OSError:
        return abs(now - beat)


def _is_gone(pid: int) -> bool:
    """Whether this host has no such process; on Windows it is not asked, where signal 0 is an interrupt."""
    if sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)  # asks only: kill(2)
    except ProcessLookupError:
        return True
    except OSError:  # it is somebody else's, or the system cannot tell
        return False
    return False


def _life(log: RunLog, events: Path, silent: float) -> str:
    """Return how a run stands: by its lock where this host sees that, else by its last sign of life."""
    if log.state != "running":
        return log.state
    lives = is_locked(events) if log.locked and log.host == host_name() else silent < DEAD_SECONDS
    return "running" if lives else "interrupted"


def _state(runs: list[Run]) -> State:
    """Return how the runs of an unfinished corpus stand: at work, or how the last one ended."""
    if any(run.state == "running" for run in runs):
        return "running"
    last = max(runs, key=lambda run: run.log.beat, default=None)
    if last is not None and last.state == "failed":
        return "failed"
    return "interrupted" if last is not None and last.state == "interrupted" else "unfinished"


def _overall(runs: list[Run]) -> float | None:
    """Return the articles of all runs by the seconds in which at least one was at work."""
    seconds, until = 0.0, 0.0
    for started, ended in sorted((run.log.started, run.log.beat) for run in runs):
        seconds += max(ended - max(started, until), 0.0)
        until = max(until, ended)
    return sum(run.log.articles_done for run in runs) / seconds if seconds else None


def _sum(made: list[_Made]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in made:
        counts.update(one.counts)
    return dict(counts)
