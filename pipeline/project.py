"""From characters of the English document to those of the raw article they come from, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from pipeline.errors import ConfigError, InputError
from pipeline.formats.parquet import DOCUMENTS, find_document
from pipeline.records import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pipeline.corpus import AlignedWords, DocumentRow, TranslationUnit

Side: TypeAlias = Literal["source", "target"]
"""The raw article, or its English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A half-open range of code points with its text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one unit contributes: `given` on the side asked about, `found` on the other, in order.

    `by` tells how: `words` by the word links of what is given; `sentence` when none of its words is
    linked, and the whole unit stands for it.
    """

    unit_id: str
    by: Literal["words", "sentence"]
    given: Range
    found: tuple[Range, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A range of one side, and the ranges of the other that belong to it, unit by unit.

    There are no parts when the range touches no unit: white space between sentences, boilerplate, or
    what was set aside.
    """

    document_id: str
    uri: str
    side: Side
    given: Range
    parts: tuple[Part, ...]

    @property
    def found(self) -> tuple[Range, ...]:
        """The ranges of all units."""
        return tuple(one for part in self.parts for one in part.found)


def project(corpus: Path, document: str, span: tuple[int, int], side: Side = "target") -> Projection:
    """Project a range of a stored document to its other side.

    `document` is an id or a uri; `span` counts code points of the English document (`side` target) or
    of the raw article (source). Only this document is read. Raises `InputError` when the corpus has
    no such document and `ConfigError` when it has no such range.
    """
    if not (corpus / DOCUMENTS).is_dir():
        raise InputError(f"{corpus}: expected a corpus (got no {DOCUMENTS}); make one: newsbitext run")
    found = find_document(corpus, document)
    if found is None:
        raise InputError(f"{corpus}: no document {document!r}; its id or uri is expected, as in documents/*.parquet")
    return project_units(*found, span, side)


def project_units(
    document: DocumentRow, units: Sequence[TranslationUnit], span: tuple[int, int], side: Side = "target"
) -> Projection:
    """Project a range of a document whose units are at hand."""
    here, there = (document.english, document.text) if side == "target" else (document.text, document.english)
    start, end = span
    if not 0 <= start < end <= len(here):
        raise ConfigError(
            f"span: expected A:B with 0 <= A < B <= {len(here)}, the length of the {side} (got {start}:{end})"
        )
    parts = (_part(unit, Span(start=start, end=end), side, here, there) for unit in units)
    return Projection(
        document_id=document.document_id,
        uri=document.uri,
        side=side,
        given=_range(here, start, end),
        parts=tuple(part for part in parts if part is not None),
    )


def _part(unit: TranslationUnit, span: Span, side: Side, here: str, there: str) -> Part | None:
    """Return what a unit contributes, None when the range does not touch it."""
    own, other = _sides(unit, side)
    start, end = max(span.start, own.start), min(span.end, own.end)
    if start >= end:
        return None
    linked = [
        far
        for near, far in (_sides(link, side) for link in unit.word_alignment)
        if near.start < end and near.end > start
    ]
    return Part(
        unit_id=unit.unit_id,
        by="words" if linked else "sentence",
        given=_range(here, start, end),
        found=tuple(_range(there, one.start, one.end) for one in _merged(linked or [other], there)),
    )


def _sides(ranges: TranslationUnit | AlignedWords, side: Side) -> tuple[Span, Span]:
    """Return the range on the side asked about, and the one on the other."""
    source = Span(start=ranges.source_start, end=ranges.source_end)
    target = Span(start=ranges.target_start, end=ranges.target_end)
    return (target, source) if side == "target" else (source, target)


def _merged(spans: Iterable[Span], text: str) -> list[Span]:
    """Return the ranges in order; those with nothing but white space between them are one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and not text[found[-1].end : span.start].strip():
            found[-1] = Span(start=found[-1].start, end=max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def _range(text: str, start: int, end: int) -> Range:
    return Range(start=start, end=end, text=text[start:end])
