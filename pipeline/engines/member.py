"""A process of the pool: it opens a plan, runs the shards it is given, and ends with the run that started it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing import parent_process
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError, is_out_of_memory

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from pipeline.formats.readers import ArticleRef
    from pipeline.worker import Worker

SIGNALS = (signal.SIGINT, signal.SIGTERM)

OUT_OF_MEMORY = 112
"""Exit status of a process that ran out of memory and could still say so: 100 and ENOMEM."""

TERMINATED = 128 + signal.SIGTERM
"""Exit status of a process that was told to end."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The plan is opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An article of the shard is about to be read."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """What is no `PipelineError` was raised."""

    trace: str


class Line:
    """The connection to the run, which also takes records of the log; threads may share it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()

    def send(self, message: object) -> None:
        with self._lock:
            self._connection.send(message)

    def get(self) -> Any:  # noqa: ANN401 # whatever the run sends
        return self._connection.recv()

    def put_nowait(self, record: logging.LogRecord) -> None:
        self.send(record)


def serve(worker: Worker, connection: Connection, level: int) -> None:
    """Open the plan of a worker and run shards until the run closes the connection."""
    told = _obey()
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    line = Line(connection)
    logger = logging.getLogger("pipeline")
    logger.addHandler(QueueHandler(line))
    logger.setLevel(level)

    def reading(article: ArticleRef) -> None:
        if told.is_set():
            sys.exit(TERMINATED)
        line.send(Reading(uri=article.uri))

    worker.reading = reading
    with suppress(BrokenPipeError, ConnectionResetError):  # the run ended
        try:
            with worker:
                line.send(Opened())
                _run_shards(worker, line)
        except Exception as error:  # noqa: BLE001 # the run raises it
            _report(line, error)


def _run_shards(worker: Worker, line: Line) -> None:
    while True:
        try:
            shard = line.get()
        except EOFError:
            return
        line.send(worker.run(shard))


def _report(line: Line, error: Exception) -> None:
    """Send an error to the run; without memory the process dies, so that its shard goes to another."""
    if is_out_of_memory(error) and not isinstance(error, PipelineError):
        os._exit(OUT_OF_MEMORY)
    trace = "".join(traceback.format_exception(error))
    line.send(error if isinstance(error, PipelineError) else Crashed(trace=trace))


def _obey() -> threading.Event:
    """Leave interrupts, which a terminal sends to all, to the run; return what is set when it is time to end.

    An exception in the midst of a library's finalizer would be told and forgotten.
    """
    told = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: told.set())
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    return told


def _end_with_the_run() -> None:
    """End at once when the run is gone, even if it was killed."""
    run = parent_process()
    if run is not None:
        wait([run.sentinel])
        os._exit(TERMINATED)
