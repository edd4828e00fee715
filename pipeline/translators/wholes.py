"""Translations of stretches of a text, put together to one of the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.records import Attention, Span, Translation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.records import Flag

_ATOM = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?؟…۔。！？][\"'»”’)\]]*\s*$")
_FOREIGN_MARKS = str.maketrans("،؛؟", ",;?")

MOST_ATOMS = 500
"""Words and marks of a stretch that are aligned one by one: the table has the square of their number."""

_FUNCTION_WORDS = frozenset(
    [
        "a",
        "after",
        "all",
        "an",
        "and",
        "are",
        "as",
        "at",
        "because",
        "before",
        "but",
        "by",
        "for",
        "from",
        "he",
        "her",
        "his",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "our",
        "she",
        "so",
        "some",
        "that",
        "the",
        "their",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "under",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "with",
    ]
)
"""Words that English writes small inside a sentence, whatever they mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text, and what the model reads in its place: as long, with other capitals perhaps."""

    source: str
    reading: str

    def part(self, span: Span) -> Text:
        """Return a stretch of both."""
        return Text(source=self.source[span.start : span.end], reading=self.reading[span.start : span.end])


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The translation of a text, however it was made, and what is wrong with it.

    `pieces` tells how many parts of it the model saw; `kept` how many of them stand as they were,
    because the model gave nothing for them.
    """

    translation: Translation
    flags: tuple[Flag, ...] = ()
    pieces: int = 1
    kept: int = 0


NOTHING = Whole(translation=Translation(text=""), pieces=0)
"""Stands for a stretch that is taken over as it is."""


def join(text: str, spans: Sequence[Span], parts: Sequence[Whole]) -> Whole:
    """Put the translations of stretches of a text together; one without a translation stands as it is.

    Inside a sentence, a stretch loses the full stop that the model gave it, and the capital of a
    function word. What stands as it is is aligned to itself.
    """
    target = ""
    attention: list[Attention] = []
    for index, (span, part) in enumerate(zip(spans, parts, strict=True)):
        before, own = text[: span.start], text[span.start : span.end]
        if index and spans[index - 1].end < span.start:
            target += " "
        if not part.translation.text:
            own = own if any(character.isalnum() for character in own) else own.translate(_FOREIGN_MARKS)
            attention += _itself(own, span.start, len(target))
            target += own
            continue
        words = part.translation.text
        if index and own[:1].islower() and not _SENTENCE_END.search(before):
            words = _small(words)
        if index < len(spans) - 1 and words.endswith(".") and not _SENTENCE_END.search(own):
            words = words[:-1].rstrip() or words
        attention += (_shifted(one, span.start, len(target), len(words)) for one in part.translation.attention)
        target += words
    return _whole(target, tuple(attention), parts)


def _whole(target: str, attention: tuple[Attention, ...], parts: Sequence[Whole]) -> Whole:
    translations = [part.translation for part in parts if part.translation.model]
    weighed = [(one.log_prob, len(one.text)) for one in translations if one.log_prob is not None]
    total = sum(weight for _, weight in weighed)
    return Whole(
        translation=Translation(
            text=target,
            model=translations[0].model if translations else None,
            log_prob=round(sum(one * weight for one, weight in weighed) / total, 4) if total else None,
            attention=attention,
            finished=all(part.translation.finished for part in parts),
            attempts=tuple(attempt for part in parts for attempt in part.translation.attempts),
        ),
        flags=tuple(dict.fromkeys(flag for part in parts for flag in part.flags)),
        pieces=sum(part.pieces for part in parts),
        kept=sum(part.kept for part in parts),
    )


def _small(words: str) -> str:
    first = words.partition(" ")[0]
    return words[0].lower() + words[1:] if first.lower() in _FUNCTION_WORDS else words


def _itself(text: str, source: int, target: int) -> Iterator[Attention]:
    """Yield the attention of a stretch to itself, by words and marks."""
    import numpy as np

    atoms = [match.span() for match in _ATOM.finditer(text)]
    if len(atoms) > MOST_ATOMS:
        atoms = [match.span() for match in _WORD.finditer(text)]
    for first in range(0, len(atoms), MOST_ATOMS):
        some = atoms[first : first + MOST_ATOMS]
        yield Attention(
            source=tuple(Span(start=source + start, end=source + end) for start, end in some),
            target=tuple(Span(start=target + start, end=target + end) for start, end in some),
            weights=np.eye(len(some), dtype=np.float32),
        )


def _shifted(attention: Attention, source: int, target: int, length: int) -> Attention:
    return replace(
        attention,
        source=tuple(Span(start=span.start + source, end=span.end + source) for span in attention.source),
        target=tuple(
            Span(start=min(span.start, length) + target, end=min(span.end, length) + target)
            for span in attention.target
        ),
    )


def has_letters(text: str) -> bool:
    """Whether there is anything to translate."""
    return any(character.isalpha() for character in text)
