"""Runs shards on this machine, in this process or in several."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.formats.readers import ArticleRef
    from pipeline.runner import Done, Worker
    from pipeline.shards import Shard

_worker: Worker | None = None
"""The worker that this process opened, when it is one of a pool."""


def run_here(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Iterator[Done]:
    """Run shards one after the other in this process."""
    with worker:
        for shard in shards:
            yield worker.run(shard)


def run_in_processes(worker: Worker, shards: Sequence[Shard[ArticleRef]], processes: int) -> Iterator[Done]:
    """Run shards in a pool of processes, each of which opens the plan once.

    Raises `PipelineError` when a process dies (most often for want of memory); the shards that
    are done stay done.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(shards)), context, initializer=_open, initargs=(worker,)) as pool:
        futures: list[Future[Done]] = [pool.submit(_run, shard) for shard in shards]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as error:
            raise PipelineError(
                f"workers: expected {processes} processes to live (one died, perhaps out of memory); "
                "run again with fewer workers: what is done stays"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _open(worker: Worker) -> None:
    global _worker  # noqa: PLW0603 # a pool gives its processes no other place to keep what they open
    _worker = worker.__enter__()
    Finalize(None, worker.__exit__, (None, None, None), exitpriority=0)


def _run(shard: Shard[ArticleRef]) -> Done:
    if _worker is None:
        raise RuntimeError("the pool did not open its worker")
    return _worker.run(shard)
