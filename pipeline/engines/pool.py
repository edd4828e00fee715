"""Processes that work on shards: when one dies, its shard goes to another and a new one takes its place."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from pipeline.engines.losses import MOST, WORKER_LOST, Losses
from pipeline.engines.member import OUT_OF_MEMORY, SIGNALS, Crashed, Opened, Reading, serve
from pipeline.errors import PipelineError
from pipeline.events import emit

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from pipeline.formats.readers import ArticleRef
    from pipeline.shards import Shard
    from pipeline.worker import Done, Worker

log = logging.getLogger(__name__)

GRACE_SECONDS = 5.0
"""For a process to close its plan, or to abandon its shard before the next article; then it is killed."""

THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
    "ARROW_IO_THREADS",
)
"""What libraries read when they are loaded: OpenMP (torch and Arrow, too), BLAS, libraries in Rust, Arrow."""


@dataclass(slots=True)
class Member:
    """A process of the pool: the shard it works on, and the article that it read last."""

    process: SpawnProcess
    connection: Connection
    shard: Shard[ArticleRef] | None = None
    article: str | None = None
    opened: bool = False


class Pool:
    """Runs shards in processes that are started as there is work for them; for one use.

    A process that dies costs the shard that it was at a further try, at the end, when memory may be free again.
    A shard of which `MOST` died is given up: all others are run, then `PipelineError` is raised. When a
    shard fails with an error, those that are being run are finished first.
    """

    def __init__(self, worker: Worker, processes: int) -> None:
        self._worker = worker
        self._processes = processes
        self._context = multiprocessing.get_context("spawn")
        self._members: list[Member] = []
        self._again: deque[Shard[ArticleRef]] = deque()
        self._losses = Losses()
        self._stillborn = 0
        self._failure: Exception | None = None

    def run(self, shards: Iterable[Shard[ArticleRef]]) -> Generator[Done, None, None]:
        """Yield what came of each shard, in the order in which they end."""
        todo = iter(shards)
        abandoned = True
        try:
            self._hand_out(todo)
            while busy := {one.connection: one for one in self._members if one.shard}:
                for connection in wait(list(busy)):
                    yield from self._hear(busy[connection])  # type: ignore[index] # they are those that were asked
                self._hand_out(todo)
            abandoned = False
        finally:
            self._end(abandoned=abandoned)
        if self._failure:
            raise self._failure
        self._losses.check()

    def _hand_out(self, todo: Iterator[Shard[ArticleRef]]) -> None:
        """Give a shard to each process that has none; start processes as long as there are shards."""
        while self._failure is None and self._has_room():
            shard = next(todo, None) or (self._again.popleft() if self._again else None)
            if shard is None:
                return
            member = next((one for one in self._members if one.shard is None), None) or self._start()
            if member is None:
                self._again.appendleft(shard)
                continue
            member.shard, member.article = shard, None
            with suppress(OSError):  # it has died meanwhile: `_hear` is told
                member.connection.send(shard)

    def _has_room(self) -> bool:
        """Whether a process is free, or may be started."""
        if any(one.shard is None for one in self._members):
            return True
        if self._stillborn >= MOST and not self._members:
            self._failure = PipelineError(
                f"workers: expected processes that live (got {self._stillborn} that died when they loaded what the "
                "stages need, perhaps out of memory); run again with fewer workers: what is done stays"
            )
        return self._stillborn < MOST and len(self._members) < self._processes

    def _hear(self, member: Member) -> Iterator[Done]:
        """Take one message of a process, or the news of its death."""
        try:
            message = member.connection.recv()
        except (EOFError, OSError):
            self._bury(member)
            return
        if isinstance(message, logging.LogRecord):
            logging.getLogger(message.name).handle(message)
        elif isinstance(message, Opened):
            member.opened = True
            self._stillborn = 0
        elif isinstance(message, Reading):
            member.article = message.uri
        elif isinstance(message, Crashed):
            self._failure = self._failure or RuntimeError(f"a worker failed:\n{message.trace}")
            member.shard = None
        elif isinstance(message, PipelineError):
            self._failure = self._failure or message
            member.shard = None
        else:
            member.shard = None
            yield message

    def _bury(self, member: Member) -> None:
        """Put the shard of a process that died at the end of the queue, or give it up."""
        self._members.remove(member)
        member.connection.close()
        member.process.join()
        reason, shard = _reason(member.process.exitcode or 0), member.shard
        if shard is None:
            return
        if not member.opened:
            self._stillborn += 1
            self._again.append(shard)
            reason = f"when it loaded what the stages need, {reason}"
            emit(log, WORKER_LOST, logging.WARNING, worker=member.process.pid, reason=reason)
            return
        self._stillborn = min(self._stillborn, MOST - 1)  # its place may be had again
        if member.article:
            reason = f"at article {member.article!r}, {reason}"
        if self._losses.add(shard.id, reason):
            self._again.append(shard)
        lost = f"{self._losses.count(shard.id)}/{MOST}"
        emit(log, WORKER_LOST, logging.WARNING, worker=member.process.pid, shard=shard.id, time=lost, reason=reason)

    def _start(self) -> Member | None:
        """Start a process; return None where the system has no room for one."""
        ours, theirs = self._context.Pipe()
        level = logging.getLogger("pipeline").getEffectiveLevel()
        process = self._context.Process(target=serve, args=(self._worker, theirs, level), daemon=True)
        resource_tracker.ensure_running()  # it would lift what we hold back below
        with theirs, _threads_divided(self._processes), _signals_held():
            try:
                process.start()
            except OSError as error:
                emit(log, "worker_not_started", logging.WARNING, reason=str(error))
                self._stillborn += 1
                ours.close()
                return None
            self._members.append(Member(process, ours))
        return self._members[-1]

    def _end(self, *, abandoned: bool) -> None:
        """Let the processes end; a second interrupt meanwhile ends them at once."""
        deadline = time.monotonic() + GRACE_SECONDS
        try:
            for member in self._members:
                member.connection.close()
                if abandoned:
                    member.process.terminate()
            for member in self._members:
                member.process.join(max(0.0, deadline - time.monotonic()))
        finally:
            for member in self._members:
                member.process.kill()
                member.process.join()


def _reason(status: int) -> str:
    """Tell how a process ended, by its exit status: below 0 the signal."""
    if status == OUT_OF_MEMORY:
        return "out of memory"
    if status >= 0:
        return f"exit status {status}"
    name = {one.value: one.name for one in signal.Signals}.get(-status, f"signal {-status}")
    return f"killed by {name}, as the system does when memory runs out" if name == "SIGKILL" else f"killed by {name}"


@contextmanager
def _threads_divided(processes: int) -> Iterator[None]:
    """Let a process that starts meanwhile use its share of the cores, but where the user has set another."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    ours = [name for name in THREAD_LIMITS if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, str(max(1, cores // processes))))
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]


@contextmanager
def _signals_held() -> Iterator[None]:
    """Keep signals back for a moment; a process that starts meanwhile keeps them back until it is ready for them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
