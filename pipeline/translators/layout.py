"""Texts cut into what the model reads and what is taken over as it is: protected text above all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.records import Span
from pipeline.translators.overlong import any_length, cut
from pipeline.translators.protected import find_protected
from pipeline.translators.wholes import NOTHING, Text, Whole, has_letters, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.translators.base import Search, Translator

_LEADING_MARKS = re.compile(r"[\s)\]»”\"'.,;:!?…،؛؟]*")
_TRAILING_MARKS = re.compile(r"[\s(\[«“\"']*$")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text, and what the model reads for it; None: it is taken over as it is."""

    span: Span
    reading: str | None


def lay_out(text: Text, *, around: bool) -> tuple[Part, ...]:
    """Return the parts of a text: addresses, handles and the like are never shown to the model.

    `around`: neither are prices and codes.
    """
    taken = [one.span for one in find_protected(text.source) if one.fixed or around]
    if not taken:
        return (Part(Span(start=0, end=len(text.source)), text.reading),)
    parts: list[Part] = []
    position = 0
    for span in taken:
        parts += _stretch(text, position, span.start)
        parts.append(Part(span, None))
        position = span.end
    parts += _stretch(text, position, len(text.source))
    return tuple(parts)


def clauses(text: Text, translator: Translator, limit: int, *, around: bool) -> tuple[Part, ...] | None:
    """Return the parts of a text, each cut into clauses of at most `limit` pieces, and into two where it can be.

    None: there is nothing to cut.
    """
    parts = lay_out(text, around=around)
    found: list[Part] = []
    for part in parts:
        if part.reading is None:
            found.append(part)
            continue
        (count,) = translator.count_tokens([part.reading])
        spans = cut(part.reading, translator, min(limit, max(2, -(-2 * count // 3))))
        found += (
            Part(
                Span(start=part.span.start + span.start, end=part.span.start + span.end),
                part.reading[span.start : span.end],
            )
            for span in spans
        )
    return tuple(found) if len(found) > len(parts) else None


def translate(
    translator: Translator, texts: Sequence[str], layouts: Sequence[Sequence[Part]], search: Search | None = None
) -> list[Whole]:
    """Translate all parts of all texts together, and put each text together again."""
    readings = [part.reading for parts in layouts for part in parts if part.reading and has_letters(part.reading)]
    translations = iter(translator.translate(readings, search) if search else translator.translate(readings))
    wholes: list[Whole] = []
    for text, parts in zip(texts, layouts, strict=True):
        own: list[Whole] = []
        for part in parts:
            if not part.reading or not has_letters(part.reading):
                own.append(NOTHING)
                continue
            translation = next(translations)
            own.append(Whole(translation=translation, kept=0 if translation.text else 1))
        wholes.append(own[0] if len(own) == 1 else join(text, [part.span for part in parts], own))
    return wholes


def translate_any_length(translator: Translator, texts: Sequence[str]) -> list[Whole]:
    """Translate texts of any length once, as they are; nothing is checked."""

    def work(parts: list[Text]) -> list[Whole]:
        return translate(translator, [part.source for part in parts], [lay_out(part, around=False) for part in parts])

    return any_length(translator, [Text(source=text, reading=text) for text in texts], work)


def _stretch(text: Text, start: int, end: int) -> Iterator[Part]:
    """Yield what stands between two protected stretches, the marks at its edges apart."""
    leading = _LEADING_MARKS.match(text.source, start, end) if start else None
    first = leading.end() if leading else start
    trailing = _TRAILING_MARKS.search(text.source, first, end)
    last = trailing.start() if trailing and end < len(text.source) else end
    for one, other, read in ((start, first, False), (first, last, True), (last, end, False)):
        span = _stripped(text.source, one, other)
        if len(span):
            yield Part(span, text.reading[span.start : span.end] if read else None)


def _stripped(text: str, start: int, end: int) -> Span:
    stretch = text[start:end]
    first = start + len(stretch) - len(stretch.lstrip())
    return Span(start=first, end=max(first, start + len(stretch.rstrip())))
