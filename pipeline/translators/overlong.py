"""Texts of any length for a model that has a limit: cut, translated piece by piece, rejoined."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.records import Attention, Span, Translation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.translators.base import Translator

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?؟…۔。！？][\"'»”’)\]]*$")
_CLAUSE_END = re.compile(r"[,;:،؛、，；：—–-][\"'»”’)\]]*$")

RUN = 2000
"""Characters of one unbroken word that are counted at once: it keeps the search for a cut short."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The translation of a text of any length.

    `pieces` tells into how many it was cut; `kept` how many of them stand as they were, because the
    model gave nothing for them or there was nothing to translate.
    """

    translation: Translation
    pieces: int = 1
    kept: int = 0


def translate_any_length(translator: Translator, texts: Sequence[str]) -> list[Whole]:
    """Translate every text, cutting those over the translator's limit; nothing is truncated."""
    limit = translator.max_source_tokens
    counts = translator.count_tokens(texts)
    pieces = [
        cut(text, translator) if count > limit else (Span(start=0, end=len(text)),)
        for text, count in zip(texts, counts, strict=True)
    ]
    parts = [text[span.start : span.end] for text, spans in zip(texts, pieces, strict=True) for span in spans]
    wanted = [index for index, part in enumerate(parts) if has_letters(part)]
    found: dict[int, Translation] = dict(
        zip(wanted, translator.translate([parts[index] for index in wanted]), strict=True)
    )
    wholes: list[Whole] = []
    start = 0
    for text, spans in zip(texts, pieces, strict=True):
        own = [found.get(index, Translation(text="")) for index in range(start, start + len(spans))]
        start += len(spans)
        wholes.append(Whole(own[0]) if len(spans) == 1 else _joined(text, spans, own))
    return wholes


def has_letters(text: str) -> bool:
    """Whether there is anything to translate."""
    return any(character.isalpha() for character in text)


def cut(text: str, translator: Translator) -> tuple[Span, ...]:
    """Return spans of at most `max_source_tokens` pieces, about equally long, that cover all words.

    Cuts after a sentence, else after a clause, else between words, else anywhere.
    """
    limit = translator.max_source_tokens
    words = list(_words(text, translator))
    total = sum(count for _, count in words)
    aim = total / -(-total // limit)
    spans: list[Span] = []
    first = 0
    while first < len(words):
        last = _last_word(text, words, first, (aim, limit))
        spans.append(Span(start=words[first][0].start, end=words[last][0].end))
        first = last + 1
    return tuple(spans)


def _words(text: str, translator: Translator) -> list[tuple[Span, int]]:
    """Return the words with their numbers of pieces; one that is over the limit, in parts."""
    spans = [Span(start=match.start(), end=match.end()) for match in _WORD.finditer(text)]
    limit = translator.max_source_tokens
    found: list[tuple[Span, int]] = []
    while spans:
        spans = [part for span in spans for part in _runs(span)]
        counts = translator.count_tokens([text[span.start : span.end] for span in spans])
        counted = list(zip(spans, counts, strict=True))
        found += [one for one in counted if one[1] <= limit or len(one[0]) == 1]
        spans = [half for span, count in counted if count > limit for half in _halves(text, span)]
    return sorted(found)


def _runs(span: Span) -> list[Span]:
    return [Span(start=start, end=min(start + RUN, span.end)) for start in range(span.start, span.end, RUN)]


def _halves(text: str, span: Span) -> list[Span]:
    """Cut in the middle, before a character that stands by itself where there is one."""
    if len(span) == 1:
        return []
    middle = (span.start + span.end) // 2
    place = middle
    while place < span.end - 1 and unicodedata.combining(text[place]):
        place += 1
    place = middle if unicodedata.combining(text[place]) else place
    return [Span(start=span.start, end=place), Span(start=place, end=span.end)]


def _last_word(text: str, words: Sequence[tuple[Span, int]], first: int, sizes: tuple[float, int]) -> int:
    """Return the index of the word to cut after: the best mark between half the aim and the limit."""
    aim, limit = sizes
    best, best_rank = first, (-1, 0.0)
    reached = 0
    for index in range(first, len(words)):
        span, count = words[index]
        if reached + count > limit and index > first:
            return best
        reached += count
        word = text[max(span.start, span.end - 8) : span.end]
        mark = 2 if _SENTENCE_END.search(word) else 1 if _CLAUSE_END.search(word) else 0
        rank = (mark if reached >= aim / 2 else -1, -abs(reached - aim))
        if rank > best_rank:
            best, best_rank = index, rank
    return len(words) - 1


def _joined(text: str, spans: Sequence[Span], parts: Sequence[Translation]) -> Whole:
    """Put the pieces together; one without a translation stands as it is in the source."""
    target = ""
    attention: list[Attention] = []
    weighed: list[tuple[float, int]] = []
    kept = 0
    for index, (span, part) in enumerate(zip(spans, parts, strict=True)):
        broken_word = index > 0 and spans[index - 1].end == span.start
        target += "" if index == 0 or broken_word else " "
        if not part.text:
            kept += 1
            target += text[span.start : span.end]
            continue
        attention += (_shifted(one, span.start, len(target)) for one in part.attention)
        if part.log_prob is not None:
            weighed.append((part.log_prob, len(part.text)))
        target += part.text
    total = sum(weight for _, weight in weighed)
    translated = [part for part in parts if part.text]
    return Whole(
        Translation(
            text=target,
            model=translated[0].model if translated else None,
            log_prob=round(sum(one * weight for one, weight in weighed) / total, 4) if total else None,
            attention=tuple(attention),
            finished=all(part.finished for part in parts),
        ),
        pieces=len(spans),
        kept=kept,
    )


def _shifted(attention: Attention, source: int, target: int) -> Attention:
    return replace(
        attention,
        source=tuple(Span(start=span.start + source, end=span.end + source) for span in attention.source),
        target=tuple(Span(start=span.start + target, end=span.end + target) for span in attention.target),
    )
