"""Watches a run from the outside: its logs, its metrics, its bar; whatever happens to these, the run goes on."""

from __future__ import annotations

import logging
import platform
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from pipeline import __version__
from pipeline.events import emit, of_record, routed
from pipeline.journal import BEAT_SECONDS, RunJournal
from pipeline.logs import (
    LOGS,
    PLAN,
    SHARDS,
    WORKERS,
    PlanLog,
    RunLog,
    ShardLog,
    WorkerLog,
    files_of,
    read_log,
    reason_of,
)
from pipeline.metrics import Figures
from pipeline.shards import in_share
from pipeline.timing import Step
from pipeline.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from pipeline.console import Bar
    from pipeline.formats.readers import ArticleRef
    from pipeline.journal import Post
    from pipeline.logs import RunState
    from pipeline.metrics import MetricsFile
    from pipeline.runner import Engine
    from pipeline.shards import Shard
    from pipeline.worker import Done, Job, Worker

log = logging.getLogger(__name__)

FINISH = "finish"
"""The step after the last shard: rejects, exports, card, report."""

SHARD_FAILED = "shard_failed"
"""The event, with `shard=… error=…`, that an engine logs when it gives a shard up."""

WORKER_LOST = "worker_lost"
"""Events that engines log, in the process of the run, when a worker is gone."""

METRICS_SECONDS = 15.0
"""Metrics of a run are never older: the usual interval at which Prometheus asks for them."""

SOONEST_SECONDS = 1.0
"""Metrics and the bar are not renewed more often, however small the shards are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Todo:
    """What a run has to do when it begins, and the shards that it need not make."""

    shards: int = 0
    articles: int = 0
    reused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a run is watched."""

    post: Post
    part: tuple[int, int]
    workers: int
    bar: Bar
    engine: str = "local"
    metrics: MetricsFile | None = None


class Observer:
    """Sees what an engine yields, and keeps account of it until the run ends."""

    def __init__(self, job: Job, watch: Watch) -> None:
        self._job, self._watch = job, watch
        self.totals = Totals()
        self._todo = _Todo()
        self._ear = _Ear()
        self._stack = ExitStack()
        self._journal: RunJournal | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._began = self._progressed = time.time()
        self._clock = time.monotonic()
        self._state: RunState = "running"
        self._drained: tuple[float, float] | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def engine(self, engine: Engine) -> Engine:
        """Return the engine, watched: the logs of the run begin when it does."""

        def watched(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Iterator[Done]:
            self._begin(shards)
            made = engine(worker, shards)
            try:
                for one in made:
                    self._note(one)
                    yield one
            finally:
                if isinstance(made, Generator):  # so that its workers end before the watch does
                    made.close()
            self._drained = time.monotonic(), time.process_time()

        return watched

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if error is None and self._drained is not None:
            since, cpu_since = self._drained
            self.totals.take(
                FINISH, Step(seconds=time.monotonic() - since, cpu_seconds=time.process_time() - cpu_since)
            )
        self._state = "done" if error is None else "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        if self._journal is not None:
            self._tell_failures()
            self._tell_end(error)
            self._journal.show(self._log(error))
        self._write_metrics()
        self._stack.__exit__(kind, error, trace)

    def _begin(self, shards: Sequence[Shard[ArticleRef]]) -> None:
        watch, job = self._watch, self._job
        everything = {shard.id: len(shard.articles) for shard in job.shards}
        mine = sum(in_share(shard, *watch.part) for shard in everything)
        articles = sum(len(shard.articles) for shard in shards)
        self._todo = _Todo(shards=len(shards), articles=articles, reused=mine - len(shards))
        self._journal = RunJournal(watch.post, self._log())
        self._stack.enter_context(self._journal)
        self._stack.enter_context(routed(self._ear, logging.INFO))
        self._journal.folder.write(PLAN, PlanLog(plan_digest=job.plan.digest, shards=everything))
        self._journal.keep_only(set(everything))
        emit(
            log,
            "run_started",
            run=watch.post.run,
            host=watch.post.host,
            pid=watch.post.pid,
            input=job.plan.settings.input.path,
            output=str(job.corpus),
            plan=job.plan.digest,
            signature=job.plan.signature,
            part=_part(watch),
            engine=watch.engine,
            workers=watch.workers,
            shards=self._todo.shards,
            reused=self._todo.reused,
            articles=self._todo.articles,
            version=__version__,
            python=platform.python_version(),
        )
        self._write_metrics()
        self._thread = threading.Thread(target=self._beat, name="watch", daemon=True)
        self._thread.start()

    def _note(self, done: Done) -> None:
        timings, counts = done.timings, done.manifest.counts
        with self._lock:
            self.totals.add(counts, done.tally, timings)
            self._progressed = time.time()
        emit(
            log,
            "shard_done",
            shard=done.manifest.shard,
            articles=counts["articles"],
            units=counts["units"],
            **done.tally,
            seconds=timings.seconds,
            articles_per_second=counts["articles"] / max(timings.seconds, 1e-9),
            worker=f"{timings.host}:{timings.pid}",
        )

    def _beat(self) -> None:
        """Renew what others look at, every now and then and soon after a shard."""
        shown = measured = 0.0
        seen = passed = 0
        while not self._stop.wait(SOONEST_SECONDS):
            with self._lock:
                shards, articles = self.totals.shards, self.totals.counts["articles"]
            reached = articles + self._under_way()
            if reached > passed:
                passed, self._progressed = reached, time.time()
            self._watch.bar.reach(reached)
            now = time.monotonic()
            if now - shown >= BEAT_SECONDS and self._journal is not None:
                shown = now
                self._journal.show(self._log())
            if shards > seen or now - measured >= METRICS_SECONDS - SOONEST_SECONDS:
                seen, measured = shards, now
                self._write_metrics()

    def _under_way(self) -> int:
        """Return how many articles have passed all stages in shards that are not done."""
        post = self._watch.post
        files = files_of(self._job.corpus / LOGS / WORKERS)
        found = [read_log(WorkerLog, path) for path in files if path.name.startswith(post.run)]
        return sum(one.articles for one in found if one is not None)

    def _write_metrics(self) -> None:
        if self._watch.metrics is None:
            return
        with self._lock:
            totals = deepcopy(self.totals)
        figures = Figures(
            totals=totals,
            shards=self._states(),
            articles_todo=self._todo.articles,
            started=self._began,
            progressed=self._progressed,
            workers_lost=self._ear.lost,
            is_running=self._state == "running",
            is_failed=self._state == "failed",
        )
        self._watch.metrics.write(figures)

    def _states(self) -> dict[str, int]:
        failed = len(self._ear.failed)
        waiting = max(self._todo.shards - self.totals.shards - failed, 0)
        return {
            "done": self.totals.shards,
            "reused": self._todo.reused,
            "waiting": waiting,
            "failed": failed,
        }

    def _log(self, error: BaseException | None = None) -> RunLog:
        watch = self._watch
        return RunLog(
            run=watch.post.run,
            host=watch.post.host,
            pid=watch.post.pid,
            part=watch.part,
            workers=watch.workers,
            started=self._began,
            beat=time.time(),
            shards=self._todo.shards,
            articles=self._todo.articles,
            shards_done=self.totals.shards,
            articles_done=self.totals.counts["articles"],
            workers_lost=self._ear.lost,
            state=self._state,
            error=None if error is None else reason_of(error),
        )

    def _tell_failures(self) -> None:
        """Log the shards that failed, unless the engine has: their workers wrote down why."""
        for path in files_of(self._job.corpus / LOGS / SHARDS) if self._state == "failed" else ():
            found = read_log(ShardLog, path)
            if found is None or found.error is None or found.run != self._watch.post.run:
                continue
            if found.shard not in self._ear.failed:
                emit(log, SHARD_FAILED, logging.ERROR, shard=found.shard, error=found.error)

    def _tell_end(self, error: BaseException | None) -> None:
        seconds, articles = time.monotonic() - self._clock, self.totals.counts["articles"]
        told = {} if error is None else {"error": reason_of(error)}
        emit(
            log,
            "run_done",
            state=self._state,
            **told,
            shards=self.totals.shards,
            seconds=seconds,
            articles_per_second=articles / max(seconds, 1e-9),
            workers_lost=self._ear.lost,
            **self.totals.values(),
        )


class _Ear(logging.Handler):
    """Hears what engines tell of shards and workers."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0
        self.failed: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        event, values = of_record(record)
        self.lost += event == WORKER_LOST
        if event == SHARD_FAILED:
            self.failed.add(str(values.get("shard")))


def _part(watch: Watch) -> str:
    return f"{watch.part[0]}/{watch.part[1]}"
