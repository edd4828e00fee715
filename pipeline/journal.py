"""Keeps the logs of a run, in its own process and in those of its workers."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Self

from pipeline.events import PROGRAM, JsonFormatter, TextFormatter, routed
from pipeline.logs import (
    ASIDE,
    RUNS,
    SHARDS,
    WORKERS,
    Folder,
    RunLog,
    ShardLog,
    WorkerLog,
    files_of,
    is_locked,
    lock,
    reason_of,
)
from pipeline.timing import host_name

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from pipeline.events import LogFormat, Value
    from pipeline.timing import Timings

BEAT_SECONDS = 2.0
"""How often a worker, and a run, gives a sign of life."""

MOST_RUNS = 100
"""Runs whose logs are kept, beside those that may be alive."""

MOST_BYTES = 16 << 20
"""Bytes of the events of a run; beyond, only warnings, errors and its end are written, up to twice as much."""

_OLD_SECONDS = 3_600
"""Without a sign of life for so long, nothing is alive, even where clocks differ."""

_NOTHING = logging.CRITICAL + 1
"""Level for our own events in a process from which the engine brings them to that of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where a run, named `run`, has its logs, and how what is logged is shown; it goes to every worker."""

    corpus: Path
    run: str
    host: str
    pid: int
    log_format: LogFormat = "text"
    level: int = logging.WARNING

    @property
    def context(self) -> dict[str, Value]:
        """What is told with each event of this process."""
        return {"run": self.run, "host": host_name(), "pid": os.getpid()}

    @property
    def is_here(self) -> bool:
        """Whether this is the process of the run itself."""
        return (host_name(), os.getpid()) == (self.host, self.pid)


def new_post(corpus: Path, log_format: LogFormat, *, quiet: bool) -> Post:
    """Return the post of a run that begins now, in this process."""
    host, pid, now = host_name(), os.getpid(), time.time()
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f"{int(now % 1 * 1000):03d}Z"
    run = f"{stamp}-{re.sub(r'[^A-Za-z0-9.]', '_', host)[:64]}-{pid}"
    has_bar = log_format == "text" and sys.stderr.isatty()
    level = logging.WARNING if quiet or has_bar else logging.INFO
    return Post(corpus=corpus, run=run, host=host, pid=pid, log_format=log_format, level=level)


class WorkerJournal:
    """Tells what a worker is at, from a thread, so that a long step is a sign of life, too; without a post, nothing."""

    def __init__(self, post: Post | None) -> None:
        self._post = post
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._post is None:
            return self
        self._folder = Folder(self._post.corpus)
        self._name = f"{WORKERS}/{self._post.run}-{_own_name()}.json"
        self._at = WorkerLog(run=self._post.run, host=host_name(), pid=os.getpid(), beat=time.time())
        if not self._post.is_here:
            sent_home = bool(logging.getLogger(PROGRAM).handlers)
            level = _NOTHING if sent_home else self._post.level
            self._stack.enter_context(routed(_handler(self._post), level))
        self._thread = threading.Thread(target=self._beat, name="signs of life", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._folder.remove(self._name)
        self._stack.__exit__(kind, error, trace)

    def begin(self, shard: str, articles: int) -> None:
        """Tell that the worker begins a shard."""
        if self._post is not None:
            self._at = replace(self._at, shard=shard, started=time.time(), articles=0, of=articles)
            self._show()

    def advance(self) -> None:
        """Tell that an article has passed all stages."""
        if self._post is not None:
            self._at = replace(self._at, articles=self._at.articles + 1)

    def end(self, timings: Timings, tally: dict[str, int], error: BaseException | None = None) -> None:
        """Tell how the shard came out."""
        if self._post is None or self._at.shard is None:
            return
        shard = ShardLog(
            shard=self._at.shard,
            run=self._post.run,
            host=timings.host,
            pid=timings.pid,
            started=timings.started,
            ended=timings.ended,
            articles=self._at.articles,
            seconds=timings.seconds,
            peak_memory_bytes=timings.peak_memory_bytes,
            steps=timings.steps,
            tally=tally,
            error=None if error is None else reason_of(error),
        )
        self._folder.write(f"{SHARDS}/{shard.shard}.json", shard)
        self._at = replace(self._at, shard=None, started=None, articles=0, of=0)

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            self._show()

    def _show(self) -> None:
        self._folder.write(self._name, replace(self._at, beat=time.time()))


class RunJournal:
    """Keeps the logs of a run: its events as they are logged, and how it stands whenever `show` is called."""

    def __init__(self, post: Post, run: RunLog) -> None:
        self.folder = Folder(post.corpus)
        self._run = run
        self._events = _EventFile(self.folder, f"{RUNS}/{post.run}.jsonl")
        self._events.setFormatter(JsonFormatter(post.context))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._forget()
        self._events.open()
        self.show(self._run)
        self._stack.enter_context(routed(self._events, logging.INFO))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        self._events.close()
        for path in files_of(self.folder.path / WORKERS):
            if path.name.startswith(self._run.run):
                self.folder.remove(f"{WORKERS}/{path.name}")

    def show(self, run: RunLog) -> None:
        """Write how the run stands."""
        self.folder.write(f"{RUNS}/{run.run}.json", replace(run, locked=self._events.locked, beat=time.time()))

    def keep_only(self, shards: set[str]) -> None:
        """Remove the logs of shards that are gone."""
        for path in files_of(self.folder.path / SHARDS):
            if path.stem not in shards:
                self.folder.remove(f"{SHARDS}/{path.name}")

    def _forget(self) -> None:
        """Remove what is left of runs and workers of long ago, and of files that were never finished."""
        runs = [path for path in files_of(self.folder.path / RUNS) if path.suffix == ".jsonl"]
        for path in runs[:-MOST_RUNS]:
            shown = path.with_suffix(".json")
            if _age(shown if shown.exists() else path) > _OLD_SECONDS and not is_locked(path):
                self.folder.remove(f"{RUNS}/{path.stem}.json")
                self.folder.remove(f"{RUNS}/{path.name}")
        old = [path for path in files_of(self.folder.path / WORKERS) if _age(path) > _OLD_SECONDS]
        half = [path for path in self.folder.path.glob(f"**/.*{ASIDE}") if _age(path) > _OLD_SECONDS]
        for path in (*old, *half):
            self.folder.remove(path.relative_to(self.folder.path).as_posix())


class _EventFile(logging.Handler):
    """Appends events to a file, which it locks; a fault of the disk is told once."""

    def __init__(self, folder: Folder, name: str) -> None:
        super().__init__()
        self._folder, self._path = folder, folder.path / name
        self._stream: IO[str] | None = None
        self._bytes = 0
        self.locked = False

    def open(self) -> None:
        """Begin the file."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._path.open("a", encoding="utf-8", newline="\n")
            self.locked = lock(self._stream)
        except OSError as error:
            self._folder.tell(error)

    def emit(self, record: logging.LogRecord) -> None:
        matters = record.levelno >= logging.WARNING or getattr(record, "event", "") == "run_done"
        if self._stream is None or self._bytes > MOST_BYTES * (2 if matters else 1):
            return
        stream = self._stream
        try:
            self._bytes += stream.write(self.format(record) + "\n")
            stream.flush()
        except OSError as error:
            self._stream = None
            with suppress(OSError):
                stream.close()
            self._folder.tell(error)

    def close(self) -> None:
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()
            self._stream = None
        super().close()


def _handler(post: Post) -> logging.Handler:
    """Return what shows the events of a worker's process, as the run shows its own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(post.context) if post.log_format == "json" else TextFormatter(stamped=True))
    return handler


def _own_name() -> str:
    return f"{re.sub(r'[^A-Za-z0-9.]', '_', host_name())[:64]}-{os.getpid()}"


def _age(path: Path) -> float:
    """Return how many seconds ago a file was written; 0 when it is gone."""
    try:
        return abs(time.time() - path.stat().st_mtime)
    except OSError:
        return 0.0
