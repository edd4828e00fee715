"""MarianMT on CTranslate2: the default, and the fastest on a CPU."""

from __future__ import annotations

import os
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from pipeline.translators.batches import equal_lengths
from pipeline.errors import ModelError
from pipeline.records import Attention, Translation
from pipeline.translators.base import LOG_PROB_DECIMALS, most_target_tokens
from pipeline.translators.conversion import converted
from pipeline.translators.tokenizer import END, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.translators.base import Decoding
    from pipeline.translators.checkpoint import Checkpoint
    from pipeline.translators.tokenizer import Encoded

IN_FLIGHT = 4
"""Batches a worker may have waiting: enough to keep it busy, few enough to bound the memory."""


class MarianCTranslate2:
    """One checkpoint, converted at first use.

    The result of a text does not depend on its neighbours: a batch holds inputs of one length, so
    that nothing is padded, and int8 products are exact sums of integers. Products of floats are
    not (the order of summation depends on the size of the batch), so on a CPU any other compute
    type decodes one text at a time.
    """

    def __init__(self, checkpoint: Checkpoint, decoding: Decoding) -> None:
        self._checkpoint = checkpoint
        self._decoding = decoding
        self._stack = ExitStack()
        self._engine: Any = None
        self._tokenizer: Tokenizer | None = None

    @property
    def max_source_tokens(self) -> int:
        """The most pieces of one input."""
        return self._checkpoint.max_source_tokens

    def __enter__(self) -> Self:
        import ctranslate2

        decoding = self._decoding
        cores = decoding.threads or _cores()
        self._tokenizer = Tokenizer(self._checkpoint)
        try:
            self._engine = ctranslate2.Translator(
                str(converted(self._checkpoint)),
                device=decoding.device,
                compute_type=decoding.compute_type,
                inter_threads=cores if decoding.device == "cpu" else 1,
                intra_threads=1,
            )
        except (RuntimeError, ValueError) as error:
            first = str(error).strip().splitlines()[0]
            raise ModelError(
                f"{self._checkpoint.folder}: CTranslate2 cannot run it as {decoding.compute_type} on "
                f"{decoding.device}: {first}; choose another compute_type or device"
            ) from error
        self._stack.callback(self._close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _close(self) -> None:
        self._engine = self._tokenizer = None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many pieces each text has, without the end mark."""
        return self._opened().count(texts)

    def translate(self, texts: Sequence[str]) -> list[Translation]:
        """Translate texts of at most `max_source_tokens` pieces each, in order."""
        encoded = self._opened().encode(texts)
        results: list[Translation | None] = [None] * len(texts)
        for batch, found in self._decode(encoded):
            for index, translation in zip(batch, self._read(encoded, batch, found), strict=True):
                results[index] = translation
        return [one for one in results if one is not None]

    def _opened(self) -> Tokenizer:
        if self._tokenizer is None:
            raise RuntimeError("the translator is not open: enter it first")
        return self._tokenizer

    def _decode(self, encoded: Sequence[Encoded]) -> Iterator[tuple[list[int], list[Any]]]:
        """Yield batches of indices with their results; as many are decoded at once as there are workers."""
        decoding = self._decoding
        together = decoding.compute_type == "int8" or decoding.device == "cuda"
        budget = decoding.batch_tokens if together else 0
        waiting: deque[tuple[list[int], list[Any]]] = deque()
        limit = IN_FLIGHT * max(1, self._engine.num_translators)
        for batch in equal_lengths([len(one.tokens) for one in encoded], budget):
            waiting.append((batch, self._submit(encoded, batch)))
            if len(waiting) >= limit:
                done, futures = waiting.popleft()
                yield done, [future.result() for future in futures]
        for done, futures in waiting:
            yield done, [future.result() for future in futures]

    def _submit(self, encoded: Sequence[Encoded], batch: list[int]) -> list[Any]:
        tokenizer, positions = self._opened(), self._checkpoint.max_target_tokens
        futures: list[Any] = self._engine.translate_batch(
            [tokenizer.framed(encoded[index].tokens) for index in batch],
            asynchronous=True,
            beam_size=self._decoding.beam_size,
            disable_unk=True,
            return_end_token=True,
            return_scores=True,
            return_attention=True,
            max_input_length=0,
            max_decoding_length=most_target_tokens(len(encoded[batch[0]].tokens), positions),
        )
        return futures

    def _read(self, encoded: Sequence[Encoded], batch: list[int], found: list[Any]) -> Iterator[Translation]:
        import numpy as np

        tokenizer = self._opened()
        targets = [one.hypotheses[0] for one in found]
        pieces = [target[:-1] if target[-1:] == [END] else target for target in targets]
        decoded = tokenizer.decode(pieces)
        first = len(tokenizer.prefix)
        for index, one, target, text in zip(batch, found, targets, decoded, strict=True):
            source = encoded[index]
            rows = np.array(one.attention[0], dtype=np.float32).reshape(len(target), -1)
            if self._decoding.beam_size > 1:
                rows[:1] = first_row(rows)
            yield Translation(
                text=text.text,
                model=self._checkpoint.name,
                log_prob=round(one.scores[0], LOG_PROB_DECIMALS),
                attention=(
                    Attention(
                        source=source.spans,
                        target=text.spans,
                        weights=rows[: len(text.spans), first : first + len(source.spans)].copy(),
                    ),
                ),
                finished=target[-1:] == [END],
            )


def first_row(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Estimate the attention of the first target piece from that of the others.

    CTranslate2 (seen in 4.8.5) gives input i of a batch the first row of input i // beam_size when it
    searches with a beam on a CPU, so that row tells nothing. What it must have been is what the
    others leave over: the share of each source piece that no other target piece attends to.
    """
    import numpy as np

    left = np.clip(1 - rows[1:].sum(axis=0), 0, None)
    left[-1] = 0  # the end mark of the source is what the end of the target attends to
    total = float(left.sum())
    estimated: NDArray[np.float32] = left / total if total > 0 else left
    return estimated


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
