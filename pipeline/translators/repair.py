"""Wrong numbers of a translation, put right where the model's attention shows which number was meant."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.records import Span
from pipeline.translators.figures import compare
from pipeline.translators.protected import bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.records import Attention, Translation
    from pipeline.translators.figures import Figure

GROUP = 3
"""Digits between two separators of thousands."""

LEAST_ATTENTION = 0.1
"""Attention of a number of the target to one of the source from which on it stands for it."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """A stretch of the target, and what is written in its place."""

    span: Span
    text: str


def with_numbers(source: str, translation: Translation) -> Translation | None:
    """Return the translation with numbers of the source in place of invented ones; None: there is nothing to mend."""
    edits = sorted(_edits(source, translation), key=lambda edit: edit.span)
    if not edits:
        return None
    text, position = "", 0
    for edit in edits:
        text += translation.text[position : edit.span.start] + edit.text
        position = edit.span.end
    text += translation.text[position:]
    attention = tuple(
        replace(one, target=tuple(_moved(span, edits) for span in one.target)) for one in translation.attention
    )
    return replace(translation, text=text, attention=attention)


def english_number(text: str) -> str:
    """Return a number as English writes it: `1 234,5` is `1,234.5`."""
    plain = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    marks = re.findall(r"\D", plain)
    groups = [len(part) == GROUP for part in re.split(r"\D", plain)[1:]]
    if not marks:
        return plain
    decimal = not groups[-1] or (len(marks) > 1 and marks[-1] != marks[0])
    written = [","] * (len(marks) - decimal) + ["."] * decimal
    parts = re.split(r"\D", plain)
    return parts[0] + "".join(mark + part for mark, part in zip(written, parts[1:], strict=True))


def _edits(source: str, translation: Translation) -> Iterator[_Edit]:
    """Pair each number that is lost with the invented one that looks at it most, the surest pair first."""
    numbers = compare(bare(source), bare(translation.text))
    pairs = [
        (-_attention(translation.attention, lost.span, invented.span), lost.span, invented.span, lost, invented)
        for lost in numbers.lost
        for invented in (*numbers.invented, *numbers.unsure)
    ]
    taken: list[Figure] = []
    for weight, _, _, lost, invented in sorted(pairs, key=lambda pair: pair[:3]):
        if -weight >= LEAST_ATTENTION and lost not in taken and invented not in taken:
            taken += (lost, invented)
            yield _Edit(invented.span, english_number(source[lost.span.start : lost.span.end]))


def _attention(attention: Sequence[Attention], source: Span, target: Span) -> float:
    """Return how much the pieces of a stretch of the target look at one of the source, on average."""
    for one in attention:
        rows = [index for index, span in enumerate(one.target) if _meet(span, target)]
        columns = [index for index, span in enumerate(one.source) if _meet(span, source)]
        if rows and columns:
            return round(float(one.weights[rows][:, columns].sum()) / len(rows), 4)
    return 0.0


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _moved(span: Span, edits: Sequence[_Edit]) -> Span:
    """Return where a piece of the target stands after the edits; one inside an edit has all of it."""
    shift = 0
    for edit in edits:
        grown = len(edit.text) - len(edit.span)
        if span.start >= edit.span.end:
            shift += grown
        elif _meet(span, edit.span):
            start = min(span.start, edit.span.start) + shift
            end = max(span.end, edit.span.end) + shift + grown
            return Span(start=start, end=max(start, end))
    return Span(start=span.start + shift, end=span.end + shift)
