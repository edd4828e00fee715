"""Batches that do not fit the memory, decoded in halves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import ModelError, is_out_of_memory
from pipeline.events import emit

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

Result = TypeVar("Result")


def in_halves(
    batch: list[int],
    decode: Callable[[list[int]], list[Result]],
    started: Callable[[], list[Result]] | None = None,
) -> list[Result]:
    """Return what `decode` gives for a batch; when memory runs out, for its halves, and theirs.

    `started` gets the result of a first try that runs already. Raises `ModelError` when one text alone
    does not fit.
    """
    try:
        return decode(batch) if started is None else started()
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        if len(batch) == 1:
            raise ModelError(
                "out of memory with a single segment; free some, or set a smaller max_source_tokens in the model table"
            ) from error
    emit(log, "out_of_memory", logging.WARNING, texts=len(batch), cure="decoded in halves")
    middle = len(batch) // 2
    return [*in_halves(batch[:middle], decode), *in_halves(batch[middle:], decode)]
