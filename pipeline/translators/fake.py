"""A translator that only upper-cases: every stage runs, and no model is loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from pipeline.records import Attention, Span, Translation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from pipeline.translators.base import Search

_WORD = re.compile(r"\S+")

NAME = "fake"


class Fake:
    """Upper-cases; each word, one piece, is aligned to itself."""

    max_source_tokens = 100

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many words each text has."""
        return [len(text.split()) for text in texts]

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:  # noqa: ARG002 # it has nothing to search
        """Return the texts in capitals, at a log-probability of zero."""
        return [_translated(text) for text in texts]


def _translated(text: str) -> Translation:
    import numpy as np

    source: list[Span] = []
    target: list[Span] = []
    target_text = ""
    for match in _WORD.finditer(text):
        target_text += " " if target_text else ""
        source.append(Span(start=match.start(), end=match.end()))
        word = match.group().upper()
        target.append(Span(start=len(target_text), end=len(target_text) + len(word)))
        target_text += word
    attention = Attention(source=tuple(source), target=tuple(target), weights=np.eye(len(source), dtype=np.float32))
    return Translation(text=target_text, model=NAME, log_prob=0.0, attention=(attention,))
