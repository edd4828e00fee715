"""The exception tree: what a user can mend; anything else may crash with its traceback."""

from __future__ import annotations


class PipelineError(Exception):
    """A fault the user can mend; the message is one line: where, what, expected (got), cure."""


class ConfigError(PipelineError):
    """The configuration is wrong; the message holds every mistake, one a line."""


class InputError(PipelineError):
    """The input as a whole cannot be read; one bad article is a `Drop` instead."""


class OutputError(PipelineError):
    """The corpus directory cannot be written, or belongs to another run."""


class ModelError(PipelineError):
    """A translation model is missing, corrupt, or of an unknown kind."""


class VerificationError(PipelineError):
    """A finished corpus does not agree with its raw articles or its manifests."""


_PHRASES = (
    "out of memory",
    "outofmemory",
    "out_of_memory",
    "bad_alloc",
    "can't allocate memory",
    "cannot allocate",
    "can't start new thread",
    "failed to map segment",
)
"""What CUDA, cuBLAS, torch, CTranslate2, the C++ library, Python and the loader say when there is no more memory."""


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, says that memory ran out."""
    while error is not None:
        if isinstance(error, MemoryError) or any(phrase in str(error).casefold() for phrase in _PHRASES):
            return True
        error = error.__cause__ or error.__context__
    return False


def raise_if_starved(error: Exception) -> None:
    """Raise `MemoryError` for want of memory, in whatever words it comes: it is no fault of an article."""
    if is_out_of_memory(error):
        raise MemoryError(str(error)) from error
