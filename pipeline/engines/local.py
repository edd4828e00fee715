"""Runs shards on this machine, in this process or in several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.engines.pool import Pool
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from pipeline.formats.readers import ArticleRef
    from pipeline.shards import Shard
    from pipeline.worker import Done, Worker


def run_here(worker: Worker, shards: Sequence[Shard[ArticleRef]]) -> Generator[Done, None, None]:
    """Run shards one after the other in this process. Raises `PipelineError` when memory runs out."""
    with worker:
        for shard in shards:
            try:
                done = worker.run(shard)
            except MemoryError as error:
                raise PipelineError(
                    f"shard {shard.id}: expected enough memory for it (got none); "
                    "free some, or set smaller shards or windows, then run again: what is done stays"
                ) from error
            yield done


def run_in_processes(
    worker: Worker, shards: Sequence[Shard[ArticleRef]], processes: int
) -> Generator[Done, None, None]:
    """Run shards in processes, each of which opens the plan once.

    A process that dies (most often for want of memory) is replaced, and its shard goes to another. Raises
    `PipelineError` at the end when a shard could not be done: see `Pool`.
    """
    yield from Pool(worker, processes).run(shards)
