"""Documents made by hand, for tests that need one without running the stages before."""

from __future__ import annotations

from pipeline.corpus import document_id
from pipeline.normalized import NormalizedText
from pipeline.records import Block, Document, Flag, Label, Segment, Span, Translation, WordLink

TEXT = "Титул\n\nПервое. Second.\nЧитайте также\n"
"""A title, a paragraph of two segments, and a line of boilerplate."""


def document(uri: str = "a.txt") -> Document:
    """Return a document that all stages have seen: one unit translated, one passed through."""
    return Document(
        id=document_id(uri, TEXT),
        uri=uri,
        text=TEXT,
        normalized=NormalizedText.identity(TEXT),
        language="ru",
        language_probability=0.9,
        blocks=(
            block(0, 5, Label.TITLE),
            block(7, 22, Label.BODY),
            block(23, 36, Label.RELATED_NEWS, kept=False),
        ),
        segments=(
            segment(0, 5, 0, Translation(text="Title", model="m", log_prob=-0.5, words=(link(0, 5, 0, 5),))),
            segment(7, 14, 1, Translation(text="First.", model="m", log_prob=-0.25, words=(link(7, 13, 0, 5),))),
            segment(15, 22, 1, Translation(text="Second."), english=True),
        ),
    )


def block(start: int, end: int, label: Label, *, kept: bool = True) -> Block:
    """Return a block of the given raw range."""
    return Block(span=Span(start=start, end=end), label=label, rule="by_hand", confidence=1.0, kept=kept)


def segment(start: int, end: int, paragraph: int, translation: Translation | None, *, english: bool = False) -> Segment:
    """Return a segment of `TEXT`, translated or passed through."""
    return Segment(
        span=Span(start=start, end=end),
        text=TEXT[start:end],
        normalized_start=start,
        paragraph=paragraph,
        role=Label.TITLE if paragraph == 0 else Label.BODY,
        language="en" if english else "ru",
        language_probability=0.9,
        translation=translation,
        flags=(Flag.PASSTHROUGH,) if english else (),
    )


def link(source_start: int, source_end: int, target_start: int, target_end: int) -> WordLink:
    """Return a sure link between two ranges."""
    return WordLink(
        source=Span(start=source_start, end=source_end),
        target=Span(start=target_start, end=target_end),
        probability=1.0,
    )
