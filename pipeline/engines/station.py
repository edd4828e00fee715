"""A worker on a node of a cluster: what is checked there, what it runs, and what it sends back."""

from __future__ import annotations

import logging
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from pipeline import __version__
from pipeline.errors import InputError, OutputError, PipelineError
from pipeline.formats.readers import ArticleRef, article_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.shards import Shard
    from pipeline.worker import Done, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where a station stands, and what runs there."""

    name: str
    python: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a station must see just as the run does: a file in the corpus, if that is in a folder, and an article."""

    folder: Path
    token: Path | None
    sign: str
    article: ArticleRef
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call: a shard that is done, a fault the user can mend, or why it is lost; and what was logged."""

    done: Done | None = None
    fault: PipelineError | None = None
    lost: str | None = None
    records: tuple[logging.LogRecord, ...] = ()


class Station:
    """Opens a worker once and runs many shards, as the run that made it asks."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._records: SimpleQueue[Any] = SimpleQueue()
        logging.getLogger("pipeline").addHandler(QueueHandler(self._records))

    def host(self) -> Host:
        """Tell where this is; asked first, since another version might not even understand the rest."""
        return this_host()

    def open(self, worker: Worker, proof: Proof) -> Answer:
        """Open the worker, if this place sees what the run sees."""

        def opened() -> None:
            prove(proof)
            self._worker = worker.__enter__()

        return self._answer(opened)

    def run(self, shard: Shard[ArticleRef]) -> Answer:
        """Run a shard by the worker, which must be open."""
        if self._worker is None:
            raise RuntimeError("the station has no open worker")
        worker = self._worker
        return self._answer(lambda: worker.run(shard))

    def _answer(self, work: Callable[[], Done | None]) -> Answer:
        done = fault = lost = None
        try:
            done = work()
        except PipelineError as error:
            fault = error
        except MemoryError:
            lost = "out of memory"
        records = []
        while not self._records.empty():
            records.append(self._records.get())
        return Answer(done=done, fault=fault, lost=lost, records=tuple(records))


def this_host() -> Host:
    """Return what this process runs on."""
    return Host(name=platform.node(), python=platform.python_version(), version=__version__)


def prove(proof: Proof) -> None:
    """Raise `OutputError` or `InputError` unless the corpus and the input are here what they are for the run.

    Relative paths are those of the run's folder, which must then be here, too.
    """
    with suppress(OSError):
        os.chdir(proof.folder)
    node = platform.node()
    if proof.token is not None and _read(proof.token) != proof.sign:
        raise OutputError(
            f"{proof.token.parent.parent}: expected the same folder on every node (got another, or none, on {node}); "
            "name an --output that all nodes share"
        )
    if article_digest(proof.article) != proof.digest:
        raise InputError(
            f"{proof.article.path}: expected the same articles on every node (got another, or none, on {node}); "
            "name an --input that all nodes share"
        )


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
