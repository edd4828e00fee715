"""MarianMT on CTranslate2: the default, and the fastest on a CPU."""

from __future__ import annotations

import logging
import math
import os
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from pipeline.errors import ModelError
from pipeline.events import emit
from pipeline.records import Attention, Translation
from pipeline.translators import canary
from pipeline.translators.base import LOG_PROB_DECIMALS, in_full_precision, in_steps, most_target_tokens
from pipeline.translators.batches import equal_lengths
from pipeline.translators.budget import token_budget
from pipeline.translators.conversion import converted
from pipeline.translators.halving import in_halves
from pipeline.translators.tokenizer import END, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from pipeline.translators.base import Decoding, Search
    from pipeline.translators.checkpoint import Checkpoint
    from pipeline.translators.tokenizer import Encoded

log = logging.getLogger(__name__)

IN_FLIGHT = 4
"""Batches a worker may have waiting: enough to keep it busy, few enough to bound the memory."""


KEPT_IN_ORDER = 16
"""Inputs of one length that CTranslate2 decodes in the order they are given: `std::sort`, which is not
stable, leaves alone what is equal among so few. In larger batches nobody knows whose first row is whose."""


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
        self._precise: MarianCTranslate2 | None = None

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
        canary.check(self, self._checkpoint)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _close(self) -> None:
        self._engine = self._tokenizer = self._precise = None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many pieces each text has, without the end mark."""
        return self._opened().count(texts)

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:
        """Translate texts of at most `max_source_tokens` pieces each, in order."""
        encoded = self._opened().encode(texts)
        results: list[Translation | None] = [None] * len(texts)
        for batch, found in self._decode(encoded, search or self._decoding.search):
            for index, translation in zip(batch, self._read(encoded, batch, found), strict=True):
                results[index] = translation
        return [one for one in results if one is not None]

    def results(self, encoded: Sequence[Encoded], search: Search) -> list[Any]:
        """Return for each input a CTranslate2 result and the attention of its first target piece."""
        found: dict[int, Any] = {}
        for batch, own in self._decode(encoded, search):
            found.update(zip(batch, own, strict=True))
        return [found[index] for index in range(len(encoded))]

    def _opened(self) -> Tokenizer:
        if self._tokenizer is None:
            raise RuntimeError("the translator is not open: enter it first")
        return self._tokenizer

    def _decode(self, encoded: Sequence[Encoded], search: Search) -> Iterator[tuple[list[int], list[Any]]]:
        """Yield batches of indices with their results; as many are decoded at once as there are workers.

        A result is a CTranslate2 result and the attention of its first target piece.
        """
        decoding = self._decoding
        together = decoding.compute_type == "int8" or decoding.device == "cuda"
        budget = token_budget(decoding, self._checkpoint.shape) if together else 0
        waiting: deque[tuple[list[int], list[Any], list[Any]]] = deque()
        limit = IN_FLIGHT * max(1, self._engine.num_translators)
        for batch in equal_lengths([len(one.tokens) for one in encoded], budget):
            waiting.append((batch, *self._submit(encoded, batch, search)))
            if len(waiting) >= limit:
                yield self._finished(encoded, search, waiting.popleft())
        for one in waiting:
            yield self._finished(encoded, search, one)

    def _finished(
        self, encoded: Sequence[Encoded], search: Search, one: tuple[list[int], list[Any], list[Any]]
    ) -> tuple[list[int], list[Any]]:
        """Wait for a batch; decode it in halves when memory runs out, and anew what has no finite score."""
        batch, futures, first = one

        def decode(part: list[int]) -> list[Any]:
            return self._collect(*self._submit(encoded, part, search), search)

        found = in_halves(batch, decode, lambda: self._collect(futures, first, search))
        lost = [place for place, (result, _) in enumerate(found) if not math.isfinite(result.scores[0])]
        if lost:
            inputs = [encoded[batch[place]] for place in lost]
            for index, result in enumerate(self._in_full_precision(len(lost)).results(inputs, search)):
                found[lost[index]] = result
        return batch, found

    def _in_full_precision(self, texts: int) -> MarianCTranslate2:
        """Return the same model in float32, loaded at the first need."""
        if self._precise is None:
            decoding = in_full_precision(self._checkpoint, self._decoding)
            self._precise = self._stack.enter_context(
                MarianCTranslate2(replace(self._checkpoint, languages=()), decoding)
            )
        name, cure = self._checkpoint.name, "decoded again in float32"
        emit(log, "not_finite", logging.WARNING, model=name, texts=texts, cure=cure)
        return self._precise

    def _submit(self, encoded: Sequence[Encoded], batch: list[int], search: Search) -> tuple[list[Any], list[Any]]:
        """Start the decoding of a batch, and of the first pieces whose attention it will not tell.

        CTranslate2 (seen in 4.8.5) gives input i of a batch the first row of input i // beam_size when
        it searches with a beam on a CPU. So the first rows of the first inputs stand elsewhere in the
        result, and those of the others (in a large batch: of all) are asked for by themselves: one pass
        of the encoder.
        """
        inputs = [self._opened().framed(encoded[index].tokens) for index in batch]
        longest = most_target_tokens(len(encoded[batch[0]].tokens), self._checkpoint.max_target_tokens)
        futures = self._start(inputs, search, longest)
        lost = inputs[_told(len(batch), self._beams(search)) :]
        return futures, self._start(lost, replace(search, beam_size=1), 1) if lost else []

    def _start(self, inputs: list[list[str]], search: Search, longest: int) -> list[Any]:
        futures: list[Any] = self._engine.translate_batch(
            inputs,
            asynchronous=True,
            beam_size=search.beam_size,
            no_repeat_ngram_size=search.no_repeat_ngram_size,
            repetition_penalty=search.repetition_penalty,
            disable_unk=True,
            return_end_token=True,
            return_scores=True,
            return_attention=True,
            max_input_length=0,
            max_decoding_length=longest,
        )
        return futures

    def _beams(self, search: Search) -> int:
        """Return how many inputs share a first row of attention: one where CTranslate2 mixes up nothing."""
        return search.beam_size if self._decoding.device == "cpu" else 1

    def _collect(self, futures: list[Any], first: list[Any], search: Search) -> list[Any]:
        beams = self._beams(search)
        results = [future.result() for future in futures]
        told = _told(len(results), beams)
        rows = [results[index * beams].attention[0][0] for index in range(told)]
        rows += [future.result().attention[0][0] for future in first]
        return list(zip(results, rows, strict=True))

    def _read(self, encoded: Sequence[Encoded], batch: list[int], found: list[Any]) -> Iterator[Translation]:
        import numpy as np

        tokenizer = self._opened()
        targets = [one.hypotheses[0] for one, _ in found]
        pieces = [target[:-1] if target[-1:] == [END] else target for target in targets]
        decoded = tokenizer.decode(pieces)
        first = len(tokenizer.prefix)
        for index, (one, first_row), target, text in zip(batch, found, targets, decoded, strict=True):
            source = encoded[index]
            rows = np.array([first_row, *one.attention[0][1:]], dtype=np.float32)
            yield Translation(
                text=text.text,
                model=self._checkpoint.name,
                log_prob=round(one.scores[0], LOG_PROB_DECIMALS),
                attention=(
                    Attention(
                        source=source.spans,
                        target=text.spans,
                        weights=in_steps(rows[: len(text.spans), first : first + len(source.spans)]),
                    ),
                ),
                finished=target[-1:] == [END],
            )


def _told(size: int, beams: int) -> int:
    """Return of how many inputs a result tells the first row of attention."""
    if beams > 1 and size > KEPT_IN_ORDER:
        return 0
    return -(-size // beams)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
