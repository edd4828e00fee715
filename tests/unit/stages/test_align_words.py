from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.normalized import NormalizedText
from pipeline.records import Attention, Document, Flag, Label, Segment, Span, Translation
from pipeline.stages.align_words import AlignWordsConfig


def spans(*ranges: tuple[int, int]) -> tuple[Span, ...]:
    return tuple(Span(start=start, end=end) for start, end in ranges)


def aligned(document: Document, config: AlignWordsConfig | None = None) -> list[tuple[str, str]]:
    """Return the links of the only segment: raw source and target."""
    with (config or AlignWordsConfig()).build() as stage:
        (result,) = stage([document])
    translation = result.segments[0].translation
    assert translation is not None
    assert translation.attention == ()
    return [
        (document.text[link.source.start : link.source.end], translation.text[link.target.start : link.target.end])
        for link in translation.words
    ]


def document_of(normalized: NormalizedText, raw: str, translation: Translation, *flags: Flag) -> Document:
    segment = Segment(
        span=Span(start=0, end=len(raw)),
        text=normalized.text,
        normalized_start=0,
        paragraph=0,
        role=Label.BODY,
        language="ru",
        translation=translation,
        flags=flags,
    )
    return Document(id="a", uri="a", text=raw, normalized=normalized, segments=(segment,))


def attended(weights: list[list[float]]) -> Document:
    """Return `Новый закон.` with the pieces `Нов ый закон .`, as `New law.` with `New law .`."""
    attention = Attention(
        source=spans((0, 3), (3, 5), (5, 11), (11, 12)),
        target=spans((0, 3), (3, 7), (7, 8)),
        weights=np.array(weights, dtype=np.float32),
    )
    text = "Новый закон."
    return document_of(
        NormalizedText.identity(text), text, Translation(text="New law.", model="m", attention=(attention,))
    )


def test_sub_words_are_merged_to_words() -> None:
    document = attended([[0.4, 0.3, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0, 0, 0, 0.9]])

    assert aligned(document) == [("Новый", "New"), ("закон", "law"), (".", ".")]


def test_words_are_never_linked_to_punctuation() -> None:
    document = attended([[0.1, 0.1, 0.0, 0.8], [0.0, 0.0, 0.3, 0.7], [0.2, 0.2, 0.3, 0.2]])

    assert aligned(document) == [("Новый", "New"), ("закон", "law"), (".", ".")]


def test_weak_attention_links_nothing() -> None:
    document = attended([[0.01, 0.01, 0.02, 0], [0, 0, 0.9, 0], [0, 0, 0, 0.1]])

    assert aligned(document) == [("закон", "law")]


def test_a_word_may_have_several_sources() -> None:
    document = attended([[0.3, 0.2, 0.4, 0], [0, 0, 0.9, 0], [0, 0, 0, 1]])

    assert aligned(document)[:2] == [("Новый", "New"), ("закон", "New")]
    assert aligned(document, AlignWordsConfig(relative_probability=1.0))[:1] == [("Новый", "New")]


def test_source_spans_are_raw() -> None:
    raw = "Но\u00adвый  закон."
    normalized = NormalizedText.identity(raw).edited([(2, 3, ""), (6, 8, " ")])
    document = attended([[0.4, 0.3, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0, 0, 0, 0.9]])
    assert document.segments[0].translation is not None

    assert normalized.text == "Новый закон."
    assert aligned(document_of(normalized, raw, document.segments[0].translation)) == [
        ("Но\u00adвый", "New"),
        ("закон", "law"),
        (".", "."),
    ]


def test_what_passed_through_is_linked_to_itself_word_by_word() -> None:
    text = "Good news, he said"
    document = document_of(NormalizedText.identity(text), text, Translation(text=text), Flag.PASSTHROUGH)

    assert aligned(document) == [(word, word) for word in ("Good", "news", ",", "he", "said")]


def test_a_byte_piece_without_characters_belongs_to_the_word_at_its_place() -> None:
    attention = Attention(
        source=spans((0, 0), (0, 0), (0, 1)),
        target=spans((0, 2)),
        weights=np.array([[0.3, 0.3, 0.3]], dtype=np.float32),
    )
    text = "𐍈"
    document = document_of(
        NormalizedText.identity(text), text, Translation(text="hw", model="m", attention=(attention,))
    )

    assert aligned(document) == [("𐍈", "hw")]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 0)])
def test_attention_of_nothing_links_nothing(shape: tuple[int, int]) -> None:
    attention = Attention(
        source=spans((0, 1), (1, 2), (2, 3))[: shape[1]],
        target=spans((0, 1), (1, 2))[: shape[0]],
        weights=np.zeros(shape, dtype=np.float32),
    )
    document = document_of(
        NormalizedText.identity("абв"), "абв", Translation(text="ab", model="m", attention=(attention,))
    )

    assert aligned(document) == []


def test_a_segment_without_a_translation_is_left_alone() -> None:
    text = "Текст"
    document = document_of(NormalizedText.identity(text), text, Translation(text=text))
    document = replace(document, segments=(replace(document.segments[0], translation=None),))
    with AlignWordsConfig().build() as stage:
        assert list(stage([document])) == [document]
