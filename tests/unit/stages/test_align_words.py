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


UNSURE = [[0.2, 0.1, 0.3, 0.1], [0.3, 0.2, 0.3, 0.1], [0.2, 0.2, 0.2, 0.3]]
"""Attention that looks everywhere, and most at the wrong words."""


def test_the_lexicon_links_what_attention_does_not_know() -> None:
    document = attended(UNSURE)

    assert aligned(document) != [("Новый", "New"), ("закон", "law"), (".", ".")]
    assert aligned(document, AlignWordsConfig(method="lexicon")) == [("Новый", "New"), ("закон", "law"), (".", ".")]


def test_with_both_attention_links_what_the_lexicon_does_not_know() -> None:
    text = "Крабл друнь."
    attention = Attention(
        source=spans((0, 5), (6, 11), (11, 12)),
        target=spans((0, 6), (7, 11), (11, 12)),
        weights=np.array([[0.0, 0.9, 0.1], [0.9, 0.0, 0.1], [0, 0, 1]], dtype=np.float32),
    )
    document = document_of(
        NormalizedText.identity(text), text, Translation(text="wobbly glim.", model="m", attention=(attention,))
    )

    assert ("друнь", "wobbly") in aligned(document, AlignWordsConfig(method="both"))
    assert ("друнь", "wobbly") not in aligned(document, AlignWordsConfig(method="lexicon"))


@pytest.mark.parametrize("language", ["de", None])
def test_a_language_without_a_table_is_linked_by_attention(language: str | None) -> None:
    document = attended([[0.4, 0.3, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0, 0, 0, 0.9]])
    document = replace(document, segments=(replace(document.segments[0], language=language),))

    assert aligned(document, AlignWordsConfig(method="lexicon")) == aligned(document)


def test_agreement_has_a_threshold() -> None:
    assert aligned(attended(UNSURE), AlignWordsConfig(method="lexicon", min_agreement=1.0)) == []


def test_each_piece_of_a_long_segment_is_linked_by_itself() -> None:
    text = "Новый закон. Новый закон."
    first, second = (
        Attention(
            source=spans((start, start + 5), (start + 6, start + 11), (start + 11, start + 12)),
            target=spans((place, place + 3), (place + 4, place + 7), (place + 7, place + 8)),
            weights=np.full((3, 3), 0.3, dtype=np.float32),
        )
        for start, place in ((0, 0), (13, 9))
    )
    translation = Translation(text="New law. New law.", model="m", attention=(first, second))
    document = document_of(NormalizedText.identity(text), text, translation)
    with AlignWordsConfig(method="lexicon").build() as stage:
        (result,) = stage([document])
    assert result.segments[0].translation is not None

    assert [(link.source.start, link.target.start) for link in result.segments[0].translation.words] == [
        (0, 0),
        (6, 4),
        (11, 7),
        (13, 9),
        (19, 13),
        (24, 16),
    ]


def test_the_tables_shape_the_corpus_where_they_are_used() -> None:
    assert AlignWordsConfig().build().fingerprint() == ""
    assert AlignWordsConfig(method="lexicon").build().fingerprint() != ""
