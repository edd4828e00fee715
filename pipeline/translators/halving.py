"""Batches that do not fit the memory, decoded in halves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_PHRASES = ("out of memory", "outofmemory", "out_of_memory", "bad_alloc", "can't allocate memory", "cannot allocate")
"""What CUDA, cuBLAS, torch, CTranslate2 and the C++ library say when there is no more memory."""


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
    log.warning("out_of_memory texts=%d: decoded in halves", len(batch))
    middle = len(batch) // 2
    return [*in_halves(batch[:middle], decode), *in_halves(batch[middle:], decode)]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an engine says with this error that it ran out of memory."""
    return isinstance(error, MemoryError) or any(phrase in str(error).casefold() for phrase in _PHRASES)
