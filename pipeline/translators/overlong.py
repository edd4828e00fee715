"""Texts of any length for a model that has a limit: cut, translated piece by piece, rejoined."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from pipeline.records import Span
from pipeline.translators.protected import bare, find_protected
from pipeline.translators.wholes import NOTHING, Text, has_letters, join

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.translators.base import Translator
    from pipeline.translators.wholes import Whole

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?؟…۔。！？][\"'»”’)\]]*$")
_CLAUSE_END = re.compile(r"[,;:،؛、，；：—–-][\"'»”’)\]]*$")

RUN = 2000
"""Characters of one unbroken word that are counted at once: it keeps the search for a cut short."""


def any_length(translator: Translator, texts: Sequence[Text], work: Callable[[list[Text]], list[Whole]]) -> list[Whole]:
    """Have every text translated by `work`, cutting those over the translator's limit; nothing is truncated.

    Each distinct piece is worked on once.
    """
    limit = translator.max_source_tokens
    shown = [bare(text.reading) for text in texts]
    pieces = [
        cut(text.reading, translator) if count > limit else (Span(start=0, end=len(text.source)),)
        for text, count in zip(texts, translator.count_tokens(shown), strict=True)
    ]
    parts = [text.part(span) for text, spans in zip(texts, pieces, strict=True) for span in spans]
    wanted = [part for part in dict.fromkeys(parts) if has_letters(part.source)]
    found = dict(zip(wanted, work(wanted), strict=True))
    wholes: list[Whole] = []
    start = 0
    for text, spans in zip(texts, pieces, strict=True):
        own = [found.get(part, NOTHING) for part in parts[start : start + len(spans)]]
        start += len(spans)
        wholes.append(own[0] if len(spans) == 1 else join(text.source, spans, own))
    return wholes


def cut(text: str, translator: Translator, limit: int = 0) -> tuple[Span, ...]:
    """Return spans of at most `limit` pieces (0: the translator's own), about equally long, that cover all words.

    Cuts after a sentence, else after a clause, else between words, else anywhere; never inside what is
    protected, of which addresses and the like do not count.
    """
    limit = limit or translator.max_source_tokens
    words = list(_words(text, translator, limit))
    total = sum(count for _, count in words)
    aim = total / max(1, -(-total // limit))
    spans: list[Span] = []
    first = 0
    while first < len(words):
        last = _last_word(text, words, first, (aim, limit))
        spans.append(Span(start=words[first][0].start, end=words[last][0].end))
        first = last + 1
    return tuple(spans)


def _unbroken(text: str) -> list[Span]:
    """Return the words of a text; those that a protected stretch spans are one."""
    protected = [one.span for one in find_protected(text) if " " in one.text or "\u00a0" in one.text]
    spans: list[Span] = []
    for match in _WORD.finditer(text):
        if spans and _holds(protected, spans[-1].end, match.start()):
            spans[-1] = Span(start=spans[-1].start, end=match.end())
        else:
            spans.append(Span(start=match.start(), end=match.end()))
    return spans


def _words(text: str, translator: Translator, limit: int) -> list[tuple[Span, int]]:
    """Return the words with their numbers of pieces; one that is over the limit, in parts."""
    shown = bare(text)
    fixed = _Fixed.of(text)
    spans = _unbroken(text)
    found: list[tuple[Span, int]] = []
    while spans:
        spans = [part for span in spans for part in _runs(span, fixed)]
        counts = translator.count_tokens([shown[span.start : span.end] for span in spans])
        counted = list(zip(spans, counts, strict=True))
        found += [one for one in counted if one[1] <= limit or len(one[0]) == 1]
        over = [span for span, count in counted if count > limit]
        spans = [part for span in over for part in (_apart(span, fixed) or _halves(text, span))]
    return sorted(found)


def _holds(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether one of some spans, in order and apart, begins before `start` and ends after `end`."""
    index = bisect_left(spans, start, key=lambda one: one.start) - 1
    return index >= 0 and end < spans[index].end


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What is fixed in a text, in order, and the places where it begins and ends."""

    spans: Sequence[Span]
    places: Sequence[int]

    @classmethod
    def of(cls, text: str) -> Self:
        spans = [one.span for one in find_protected(text) if one.fixed]
        return cls(spans, sorted({place for one in spans for place in (one.start, one.end)}))


def _runs(span: Span, fixed: _Fixed) -> list[Span]:
    """Return a word in parts that are short enough to be counted, what is fixed in one."""
    if len(span) <= RUN or _holds(fixed.spans, span.start + 1, span.end - 1):
        return [span]
    if parts := _apart(span, fixed):
        return [run for part in parts for run in _runs(part, fixed)]
    return [Span(start=start, end=min(start + RUN, span.end)) for start in range(span.start, span.end, RUN)]


def _apart(span: Span, fixed: _Fixed) -> list[Span]:
    """Return a word cut where what is fixed begins and ends; nothing, when there is no such place in it."""
    places = fixed.places[bisect_right(fixed.places, span.start) : bisect_left(fixed.places, span.end)]
    edges = [span.start, *places, span.end]
    return [Span(start=start, end=end) for start, end in pairwise(edges)] if places else []


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
