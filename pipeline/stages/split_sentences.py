"""Cuts each kept block into segments: sentences, with their raw and normalised ranges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise, starmap
from typing import TYPE_CHECKING, ClassVar, Literal

from pipeline.languages import UNDETERMINED, is_blank
from pipeline.paragraphs import paragraph_numbers
from pipeline.records import Drop, Segment, Span
from pipeline.sentences import digest, library_version, sentence_starts
from pipeline.stages.base import Stage, StageConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.normalized import NormalizedText
    from pipeline.records import Block, Document


class SplitSentencesConfig(StageConfig):
    """Cuts each kept block into sentences; what is too long for a model is cut by `translate`."""

    stage: Literal["split_sentences"] = "split_sentences"

    def build(self) -> SplitSentences:
        return SplitSentences()


@dataclass(slots=True)
class SplitSentences(Stage):
    """Assigns the segments; each non-blank raw character of a kept block is in exactly one.

    A character that normalises to nothing belongs to the segment before it. A block of nothing
    else is one segment without text, dropped.
    """

    name: ClassVar[str] = "split_sentences"
    version: ClassVar[int] = 2
    requires: ClassVar[frozenset[str]] = frozenset({"normalized", "language", "blocks"})
    assigns: ClassVar[frozenset[str]] = frozenset({"segments"})

    def signature(self) -> str:
        return f"ssplit:{library_version()}"

    def fingerprint(self) -> str:
        return f"{library_version()} {digest()}"

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            yield document if document.drop is not None else split(document)


def split(document: Document) -> Document:
    """Return the document with its segments."""
    segments = (
        segment
        for paragraph, block in zip(paragraph_numbers(document.text, document.blocks), document.blocks, strict=True)
        if block.kept
        for segment in _segments(document, block, paragraph)
    )
    return replace(document, segments=tuple(segments))


def _segments(document: Document, block: Block, paragraph: int) -> Iterator[Segment]:
    normalized = document.normalized
    if normalized is None:
        raise ValueError(f"{document.uri}: expected normalised text (got None); normalize first")
    whole = normalized.from_raw(block.span)
    cuts = [
        (whole.start, block.span.start),
        *_inner_cuts(document, normalized, block, whole),
        (whole.end, block.span.end),
    ]
    for (start, raw_start), (end, raw_end) in pairwise(cuts):
        text = normalized.text[start:end]
        stripped = text.strip()
        empty = all(map(is_blank, stripped))
        yield Segment(
            span=_trimmed(document.text, raw_start, raw_end),
            text="" if empty else stripped.replace("\n", " "),
            normalized_start=start + len(text) - len(text.lstrip()),
            paragraph=paragraph,
            role=block.label,
            drop=Drop(stage=SplitSentences.name, reason="blank_after_normalisation") if empty else None,
        )


def _inner_cuts(document: Document, normalized: NormalizedText, block: Block, whole: Span) -> list[tuple[int, int]]:
    """Return where segments after the first begin, in the normalised and in the raw text."""
    text = normalized.text[whole.start : whole.end].replace("\n", " ")
    cuts: list[tuple[int, int]] = []
    before, raw_before = whole.start, block.span.start
    for start in sentence_starts(text, document.language or UNDETERMINED):
        cut = clean_cut(normalized, whole.start + start, whole.end)
        if cut == whole.end:
            break
        raw_cut = normalized.to_raw(cut, cut + 1).start
        sides = (
            (normalized.text, before, cut),
            (normalized.text, cut, whole.end),
            (document.text, raw_before, raw_cut),
            (document.text, raw_cut, block.span.end),
        )
        if all(starmap(_has_solid, sides)):
            cuts.append((cut, raw_cut))
            before, raw_before = cut, raw_cut
    return cuts


def _has_solid(text: str, start: int, end: int) -> bool:
    """Whether a range has a character that is not blank; a slice would cost its whole length."""
    return any(not is_blank(text[index]) for index in range(start, end))


def _trimmed(text: str, start: int, end: int) -> Span:
    """Return the range without blanks at its ends, unless it has nothing else."""
    first, last = start, end
    while first < last and is_blank(text[first]):
        first += 1
    while first < last and is_blank(text[last - 1]):
        last -= 1
    return Span(start=first, end=last) if first < last else Span(start=start, end=end)


def clean_cut(normalized: NormalizedText, position: int, end: int) -> int:
    """Return the next place at which both texts can be cut before a character that is no space."""
    while position < end:
        cut = normalized.snap(position)
        while cut < end and normalized.text[cut].isspace():
            cut += 1
        if cut == position:
            break
        position = cut
    return min(position, end)
