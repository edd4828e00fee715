"""Stands for CTranslate2 on a GPU: it computes on the CPU, but runs out of memory and of numbers as a GPU does."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import ctranslate2

_Engine = ctranslate2.Translator


class SmallGpu:
    """Decodes at most `room` texts at once; has no score for some texts as one of the types that overflow."""

    room: ClassVar[int] = 1000
    overflowing: ClassVar[frozenset[str]] = frozenset()
    types: ClassVar[list[str]] = []

    @classmethod
    def reset(cls) -> None:
        cls.room, cls.overflowing = 1000, frozenset()
        cls.types.clear()

    def __init__(self, folder: str, *, device: str, compute_type: str, **others: Any) -> None:  # noqa: ANN401 # passed on
        assert device == "cuda"
        self.types.append(compute_type)
        self.compute_type = compute_type
        self.num_translators = 1
        self._engine = _Engine(folder, device="cpu", compute_type="float32", **others)

    def translate_batch(self, inputs: list[list[str]], **settings: Any) -> list[_Future]:  # noqa: ANN401 # passed on
        if len(inputs) > self.room:
            return [_Future(RuntimeError("CUDA failed with error out of memory"))] * len(inputs)
        settings["asynchronous"] = False
        results = [self._engine.translate_batch([one], **settings)[0] for one in inputs]
        lost = self.compute_type in self.overflowing
        return [
            _Future(_Result(one, lost=lost and len(text) % 3 == 0)) for one, text in zip(results, inputs, strict=True)
        ]


class _Result:
    def __init__(self, result: Any, *, lost: bool) -> None:  # noqa: ANN401 # CTranslate2 carries no types
        self.hypotheses, self.attention = result.hypotheses, result.attention
        self.scores = [math.nan] if lost else result.scores


class _Future:
    def __init__(self, outcome: _Result | RuntimeError) -> None:
        self._outcome = outcome

    def result(self) -> _Result:
        if isinstance(self._outcome, RuntimeError):
            raise self._outcome
        return self._outcome
