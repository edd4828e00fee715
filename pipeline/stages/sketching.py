"""Sketches all articles of the input, in several processes; those that an earlier run has sketched stay."""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from pipeline.duplicates.sketch_file import KnownSketches, write_sketches
from pipeline.duplicates.sketches import Sketcher, fingerprint
from pipeline.errors import PipelineError
from pipeline.events import emit, emit_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.records import Document
    from pipeline.stages.base import Before, Flow, Unread

    Task: TypeAlias = "tuple[Unread, bytes]"
    Start: TypeAlias = "Callable[[list[Task]], Callable[[], list[bytes]]]"

log = logging.getLogger(__name__)

ARTICLES_AT_ONCE = 64
"""Articles that go to a process together; fewer are not worth its start."""

BACKLOG = 4
"""Tasks a process that may wait, or be done before their turn: this bounds the memory."""

TOLD_EVERY = 10_000
"""Articles after which the log tells how far the look is."""


def sketch_articles(articles: Iterable[Unread], before: Before, path: Path, processes: int) -> NDArray[np.void]:
    """Return the sketches of the articles, in their order; `path` is the file that keeps them.

    `before` opens the stages before. An article that cannot be compared has a sketch that says so.
    """
    recipe = hashlib.sha256(f"{before.digest} {fingerprint()}".encode()).digest()
    with KnownSketches(path, recipe) as known, _sketching(before, processes) as start:
        return write_sketches(path, recipe, _records(articles, known, start, processes * BACKLOG), len(known))


def _records(articles: Iterable[Unread], known: KnownSketches, start: Start, backlog: int) -> Iterator[bytes]:
    waiting: deque[tuple[list[bytes | None], Callable[[], list[bytes]]]] = deque()
    rest, told = iter(articles), 0
    while chunk := list(islice(rest, ARTICLES_AT_ONCE)):
        keys = [_key(article) for article in chunk]
        found = [known.find(key) for key in keys]
        todo = [task for task, record in zip(zip(chunk, keys, strict=True), found, strict=True) if record is None]
        waiting.append((found, start(todo)))
        told += len(chunk)
        if told % TOLD_EVERY < len(chunk):
            emit(log, "find_duplicates_look", articles=told)
        if len(waiting) > backlog:
            yield from _filled(*waiting.popleft())
    while waiting:
        yield from _filled(*waiting.popleft())


def _filled(found: list[bytes | None], sketched: Callable[[], list[bytes]]) -> Iterator[bytes]:
    new = iter(sketched())
    for record in found:
        yield next(new) if record is None else record


def _key(article: Unread) -> bytes:
    name = f"{article.uri}\0{article.digest()}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(name, digest_size=16).digest()


@contextmanager
def _sketching(before: Before, processes: int) -> Iterator[Start]:
    """Yield what starts a task: the first in this process, which is enough for few, and others in a pool."""
    with ExitStack() as stack:
        here = _Sketching(before, stack)
        if processes == 1:
            yield here.start
            return
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(processes, context, initializer=_open, initargs=(before,))
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)

        def start(tasks: list[Task]) -> Callable[[], list[bytes]]:
            if not tasks or not here.opened:
                return here.start(tasks)
            return pool.submit(_run, tasks).result

        try:
            yield start
        except BrokenProcessPool as error:
            raise PipelineError(
                f"workers: expected {processes} processes to live (one died, perhaps out of memory); "
                "run again with fewer workers"
            ) from error


class _Sketching:
    """Opens the stages before when there is something to sketch."""

    def __init__(self, before: Before, stack: ExitStack) -> None:
        self._before = before
        self._stack = stack
        self.opened: tuple[Flow, Sketcher] | None = None

    def start(self, tasks: list[Task]) -> Callable[[], list[bytes]]:
        if tasks and self.opened is None:
            self.opened = self._stack.enter_context(self._before()), Sketcher()
        return lambda: self.run(tasks)

    def run(self, tasks: list[Task]) -> list[bytes]:
        """Sketch each article as the stages before leave it."""
        if self.opened is None:
            return []
        flow, sketcher = self.opened
        return [sketcher.sketch(_prepared(article.read(), flow), key) for article, key in tasks]


def _prepared(document: Document, flow: Flow) -> Document | None:
    if document.drop is not None:
        return None
    try:
        (done,) = flow([document])
    except (PipelineError, OSError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 # told with its traceback; the shard that holds it will set it aside
        emit_fault(log, "find_duplicates_fault", uri=document.uri, cure="it is compared with no other")
        return None
    return None if done.drop else done


_here: _Sketching | None = None
"""What this process opened, when it is one of a pool."""


def _open(before: Before) -> None:
    global _here  # noqa: PLW0603 # a pool gives its processes no other place to keep what they open
    _here = _Sketching(before, ExitStack())


def _run(tasks: list[Task]) -> list[bytes]:
    if _here is None:
        raise RuntimeError("the pool did not open the stages")
    return _here.start(tasks)()
